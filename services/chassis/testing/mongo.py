"""A database for one test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.mongo import Indexes, Mongo


@asynccontextmanager
async def fresh_mongo(uri: str, database: str, indexes: Indexes) -> AsyncIterator[Mongo]:
    """The prepared database inside the body; it is dropped after it."""
    mongo = Mongo.connect(uri, database)
    try:
        await mongo.check()
        await mongo.prepare(indexes)
        yield mongo
        await mongo.client.drop_database(database)
    finally:
        mongo.close()
