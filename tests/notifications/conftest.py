"""A database of this service, with an organisation to count in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.work import UnitOfWork
from services.notifications.app import INDEXES
from services.notifications.leaderboards import store
from tests.notifications.company import Company


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(datetime(2026, 11, 23, 2, tzinfo=UTC))


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    connected = Mongo.connect(mongodb_uri, database_name)
    await connected.prepare(INDEXES)
    await store.prepare(connected)
    yield connected
    connected.close()


@pytest.fixture
def work(mongo: Mongo, clock: TurnedClock) -> UnitOfWork:
    return UnitOfWork(mongo, clock, "/muster/notifications")


@pytest.fixture
async def company(work: UnitOfWork) -> Company:
    """Two regions, three branches, five teams; thirteen people with roles. All of it is in the directory."""
    one = Company()
    await work.run(one.enter)
    return one
