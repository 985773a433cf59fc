"""The servers that tests run against: the ones the environment names, or ones of our own for this session."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from deploy.local.home import Home
from deploy.local.ports import Ports, any_free
from deploy.local.screen import Screen
from deploy.local.servers import start_kafka, start_mongodb
from deploy.local.supervisor import Supervisor
from services.chassis.identity import new_id
from services.chassis.mongo import Document, MongoClient


@contextmanager
def _own_servers() -> Iterator[tuple[Home, Supervisor, Screen]]:
    # not one of pytest's folders: those are kept for a while, and a database fills hundreds of megabytes
    with tempfile.TemporaryDirectory(prefix="muster-test-") as folder:
        home = Home(Path(folder))
        home.prepare()
        with Supervisor(home, lambda text: None) as supervisor:
            yield home, supervisor, Screen(Console(quiet=True))


def _random_ports() -> Ports:
    """Ports nobody else is likely to take at the same moment, as the usual ones would be."""
    names = ("MUSTER_KAFKA_PORT", "MUSTER_KAFKA_CONTROLLER_PORT", "MUSTER_MONGODB_PORT")
    return Ports(dict(zip(names, map(str, any_free(len(names))), strict=True)))


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Addresses of a Kafka broker. Every test uses topics and groups of its own there: see `topic_prefix`."""
    with _own_servers() as (home, supervisor, screen):
        yield start_kafka(home, supervisor, _random_ports(), os.environ, screen).ready()


@pytest.fixture(scope="session")
def mongodb_uri() -> Iterator[str]:
    """The address of a MongoDB replica set. Every test uses a database of its own there: see `database_name`."""
    with _own_servers() as (home, supervisor, _):
        yield start_mongodb(home, supervisor, _random_ports(), os.environ).ready()


@pytest.fixture(scope="session")
def _mongo_client(mongodb_uri: str) -> Iterator[MongoClient[Document]]:
    client: MongoClient[Document] = MongoClient(mongodb_uri)
    yield client
    client.close()


@pytest.fixture
def short_transactions(_mongo_client: MongoClient[Document]) -> Iterator[None]:
    """The server gives up open transactions after a few seconds: it keeps locked what a killed process touched."""
    limit = "transactionLifetimeLimitSeconds"
    before = _mongo_client.admin.command({"getParameter": 1, limit: 1})[limit]
    _mongo_client.admin.command({"setParameter": 1, limit: 4})
    yield
    _mongo_client.admin.command({"setParameter": 1, limit: before})


@pytest.fixture
def database_name(_mongo_client: MongoClient[Document]) -> Iterator[str]:
    """The name of a database that is this test's alone; it, and those whose names begin with it, go with the test."""
    name = f"test_{_short_id()}"
    yield name
    for there in _mongo_client.list_database_names():
        if there.startswith(name):
            _mongo_client.drop_database(there)


@pytest.fixture(scope="session")
def _session_prefix(kafka_bootstrap: str) -> Iterator[str]:
    prefix = f"test-{_short_id()}"
    yield prefix
    # a thread of its own: this one may belong to an event loop
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _remove_topics(kafka_bootstrap, f"{prefix}.")).result()


@pytest.fixture
def topic_prefix(_session_prefix: str) -> str:
    """What names of topics and consumer groups of this test begin with; the topics are removed after the session.

    A name goes on with a dot: `f"{topic_prefix}.clients"`.
    """
    return f"{_session_prefix}.{_short_id()}"


async def _remove_topics(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        ours = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if ours:
            await admin.delete_topics(ours)
    finally:
        await admin.close()


def _short_id() -> str:
    # the end of a UUIDv7 is its random part, the beginning is the same for all of this minute
    return new_id().replace("-", "")[-12:]
