"""Follow-ups as they are read."""

from datetime import datetime

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Mongo
from services.chassis.records import Stored
from services.clients.files.sight import require_sight
from services.clients.follow_ups.model import FollowUp, Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.contracts.clients import Intent


async def follow_up_of(mongo: Mongo, access: Access, follow_up_id: str) -> Stored[FollowUp]:
    """The follow-up. Raises `NotFound`, also for what is not theirs."""
    document = await mongo.collection(FOLLOW_UPS.collection).find_one({"_id": follow_up_id})
    if document is None:
        raise NotFound
    stored = FOLLOW_UPS.stored(document)
    require_sight(access, stored.value.agent_id, stored.value.org_path)
    return stored


async def open_of_client(mongo: Mongo, client_id: str) -> list[Stored[FollowUp]]:
    """The client's open follow-ups, the most urgent first."""
    cursor = mongo.collection(FOLLOW_UPS.collection).find(
        {"client_id": client_id, "status": Status.OPEN.value}
    )
    found = [FOLLOW_UPS.stored(document) for document in await cursor.to_list(None)]
    return sorted(found, key=lambda each: each.value.due_at)


async def of_client(mongo: Mongo, client_id: str, limit: int = 50) -> list[Stored[FollowUp]]:
    """The client's follow-ups, open and closed, the latest planned first."""
    cursor = mongo.collection(FOLLOW_UPS.collection).find(
        {"client_id": client_id}, sort=[("_id", DESCENDING)], limit=limit
    )
    return [FOLLOW_UPS.stored(document) for document in await cursor.to_list(None)]


async def due_before(
    mongo: Mongo, agent_id: str, until: datetime, since: datetime | None = None, limit: int = 300
) -> list[Stored[FollowUp]]:
    """The agent's open follow-ups that are due by then, the longest due first."""
    due: dict[str, datetime] = {"$lt": until} if since is None else {"$gte": since, "$lt": until}
    cursor = mongo.collection(FOLLOW_UPS.collection).find(
        {"agent_id": agent_id, "status": Status.OPEN.value, "due_at": due},
        sort=[("due_at", ASCENDING)],
        limit=limit,
    )
    return [FOLLOW_UPS.stored(document) for document in await cursor.to_list(None)]


async def minutes_spent(
    mongo: Mongo, agent_id: str, since: datetime, until: datetime
) -> list[tuple[Intent, int, int]]:
    """For each intent: minutes spent on follow-ups that were done in this time, and how many those were."""
    rows = await mongo.aggregate(
        FOLLOW_UPS.collection,
        [
            {
                "$match": {
                    "agent_id": agent_id,
                    "status": Status.DONE.value,
                    "done_at": {"$gte": since, "$lt": until},
                }
            },
            {"$group": {"_id": "$intent", "minutes": {"$sum": "$minutes"}, "count": {"$sum": 1}}},
        ],
    )
    return [(Intent(row["_id"]), row["minutes"], row["count"]) for row in rows]
