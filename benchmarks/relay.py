"""The relay: events a second from the outbox to Kafka, and how soon a committed event is with a consumer.

Beside it the relay's own sender alone, with the same records in memory: what Kafka costs without the outbox.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from benchmarks import company
from benchmarks.figures import Figure, percentile
from benchmarks.place import Place, short_id
from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo
from services.chassis.outbox.document import OutgoingRecord, record_of
from services.chassis.outbox.relay import Relay
from services.chassis.outbox.sender import Sender
from services.chassis.processes.definition import CHASSIS_INDEXES, merged
from services.chassis.settings import KafkaSettings
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import OUTBOX, Transaction, UnitOfWork
from services.contracts.clients import CLIENT, ClientRegistered, ClientSource

TITLE = "relay, from the outbox to Kafka"
AGGREGATES = 500
BATCH = 1_000
TOPIC = CLIENT.topic


@dataclass(frozen=True)
class Sizes:
    events: int = 20_000
    rounds: int = 3
    singly: int = 500
    per_second: int = 100


SHORT, TINY = Sizes(), Sizes(events=50, rounds=1, singly=5)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Rounds of the sender alone and of a full outbox by turns, then events that come one by one."""
    relayed, alone, soon = [], [], []
    async with place.topics() as kafka, place.database(merged(CHASSIS_INDEXES)) as mongo:
        for _ in range(sizes.rounds):
            documents = _documents(sizes.events)
            alone.append(await _sent(kafka, documents))
            for begin in range(0, len(documents), 5_000):
                await mongo.collection(OUTBOX).insert_many(documents[begin : begin + 5_000], ordered=False)
            async with _relaying(mongo, kafka):
                begun = time.perf_counter()
                await assert_eventually(lambda: _is_empty(mongo), within=120, every=0.01)
                relayed.append(sizes.events / (time.perf_counter() - begun))
                soon.append(await _one_by_one(mongo, kafka, sizes))
    one_by_one = f"{sizes.per_second} a second: commit → consumer"
    ratios = tuple(one / other for one, other in zip(relayed, alone, strict=True))
    return [
        Figure("full outbox, until it is empty", "/s", tuple(relayed)),
        Figure("its sender alone, same records", "/s", tuple(alone)),
        Figure("relay / its sender alone", "×", ratios),
        *(
            Figure(
                f"{one_by_one}, {name}",
                "ms",
                tuple(percentile(each, share) for each in soon),
            )
            for name, share in (("median", 0.5), ("99 %", 0.99))
        ),
    ]


async def _sent(kafka: KafkaSettings, documents: Sequence[Document]) -> float:
    sender = Sender(kafka, "bench")
    await sender.start()
    records: list[OutgoingRecord] = [record_of(document, None) for document in documents]
    begun = time.perf_counter()
    for begin in range(0, len(records), BATCH):
        await sender.send({kafka.name(TOPIC): records[begin : begin + BATCH]})
    taken = time.perf_counter() - begun
    await sender.abandon()
    return len(records) / taken


@asynccontextmanager
async def _relaying(mongo: Mongo, kafka: KafkaSettings) -> AsyncIterator[None]:
    relay = asyncio.create_task(Relay(mongo, kafka, f"bench-{short_id()}").run())
    try:
        yield
    finally:
        relay.cancel()
        await asyncio.wait([relay])


async def _is_empty(mongo: Mongo) -> bool:
    return await mongo.collection(OUTBOX).find_one({}, {"_id": 1}) is None


async def _one_by_one(mongo: Mongo, kafka: KafkaSettings, sizes: Sizes) -> list[float]:
    """Milliseconds from each commit to a consumer that reads nothing else."""
    consumer = AIOKafkaConsumer(
        kafka.name(TOPIC), bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="latest"
    )
    arrived: dict[str, float] = {}

    async def listen() -> None:
        async for record in consumer:
            arrived[dict(record.headers)["ce_id"].decode()] = time.perf_counter()

    async def put(tx: Transaction) -> str:
        [document] = _documents(1)
        tx.outbox.append(document)
        return str(document["_id"])

    await consumer.start()
    await consumer.seek_to_end()
    listening = asyncio.create_task(listen())
    work = UnitOfWork(mongo, utc_now, "/muster/clients")
    committed: dict[str, float] = {}
    try:
        begun = time.perf_counter()
        for number in range(sizes.singly):
            await asyncio.sleep(max(0.0, begun + number / sizes.per_second - time.perf_counter()))
            committed[await work.run(put)] = time.perf_counter()
        await assert_eventually(lambda: committed.keys() <= arrived.keys(), within=30)
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await consumer.stop()
    return [(arrived[id_] - moment) * 1000 for id_, moment in committed.items()]


def _documents(count: int) -> list[Document]:
    """Outbox documents of registered clients."""
    agent = company.agents()[0]
    subjects = [new_id() for _ in range(min(count, AGGREGATES))]
    documents = []
    for number in range(count):
        subject, now = subjects[number % len(subjects)], utc_now()
        event = ClientRegistered(
            occurred_at=now,
            client_id=subject,
            agent_id=agent.id,
            org_path=agent.org_path,
            source=ClientSource.WALK_IN,
        )
        documents.append(
            {
                "_id": new_id(now),
                "aggregatetype": TOPIC,
                "aggregateid": subject,
                "type": event.event_type(),
                "sequence": number // len(subjects) + 1,
                "payload": event.model_dump_json(),
                "headers": {
                    "source": "/muster/clients",
                    "time": now,
                    "dataschema": event.dataschema(),
                    "orgpath": "/".join(agent.org_path),
                    "correlationid": new_id(),
                    "causationid": None,
                    "traceparent": None,
                },
            }
        )
    return documents
