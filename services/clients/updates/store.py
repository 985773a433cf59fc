"""Updates and to whom they were sent; every query and index."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel, Mongo
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.files.model import Client
from services.clients.files.people import Channel
from services.clients.files.store import CLIENTS
from services.clients.needs.store import NEEDS
from services.clients.updates.model import Round, Update
from services.contracts.clients import UPDATE, Grade

UPDATES: Records[Update] = Records(
    "updates", Update, aggregate=UPDATE, org_path=lambda update: update.org_path
)
ROUNDS: Records[Round] = Records(
    "update_rounds", Round, aggregate=UPDATE, org_path=lambda round_: round_.org_path
)
"""One for each agent and update: many agents send one update at the same moment, and none waits for another."""
SENDINGS = "update_sendings"
_MOST = 300

INDEXES: Indexes = {
    UPDATES.collection: [IndexModel([("unit_id", ASCENDING), ("_id", DESCENDING)], name="of_unit")],
    ROUNDS.collection: [],
    SENDINGS: [
        IndexModel([("update_id", ASCENDING), ("agent_id", ASCENDING)], name="of_update"),
        IndexModel([("client_id", ASCENDING)], name="of_client"),
    ],
    CLIENTS.collection: [
        IndexModel(
            [("agent_id", ASCENDING), ("consents.channel", ASCENDING), ("_id", ASCENDING)],
            name="own_who_agreed",
            partialFilterExpression={"consents.channel": {"$gt": ""}},
        )
    ],
}


async def update_of(mongo: Mongo, update_id: str) -> Stored[Update]:
    """The update. Raises `NotFound`."""
    document = await mongo.collection(UPDATES.collection).find_one({"_id": update_id})
    if document is None:
        raise NotFound
    return UPDATES.stored(document)


async def updates_of(mongo: Mongo, unit_ids: Collection[str], limit: int = 50) -> list[Stored[Update]]:
    """What was published to these units, the newest first."""
    cursor = mongo.collection(UPDATES.collection).find(
        {"unit_id": {"$in": list(unit_ids)}}, sort=[("_id", DESCENDING)], limit=limit
    )
    return [UPDATES.stored(document) for document in await cursor.to_list(None)]


async def who_agreed(mongo: Mongo, agent_id: str, grade: Grade | None) -> list[Stored[Client]]:
    """The agent's clients who agreed to get news, as far as the index says it."""
    wanted: Document = {
        "agent_id": agent_id,
        "consents.channel": Channel.UPDATES.value,
        "consents": {"$elemMatch": {"channel": Channel.UPDATES.value, "withdrawn_at": None}},
    }
    if grade is not None:
        wanted["grading.grade"] = grade.value
    cursor = mongo.collection(CLIENTS.collection).find(wanted, sort=[("_id", ASCENDING)], limit=_MOST)
    return [CLIENTS.stored(document) for document in await cursor.to_list(None)]


async def who_looks_in(mongo: Mongo, client_ids: Collection[str], place: str) -> set[str]:
    """Those of the clients who look for something at a place whose name has this in it."""
    found = mongo.collection(NEEDS.collection).find(
        {"client_id": {"$in": list(client_ids)}, "open": True}, {"client_id": 1, "places": 1}
    )
    return {
        document["client_id"]
        for document in await found.to_list(None)
        if any(place in name for where in document.get("places", ()) for name in where)
    }


async def sent_to(mongo: Mongo, update_id: str, client_ids: Iterable[str]) -> dict[str, datetime]:
    """Who of these has it already, and since when."""
    ids = [_sending(update_id, client_id) for client_id in client_ids]
    found = await mongo.collection(SENDINGS).find({"_id": {"$in": ids}}).to_list(None)
    return {document["client_id"]: document["at"] for document in found}


async def counts(mongo: Mongo, update_ids: Sequence[str], agent_id: str | None = None) -> dict[str, int]:
    """How many clients got each of these updates; of one agent's clients when one is named."""
    wanted: Document = {"update_id": {"$in": list(update_ids)}}
    if agent_id is not None:
        wanted["agent_id"] = agent_id
    found = await mongo.aggregate(
        SENDINGS, [{"$match": wanted}, {"$group": {"_id": "$update_id", "count": {"$sum": 1}}}]
    )
    return {each["_id"]: each["count"] for each in found}


async def keep_sent(tx: Transaction, update_id: str, agent_id: str, client_ids: Collection[str]) -> list[str]:
    """Write down that these got it; those of them who had not got it before. Nobody gets it twice."""
    collection = tx.collection(SENDINGS)
    ids = {_sending(update_id, client_id): client_id for client_id in client_ids}
    known = await collection.find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=tx.session).to_list(None)
    fresh = {id_: client_id for id_, client_id in ids.items() if id_ not in {each["_id"] for each in known}}
    if fresh:
        await collection.insert_many(
            [
                {
                    "_id": id_,
                    "update_id": update_id,
                    "client_id": client_id,
                    "agent_id": agent_id,
                    "at": tx.now,
                }
                for id_, client_id in fresh.items()
            ],
            session=tx.session,
        )
    return list(fresh.values())


async def round_of(tx: Transaction, update_id: str, agent_id: str) -> Stored[Round] | None:
    """What the agent has sent of it so far."""
    document = await tx.collection(ROUNDS.collection).find_one(
        {"_id": round_id(update_id, agent_id)}, session=tx.session
    )
    return ROUNDS.stored(document) if document else None


def round_id(update_id: str, agent_id: str) -> str:
    """The id of what this agent sends of this update."""
    return f"{update_id}:{agent_id}"


def _sending(update_id: str, client_id: str) -> str:
    return f"{update_id}|{client_id}"
