"""What the tests of the stream runtime play on."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.streams.policies import BackOff, Engine, ReaderPolicy, StreamPolicy
from services.chassis.streams.subscription import Handlers, Subscription
from services.chassis.streams.topics import ensure
from services.chassis.streams.worker import StreamWorker
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.clients import ClientRegistered, ClientSource
from services.contracts.cloudevents import Record, encode
from services.contracts.envelope import Envelope, Received
from services.contracts.topics import Topic, dead_letters, resent, topic_of

SERVICE = "clients"
EFFECTS = "effects"
COUNTERS = "counters"
PARTITIONS = topic_of(ClientRegistered.aggregate).partitions
LOST = "raises"
"""A client of this agent makes the handler fail."""
QUICK = BackOff(first_seconds=0.01, longest_seconds=0.05)


async def take_note(tx: Transaction, received: Received[ClientRegistered]) -> None:
    """One effect for each event, keyed by the event's id, and a counter that any double would show in."""
    if received.event.agent_id == LOST:
        raise ValueError("this agent is not known")
    effects = tx.collection(EFFECTS)
    if await effects.find_one({"_id": received.envelope.id}, session=tx.session):
        return
    await effects.insert_one({"_id": received.envelope.id, "cause": tx.causation_id}, session=tx.session)
    await tx.collection(COUNTERS).update_one(
        {"_id": received.event.agent_id}, {"$inc": {"count": 1}}, upsert=True, session=tx.session
    )


HANDLERS: Handlers = {ClientRegistered: take_note}


def policy(engine: Engine, **changes: object) -> StreamPolicy:
    """The real one, with short waits."""
    short = StreamPolicy(
        engine=engine,
        reader=ReaderPolicy(transient=QUICK, between_attempts=QUICK),
        session_timeout_seconds=6.0,
        heartbeat_seconds=1.0,
        commit_seconds=0.2,
        sample_seconds=0.05,
        most_records=100,
    )
    return dataclasses.replace(short, **changes)  # type: ignore[arg-type]


def event_record(
    client: str | None = None,
    *,
    agent: str = "agent-1",
    event_id: str | None = None,
    partition_key: str | None = None,
) -> Record:
    """A `client-registered` as it goes to Kafka."""
    client_id = client or new_id()
    event = ClientRegistered(
        occurred_at=utc_now(),
        client_id=client_id,
        agent_id=agent,
        org_path=("c",),
        source=ClientSource.WALK_IN,
    )
    envelope = Envelope(
        id=event_id or new_id(),
        source="/muster/clients",
        type=event.event_type(),
        subject=client_id,
        time=event.occurred_at,
        dataschema=event.dataschema(),
        sequence=1,
        org_path=("c",),
        correlation_id=new_id(),
    )
    return encode(envelope, event)


@dataclass
class Stage:
    kafka: KafkaSettings
    mongo: Mongo
    producer: AIOKafkaProducer
    uri: str

    @classmethod
    @asynccontextmanager
    async def set(cls, bootstrap: str, prefix: str, uri: str, database: str) -> AsyncIterator[Self]:
        kafka = KafkaSettings(bootstrap_servers=bootstrap, topic_prefix=f"{prefix}.")
        group = Subscription(SERVICE).group
        declared = [topic_of(ClientRegistered.aggregate), dead_letters(group), resent(group)]
        await ensure(bootstrap, [dataclasses.replace(each, name=kafka.name(each.name)) for each in declared])
        mongo = Mongo.connect(uri, database)
        await mongo.prepare({EFFECTS: (), COUNTERS: (), "outbox": (), "timeline": ()})
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=5)
        await producer.start()
        try:
            yield cls(kafka, mongo, producer, uri)
        finally:
            await producer.stop()
            mongo.close()

    @property
    def topic(self) -> str:
        return self.kafka.name(ClientRegistered.aggregate.topic)

    @property
    def dlq(self) -> Topic:
        return Topic(self.kafka.name(dead_letters(Subscription(SERVICE).group).name), partitions=1)

    @property
    def group(self) -> str:
        return self.kafka.name(Subscription(SERVICE).group)

    async def remove_topics(self) -> None:
        """For who has no fixture that does it."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap_servers)
        await admin.start()
        try:
            prefix = self.kafka.topic_prefix
            await admin.delete_topics([each for each in await admin.list_topics() if each.startswith(prefix)])
        finally:
            await admin.close()

    def work(self) -> UnitOfWork:
        return UnitOfWork(self.mongo, utc_now, "/muster/clients")

    def worker(self, policy: StreamPolicy, subscription: Subscription | None = None) -> StreamWorker:
        return StreamWorker(
            subscription or Subscription(SERVICE, [HANDLERS]), self.work(), self.kafka, policy
        )

    async def send(self, records: Sequence[Record], *, partition: int | None = None) -> None:
        """Put the records on the topic, in order."""
        sent = [
            await self.producer.send(
                self.topic, key=each.key, value=each.value, headers=each.headers, partition=partition
            )
            for each in records
        ]
        for each in sent:
            await each

    async def effects(self) -> int:
        return await self.mongo.collection(EFFECTS).count_documents({})

    async def counted(self) -> int:
        """What the counters say: more than the effects if any was counted twice."""
        return sum([document["count"] async for document in self.mongo.collection(COUNTERS).find()])

    async def all_done(self, effects: int, within: float = 40) -> None:
        """Wait until there are so many effects and nothing is left to read."""

        async def there() -> None:
            assert await self.effects() == effects
            assert await self.lag() == 0

        await assert_eventually(there, within=within, every=0.1)

    async def lag(self) -> int:
        """Records between the group's committed offsets and the ends of all its topics' partitions."""
        consumer, partitions = self._observer(), self._partitions()
        await consumer.start()
        try:
            ends = await consumer.end_offsets(partitions)
            committed = {each: await consumer.committed(each) or 0 for each in partitions}
            return sum(ends[each] - committed[each] for each in partitions)
        finally:
            await consumer.stop()

    async def rewind(self) -> None:
        """Have the group, which must be empty, read everything again."""
        consumer = self._observer()
        await consumer.start()
        try:
            consumer.assign(self._partitions())
            await consumer.commit(dict.fromkeys(self._partitions(), 0))
        finally:
            await consumer.stop()

    def _observer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self.kafka.bootstrap_servers, group_id=self.group, enable_auto_commit=False
        )

    def _partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self.topic, each) for each in range(PARTITIONS)]

    async def letters(self) -> list[ConsumerRecord]:
        """All records on the dead letter topic."""
        partition = TopicPartition(self.dlq.name, 0)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka.bootstrap_servers,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            found: list[ConsumerRecord] = []
            while await consumer.position(partition) < end:
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    found.extend(batch)
            return found
        finally:
            await consumer.stop()
