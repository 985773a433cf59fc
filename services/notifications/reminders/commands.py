"""Planning reminders, moving and cancelling them, and putting them into inboxes at their moment."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.chassis.mongo import Document, Indexes, UpdateOne
from services.chassis.organisation.directory import Directory
from services.chassis.schedule.items import DueItem, cancel, plan, plan_all
from services.chassis.work import Transaction
from services.contracts.envelope import Received
from services.contracts.training import MeetingCancelled, MeetingHeld, MeetingPlanned
from services.notifications.boards.store import MEETINGS
from services.notifications.inbox.model import Item, Kind
from services.notifications.inbox.store import put
from services.notifications.reminders.model import BEFORE_MEETING, Reminded, Task, latest, meeting_key

TASKS = "reminded_tasks"
INDEXES: Indexes = {TASKS: []}

FOLLOW_UP_DUE = "reminders.follow-up"
SHOWING_SOON = "reminders.showing"
MEETING_SOON = "reminders.meeting"


async def tasks_changed(tx: Transaction, batch: Sequence[Received[Any]]) -> None:
    """Plan, move and cancel the reminders of the tasks in this batch; older news of one changes nothing."""
    changed = latest(batch)
    states = tx.collection(TASKS)
    known = {
        each["_id"]: each
        for each in await states.find({"_id": {"$in": list(changed)}}, session=tx.session).to_list(None)
    }
    newer = [
        one for one in changed.values() if one.id not in known or known[one.id]["sequence"] < one.sequence
    ]
    if not newer:
        return
    await states.bulk_write(
        [
            UpdateOne({"_id": one.id}, {"$set": {"sequence": one.sequence, "key": one.key}}, upsert=True)
            for one in newer
        ],
        ordered=False,
        session=tx.session,
    )
    over = [
        known[one.id]["key"]
        for one in newer
        if one.id in known and known[one.id]["key"] not in (None, one.key)
    ]
    if over:
        await cancel(tx, *over)
    await plan_all(tx, [item for one in newer if (item := _due(tx, one))])


def _due(tx: Transaction, one: Reminded) -> DueItem | None:
    if one.key is None or one.remind_at is None or not one.has_sense(tx.now):
        return None
    if one.task is Task.SHOWING:
        return DueItem(
            one.key, SHOWING_SOON, one.remind_at, {"agent_id": one.agent_id, "starts_at": one.begins_at}
        )
    return DueItem(one.key, FOLLOW_UP_DUE, one.remind_at, {"agent_id": one.agent_id})


async def remind_of_follow_ups(tx: Transaction, items: Sequence[DueItem]) -> None:
    """The moment has come."""
    await put(
        tx,
        [Item(item.key, item.payload["agent_id"], Kind.FOLLOW_UP_DUE, item.due_at) for item in items],
    )


async def remind_of_showings(tx: Transaction, items: Sequence[DueItem]) -> None:
    """An hour to go; nothing for one that has begun meanwhile."""
    await put(
        tx,
        [
            Item(
                item.key,
                item.payload["agent_id"],
                Kind.SHOWING_SOON,
                item.due_at,
                {"moment": item.payload["starts_at"]},
            )
            for item in items
            if item.payload["starts_at"] > tx.now
        ],
    )


async def meeting_planned(tx: Transaction, received: Received[MeetingPlanned]) -> None:
    """Tell everybody of the unit, and plan the reminder; for a meeting that was moved, the new one alone."""
    event = received.event
    before = await _meeting_changed(
        tx,
        received,
        {
            "unit_id": event.unit_id,
            "starts_at": event.starts_at,
            "minutes": event.minutes,
            "title": event.title,
            "host_id": event.host_id,
            "state": "planned",
        },
    )
    if before is None:
        return
    key = meeting_key(event.meeting_id, event.starts_at)
    if before and meeting_key(event.meeting_id, before["starts_at"]) != key:
        await cancel(tx, meeting_key(event.meeting_id, before["starts_at"]))
    if event.starts_at < tx.now:
        return
    payload = {"unit_id": event.unit_id, "title": event.title}
    await plan(tx, key, MEETING_SOON, event.starts_at - BEFORE_MEETING, payload)
    await _tell(
        tx,
        received.envelope.id,
        event.unit_id,
        Kind.MEETING_PLANNED,
        received.event.occurred_at,
        {"title": event.title, "moment": event.starts_at},
    )


async def meeting_cancelled(tx: Transaction, received: Received[MeetingCancelled]) -> None:
    """No reminder; everybody is told, unless it is over anyway."""
    event = received.event
    before = await _meeting_changed(tx, received, {"state": "cancelled"})
    if not before:
        return
    await cancel(tx, meeting_key(event.meeting_id, before["starts_at"]))
    if before["starts_at"] >= tx.now:
        params = {"title": before["title"], "moment": before["starts_at"]}
        await _tell(
            tx, received.envelope.id, event.unit_id, Kind.MEETING_CANCELLED, event.occurred_at, params
        )


async def meeting_held(tx: Transaction, received: Received[MeetingHeld]) -> None:
    """Boards no longer count down to it, and a reminder that is still open is pointless."""
    before = await _meeting_changed(tx, received, {"state": "held"})
    if before:
        await cancel(tx, meeting_key(received.event.meeting_id, before["starts_at"]))


async def remind_of_meetings(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Ten minutes to go."""
    for item in items:
        if tx.now < item.due_at + BEFORE_MEETING + timedelta(minutes=5):
            params = {"title": item.payload["title"]}
            await _tell(tx, item.key, item.payload["unit_id"], Kind.MEETING_SOON, item.due_at, params)


async def _meeting_changed(tx: Transaction, received: Received[Any], fields: Document) -> Document | None:
    """Keep what is new about the meeting. What was known before (`{}`: nothing); None for old news."""
    meetings = tx.collection(MEETINGS)
    id_ = received.envelope.subject
    before = await meetings.find_one({"_id": id_}, session=tx.session)
    if before is not None and before["sequence"] >= received.envelope.sequence:
        return None
    await meetings.update_one(
        {"_id": id_},
        {"$set": {**fields, "sequence": received.envelope.sequence}},
        upsert=True,
        session=tx.session,
    )
    return before if before is not None and "starts_at" in before else {}


async def _tell(
    tx: Transaction, cause: str, unit_id: str, kind: Kind, at: Any, params: dict[str, object]
) -> None:
    people = await Directory(tx.mongo, tx.session).people_under(unit_id)
    await put(tx, [Item(cause, person.id, kind, at, params) for person in people])
