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
    item = Item(
        document["cause"], document["person_id"], Kind(document["kind"]), document["at"], document["params"]
    )
    return Received(document["_id"], item, document["unread"])
