"""Delivered ten times, read again from the beginning, rebuilt during traffic: the same figures, figure for figure."""

import asyncio
import os
import random
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import DUE_ITEMS
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import OUTBOX
from services.clients.follow_ups.store import FOLLOW_UPS
from services.contracts.clients import (
    ClientRegistered,
    ClientSource,
    FollowUpDone,
    FollowUpRule,
    FollowUpScheduled,
    Intent,
    ShowingDone,
)
from services.contracts.topics import DOMAIN, consumer_group
from services.notifications.inbox.store import ITEMS
from services.notifications.leaderboards.store import live_generation
from tests.faults.company import AGENTS, TEAM_PATH, found
from tests.faults.ledger import assert_adds_up, counted, standings
from tests.faults.muster import Muster, Sent, sent

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

WORKER = "notifications-worker"
TIMES = 10


def some_days(days: int) -> list[Sent]:
    """What two agents do over some days: three events of each kind a day, for each."""
    told: list[Sent] = []
    for day in range(days):
        for agent_id in AGENTS:
            at = utc_now() - timedelta(days=day, minutes=len(told))
            common: dict[str, Any] = {"occurred_at": at, "agent_id": agent_id, "org_path": TEAM_PATH}
            client_id, follow_up_id, showing_id = new_id(at), new_id(at), new_id(at)
            told += [
                sent(
                    ClientRegistered(client_id=client_id, source=ClientSource.REFERRAL, **common), client_id
                ),
                sent(
                    FollowUpScheduled(
                        follow_up_id=follow_up_id,
                        client_id=client_id,
                        rule=FollowUpRule.CADENCE,
                        due_at=utc_now() + timedelta(days=2),
                        **common,
                    ),
                    follow_up_id,
                    1,
                ),
                sent(
                    ShowingDone(showing_id=showing_id, client_id=client_id, homes=2, interest=4, **common),
                    showing_id,
                ),
            ]
            if day % 2:
                done = FollowUpDone(
                    follow_up_id=follow_up_id,
                    client_id=client_id,
                    rule=FollowUpRule.CADENCE,
                    outcome="reached",
                    minutes=5,
                    intent=Intent.REAL,
                    due_at=at,
                    **common,
                )
                told.append(sent(done, follow_up_id, 2))
    return told


COUNTING = (ClientRegistered, ShowingDone, FollowUpDone)


def counting(told: Sequence[Sent]) -> int:
    types = {event.event_type().encode() for event in COUNTING}
    return sum(dict(one.headers)["ce_type"] in types for one in told)


async def everything(mongo: Mongo) -> dict[str, Any]:
    """All that the events made, without what only says when it was made."""
    fields = {"state": 1, "due_at": 1, "kind": 1, "payload": 1}
    inbox = await mongo.collection(ITEMS).find().to_list(None)
    due = await mongo.collection(DUE_ITEMS).find({"state": "open"}, fields).to_list(None)
    return {
        "standings": await standings(mongo),
        "ledger": sorted(await counted(mongo)),
        "inbox": {str(each["_id"]): each for each in inbox},
        "due": {each["_id"]: each for each in due if each["kind"].startswith("reminders")},
        "outbox": await mongo.collection(OUTBOX).count_documents({}),
    }


async def read_to_the_end(muster: Muster, service: str) -> None:
    """Return when the service's group has committed everything that is on its topics."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=muster.kafka,
        group_id=muster.topic(consumer_group(service)),
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        partitions = await _partitions(consumer, muster)

        async def all_is_committed() -> None:
            ends = await consumer.end_offsets(partitions)
            for partition, end in ends.items():
                assert end == (await consumer.committed(partition) or 0), partition

        await assert_eventually(all_is_committed, within=90, every=0.2)
    finally:
        await consumer.stop()


async def rewind(muster: Muster, service: str) -> None:
    """Set the offsets of the service's group, of which nobody is a member now, to the beginning."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=muster.kafka,
        group_id=muster.topic(consumer_group(service)),
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        partitions = await _partitions(consumer, muster)
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, muster: Muster) -> list[TopicPartition]:
    """Those that have something on them; here, each of them is read by the service."""
    declared = [
        TopicPartition(muster.topic(topic.name), number)
        for topic in DOMAIN
        for number in range(topic.partitions)
    ]
    ends = await consumer.end_offsets(declared)
    written = [partition for partition, end in ends.items() if end]
    assert written
    return written


