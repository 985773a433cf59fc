"""A database with one kind of aggregate."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.mongo import Mongo
from services.chassis.testing.mongo import fresh_mongo
from services.chassis.work import OUTBOX, TIMELINE


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    async with fresh_mongo(mongodb_uri, database_name, {"clients": (), OUTBOX: (), TIMELINE: ()}) as mongo:
        yield mongo
