"""A small company, a database of one's own, and the commands of clients on it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from services.chassis.clock import TurnedClock
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo, MongoClient
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.personal_data.master_key import MASTER_KEY_BYTES, MasterKey
from services.chassis.processes.definition import CHASSIS_INDEXES, merged
from services.chassis.testing.browser import Served, chromium
from services.chassis.testing.web import running
from services.clients.app import INDEXES, build_api
from services.clients.files.personal import PersonalData
from tests.clients.company import Company, runtime_on
from tests.clients.pages import Site
from tests.clients.samples import NOW


@pytest.fixture(scope="session")
def _kept_database(_mongo_client: MongoClient[Document]) -> Iterator[str]:
    name = f"test_{new_id().replace('-', '')[-12:]}"
    yield name
    _mongo_client.drop_database(name)


@pytest.fixture
def database_name(_kept_database: str, _mongo_client: MongoClient[Document]) -> str:
    """A database of this session's own, emptied for each test: making its forty indexes anew costs more than a test."""
    database = _mongo_client.get_database(_kept_database)
    for name in database.list_collection_names():
        if not name.startswith("system."):
            database.get_collection(name).delete_many({})
    return _kept_database


@pytest.fixture
def clock() -> TurnedClock:
    """Monday morning in Shanghai."""
    return TurnedClock(NOW)


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    """The service's database with its collections and indexes."""
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.prepare(merged([*CHASSIS_INDEXES, *INDEXES]))
    yield mongo
    mongo.close()


@pytest.fixture
async def company(mongo: Mongo, clock: TurnedClock) -> Company:
    """Two branches with their people, and what to do in them."""
    personal = PersonalData.of(mongo, MasterKey(b"k" * MASTER_KEY_BYTES))
    company = Company(mongo, clock, personal)
    await company.open()
    return company


@pytest.fixture
async def web(mongodb_uri: str, mongo: Mongo, company: Company, clock: TurnedClock) -> AsyncIterator[FastAPI]:
    """The web application on the same database; its personal data are sealed under the tests' key."""
    app = build_api(runtime_on(mongodb_uri, mongo.database.name, clock))
    async with running(app):
        app.state.personal_data = company.personal
        yield app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(mongodb_uri: str, database_name: str) -> Iterator[Site]:
    """The application on a port, and the company in its database."""
    runtime = runtime_on(mongodb_uri, database_name, TurnedClock(NOW))
    with Served(build_api(runtime)) as served:

        async def opened() -> Company:
            clock = runtime.clock
            assert isinstance(clock, TurnedClock)
            personal = PersonalData.of(runtime.mongo, PersonalDataSettings().key())
            company = Company(runtime.mongo, clock, personal)
            await company.open()
            return company

        yield served, served.do(opened)
