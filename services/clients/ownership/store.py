"""Every query of ownership that a command makes, and the indexes of all."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

from services.chassis.mongo import (
    ASCENDING,
    DESCENDING,
    Document,
    Indexes,
    IndexModel,
    Mongo,
    ReturnDocument,
    Session,
)
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.deals.model import Stage
from services.clients.deals.store import DEALS
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS
from services.clients.ownership.model import Loads
from services.clients.ownership.settings import (
    Following,
    HandoverRule,
    OwnershipPolicy,
    OwnershipSettings,
    policy_of,
)
from services.contracts.clients import Grade

SETTINGS = "ownership_settings"
TAKES = "pool_takes"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TAKES_KEPT = timedelta(days=7)
_NAMES = tuple(field.name for field in fields(OwnershipSettings) if field.name != "id")

INDEXES: Indexes = {
    SETTINGS: (),
    TAKES: [IndexModel([("forget_at", ASCENDING)], name="forget_days", expireAfterSeconds=0)],
    CLIENTS.collection: [
        IndexModel(
            [("org_path", ASCENDING), ("pooled_at", DESCENDING), ("_id", DESCENDING)],
            name="pool",
            partialFilterExpression={"pooled_at": {"$gt": LONG_AGO}},
        ),
        IndexModel(
            [("shared_with", ASCENDING), ("_id", DESCENDING)],
            name="shared",
            partialFilterExpression={"shared_with": {"$gt": ""}},
        ),
    ],
}


async def settings_of(
    mongo: Mongo, unit_ids: Iterable[str], session: Session | None = None
) -> dict[str, OwnershipSettings]:
    """What these units say themselves, by unit; units that say nothing are not in it."""
    found = mongo.collection(SETTINGS).find({"_id": {"$in": list(unit_ids)}}, session=session)
    return {document["_id"]: _settings(document) for document in await found.to_list(None)}


async def policy_at(
    mongo: Mongo, org_path: tuple[str, ...], session: Session | None = None
) -> OwnershipPolicy:
    """The policy that holds at this place of the tree."""
    return (await policies_at(mongo, [org_path], session))[org_path]


async def policies_at(
    mongo: Mongo, org_paths: Iterable[tuple[str, ...]], session: Session | None = None
) -> dict[tuple[str, ...], OwnershipPolicy]:
    """The policies that hold at these places, in one question."""
    places = set(org_paths)
    said = await settings_of(mongo, {unit_id for path in places for unit_id in path}, session)
    return {path: policy_of(said[unit_id] for unit_id in path if unit_id in said) for path in places}


async def keep(tx: Transaction, settings: OwnershipSettings) -> None:
    """Put these in the place of what the unit said before."""
    said: Document = {name: getattr(settings, name) for name in _NAMES}
    await tx.collection(SETTINGS).replace_one({"_id": settings.id}, said, upsert=True, session=tx.session)


async def clients_of(
    tx: Transaction, agent_id: str, limit: int, org_path: str | None = None
) -> list[Stored[Client]]:
    """Some clients of this agent, of the unit's or all; asked again after they changed hands, the next ones."""
    wanted: Document = {"agent_id": agent_id}
    if org_path is not None:
        wanted["org_path"] = org_path
    found = tx.collection(CLIENTS.collection).find(wanted, limit=limit, session=tx.session)
    return [CLIENTS.stored(document) for document in await found.to_list(None)]


async def clients_by_id(tx: Transaction, client_ids: Sequence[str]) -> dict[str, Stored[Client]]:
    """The clients of these ids that there are."""
    found = tx.collection(CLIENTS.collection).find({"_id": {"$in": list(client_ids)}}, session=tx.session)
    return {document["_id"]: CLIENTS.stored(document) for document in await found.to_list(None)}


async def loads_of(tx: Transaction, agent_ids: Sequence[str]) -> Loads:
    """How many clients of each grade these agents have, without those who are lost."""
    rows = await tx.aggregate(
        CLIENTS.collection,
        [
            {"$match": {"agent_id": {"$in": list(agent_ids)}, "standing.lost": False}},
            {"$group": {"_id": {"agent": "$agent_id", "grade": "$grading.grade"}, "count": {"$sum": 1}}},
        ],
    )
    loads: dict[str, dict[Grade | None, int]] = {agent_id: {} for agent_id in agent_ids}
    for row in rows:
        grade = row["_id"].get("grade")
        loads[row["_id"]["agent"]][Grade(grade) if grade else None] = row["count"]
    return loads


async def negotiating(tx: Transaction, client_ids: Sequence[str]) -> set[str]:
    """Those of these clients with whom a deal is being made."""
    stages = [Stage.NEGOTIATING.value, Stage.PROPOSED.value]
    found = tx.collection(DEALS.collection).find(
        {"client_id": {"$in": list(client_ids)}, "stage": {"$in": stages}},
        {"client_id": 1},
        session=tx.session,
    )
    return {document["client_id"] for document in await found.to_list(None)}


async def count_take(tx: Transaction, agent_id: str, day: date) -> int:
    """How many clients the agent took out of the pool on this day, this one included.

    All takes of an agent write the same document, so of two at the same moment one waits for the other.
    """
    document = await tx.collection(TAKES).find_one_and_update(
        {"_id": f"{agent_id}/{day.isoformat()}"},
        {"$inc": {"count": 1}, "$set": {"forget_at": tx.now + _TAKES_KEPT}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=tx.session,
    )
    count: int = document["count"]
    return count


async def stop_sharing_with(tx: Transaction, agent_id: str) -> None:
    """Nothing is shared with this agent any more."""
    await tx.collection(CLIENTS.collection).update_many(
        {"shared_with": agent_id},
        {"$pull": {"shared_with": agent_id}},
        session=tx.session,
    )


def _settings(document: Document) -> OwnershipSettings:
    said = {name: document.get(name) for name in _NAMES}
    if said["handover"] is not None:
        said["handover"] = HandoverRule(said["handover"])
    if said["following"] is not None:
        said["following"] = Following(said["following"])
    return OwnershipSettings(id=document["_id"], **said)
