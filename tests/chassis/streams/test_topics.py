"""Topics are made as declared, and differences are named."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.streams.topics import Difference, differences, ensure, wait_for
from services.contracts.topics import Topic


async def test_missing_topics_are_made_as_declared_and_only_once(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    declared = [
        Topic(f"{topic_prefix}.a", partitions=3, retention=timedelta(days=1)),
        Topic(f"{topic_prefix}.b", partitions=1, cleanup=("compact",)),
    ]
    assert await differences(kafka_bootstrap, declared) == [
        Difference(topic.name, "topic", "there", "missing") for topic in declared
    ]
    assert await ensure(kafka_bootstrap, declared) == [topic.name for topic in declared]
    assert await ensure(kafka_bootstrap, declared) == []
    assert await differences(kafka_bootstrap, declared) == []


async def test_what_is_not_as_declared_is_named_and_left_alone(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    made = Topic(f"{topic_prefix}.c", partitions=2, retention=timedelta(days=1))
    await ensure(kafka_bootstrap, [made])
    wanted = replace(made, partitions=4, retention=timedelta(days=2))
    for _ in range(2):
        found = await differences(kafka_bootstrap, [wanted])
        assert [(each.what, each.declared, each.found) for each in found] == [
            ("partitions", "4", "2"),
            ("retention.ms", "172800000", "86400000"),
        ]
    assert str(found[0]) == f"{made.name}: partitions is 2, declared is 4"


async def test_a_worker_waits_for_topics_and_for_the_broker(kafka_bootstrap: str, topic_prefix: str) -> None:
    late = Topic(f"{topic_prefix}.late", partitions=1)
    waiting = asyncio.create_task(wait_for(kafka_bootstrap, [late.name]))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    await ensure(kafka_bootstrap, [late])
    await asyncio.wait_for(waiting, 10)
    # nobody listens on port 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wait_for("127.0.0.1:1", []), 0.5)
