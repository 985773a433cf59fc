"""Loops that read the same events and write the same effects: ours, one without a framework, and stock Faust's.

All of them decode with the contracts' decoder and hand batches to the same functions of notifications, each batch in
one transaction of the same kind. What differs is what drives them.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import faust
from aiokafka import AIOKafkaConsumer
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.chassis.clock import utc_now
from services.chassis.mongo import Mongo, Session
from services.chassis.settings import KafkaSettings
from services.chassis.streams.policies import Engine, StreamPolicy
from services.chassis.streams.subscription import Subscription
from services.chassis.streams.worker import StreamWorker
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.cloudevents import Headers, UnknownEventType, decode

SOURCE = "/muster/notifications"
BATCH = StreamPolicy().most_records
"""Events in one transaction, for all."""


@dataclass(frozen=True)
class Race:
    """What a loop runs on: topics that are filled, a consumer group and a database that are fresh."""

    kafka: KafkaSettings
    mongo: Mongo
    subscription: Subscription

    @property
    def topics(self) -> list[str]:
        return [self.kafka.name(topic) for topic in self.subscription.topics]

    @property
    def group(self) -> str:
        return self.kafka.name(self.subscription.group)


Loop: TypeAlias = Callable[[Race], AbstractAsyncContextManager[None]]
"""Reads while the body runs."""
Raw: TypeAlias = tuple[bytes | None, bytes | None, Headers]


def ours(engine: Engine) -> Loop:
    """The stream worker of the chassis."""

    @asynccontextmanager
    async def loop(race: Race) -> AsyncIterator[None]:
        work = UnitOfWork(race.mongo, utc_now, SOURCE)
        async with StreamWorker(race.subscription, work, race.kafka, StreamPolicy(engine=engine)):
            yield

    return loop


@asynccontextmanager
async def plain(race: Race) -> AsyncIterator[None]:
    """A bare aiokafka loop: fetch, one transaction, commit the offsets; no retries, no dead letters, no figures."""
    consumer = AIOKafkaConsumer(
        *race.topics,
        bootstrap_servers=race.kafka.bootstrap_servers,
        group_id=race.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )

    async def read() -> None:
        while True:
            fetched = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            records = [record for of_partition in fetched.values() for record in of_partition]
            if records:
                await _apply(race, [(each.key, each.value, each.headers) for each in records])
                await consumer.commit()

    await consumer.start()
    async with _while_reading(read()):
        yield
    await consumer.stop()


def stock_faust(read: Callable[[Race, Any], Any]) -> Loop:
    """A Faust app as its documentation has it, with one agent."""

    @asynccontextmanager
    async def loop(race: Race) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory(prefix="bench-faust-") as folder:
            app = faust.App(
                race.group,
                broker=[f"kafka://{server}" for server in race.kafka.bootstrap_servers.split(",")],
                store="memory://",
                datadir=folder,
                web_enabled=False,
                topic_allow_declare=False,
                topic_disable_leader=True,
                broker_max_poll_records=BATCH,
                consumer_auto_offset_reset="earliest",
            )
            topic = app.topic(
                *race.topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
            )

            async def agent(stream: Any) -> None:
                await read(race, stream)

            app.agent(topic, concurrency=1, name="agent")(agent)
            await app.start()
            try:
                yield
            finally:
                await app.stop()

    return loop


async def take(race: Race, stream: Any) -> None:
    """Batches by `take`, each in one transaction."""
    async for events in stream.take_events(BATCH, within=0.1):
        await _apply(race, [_raw(event) for event in events])


async def one_by_one(race: Race, stream: Any) -> None:
    """Each event in a transaction of its own, as most agents are written."""
    async for event in stream.events():
        await _apply(race, [_raw(event)])


LOOPS: Mapping[str, Loop] = {
    "Muster": ours(Engine.FAUST),
    "Muster on the plain engine": ours(Engine.PLAIN),
    "plain aiokafka": plain,
    "stock Faust, take()": stock_faust(take),
}
SLOW_LOOPS: Mapping[str, Loop] = {"stock Faust, one by one": stock_faust(one_by_one)}


def _raw(event: Any) -> Raw:
    return event.message.key, event.message.value, event.message.headers


async def _apply(race: Race, records: Sequence[Raw]) -> None:
    """The effects of the records, in one transaction."""
    events = []
    for key, value, headers in records:
        with suppress(UnknownEventType):
            received = decode(key, value, headers, race.subscription.types)
            if received is not None:
                events.append(received)

    async def attempt(session: Session) -> None:
        tx = Transaction(
            session=session,
            database=race.mongo.database,
            mongo=race.mongo,
            source=SOURCE,
            now=utc_now(),
            actor="system",
            correlation_id="",
            causation_id=None,
            traceparent=None,
        )
        for batch in race.subscription.batches:
            theirs = [each for each in events if isinstance(each.event, batch.events)]
            if theirs:
                await batch.handler(tx, theirs)
        await tx.flush()

    async with await race.mongo.client.start_session() as session:
        await session.with_transaction(
            attempt, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", j=True)
        )


@asynccontextmanager
async def _while_reading(reading: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(reading)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
