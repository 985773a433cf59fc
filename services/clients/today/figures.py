"""What agents spent their time on, kept by agent and day, so that no report reads through follow-ups.

An event says only which day of whom to add up again. The sum is taken from the follow-ups and showings themselves, so
an event that comes again, late or out of order gives the same figures.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.chassis.mongo import ASCENDING, Document, Indexes, IndexModel, Mongo, ReplaceOne
from services.chassis.streams.subscription import Batch
from services.chassis.work import Transaction
from services.clients.cadence.hours import WorkingCalendar
from services.clients.cadence.store import rhythms_of
from services.clients.follow_ups.model import Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.showings.store import SHOWINGS
from services.clients.today.report import Figures, Span
from services.contracts.clients import FollowUpDone, Intent, ShowingDone
from services.contracts.envelope import Received

TIME_SPENT = "time_spent"
INDEXES: Indexes = {
    TIME_SPENT: [
        IndexModel([("agent_id", ASCENDING), ("day", ASCENDING)], name="of_agent"),
        IndexModel([("org_path", ASCENDING), ("day", ASCENDING)], name="under_unit"),
    ]
}

_Day = tuple[str, date]
"""An agent, and a day in the zone of their unit."""


async def add_up(tx: Transaction, events: list[Received[Any]]) -> None:
    """Add up anew every agent's day that these events belong to."""
    rhythms = await rhythms_of(tx.mongo, {received.event.org_path for received in events}, tx.session)
    days: dict[_Day, tuple[tuple[str, ...], WorkingCalendar]] = {}
    for received in events:
        event = received.event
        calendar = rhythms[event.org_path].calendar
        days[event.agent_id, calendar.local_day(event.occurred_at)] = event.org_path, calendar
    sums: dict[_Day, Document] = {
        key: {
            "agent_id": key[0],
            "day": _stored(key[1]),
            "org_path": list(org_path),
            "minutes": dict.fromkeys((intent.value for intent in Intent), 0),
            "calls": 0,
            "showings": 0,
        }
        for key, (org_path, _) in days.items()
    }
    for collection, counted in ((FOLLOW_UPS.collection, "calls"), (SHOWINGS.collection, "showings")):
        for row in await _sums(tx, collection, days):
            found = sums.get((row["_id"]["agent_id"], date.fromisoformat(row["_id"]["day"])))
            if found is not None:
                found["minutes"][row["_id"]["intent"]] += row["minutes"]
                found[counted] += row["count"]
    writes = [
        ReplaceOne({"_id": f"{agent_id}/{day}"}, document, upsert=True)
        for (agent_id, day), document in sums.items()
    ]
    await tx.collection(TIME_SPENT).bulk_write(writes, ordered=False, session=tx.session)


BATCHES = (Batch((FollowUpDone, ShowingDone), add_up),)


async def of_agent(mongo: Mongo, agent_id: str, span: Span) -> Figures:
    """What the agent spent in this time."""
    rows = await mongo.aggregate(
        TIME_SPENT, [{"$match": {"agent_id": agent_id, **_within(span)}}, _group(None)]
    )
    return _figures(rows[0]) if rows else Figures(dict.fromkeys(Intent, 0))


async def under_unit(mongo: Mongo, unit_id: str, depth: int, span: Span) -> dict[str, Figures]:
    """What was spent under a unit: by the units right below it, at this depth of the tree, that had any."""
    below = {"$arrayElemAt": ["$org_path", depth]}
    pipeline = [{"$match": {"org_path": unit_id, **_within(span)}}, _group({"$ifNull": [below, unit_id]})]
    return {row["_id"]: _figures(row) for row in await mongo.aggregate(TIME_SPENT, pipeline)}


async def by_agent(mongo: Mongo, unit_id: str, span: Span) -> dict[str, Figures]:
    """What was spent under a unit, by agent."""
    pipeline = [{"$match": {"org_path": unit_id, **_within(span)}}, _group("$agent_id")]
    return {row["_id"]: _figures(row) for row in await mongo.aggregate(TIME_SPENT, pipeline)}


async def _sums(
    tx: Transaction, collection: str, days: dict[_Day, tuple[tuple[str, ...], WorkingCalendar]]
) -> Iterable[Document]:
    rows: list[Document] = []
    for zone in {str(calendar.zone) for _, calendar in days.values()}:
        wanted = [
            {"agent_id": agent_id, "status": Status.DONE.value, "done_at": _of_day(day, calendar)}
            for (agent_id, day), (_, calendar) in days.items()
            if str(calendar.zone) == zone
        ]
        local = {"$dateToString": {"date": "$done_at", "timezone": zone, "format": "%Y-%m-%d"}}
        key = {"agent_id": "$agent_id", "day": local, "intent": "$intent"}
        rows += await tx.aggregate(
            collection,
            [
                {"$match": {"$or": wanted}},
                {"$group": {"_id": key, "minutes": {"$sum": "$minutes"}, "count": {"$sum": 1}}},
            ],
        )
    return rows


def _of_day(day: date, calendar: WorkingCalendar) -> dict[str, datetime]:
    return {"$gte": calendar.midnight(day), "$lt": calendar.midnight(day + timedelta(days=1))}


def _within(span: Span) -> Document:
    return {"day": {"$gte": _stored(span.first), "$lte": _stored(span.last)}}


def _stored(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _group(by: object) -> Document:
    sums: Document = {intent.value: {"$sum": f"$minutes.{intent.value}"} for intent in Intent}
    return {"$group": {"_id": by, "calls": {"$sum": "$calls"}, "showings": {"$sum": "$showings"}, **sums}}


def _figures(row: Document) -> Figures:
    return Figures({intent: row[intent.value] for intent in Intent}, row["calls"], row["showings"])
