"""Showings as they are read."""

from datetime import datetime, timedelta

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Mongo
from services.chassis.records import Stored
from services.clients.files.sight import require_sight
from services.clients.showings.model import MOST_HOMES, MOST_MINUTES_A_HOME, Showing, Status, overlapping
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import Intent


async def showing_of(mongo: Mongo, access: Access, showing_id: str) -> Stored[Showing]:
    """The showing. Raises `NotFound`, also for what is not theirs."""
    document = await mongo.collection(SHOWINGS.collection).find_one({"_id": showing_id})
    if document is None:
        raise NotFound
    stored = SHOWINGS.stored(document)
    require_sight(access, stored.value.agent_id, stored.value.org_path)
    return stored


async def of_client(mongo: Mongo, client_id: str, limit: int = 20) -> list[Stored[Showing]]:
    """The client's showings, the latest first."""
    cursor = mongo.collection(SHOWINGS.collection).find(
        {"client_id": client_id}, sort=[("starts_at", DESCENDING)], limit=limit
    )
    return [SHOWINGS.stored(document) for document in await cursor.to_list(None)]


async def booked(
    mongo: Mongo, agent_id: str, until: datetime | None = None, limit: int = 100
) -> list[Stored[Showing]]:
    """The agent's showings that are still to be recorded, the earliest first."""
    wanted: dict[str, object] = {"agent_id": agent_id, "status": Status.BOOKED.value}
    if until is not None:
        wanted["starts_at"] = {"$lt": until}
    cursor = mongo.collection(SHOWINGS.collection).find(wanted, sort=[("starts_at", ASCENDING)], limit=limit)
    return [SHOWINGS.stored(document) for document in await cursor.to_list(None)]


async def of_listing(mongo: Mongo, listing_id: str, limit: int = 30) -> list[Stored[Showing]]:
    """The showings of this listing, the latest first; whoever's clients saw it."""
    cursor = mongo.collection(SHOWINGS.collection).find(
        {"homes.listing_id": listing_id}, sort=[("starts_at", DESCENDING)], limit=limit
    )
    return [SHOWINGS.stored(document) for document in await cursor.to_list(None)]


async def overlaps(mongo: Mongo, showing: Showing) -> tuple[Showing, ...]:
    """Other booked showings of the same agent at the same time."""
    if showing.status is not Status.BOOKED:
        return ()
    longest = timedelta(minutes=MOST_HOMES * MOST_MINUTES_A_HOME)
    cursor = mongo.collection(SHOWINGS.collection).find(
        {
            "agent_id": showing.agent_id,
            "status": Status.BOOKED.value,
            "starts_at": {"$gt": showing.starts_at - longest, "$lt": showing.ends_at},
        },
        sort=[("starts_at", ASCENDING)],
        limit=100,
    )
    others = tuple(SHOWINGS.stored(document).value for document in await cursor.to_list(None))
    return overlapping(showing, others)


async def recorded(mongo: Mongo, agent_id: str, limit: int = 20) -> list[Stored[Showing]]:
    """The agent's showings that took place, the latest first."""
    cursor = mongo.collection(SHOWINGS.collection).find(
        {"agent_id": agent_id, "status": Status.DONE.value}, sort=[("done_at", DESCENDING)], limit=limit
    )
    return [SHOWINGS.stored(document) for document in await cursor.to_list(None)]


async def minutes_spent(
    mongo: Mongo, agent_id: str, since: datetime, until: datetime
) -> list[tuple[Intent, int, int]]:
    """For each intent: minutes spent on showings in this time, and how many homes were planned in them."""
    rows = await mongo.aggregate(
        SHOWINGS.collection,
        [
            {
                "$match": {
                    "agent_id": agent_id,
                    "status": Status.DONE.value,
                    "done_at": {"$gte": since, "$lt": until},
                }
            },
            {
                "$group": {
                    "_id": "$intent",
                    "minutes": {"$sum": "$minutes"},
                    "homes": {"$sum": {"$size": "$homes"}},
                }
            },
        ],
    )
    return [(Intent(row["_id"]), row["minutes"], row["homes"]) for row in rows]
