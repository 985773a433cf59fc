"""Makes the topics that the contracts declare; nobody else creates any."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from deploy.local.failure import Failure
from services.contracts.topics import ALL, Topic


def create(bootstrap: str, prefix: str = "", topics: Iterable[Topic] = ALL) -> list[str]:
    """Makes those that are missing and returns their names; the others stay as they are. Raises Failure.

    `prefix` goes before every name, where several systems share a broker.
    """
    named = tuple(replace(topic, name=f"{prefix}{topic.name}") for topic in topics)
    try:
        return asyncio.run(_create(bootstrap, named))
    except (KafkaError, OSError) as error:
        raise Failure(f"The topics could not be made: {error}") from error


async def _create(bootstrap: str, topics: tuple[Topic, ...]) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        there = set(await admin.list_topics())
        brokers = len((await admin.describe_cluster())["brokers"])
        missing = [topic.on(brokers) for topic in topics if topic.name not in there]
        if not missing:
            return []
        wanted = [
            NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=topic.settings())
            for topic in missing
        ]
        for name, code, *reason in (await admin.create_topics(wanted)).topic_errors:
            error = for_code(code)
            # another start may have made it since we looked
            if code != 0 and error is not TopicAlreadyExistsError:
                raise Failure(f"The topic {name} could not be made: {error.__name__} {reason}")
        return [topic.name for topic in missing]
    finally:
        await admin.close()
