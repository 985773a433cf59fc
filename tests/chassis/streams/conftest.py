"""A reader's world: its own topics, group and database, and events to put there."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.streams.policies import Engine
from tests.chassis.streams.stage import SERVICE, Stage


@pytest.fixture
async def stage(
    kafka_bootstrap: str, topic_prefix: str, mongodb_uri: str, database_name: str
) -> AsyncIterator[Stage]:
    """Topics made, database prepared, nothing in either."""
    async with Stage.set(kafka_bootstrap, topic_prefix, mongodb_uri, f"{database_name}_{SERVICE}") as stage:
        yield stage


@pytest.fixture(params=list(Engine))
def engine(request: pytest.FixtureRequest) -> Engine:
    """One suite for both engines."""
    engine: Engine = request.param
    return engine
