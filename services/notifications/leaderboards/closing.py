"""Closing a period: a snapshot of its standings that never changes, some time after the period's end.

A period ends at different moments where units count differently, so it is closed once for each calendar. What comes
late still corrects the live standings and the ledger; the snapshot stays, because prizes were given by it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from services.chassis.mongo import ASCENDING, Document, Indexes, IndexModel, Mongo
from services.chassis.schedule.items import DueItem, plan_all
from services.chassis.work import Transaction
from services.notifications.leaderboards.periods import Period, PeriodKind, WorkCalendar, bounds
from services.notifications.leaderboards.store import live_generation

CLOSINGS = "leaderboard_closings"
CLOSED = "leaderboard_closed_standings"
CLOSE = "leaderboards.close"

INDEXES: Indexes = {
    CLOSINGS: [IndexModel([("period", ASCENDING), ("closed_at", ASCENDING)])],
    CLOSED: [IndexModel([("period", ASCENDING), ("org_path", ASCENDING)])],
}

GRACE = {
    PeriodKind.DAY: timedelta(hours=2),
    PeriodKind.WEEK: timedelta(hours=6),
    PeriodKind.MONTH: timedelta(days=1),
    PeriodKind.QUARTER: timedelta(days=2),
    PeriodKind.YEAR: timedelta(days=3),
}
"""How long late events still count before a period is closed."""

_AT_ONCE = 2_000


def due_at(id_: str, period: Period, work: WorkCalendar, now: datetime) -> datetime:
    """When to close: a grace after the period's end.

    A past that arrives only now (an import, a first start) has its grace from this moment, and an hour over which its
    many closings are spread.
    """
    end = bounds(period, work)[1]
    if end >= now:
        return end + GRACE[period.kind]
    return now + GRACE[period.kind] + timedelta(seconds=crc32(id_.encode()) % 3600)


async def plan_closings(tx: Transaction, touched: Collection[tuple[str, str]]) -> None:
    """See to it that each (calendar, period) that got points will be closed; once for each."""
    if not touched:
        return
    by_id = {f"{calendar}|{period}": (calendar, period) for calendar, period in touched}
    closings = tx.collection(CLOSINGS)
    known = await closings.find({"_id": {"$in": list(by_id)}}, {"_id": 1}, session=tx.session).to_list(None)
    new = sorted(by_id.keys() - {each["_id"] for each in known})
    if not new:
        return
    documents: list[Document] = []
    for id_ in new:
        calendar, period = by_id[id_]
        due = due_at(id_, Period.from_key(period), WorkCalendar.from_key(calendar), tx.now)
        documents.append(
            {"_id": id_, "calendar": calendar, "period": period, "due_at": due, "closed_at": None}
        )
    await closings.insert_many(documents, session=tx.session)
    await plan_all(
        tx,
        [
            DueItem(f"close|{each['_id']}", CLOSE, each["due_at"], {"closing": each["_id"]})
            for each in documents
        ],
    )


async def close_due(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Make the snapshots that are due."""
    for item in items:
        await close(tx, item.payload["closing"])


async def close(tx: Transaction, closing_id: str) -> None:
    """Make the snapshot of one calendar's standings in a period. Done once; later calls change nothing."""
    closings = tx.collection(CLOSINGS)
    closing = await closings.find_one({"_id": closing_id}, session=tx.session)
    if closing is None or closing["closed_at"] is not None:
        return
    generation = await live_generation(tx.mongo, tx.session)
    rows = tx.collection(generation.standings).find(
        {"period": closing["period"], "calendar": closing["calendar"]}, session=tx.session
    )
    count = 0
    while batch := await rows.to_list(_AT_ONCE):
        count += len(batch)
        await tx.collection(CLOSED).insert_many(batch, ordered=False, session=tx.session)
    await closings.update_one(
        {"_id": closing_id}, {"$set": {"closed_at": tx.now, "standings": count}}, session=tx.session
    )


async def is_closed(mongo: Mongo, period: Period) -> bool:
    """Whether every calendar that had points in the period was closed."""
    closings = mongo.collection(CLOSINGS)
    if await closings.find_one({"period": period.key, "closed_at": None}, {"_id": 1}) is not None:
        return False
    return await closings.find_one({"period": period.key}, {"_id": 1}) is not None
