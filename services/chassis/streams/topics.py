"""Topics as they are, against topics as they are declared."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from services.chassis.streams.policies import BackOff
from services.chassis.telemetry.logging import get_logger
from services.contracts.topics import Topic

log = get_logger(__name__)

WAITING = BackOff(first_seconds=0.2, longest_seconds=5.0)


class TopicRefused(Exception):
    """The broker does not make the topic; the text is its reason."""


@dataclass(frozen=True)
class Difference:
    """Where a topic on the broker is not as declared."""

    topic: str
    what: str
    """`topic` (it is missing), `partitions` or the name of a setting."""
    declared: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.found}, declared is {self.declared}"


async def ensure(bootstrap: str, topics: Iterable[Topic]) -> list[str]:
    """Make the topics that are missing and return their names; those that are there stay as they are.

    On a small cluster a topic gets fewer replicas than declared. Raises `TopicRefused`, and aiokafka's errors when
    the broker cannot be reached.
    """
    async with _admin(bootstrap) as admin:
        present = set(await admin.list_topics())
        brokers = len((await admin.describe_cluster())["brokers"])
        missing = [topic.on(brokers) for topic in topics if topic.name not in present]
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=topic.settings())
                for topic in missing
            ]
        )
        for name, code, *reason in answer.topic_errors:
            # another process may have made it since we looked
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise TopicRefused(f"{name}: {for_code(code).__name__} {reason}")
        return [topic.name for topic in missing]


async def differences(bootstrap: str, topics: Iterable[Topic]) -> list[Difference]:
    """Where the broker's topics are not as declared; nothing is changed.

    The number of replicas is a matter of the cluster and is not compared.
    """
    declared = {topic.name: topic for topic in topics}
    async with _admin(bootstrap) as admin:
        brokers = len((await admin.describe_cluster())["brokers"])
        present = set(await admin.list_topics()) & declared.keys()
        found = [Difference(name, "topic", "there", "missing") for name in declared.keys() - present]
        for described in await admin.describe_topics(sorted(present)) if present else []:
            topic, partitions = declared[described["topic"]], len(described["partitions"])
            if partitions != topic.partitions:
                found.append(Difference(topic.name, "partitions", str(topic.partitions), str(partitions)))
        for name in sorted(present):
            actual = await _settings(admin, name)
            for setting, value in declared[name].on(brokers).settings().items():
                if actual.get(setting) != value:
                    found.append(Difference(name, setting, value, actual.get(setting, "not set")))
    return sorted(found, key=str)


async def partitions_of(bootstrap: str, topic: str) -> int:
    """How many partitions the topic has; 0 when it is not there."""
    async with _admin(bootstrap) as admin:
        if topic not in await admin.list_topics():
            return 0
        [described] = await admin.describe_topics([topic])
        return len(described["partitions"])


async def wait_for(bootstrap: str, names: Collection[str]) -> None:
    """Return when the broker answers and has all these topics; until then, say what is waited for."""
    failures = 0
    while True:
        try:
            async with _admin(bootstrap) as admin:
                missing = sorted(set(names) - set(await admin.list_topics()))
            if not missing:
                return
            waits_for: dict[str, object] = {"topics": missing}
        except (KafkaError, OSError) as error:
            waits_for = {"broker": bootstrap, "error": type(error).__name__}
        failures += 1
        seconds = WAITING.seconds(failures)
        log.warning("worker waits before it starts", **waits_for, seconds=round(seconds, 1))
        await asyncio.sleep(seconds)


async def _settings(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(_, _, _, _, entries)] = answer.resources
    return {name: value for name, value, *_ in entries}


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
