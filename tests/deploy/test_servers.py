"""`python -m deploy.local servers` as a person runs it: real Kafka, real MongoDB, signals from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.home import PROJECT, Home
from deploy.local.ports import any_free
from services.chassis.mongo import Document, MongoClient, PyMongoError
from services.chassis.testing.eventually import assert_eventually
from services.contracts.topics import ALL, DOMAIN

pytestmark = pytest.mark.timeout(240)

NOT_OURS = {"KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI", "MUSTER_BROKER"}
TOPIC = DOMAIN[0].name


def ports() -> dict[str, str]:
    names = ("KAFKA", "KAFKA_CONTROLLER", "MONGODB")
    return {f"MUSTER_{name}_PORT": str(port) for name, port in zip(names, any_free(3), strict=True)}


@dataclass
class Start:
    """One start, with what it has printed so far."""

    process: subprocess.Popen[bytes]
    printed: Path
    settings: dict[str, str]

    def text(self) -> str:
        return self.printed.read_text()

    @property
    def kafka(self) -> str:
        return f"127.0.0.1:{self.settings['MUSTER_KAFKA_PORT']}"

    @property
    def mongodb(self) -> str:
        return f"mongodb://127.0.0.1:{self.settings['MUSTER_MONGODB_PORT']}/?directConnection=true"

    async def is_up(self) -> None:
        def up() -> bool:
            assert self.process.poll() is None, self.text()
            return "are up" in self.text()

        await assert_eventually(up, within=120)

    async def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        await assert_eventually(lambda: self.process.poll() is not None, within=60)
        return self.process.wait()


def start_in(home: Home, settings: dict[str, str]) -> Start:
    ours = {**ports(), **settings, "MUSTER_HOME": str(home.root)}
    others = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    printed = home.root / f"printed-{len(list(home.root.glob('printed-*')))}"
    with printed.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "servers"],
            cwd=PROJECT,
            env={**others, **ours, "COLUMNS": "200"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Start(process, printed, ours)


@asynccontextmanager
async def started(home: Home, **settings: str) -> AsyncIterator[Start]:
    start = start_in(home, settings)
    try:
        yield start
    finally:
        if start.process.poll() is None:
            start.process.terminate()
            start.process.wait(60)


def running(home: Home) -> list[str]:
    """Command lines of processes that work in this home."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home.data) in line:
            lines.append(line)
    return lines


async def send(bootstrap: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(TOPIC, value)


async def first_record(bootstrap: str) -> bytes:
    async with AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        value: bytes = (await consumer.getone()).value
        return value


async def test_data_survives_a_stop_and_other_ports(home: Home) -> None:
    async with started(home) as first:
        await first.is_up()
        client: MongoClient[Document] = MongoClient(first.mongodb)
        client["muster_test"]["things"].insert_one({"_id": "kept"})
        client.close()
        await send(first.kafka, b"kept")
        admin = AIOKafkaAdminClient(bootstrap_servers=first.kafka)
        await admin.start()
        assert {topic.name for topic in ALL} <= set(await admin.list_topics())
        await admin.close()
        assert await first.stop() == 0
    assert running(home) == []

    async with started(home) as second:
        await second.is_up()
        assert second.settings["MUSTER_MONGODB_PORT"] != first.settings["MUSTER_MONGODB_PORT"]
        client = MongoClient(second.mongodb)
        # written, not only read: it found itself in its own replica set again
        client["muster_test"]["things"].insert_one({"_id": "new"})
        assert {thing["_id"] for thing in client["muster_test"]["things"].find()} == {"kept", "new"}
        client.close()
        assert await first_record(second.kafka) == b"kept"

        async with started(home) as third:
            await assert_eventually(lambda: third.process.poll() is not None)
            assert third.process.wait() == 1
            assert f"already running from {home.root} (process {second.process.pid})" in third.text()
        assert await second.stop(signal.SIGTERM) == 0
    assert running(home) == []


async def test_a_half_finished_start_that_is_stopped_leaves_nothing(home: Home) -> None:
    async with started(home) as start:
        await assert_eventually(lambda: len(running(home)) >= 1, within=60)
        assert await start.stop(signal.SIGTERM) == 0
        assert "are up" not in start.text()
    assert running(home) == []


async def test_a_taken_port_that_a_setting_names_is_refused_and_nothing_is_left(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with started(home, MUSTER_KAFKA_PORT=str(port)) as start:
            await assert_eventually(lambda: start.process.poll() is not None, within=60)
            assert start.process.wait() == 1
            assert f"MUSTER_KAFKA_PORT asks for port {port}" in start.text()
    assert running(home) == []


async def test_a_server_that_cannot_start_is_shown_with_the_end_of_its_log(home: Home) -> None:
    (home.data / "mongodb").mkdir(parents=True)
    (home.data / "mongodb" / "storage.bson").write_text("not what a database has there")
    async with started(home) as start:
        await assert_eventually(lambda: start.process.poll() is not None, within=90)
        assert start.process.wait() == 1
        assert "mongodb ended while starting" in start.text()
        assert f"The whole log: {home.logs / 'mongodb.log'}" in start.text()
        assert "Unable to read the storage engine metadata file" in start.text()
    assert running(home) == []


@pytest.mark.fault
async def test_after_kill_9_nothing_stays_and_what_was_entered_is_there(home: Home) -> None:
    async with started(home) as first:
        await first.is_up()
        await send(first.kafka, b"kept")
        first.process.kill()
        first.process.wait()
    async with started(home) as second:
        await second.is_up()
        assert await first_record(second.kafka) == b"kept"
        assert await second.stop() == 0
    assert running(home) == []


@pytest.mark.fault
async def test_a_server_that_is_killed_comes_back_and_that_is_said(home: Home) -> None:
    async with started(home) as start:
        await start.is_up()
        mongodb = json.loads((home.running / "mongodb.json").read_text())
        os.kill(mongodb["pid"], signal.SIGKILL)
        await assert_eventually(
            lambda: "mongodb ended (killed by signal 9); starting it again" in start.text()
        )

        def takes_writes() -> None:
            client: MongoClient[Document] = MongoClient(start.mongodb, serverSelectionTimeoutMS=1000)
            try:
                assert client.admin.command("hello")["isWritablePrimary"]
            except PyMongoError as error:
                raise AssertionError from error
            finally:
                client.close()

        await assert_eventually(takes_writes, within=60)


async def test_the_stand_in_for_kafka_says_what_it_is_and_carries_events(home: Home) -> None:
    async with started(home, MUSTER_BROKER="trial") as start:
        await start.is_up()
        assert "for trying out only" in start.text()
        await send(start.kafka, b"tried")
        assert await first_record(start.kafka) == b"tried"
        assert await start.stop() == 0
    assert running(home) == []
