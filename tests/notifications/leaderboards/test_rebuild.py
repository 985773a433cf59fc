"""A rebuild from the log gives the same table, figure for figure, also while events come in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.mongo import Mongo
from services.chassis.work import UnitOfWork
from services.contracts.cloudevents import decode, encode
from services.contracts.envelope import Received
from services.notifications.leaderboards.commands import count
from services.notifications.leaderboards.rebuild import TYPES, LinesMissing, Log, rebuild
from services.notifications.leaderboards.store import Generation, live_generation
from tests.notifications.company import Company, shuffled_days
from tests.notifications.leaderboards.test_counting import assert_sums_of_ledger, figures

ONE = Generation()


@pytest.fixture
async def producer(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    started = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all", enable_idempotence=True)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def topic(topic_prefix: str, kafka_bootstrap: str) -> str:
    name = f"{topic_prefix}.showing"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=4, replication_factor=1)])
    await admin.close()
    return name


async def send(producer: AIOKafkaProducer, topic: str, events: Sequence[Received[Any]]) -> None:
    for received in events:
        record = encode(received.envelope, received.event)
        await producer.send(topic, record.value, key=record.key, headers=record.headers)
    await producer.flush()


async def test_a_rebuild_gives_the_same_figures(
    mongo: Mongo,
    work: UnitOfWork,
    company: Company,
    producer: AIOKafkaProducer,
    topic: str,
    kafka_bootstrap: str,
) -> None:
    events = shuffled_days(["li", "wang", "sun", "wu"], 40)
    await send(producer, topic, events + events[:30])
    await work.run(count, events)
    before = await figures(mongo)
    async with Log(kafka_bootstrap, [topic]) as log:
        found = await rebuild(work, log)
    live = await live_generation(mongo)
    assert live.number == 2
    assert (found.same, found.missing, found.only_fresh, found.differing) == (len(events), 0, 0, [])
    assert await figures(mongo, live) == before
    assert ONE.entries not in await mongo.database.list_collection_names()


async def test_a_rebuild_heals_what_was_damaged(
    mongo: Mongo,
    work: UnitOfWork,
    company: Company,
    producer: AIOKafkaProducer,
    topic: str,
    kafka_bootstrap: str,
) -> None:
    events = shuffled_days(["li", "wang"], 10)
    await send(producer, topic, events)
    await work.run(count, events)
    good = await figures(mongo)
    await mongo.collection(ONE.standings).update_many({}, {"$inc": {"points.showings": 7}})
    async with Log(kafka_bootstrap, [topic]) as log:
        await rebuild(work, log)
    assert await figures(mongo, await live_generation(mongo)) == good


async def test_a_log_that_does_not_give_everything_back_changes_nothing(
    mongo: Mongo,
    work: UnitOfWork,
    company: Company,
    producer: AIOKafkaProducer,
    topic: str,
    kafka_bootstrap: str,
) -> None:
    events = shuffled_days(["li", "wang"], 10)
    await send(producer, topic, events[1:])
    await work.run(count, events)
    before = await figures(mongo)
    async with Log(kafka_bootstrap, [topic]) as log:
        with pytest.raises(LinesMissing, match="1 lines"):
            await rebuild(work, log)
    assert await live_generation(mongo) == ONE
    assert await figures(mongo) == before
    async with Log(kafka_bootstrap, [topic]) as log:
        await rebuild(work, log, force=True)
    await assert_sums_of_ledger(mongo, await live_generation(mongo))


async def test_a_rebuild_during_traffic_loses_nothing(
    mongo: Mongo,
    work: UnitOfWork,
    company: Company,
    producer: AIOKafkaProducer,
    topic: str,
    kafka_bootstrap: str,
) -> None:
    events = shuffled_days(["li", "wang", "sun", "qian", "wu", "he"], 120)
    await send(producer, topic, events[:100])
    counted: set[str] = set()

    async def traffic() -> None:
        for start in range(100, len(events), 5):
            await send(producer, topic, events[start : start + 5])

    async def worker() -> None:
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest", max_poll_records=20
        )
        await consumer.start()
        try:
            while len(counted) < len(events):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    batch = [one for r in records if (one := decode(r.key, r.value, r.headers, TYPES))]
                    await work.run(count, batch)
                    counted.update(one.envelope.id for one in batch)
        finally:
            await consumer.stop()

    async with Log(kafka_bootstrap, [topic]) as log, asyncio.TaskGroup() as tasks:
        tasks.create_task(traffic())
        tasks.create_task(worker())
        for _ in range(2):
            await rebuild(work, log)
    live = await live_generation(mongo)
    assert live.number == 3
    assert await mongo.collection(live.entries).count_documents({}) == len(events)
    await assert_sums_of_ledger(mongo, live)
