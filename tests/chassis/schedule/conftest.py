"""A schedule, a clock that is turned, and effects to count."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.leases import INDEXES as LEASES
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import INDEXES
from services.chassis.testing.mongo import fresh_mongo
from services.chassis.work import UnitOfWork

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    async with fresh_mongo(mongodb_uri, database_name, {**INDEXES, **LEASES, "effects": ()}) as mongo:
        yield mongo


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(NINE)


@pytest.fixture
def work(mongo: Mongo, clock: TurnedClock) -> UnitOfWork:
    return UnitOfWork(mongo, clock, "/muster/clients")
