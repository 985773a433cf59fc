"""A database of training with a company in it, a clock at the eve of a meeting, and the web application on both."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fastapi import FastAPI

from services.chassis.clock import Clock, TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.processes.definition import Runtime
from services.chassis.settings import Environment, KafkaSettings, MongoSettings
from services.chassis.testing.mongo import fresh_mongo
from services.chassis.testing.web import running
from services.chassis.work import Cause, UnitOfWork
from services.training.app import DEFINITION, build_api
from services.training.meetings.planning import PlanMeeting, plan_meeting
from services.training.series.commands import CreateSeries, create_series
from tests.training.company import founded
from tests.training.samples import EIGHT_THIRTY, plan


class OnDatabase(Runtime):
    """The runtime of a process that works on one test's database."""

    database_name: str
    uri: str

    @property
    def mongo(self) -> Mongo:
        """The test's database, connected in the loop that asks."""
        if self._mongo is None:
            self._mongo = Mongo.connect(self.uri, self.database_name)
        return self._mongo


def runtime_on(uri: str, database_name: str, clock: Clock) -> OnDatabase:
    """A runtime on this database."""
    runtime = OnDatabase(
        service="training",
        indexes=DEFINITION.runtime().indexes,
        environment=Environment(),
        mongodb=MongoSettings(),
        kafka=KafkaSettings(),
        clock=clock,
    )
    runtime.uri, runtime.database_name = uri, database_name
    return runtime


@pytest.fixture
def clock() -> TurnedClock:
    """Monday, 23 November 2026, 18:30 in Shanghai."""
    return TurnedClock(EIGHT_THIRTY - timedelta(hours=14))


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    async with fresh_mongo(mongodb_uri, database_name, DEFINITION.runtime().indexes) as database:
        await founded(database)
        yield database


@pytest.fixture
def work(mongo: Mongo, clock: TurnedClock) -> UnitOfWork:
    """As the branch's trainer."""
    return UnitOfWork(mongo, clock, "/muster/training", Cause(actor="trainer"))


@pytest.fixture
async def meeting_planned(work: UnitOfWork) -> str:
    """The id of tomorrow's meeting, of the series `series`."""
    await work.run(
        create_series, CreateSeries(series_id="series", unit_id="branch", host_id="trainer", title="早会")
    )
    await work.run(plan_meeting, PlanMeeting(series_id="series", meeting_id="meeting", plan=plan()))
    return "meeting"


@pytest.fixture
async def app(mongo: Mongo, mongodb_uri: str, clock: TurnedClock) -> AsyncIterator[FastAPI]:
    """The web application, started, on the same database and clock."""
    application = build_api(runtime_on(mongodb_uri, mongo.database.name, clock))
    async with running(application):
        yield application
