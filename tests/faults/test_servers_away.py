"""The broker is gone for a while, or the database, or both are late: what can be kept is kept, and all heals itself."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import OUTBOX
from services.contracts.clients import CLIENT
from services.notifications.leaderboards.model import Metric
from tests.faults.company import found
from tests.faults.ledger import assert_adds_up, counted
from tests.faults.muster import Muster, muster_on
from tests.faults.servers import Servers, own_servers
from tests.faults.test_killed import assert_in_order_without_a_gap, ids_of

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]

AWAY_SECONDS = float(os.environ.get("MUSTER_FAULT_AWAY_SECONDS", "10"))
"""30 for the whole exercise."""
RECOVERS_WITHIN = 90.0
LONGEST_ANSWER = 12.0
"""Seconds until the API says that it cannot: the time limit of a request and a little for a busy machine."""
PROCESSES = ("clients-api", "clients-worker", "notifications-worker")
CLIENTS = "/clients/api/clients"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with own_servers() as servers:
        yield servers


@pytest.fixture
def house(servers: Servers, tmp_path: Path) -> Iterator[Muster]:
    """A Muster on these servers; nothing of it runs yet."""
    name = f"house-{new_id()[-8:]}"
    with muster_on(servers.kafka, servers.mongodb, name, name.replace("-", "_"), tmp_path) as muster:
        yield muster


@asynccontextmanager
async def in_business(servers: Servers, muster: Muster) -> AsyncIterator[httpx.AsyncClient]:
    """Everything runs, the company is known, and Lin is signed in."""
    waiting = [
        start().ready
        for name, start in (("mongodb", servers.start_mongodb), ("kafka", servers.start_kafka))
        if not servers.is_up(name)
    ]
    for ready in waiting:
        ready()
    muster.make_topics()
    muster.start(*PROCESSES)
    await muster.ready(*PROCESSES)
    await found(muster, "clients", "notifications")
    async with muster.client("clients-api", "lin") as asking:
        yield asking


async def register(asking: httpx.AsyncClient, key: str) -> httpx.Response:
    body: dict[str, Any] = {"name": "王小明", "source": "walk_in"}
    return await asking.post(CLIENTS, json=body, headers={"Idempotency-Key": key})


async def assert_all_effects(muster: Muster, boards: Mongo, accepted: int) -> None:
    """Eventually every accepted registration is counted, once, and no process had to be started again for it."""

    async def are_there() -> None:
        assert len(await counted(boards, Metric.NEW_CLIENTS)) == accepted

    await assert_eventually(are_there, within=RECOVERS_WITHIN, every=0.1)
    await assert_adds_up(boards)
    log = await muster.log(CLIENT.topic)
    assert len(ids_of(log)) == accepted
    assert_in_order_without_a_gap(log)
    await muster.ready(*PROCESSES, within=RECOVERS_WITHIN)


async def test_without_the_broker_commands_are_kept_and_sent_when_it_is_back(
    servers: Servers, house: Muster
) -> None:
    async with in_business(servers, house) as asking:
        files, boards = house.database("clients"), house.database("notifications")
        assert (await register(asking, new_id())).status_code == 201
        accepted = 1
        servers.kill("kafka")
        until = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            answer = await register(asking, new_id())
            assert answer.status_code == 201, answer.text
            accepted += 1
            assert (await asking.get(CLIENTS)).status_code == 200
        assert await files.collection(OUTBOX).count_documents({}) >= accepted - 1
        await asyncio.to_thread(servers.start_kafka().ready)
        await assert_all_effects(house, boards, accepted)

        async def is_sent() -> bool:
            return await files.collection(OUTBOX).count_documents({}) == 0

        await assert_eventually(is_sent, within=RECOVERS_WITHIN)


async def test_without_the_database_the_answer_is_clear_and_nothing_accepted_is_lost(
    servers: Servers, house: Muster
) -> None:
    async with in_business(servers, house) as asking:
        boards = house.database("notifications")
        for _ in range(20):
            assert (await register(asking, new_id())).status_code == 201
        accepted = 20
        servers.kill("mongodb")
        refused: list[str] = []
        until = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            key = new_id()
            begun = time.monotonic()
            for answer in await asyncio.gather(register(asking, key), asking.get(CLIENTS)):
                assert time.monotonic() - begun < LONGEST_ANSWER
                assert_says_come_back(answer)
            refused.append(key)
        assert refused
        alive = await asking.get("/livez")
        assert alive.status_code == 200, "to start it again would not bring the database back"
        await asyncio.to_thread(servers.start_mongodb().ready)
        for key in refused:
            # who was told to come back comes back
            assert (await until_taken(asking, key)).status_code == 201
            accepted += 1
        await assert_all_effects(house, boards, accepted)


def assert_says_come_back(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "store-unavailable"


async def until_taken(asking: httpx.AsyncClient, key: str) -> httpx.Response:
    answers: list[httpx.Response] = []

    async def is_taken() -> bool:
        answers.append(await register(asking, key))
        return answers[-1].status_code != 503

    # the same key each time, so asking again changes nothing
    await assert_eventually(is_taken, within=RECOVERS_WITHIN, every=0.2)
    return answers[-1]


async def test_services_that_start_before_their_servers_come_up_by_themselves(
    servers: Servers, house: Muster
) -> None:
    for name in ("kafka", "mongodb"):
        if servers.is_up(name):
            servers.kill(name)
    house.start(*PROCESSES)

    async def says_what_it_waits_for() -> bool:
        return "waiting for MongoDB" in house.last_words()

    await assert_eventually(says_what_it_waits_for, within=60, every=0.2)
    await asyncio.to_thread(servers.start_mongodb().ready)
    # the API needs no broker
    await house.ready("clients-api")
    await asyncio.to_thread(servers.start_kafka().ready)
    house.make_topics()
    await house.ready(*PROCESSES)
    await found(house, "clients", "notifications")
    async with house.client("clients-api", "lin") as asking:
        assert (await until_taken(asking, new_id())).status_code == 201
        await assert_all_effects(house, house.database("notifications"), 1)
