"""What the tests of the relay write with and read with."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.outbox.relay import Relay
from services.chassis.records import Records
from services.chassis.settings import KafkaSettings
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.clients import CLIENT, ClientRegistered, ClientSource
from services.contracts.cloudevents import decode
from services.contracts.envelope import Envelope

COLLECTION = "clients"


@dataclass(frozen=True)
class Client:
    id: str
    org_path: tuple[str, ...] = ("company", "branch")
    touched: int = 0


RECORDS = Records(COLLECTION, Client, aggregate=CLIENT, org_path=lambda client: client.org_path)


def event(client_id: str) -> ClientRegistered:
    return ClientRegistered(
        occurred_at=utc_now(),
        client_id=client_id,
        agent_id="agent",
        org_path=("company", "branch"),
        source=ClientSource.WALK_IN,
    )


async def register(tx: Transaction, client: Client) -> None:
    await RECORDS.add(tx, client, event(client.id))


async def touch(tx: Transaction, client_id: str) -> None:
    stored = await RECORDS.get(tx, client_id)
    await RECORDS.save(tx, stored, Client(client_id, touched=stored.value.touched + 1), event(client_id))


async def write_history(mongo: Mongo, length: int) -> str:
    """One client with so many events, each of a transaction of its own; its id."""
    work = UnitOfWork(mongo, utc_now, "/muster/clients")
    client = Client(new_id())
    await work.run(register, client)
    for _ in range(length - 1):
        await work.run(touch, client.id)
    return client.id


async def pending(mongo: Mongo) -> int:
    return await mongo.collection("outbox").count_documents({})


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def sent(kafka: KafkaSettings, topic: str = CLIENT.topic) -> list[Envelope]:
    """All that the topic holds, in the order of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers)
    await consumer.start()
    try:
        name = kafka.name(topic)
        partitions = [TopicPartition(name, each) for each in consumer.partitions_for_topic(name) or ()]
        if not partitions:
            await consumer._client._wait_on_metadata(name)
            partitions = [TopicPartition(name, each) for each in consumer.partitions_for_topic(name) or ()]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        envelopes: list[Envelope] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for record in (await consumer.getmany(partition, timeout_ms=200)).get(partition, ()):
                    received = decode(record.key, record.value, record.headers)
                    assert received is not None
                    envelopes.append(received.envelope)
        return envelopes
    finally:
        await consumer.stop()
