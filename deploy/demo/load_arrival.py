"""Watching the events of a load on their way: out of the outboxes, and into every service that reads them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.mongo import Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.work import OUTBOX
from services.contracts.topics import consumer_group


@dataclass(frozen=True)
class OnTheWay:
    """How many events are still somewhere else than they should be."""

    unsent: int
    unread: dict[str, int]
    """By service, the records it has not read yet."""

    @property
    def arrived(self) -> bool:
        """Whether every event is everywhere."""
        return not self.unsent and not any(self.unread.values())


class Arrival:
    """Looks at outboxes and consumer groups."""

    def __init__(
        self, databases: Iterable[Mongo], kafka: KafkaSettings, readers: Mapping[str, Collection[str]]
    ) -> None:
        self._databases = tuple(databases)
        self._kafka = kafka
        self._readers = readers
        """By service, the topics that it reads."""

    @asynccontextmanager
    async def watched(self) -> AsyncIterator["Arrival"]:
        """Connected to the broker inside the body. Raises aiokafka's errors when it does not answer."""
        servers = self._kafka.bootstrap_servers
        self._admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
        try:
            await self._admin.start()
            await self._consumer.start()
            yield self
        finally:
            await asyncio.gather(self._admin.close(), self._consumer.stop(), return_exceptions=True)

    async def look(self) -> OnTheWay:
        """How it stands at this moment."""
        unsent = [await mongo.collection(OUTBOX).estimated_document_count() for mongo in self._databases]
        return OnTheWay(sum(unsent), {service: await self._unread(service) for service in self._readers})

    async def _unread(self, service: str) -> int:
        group = self._kafka.name(consumer_group(service))
        committed = await self._admin.list_consumer_group_offsets(group)
        topics = [self._kafka.name(topic) for topic in self._readers[service]]
        partitions = [
            TopicPartition(described["topic"], partition["partition"])
            for described in await self._admin.describe_topics(topics)
            for partition in described["partitions"]
        ]
        ends = await self._consumer.end_offsets(partitions)
        read = {each: max(committed[each].offset, 0) if each in committed else 0 for each in partitions}
        return sum(ends[each] - read[each] for each in partitions)
