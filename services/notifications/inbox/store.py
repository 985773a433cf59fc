"""Inbox items: put there once, read by one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.mongo import (
    ASCENDING,
    DESCENDING,
    Document,
    Indexes,
    IndexModel,
    Mongo,
    UpdateOne,
)
from services.chassis.work import Transaction
from services.notifications.inbox.model import Item, Kind

ITEMS = "inbox_items"
KEPT = timedelta(days=180)
COUNTED_TO = 100
"""Nobody needs to know whether it is 100 or 300."""

INDEXES: Indexes = {
    ITEMS: [
        IndexModel([("person_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="newest"),
        IndexModel([("person_id", ASCENDING)], name="unread", partialFilterExpression={"unread": True}),
        IndexModel([("at", ASCENDING)], name="forget", expireAfterSeconds=int(KEPT.total_seconds())),
    ]
}


@dataclass(frozen=True)
class Received:
    """An item as its reader finds it."""

    id: str
    item: Item
    unread: bool


async def put(tx: Transaction, items: Sequence[Item]) -> None:
    """Put the items into their inboxes; those that are there stay as they are, read or unread."""
    if items:
        await tx.collection(ITEMS).bulk_write(
            [
                UpdateOne(
                    {"_id": item.id},
                    {
                        "$setOnInsert": {
                            "cause": item.cause,
                            "person_id": item.person_id,
                            "kind": item.kind.value,
                            "at": item.at,
                            "params": dict(item.params),
                            "unread": True,
                        }
                    },
                    upsert=True,
                )
                for item in items
            ],
            ordered=False,
            session=tx.session,
        )


async def put_together(tx: Transaction, item: Item, event_ids: Sequence[str]) -> None:
    """Put the item into its inbox, or add to the one that is there; it says how many events made it.

    An event that comes again adds nothing; one that is new makes the entry unread, and new.
    """
    collection = tx.collection(ITEMS)
    known = await collection.find_one({"_id": item.id}, {"together": 1}, session=tx.session)
    if known is None:
        await put(tx, [item])
        known = {"together": []}
    fresh = [event_id for event_id in event_ids if event_id not in known["together"]]
    if fresh:
        await collection.update_one(
            {"_id": item.id},
            {
                "$push": {"together": {"$each": fresh}},
                "$set": {"unread": True},
                "$max": {"at": item.at},
            },
            session=tx.session,
        )


async def who_was_told(tx: Transaction, cause: str, kind: Kind) -> list[str]:
    """Whose inboxes an event reached with this kind of item."""
    found = tx.collection(ITEMS).find(
        {"_id": {"$gt": f"{cause}|", "$lt": f"{cause}|\uffff"}, "kind": kind.value},
        {"person_id": 1},
        session=tx.session,
    )
    return sorted(each["person_id"] for each in await found.to_list(None))


async def mark_read(tx: Transaction, person_id: str, item_id: str) -> bool:
    """The person has read it; False when they have no such item."""
    result = await tx.collection(ITEMS).update_one(
        {"_id": item_id, "person_id": person_id}, {"$set": {"unread": False}}, session=tx.session
    )
    return result.matched_count == 1


async def mark_all_read(tx: Transaction, person_id: str) -> None:
    """The person has seen everything."""
    await tx.collection(ITEMS).update_many(
        {"person_id": person_id, "unread": True}, {"$set": {"unread": False}}, session=tx.session
    )


async def unread(mongo: Mongo, person_id: str) -> int:
    """How many are unread, at most `COUNTED_TO`."""
    return await mongo.collection(ITEMS).count_documents(
        {"person_id": person_id, "unread": True}, limit=COUNTED_TO
    )


async def newest(
    mongo: Mongo, person_id: str, after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[Received]:
    """Somebody's items, the newest first, from after a position on."""
    query: Document = {"person_id": person_id}
    if after is not None:
        at, id_ = after
        query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id_}}]
    cursor = mongo.collection(ITEMS).find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
    return [_received(document) for document in await cursor.to_list(None)]


def _received(document: Document) -> Received:
    params = document["params"]
    if "together" in document:
        params = {**params, "count": len(document["together"])}
    item = Item(document["cause"], document["person_id"], Kind(document["kind"]), document["at"], params)
    return Received(document["_id"], item, document["unread"])
