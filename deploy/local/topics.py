"""Makes the topics that the contracts declare; nobody else creates any."""

import asyncio
from dataclasses import replace

from aiokafka.errors import KafkaError

from deploy.local.failure import Failure
from services.chassis.streams.topics import TopicRefused, ensure
from services.contracts.topics import ALL


def create(bootstrap: str, prefix: str = "") -> list[str]:
    """Makes those that are missing and returns their names; the others stay as they are. Raises Failure.

    `prefix` goes before every name, where several systems share a broker.
    """
    topics = [replace(topic, name=f"{prefix}{topic.name}") for topic in ALL]
    try:
        return asyncio.run(ensure(bootstrap, topics))
    except (TopicRefused, KafkaError, OSError) as error:
        raise Failure(f"The topics could not be made: {error}") from error