async def in_business(muster: Muster) -> Mongo:
    muster.start(WORKER)
    await muster.ready(WORKER)
    await found(muster, "notifications")
    return muster.database("notifications")


async def test_ten_deliveries_and_a_replay_from_the_beginning_change_no_figure(muster: Muster) -> None:
    boards = await in_business(muster)
    told = some_days(20)
    await muster.publish(told)
    await read_to_the_end(muster, "notifications")
    once = await everything(boards)
    assert len(once["ledger"]) == counting(told)
    assert once["due"]
    again = told * (TIMES - 1)
    random.Random(7).shuffle(again)
    await muster.publish(again)
    await read_to_the_end(muster, "notifications")
    assert await everything(boards) == once

    assert muster.stop(WORKER) == 0
    await rewind(muster, "notifications")
    muster.start(WORKER)
    await muster.ready(WORKER)
    await read_to_the_end(muster, "notifications")
    assert await everything(boards) == once
    await assert_adds_up(boards)


async def test_clients_plans_nothing_anew_when_its_topics_are_read_again(muster: Muster) -> None:
    muster.start("clients-api", "clients-worker")
    await muster.ready("clients-api", "clients-worker")
    await found(muster, "clients")
    async with muster.client("clients-api", "lin") as asking:
        for letter in ("A", "B", "C"):
            made = await asking.post(
                "/clients/api/clients",
                json={"name": "王小明", "source": "walk_in"},
                headers={"Idempotency-Key": new_id()},
            )
            path = f"/clients/api/clients/{made.json()['id']}"
            grade = {"grade": letter, "intent": "real", "reason": "comparing"}
            graded = await asking.put(f"{path}/grade", json=grade, headers={"If-Match": "*"})
            assert graded.status_code == 200, graded.text
            done = await asking.post(
                f"{path}/contacts",
                json={"outcome": "reached", "minutes": 5},
                headers={"Idempotency-Key": new_id()},
            )
            assert done.status_code == 201
    files = muster.database("clients")

    async def at_rest() -> None:
        assert await files.collection(OUTBOX).count_documents({}) == 0
        assert await files.collection(FOLLOW_UPS.collection).count_documents({"status": "open"}) == 3

    await assert_eventually(at_rest, within=60, every=0.1)
    await read_to_the_end(muster, "clients")
    before = await files.collection(FOLLOW_UPS.collection).find().sort("_id", 1).to_list(None)
    sent_before = len(await muster.log("muster.clients.follow-up"))
    assert muster.stop("clients-worker") == 0
    await rewind(muster, "clients")
    muster.start("clients-worker")
    await muster.ready("clients-worker")
    await read_to_the_end(muster, "clients")
    assert await files.collection(FOLLOW_UPS.collection).find().sort("_id", 1).to_list(None) == before
    assert len(await muster.log("muster.clients.follow-up")) == sent_before


async def test_a_rebuild_beside_a_working_worker_gives_the_same_figures(muster: Muster) -> None:
    boards = await in_business(muster)
    told = some_days(60)
    half = len(told) // 2
    await muster.publish(told[:half])
    over = asyncio.Event()

    async def traffic() -> None:
        for start in range(half, len(told), 10):
            await muster.publish(told[start : start + 10])
            if over.is_set():
                await muster.publish(told[start + 10 :])
                return

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(traffic())
        for _ in range(2):
            assert await rebuilt(muster) == 0
        over.set()
    await read_to_the_end(muster, "notifications")
    assert (await live_generation(boards)).number == 3
    assert len(await counted(boards)) == counting(told)
    await assert_adds_up(boards)
    quiet = await standings(boards)
    assert await rebuilt(muster) == 0
    assert await standings(boards) == quiet


async def rebuilt(muster: Muster) -> int:
    """Rebuild by the command that operators use; its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.notifications", "rebuild"),
        env={**os.environ, **muster.environment},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(process.wait(), 90)
