"""Sending to Kafka in order: one record batch of a partition at a time, all partitions side by side.

The producer's own `send` would go on with later records of a partition after a batch of it was refused. Here the
batches are ours, and nothing of a partition follows a batch that was not acknowledged.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from services.chassis.outbox.document import OutgoingRecord
from services.chassis.settings import KafkaSettings
from services.chassis.telemetry import metrics

LARGEST_BATCH = 900_000
"""Bytes before compression; a broker takes 1,048,588 by default."""
REQUEST_SECONDS = 10.0
METADATA_SECONDS = 3.0
"""How long a topic that the broker does not know is asked for."""


@dataclass
class Outcome:
    """What became of the records: ids that the broker acknowledged, and by topic what went wrong."""

    acknowledged: list[str] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)


class Sender:
    """One idempotent producer. After any failure it is to be abandoned and a new one made."""

    def __init__(self, kafka: KafkaSettings, client_id: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka.bootstrap_servers,
            client_id=client_id,
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            linger_ms=0,
            max_batch_size=LARGEST_BATCH,
            request_timeout_ms=int(REQUEST_SECONDS * 1000),
        )

    async def start(self) -> None:
        """Connect. Raises `KafkaError` or TimeoutError when no broker answers."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await self._producer.start()
        except BaseException:
            await self.abandon()
            raise

    async def abandon(self) -> None:
        """Stop at once. What is not acknowledged yet is dropped here: it is still in the outbox."""
        # stop() alone would wait until everything is sent, for as long as the broker is away
        task = self._producer._sender.sender_task
        if task is not None:
            task.cancel()
            await self._producer.client.close()
            await asyncio.wait([task], timeout=REQUEST_SECONDS)
            self._producer._message_accumulator.fail_all(KafkaError("abandoned"))
        await self._producer.stop()

    async def send(self, records: Mapping[str, Sequence[OutgoingRecord]]) -> Outcome:
        """Send the records, given by topic and in order within each key, and wait for what becomes of them."""
        outcome = Outcome()
        lanes: list[tuple[str, int, list[OutgoingRecord]]] = []
        for topic, of_topic in records.items():
            try:
                lanes.extend(await self._lanes(topic, of_topic))
            except (KafkaError, TimeoutError) as error:
                outcome.failures[topic] = error
        await asyncio.gather(*(self._send_lane(*lane, outcome) for lane in lanes))
        return outcome

    async def _lanes(
        self, topic: str, records: Iterable[OutgoingRecord]
    ) -> list[tuple[str, int, list[OutgoingRecord]]]:
        """The records by partition, as Kafka's default partitioner has it: the same key, the same partition."""
        async with asyncio.timeout(METADATA_SECONDS):
            partitions = sorted(await self._producer.partitions_for(topic))
        lanes: dict[int, list[OutgoingRecord]] = {}
        for record in records:
            partition = partitions[_hash_of(record.key) % len(partitions)]
            lanes.setdefault(partition, []).append(record)
        return [(topic, partition, lane) for partition, lane in lanes.items()]

    async def _send_lane(
        self, topic: str, partition: int, records: list[OutgoingRecord], outcome: Outcome
    ) -> None:
        for ids, batch in self._batches(records):
            try:
                delivery = await self._producer.send_batch(batch, topic, partition=partition)
                await delivery
            except KafkaError as error:
                outcome.failures[topic] = error
                metrics.OUTBOX_SEND_FAILURES.labels(topic).inc()
                return
            outcome.acknowledged.extend(ids)
            metrics.OUTBOX_SENT.labels(topic).inc(len(ids))

    def _batches(self, records: list[OutgoingRecord]) -> Iterable[tuple[list[str], BatchBuilder]]:
        ids: list[str] = []
        batch = self._producer.create_batch()
        for record in records:
            while (
                batch.append(key=record.key, value=record.value, headers=record.headers, timestamp=None)
                is None
            ):
                yield ids, batch
                ids, batch = [], self._producer.create_batch()
            ids.append(record.id)
        batch.close()
        yield ids, batch


@lru_cache(maxsize=65_536)
def _hash_of(key: bytes) -> int:
    hashed: int = murmur2(key)
    return hashed & 0x7FFFFFFF
