"""Boards, codes that wait, when each TV was last seen, the news, and the meetings that boards count down to."""

from collections.abc import Iterable, Sequence
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
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.contracts.notifications import BOARD
from services.notifications.boards.model import Board

BOARDS = "boards"
PAIRINGS = "board_pairings"
SIGNS = "board_signs"
NEWS = "board_news"
MEETINGS = "meetings"

NEWS_KEPT = timedelta(days=30)

INDEXES: Indexes = {
    BOARDS: [
        IndexModel([("device", ASCENDING)], unique=True),
        IndexModel([("org_path", ASCENDING), ("paired_at", DESCENDING), ("_id", DESCENDING)]),
    ],
    PAIRINGS: [
        IndexModel([("device", ASCENDING)], unique=True),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    SIGNS: [],
    NEWS: [
        IndexModel([("org_path", ASCENDING), ("at", DESCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=int(NEWS_KEPT.total_seconds())),
    ],
    MEETINGS: [IndexModel([("unit_id", ASCENDING), ("starts_at", ASCENDING)])],
}

records = Records(BOARDS, Board, aggregate=BOARD, org_path=lambda board: board.org_path)


async def by_device(mongo: Mongo, device: str) -> Stored[Board] | None:
    """The board whose TV holds the token with this digest."""
    document = await mongo.collection(BOARDS).find_one({"device": device, "revoked_at": None})
    return records.stored(document) if document else None


async def boards_under(
    mongo: Mongo, unit_ids: Sequence[str], after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[Stored[Board]]:
    """Boards that are in use under these units, the newest first."""
    query: Document = {"org_path": {"$in": list(unit_ids)}, "revoked_at": None}
    if after is not None:
        at, id_ = after
        query["$or"] = [{"paired_at": {"$lt": at}}, {"paired_at": at, "_id": {"$lt": id_}}]
    cursor = mongo.collection(BOARDS).find(query).sort([("paired_at", -1), ("_id", -1)]).limit(limit)
    return [records.stored(document) for document in await cursor.to_list(None)]


async def seen(mongo: Mongo, board_id: str, now: datetime) -> None:
    """The TV asked at this moment. A sign of life is no business fact, so it is outside of any command."""
    await mongo.collection(SIGNS).update_one({"_id": board_id}, {"$max": {"seen_at": now}}, upsert=True)


async def last_seen(mongo: Mongo, board_ids: Iterable[str]) -> dict[str, datetime]:
    """When these TVs asked last."""
    found = await mongo.collection(SIGNS).find({"_id": {"$in": list(board_ids)}}).to_list(None)
    return {each["_id"]: each["seen_at"] for each in found}


async def add_news(tx: Transaction, news: Sequence[Document]) -> None:
    """Keep news; what is known already stays as it is."""
    if news:
        await tx.collection(NEWS).bulk_write(
            [UpdateOne({"_id": one["_id"]}, {"$setOnInsert": one}, upsert=True) for one in news],
            ordered=False,
            session=tx.session,
        )


async def forget_news(tx: Transaction, ids: Sequence[str]) -> None:
    """What these events told is not so any more."""
    await tx.collection(NEWS).delete_many({"_id": {"$in": list(ids)}}, session=tx.session)


async def newest_news(mongo: Mongo, unit_id: str, since: datetime, limit: int) -> list[Document]:
    """The newest first."""
    cursor = mongo.collection(NEWS).find({"org_path": unit_id, "at": {"$gte": since}})
    return await cursor.sort("at", -1).limit(limit).to_list(None)


async def next_meeting(mongo: Mongo, unit_ids: Sequence[str], now: datetime) -> Document | None:
    """The meeting of one of these units that is on, or comes within a day."""
    cursor = mongo.collection(MEETINGS).find(
        {
            "unit_id": {"$in": list(unit_ids)},
            "starts_at": {"$gte": now - timedelta(minutes=30), "$lt": now + timedelta(days=1)},
            "state": "planned",
        }
    )
    found = await cursor.sort("starts_at", 1).limit(1).to_list(1)
    return found[0] if found else None
