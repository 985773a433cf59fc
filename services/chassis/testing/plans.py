"""Proof that queries use indexes, from the server's own record of what it did."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from services.chassis.mongo import Document, Mongo

_PROFILE = "system.profile"


@asynccontextmanager
async def no_collection_scan(mongo: Mongo, *, allowed: Collection[str] = ()) -> AsyncIterator[None]:
    """Assert that nothing in the body made the server read through a whole collection of this database.

    `allowed` names collections where that is meant. Change streams do not count: they read the log. Only for a
    database of one's own, because the server records everything that anybody does in it.
    """
    await mongo.database.command("profile", 0)
    await mongo.collection(_PROFILE).drop()
    await mongo.database.command("profile", 2)
    try:
        yield
    finally:
        await mongo.database.command("profile", 0)
    recorded = mongo.collection(_PROFILE).find({"planSummary": {"$regex": "COLLSCAN"}})
    scans = [
        f"{each['op']} on {collection}: {_asked(each)}"
        for each in await recorded.to_list(None)
        if (collection := _collection(each)) not in {*allowed, _PROFILE} and "$changeStream" not in str(each)
    ]
    assert not scans, "the whole collection was read by " + "; ".join(scans)  # noqa: S101 - a testing kit


def _collection(recorded: Document) -> str:
    name: str = recorded["ns"].partition(".")[2]
    return name


def _asked(recorded: Document) -> str:
    command = recorded.get("originatingCommand") or recorded.get("command") or {}
    about = ("filter", "q", "query", "pipeline", "sort", "u")
    return str({key: command[key] for key in about if key in command})[:400]
