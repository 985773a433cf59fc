"""A database of training with a company in it, and a clock that stands at the eve of a meeting."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.processes.definition import CHASSIS_INDEXES, merged
from services.chassis.testing.mongo import fresh_mongo
from services.chassis.web import app as web
from services.chassis.work import Cause, UnitOfWork
from services.training.app import INDEXES
from tests.training.company import founded
from tests.training.samples import EIGHT_THIRTY


@pytest.fixture
def clock() -> TurnedClock:
    """Monday, 23 November 2026, 18:30 in Shanghai."""
    return TurnedClock(EIGHT_THIRTY - timedelta(hours=14))


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    indexes = merged([*CHASSIS_INDEXES, web.INDEXES, *INDEXES])
    async with fresh_mongo(mongodb_uri, database_name, indexes) as database:
        await founded(database)
        yield database


@pytest.fixture
def work(mongo: Mongo, clock: TurnedClock) -> UnitOfWork:
    """As the branch's trainer."""
    return UnitOfWork(mongo, clock, "/muster/training", Cause(actor="trainer"))
