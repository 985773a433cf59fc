import os
from collections.abc import AsyncIterator

import pytest

from services.chassis.mongo import Mongo
from services.chassis.personal_data import INDEXES, MasterKey


@pytest.fixture
def master_key() -> MasterKey:
    return MasterKey(os.urandom(96))


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    """A database of this test alone on the real server, prepared."""
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.prepare(INDEXES)
    yield mongo
    mongo.close()
