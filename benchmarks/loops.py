"""Loops that read the same events and write the same effects: ours, one without a framework, and stock Faust's.

All of them decode with the contracts' decoder and hand batches to the same functions of notifications, each batch in
one transaction of the same kind. What differs is what drives them. Each runs in a process of its own:
`python -m benchmarks.loops "plain aiokafka" --service run-1 --prefix bench. --database bench`, until SIGTERM.
"""

import asyncio
import logging
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import faust
import structlog
import uvloop
from aiokafka import AIOKafkaConsumer
from cyclopts import App
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.chassis.clock import utc_now
from services.chassis.mongo import Mongo, Session
from services.chassis.processes.command_line import spare_what_stays
from services.chassis.settings import KafkaSettings, MongoSettings, read
from services.chassis.streams.policies import Engine, StreamPolicy
from services.chassis.streams.subscription import Subscription
from services.chassis.streams.worker import StreamWorker
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.cloudevents import Headers, UnknownEventType, decode
from services.notifications.app import subscription

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

    async def reading() -> None:
        while True:
            fetched = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            records = [record for of_partition in fetched.values() for record in of_partition]
            if records:
                await _apply(race, [(each.key, each.value, each.headers) for each in records])
                await consumer.commit()

    await consumer.start()
    async with _while(reading()):
        yield
    await consumer.stop()


def stock_faust(body: Callable[[Race, Any], Any]) -> Loop:
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
                await body(race, stream)

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


MUSTER, MUSTER_PLAIN, PLAIN = "Muster", "Muster on the plain engine", "plain aiokafka"
TAKE, ONE_BY_ONE = "stock Faust, take()", "stock Faust, one by one"
LOOPS: Mapping[str, Loop] = {
    MUSTER: ours(Engine.FAUST),
    MUSTER_PLAIN: ours(Engine.PLAIN),
    PLAIN: plain,
    TAKE: stock_faust(take),
    ONE_BY_ONE: stock_faust(one_by_one),
}


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
async def _while(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _run(loop: Loop, service: str, prefix: str, database: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    mongo = Mongo.connect(read(MongoSettings).uri.get_secret_value(), database)
    kafka = KafkaSettings(bootstrap_servers=read(KafkaSettings).bootstrap_servers, topic_prefix=prefix)
    async with loop(Race(kafka, mongo, replace(subscription(), service=service))):
        await stop.wait()
    mongo.close()


def main(name: str, *, service: str, prefix: str, database: str) -> None:
    """Run one of the loops, in a group that is named after `service`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    # what the processes of Muster do, done for all, so that it is not what is compared
    spare_what_stays()
    uvloop.run(_run(LOOPS[name], service, prefix, database))


if __name__ == "__main__":
    command_line = App(name="python -m benchmarks.loops")
    command_line.default(main)
    command_line()
