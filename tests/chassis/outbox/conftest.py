"""An outbox to write to, a topic to read from."""

import dataclasses
from collections.abc import AsyncIterator

import pytest

from services.chassis.leases import INDEXES as LEASES
from services.chassis.mongo import Mongo
from services.chassis.outbox.document import INDEXES
from services.chassis.settings import KafkaSettings
from services.chassis.streams.topics import ensure
from services.chassis.testing.mongo import fresh_mongo
from services.contracts.clients import CLIENT
from services.contracts.topics import topic_of
from tests.chassis.outbox.office import COLLECTION


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    async with fresh_mongo(
        mongodb_uri, database_name, {**INDEXES, **LEASES, COLLECTION: (), "timeline": ()}
    ) as mongo:
        yield mongo


@pytest.fixture
async def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    kafka = KafkaSettings(bootstrap_servers=kafka_bootstrap, topic_prefix=f"{topic_prefix}.")
    topic = topic_of(CLIENT)
    await ensure(kafka_bootstrap, [dataclasses.replace(topic, name=kafka.name(topic.name))])
    return kafka
