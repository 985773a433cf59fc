"""A company of one service: its topics, its database, its settings."""

import dataclasses
from collections.abc import AsyncIterator, Mapping

import pytest

from services.chassis.mongo import Mongo
from services.chassis.processes.definition import Runtime
from services.chassis.settings import KafkaSettings
from services.chassis.streams.topics import ensure
from services.contracts.clients import CLIENT
from services.contracts.topics import consumer_group, dead_letters, resent, topic_of
from tests.chassis.processes.sample import DEFINITION, NAME


@pytest.fixture
async def environment(
    kafka_bootstrap: str, topic_prefix: str, mongodb_uri: str, database_name: str
) -> Mapping[str, str]:
    """The variables of this test's service, with its topics made."""
    kafka = KafkaSettings(bootstrap_servers=kafka_bootstrap, topic_prefix=f"{topic_prefix}.")
    group = consumer_group(NAME)
    declared = [topic_of(CLIENT), dead_letters(group), resent(group)]
    await ensure(
        kafka_bootstrap, [dataclasses.replace(each, name=kafka.name(each.name)) for each in declared]
    )
    return {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap,
        "MONGODB_URI": mongodb_uri,
        "MUSTER_TOPIC_PREFIX": f"{topic_prefix}.",
        "MUSTER_DATABASE_PREFIX": f"{database_name}_",
    }


@pytest.fixture
def runtime(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """A process's runtime, as the environment describes it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return DEFINITION.runtime()


@pytest.fixture
async def mongo(runtime: Runtime) -> AsyncIterator[Mongo]:
    """The service's database, for looking."""
    mongo = Mongo.connect(runtime.mongodb.uri.get_secret_value(), runtime.mongodb.database(NAME))
    yield mongo
    mongo.close()
