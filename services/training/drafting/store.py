"""What the draft is made from, kept from events, with the indexes its queries use.

`highlights` is keyed by the event's id. Whether an A client is overdue is state, so those two collections are keyed by
what they are about and remember the sequence of the last event they took in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.chassis.mongo import (
    ASCENDING,
    Document,
    Indexes,
    IndexModel,
    Mongo,
    ReplaceOne,
    Session,
    UpdateOne,
)
from services.chassis.work import Transaction
from services.contracts.clients import Grade
from services.training.drafting.model import Highlight
from services.training.meetings.model import MentionKind

HIGHLIGHTS = "highlights"
CLIENT_GRADES = "client_grades"
OVERDUE = "overdue_follow_ups"

KEPT = timedelta(days=180)
MOST_READ = 5000

INDEXES: Indexes = {
    HIGHLIGHTS: [
        IndexModel([("org_path", ASCENDING), ("at", ASCENDING)], name="of_unit"),
        IndexModel(
            [("org_path", ASCENDING), ("kind", ASCENDING), ("at", ASCENDING)], name="of_unit_and_kind"
        ),
        IndexModel([("at", ASCENDING)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
    ],
    CLIENT_GRADES: [],
    OVERDUE: [IndexModel([("org_path", ASCENDING), ("open", ASCENDING)], name="of_unit")],
}


async def keep_highlights(tx: Transaction, found: Sequence[Document]) -> None:
    """Keep what is not known yet; each has the causing event's id as `_id`."""
    if found:
        await tx.collection(HIGHLIGHTS).bulk_write(
            [UpdateOne({"_id": one["_id"]}, {"$setOnInsert": one}, upsert=True) for one in found],
            ordered=False,
            session=tx.session,
        )


async def forget(tx: Transaction, event_ids: Sequence[str]) -> None:
    """What these events were worth a word for is not so any more."""
    await tx.collection(HIGHLIGHTS).delete_many({"_id": {"$in": list(event_ids)}}, session=tx.session)


async def sequences(tx: Transaction, collection: str, ids: Iterable[str]) -> dict[str, int]:
    """The sequence of the last event that each known document took in, by id."""
    documents = (
        await tx.collection(collection)
        .find({"_id": {"$in": list(ids)}}, {"sequence": 1}, session=tx.session)
        .to_list(None)
    )
    return {document["_id"]: document["sequence"] for document in documents}


async def replace_all(tx: Transaction, collection: str, documents: Mapping[str, Document]) -> None:
    """Keep these in the place of what was there, by id."""
    if documents:
        await tx.collection(collection).bulk_write(
            [ReplaceOne({"_id": id_}, document, upsert=True) for id_, document in documents.items()],
            ordered=False,
            session=tx.session,
        )


async def highlights_since(
    mongo: Mongo, unit_id: str, since: datetime, session: Session | None = None
) -> list[Highlight]:
    """What people under the unit did well since then, newest first."""
    cursor = (
        mongo.collection(HIGHLIGHTS)
        .find({"org_path": unit_id, "at": {"$gte": since}}, session=session)
        .sort([("at", -1)])
        .limit(MOST_READ)
    )
    return [
        Highlight(kind=MentionKind(document["kind"]), person_id=document["person_id"], at=document["at"])
        for document in await cursor.to_list(None)
    ]


async def hired_since(
    mongo: Mongo, unit_id: str, since: datetime, session: Session | None = None
) -> dict[str, datetime]:
    """Who was hired under the unit since then, and when."""
    query = {"org_path": unit_id, "kind": MentionKind.AGENT_HIRED.value, "at": {"$gte": since}}
    documents = await mongo.collection(HIGHLIGHTS).find(query, session=session).to_list(None)
    return {document["person_id"]: document["at"] for document in documents}


async def overdue_a_clients(mongo: Mongo, unit_id: str, session: Session | None = None) -> int:
    """How many A clients under the unit wait for an overdue follow-up."""
    found = (
        await mongo.collection(OVERDUE)
        .find({"org_path": unit_id, "open": True}, {"client_id": 1}, session=session)
        .to_list(None)
    )
    clients = {document["client_id"] for document in found}
    if not clients:
        return 0
    graded = {"_id": {"$in": list(clients)}, "grade": Grade.A.value}
    return await mongo.collection(CLIENT_GRADES).count_documents(graded, session=session)
