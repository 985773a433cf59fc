"""Dead letters to look at and to settle: for the command line and for a page.

A letter is settled by sending it again or by dropping it. Kafka cannot take one record out of a topic, so what is
settled stands in the service's database.

Sending again means: to the consumer that failed, and to nobody else. On its old topic every other consumer would meet
the event a second time, behind events that came later; so the record goes to the consumer's `.resent` topic, which
only its own group reads, through the same reader and with the same guard against doubles. The event comes late in any
case: a handler decides by the event's own time and sequence.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from services.chassis.clock import Clock
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.streams import dead_letters as headers
from services.chassis.streams.topics import partitions_of
from services.contracts import topics

SETTLED = "settled_dead_letters"
RESENT = "resent"
DROPPED = "dropped"


@dataclass(frozen=True, order=True)
class Place:
    """Where a letter lies on the dead letter topic; written `partition:offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place in such a text. Raises ValueError."""
        partition, colon, offset = text.partition(":")
        if not (colon and partition.isdigit() and offset.isdigit()):
            raise ValueError(f"not partition:offset: {text}")
        return cls(int(partition), int(offset))


@dataclass(frozen=True)
class Letter:
    """One dead letter."""

    place: Place
    put_at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    settled: str | None = None
    """`resent` or `dropped`; None while it is open."""
    settled_by: str | None = None

    def header(self, name: str) -> str:
        """A header's text; empty when it is not there."""
        return (dict(self.headers).get(name) or b"").decode(errors="replace")

    @property
    def event_type(self) -> str:
        """The CloudEvents type, if the record says one."""
        return self.header("ce_type")

    @property
    def error(self) -> str:
        """What kind of failure it was."""
        return self.header(headers.ERROR_TYPE)

    @property
    def message(self) -> str:
        """What the failure said."""
        return self.header(headers.ERROR_MESSAGE)

    @property
    def origin(self) -> str:
        """Where the event came from: topic partition:offset."""
        place = f"{self.header(headers.ORIGINAL_PARTITION)}:{self.header(headers.ORIGINAL_OFFSET)}"
        return f"{self.header(headers.ORIGINAL_TOPIC)} {place}"

    @property
    def id(self) -> str:
        """Names this letter for ever, even if the topic is made anew and counts from 0 again."""
        return f"{self.place}@{round(self.put_at.timestamp() * 1000)}"

    def again(self) -> list[tuple[str, bytes | None]]:
        """The headers with which it is tried again: its own, and where it first came from."""
        return [
            (name, value)
            for name, value in self.headers
            if not name.startswith(headers.PREFIX) or name in headers.ORIGIN
        ]


class LetterBox:
    """The dead letters of one consumer."""

    def __init__(self, kafka: KafkaSettings, mongo: Mongo, service: str, clock: Clock) -> None:
        group = topics.consumer_group(service)
        self.bootstrap = kafka.bootstrap_servers
        self.topic = kafka.name(topics.dead_letters(group).name)
        self.resent_topic = kafka.name(topics.resent(group).name)
        self.mongo = mongo
        self.clock = clock

    async def letters(self, *, settled: bool = False, limit: int | None = None) -> list[Letter]:
        """The open letters, or (`settled`) all of them, oldest first; not more than `limit`."""
        async with self._reading() as (consumer, partitions):
            found: list[Letter] = []
            async for records in _to_the_end(consumer, partitions):
                marked = await self._marked(records)
                found.extend(letter for letter in marked if settled or letter.settled is None)
                if limit is not None and len(found) >= limit:
                    break
            return sorted(found, key=lambda letter: letter.put_at)[:limit]

    async def letter(self, place: Place) -> Letter:
        """One letter. Raises `NotFound`, also when it is so old that Kafka has let it go."""
        async with self._reading() as (consumer, partitions):
            partition = TopicPartition(self.topic, place.partition)
            if partition in partitions:
                begin = (await consumer.beginning_offsets([partition]))[partition]
                end = (await consumer.end_offsets([partition]))[partition]
                if begin <= place.offset < end:
                    consumer.seek(partition, place.offset)
                    async for records in _to_the_end(consumer, [partition]):
                        for letter in await self._marked(records):
                            if letter.place == place:
                                return letter
                        break
        raise NotFound

    async def resend(self, letters: Iterable[Letter], by: str) -> int:
        """Have the consumer, and only it, try these again; the number sent.

        The record is sent before the letter is marked: dying in between, it may be sent twice, which the guard
        against doubles makes harmless.
        """
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        count = 0
        try:
            for letter in letters:
                await producer.send_and_wait(
                    self.resent_topic, key=letter.key, value=letter.value, headers=letter.again()
                )
                await self._settle(letter, RESENT, by)
                count += 1
        finally:
            await producer.stop()
        return count

    async def drop(self, letters: Iterable[Letter], by: str) -> int:
        """Mark these as needing nothing more; the number marked."""
        count = 0
        for letter in letters:
            await self._settle(letter, DROPPED, by)
            count += 1
        return count

    async def _settle(self, letter: Letter, outcome: str, by: str) -> None:
        await self.mongo.collection(SETTLED).update_one(
            {"_id": letter.id},
            {"$set": {"outcome": outcome, "by": by, "at": self.clock()}},
            upsert=True,
        )

    async def _marked(self, records: list[ConsumerRecord]) -> list[Letter]:
        letters = [_letter(record) for record in records]
        found = self.mongo.collection(SETTLED).find({"_id": {"$in": [letter.id for letter in letters]}})
        settled = {document["_id"]: document async for document in found}
        return [
            letter if mark is None else _settled(letter, mark["outcome"], mark["by"])
            for letter, mark in ((letter, settled.get(letter.id)) for letter in letters)
        ]

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
        count = await partitions_of(self.bootstrap, self.topic)
        # without a group: looking at letters moves nothing
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            partitions = [TopicPartition(self.topic, each) for each in range(count)]
            consumer.assign(partitions)
            # aiokafka cannot stop a consumer whose own tasks have not begun
            await asyncio.sleep(0)
            yield consumer, partitions
        finally:
            await consumer.stop()


async def _to_the_end(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition]
) -> AsyncIterator[list[ConsumerRecord]]:
    """Every record up to where the partitions end at this moment."""
    if not partitions:
        return
    ends = await consumer.end_offsets(partitions)
    open_ = {partition for partition in partitions if await consumer.position(partition) < ends[partition]}
    while open_:
        fetched = await consumer.getmany(*open_, timeout_ms=1000)
        for partition, records in fetched.items():
            yield [record for record in records if record.offset < ends[partition]]
        open_ = {each for each in open_ if await consumer.position(each) < ends[each]}


def _letter(record: ConsumerRecord) -> Letter:
    return Letter(
        place=Place(record.partition, record.offset),
        put_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )


def _settled(letter: Letter, outcome: str, by: str) -> Letter:
    return Letter(letter.place, letter.put_at, letter.key, letter.value, letter.headers, outcome, by)
