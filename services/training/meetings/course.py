"""How a meeting goes: begun, led through its agenda, attended, closed (早会的执行与总结). Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.chassis.errors import N_
from services.contracts.training import AttendanceStatus
from services.training.meetings.model import (
    CAME,
    ActionItem,
    Mark,
    Meeting,
    MeetingRuleBroken,
    Segment,
    Status,
    require,
)
from services.training.series.model import SegmentKind

SIGN_IN_OPENS = timedelta(hours=1)
"""So long before the meeting's time people can sign in."""
MOST_ACTION_ITEMS = 50


def start(meeting: Meeting, now: datetime) -> Meeting:
    """The meeting, begun with its first segment. Raises `MeetingRuleBroken`."""
    require(meeting, Status.PLANNED)
    return replace(
        meeting,
        status=Status.RUNNING,
        started_at=now,
        segment_id=meeting.agenda[0].id,
        segment_since=now,
    )


def go_to(meeting: Meeting, segment_id: str, now: datetime) -> Meeting:
    """The meeting at another segment, forwards or back; the one that is on already goes on. Raises `MeetingRuleBroken`.

    It is told where to go, not "one further": two directors who press the key together skip nothing.
    """
    require(meeting, Status.RUNNING)
    if segment_id not in {segment.id for segment in meeting.agenda}:
        raise MeetingRuleBroken(N_("This segment is not part of the agenda"))
    if segment_id == meeting.segment_id:
        return meeting
    return replace(meeting, segment_id=segment_id, segment_since=now)


def late_from(meeting: Meeting) -> datetime | None:
    """Who signs in after this is late; None while the meeting has not begun.

    A meeting that begins late makes nobody late, and one that begins a little early goes by its planned time. Where it
    opens with the taking of attendance, whoever signs in while that goes on is in time.
    """
    if meeting.started_at is None:
        return None
    opening = meeting.agenda[0]
    grace = timedelta(minutes=opening.minutes if opening.kind is SegmentKind.ATTENDANCE else 0)
    moved = meeting.starts_at - meeting.started_at > SIGN_IN_OPENS
    begun = meeting.started_at if moved else max(meeting.started_at, meeting.starts_at)
    return begun + grace


def sign_in(meeting: Meeting, person_id: str, now: datetime) -> Meeting:
    """The meeting with this person there, in time or late. The first sign-in counts; who was on leave and came, came.

    Raises `MeetingRuleBroken` when the meeting is over, or is not soon.
    """
    require(meeting, Status.PLANNED, Status.RUNNING)
    if now < meeting.starts_at - SIGN_IN_OPENS and meeting.status is Status.PLANNED:
        raise MeetingRuleBroken(N_("Signing in opens an hour before the meeting"))
    already = meeting.marks.get(person_id)
    if already and already.status is not AttendanceStatus.LEAVE:
        return meeting
    limit = late_from(meeting)
    late = limit is not None and now > limit
    return mark(meeting, person_id, AttendanceStatus.LATE if late else AttendanceStatus.PRESENT, now)


def mark(meeting: Meeting, person_id: str, status: AttendanceStatus | None, now: datetime) -> Meeting:
    """The meeting with this mark in the place of the person's last one; None takes it back.

    Leave (请假) can be noted any time before. Raises `MeetingRuleBroken` when the meeting is over.
    """
    require(meeting, Status.PLANNED, Status.RUNNING)
    others = {person: one for person, one in meeting.marks.items() if person != person_id}
    before = meeting.marks.get(person_id)
    if before and before.status is status:
        return meeting
    if status is None or status is AttendanceStatus.ABSENT:
        return replace(meeting, marks=others)
    return replace(meeting, marks={**others, person_id: Mark(status=status, at=now)})


def close(meeting: Meeting, expected: frozenset[str], now: datetime) -> Meeting:
    """The meeting, held; `expected` are the people of the unit. Raises `MeetingRuleBroken` unless it is running."""
    require(meeting, Status.RUNNING)
    statuses = list(attendance(meeting, expected).values())
    return replace(
        meeting,
        status=Status.HELD,
        ended_at=now,
        segment_id=None,
        segment_since=None,
        came=sum(status in CAME for status in statuses),
        counted=sum(status is not AttendanceStatus.LEAVE for status in statuses),
    )


def note(meeting: Meeting, notes: str) -> Meeting:
    """The meeting with these minutes; they may be put right after it was closed. Raises `MeetingRuleBroken`."""
    require(meeting, Status.RUNNING, Status.HELD)
    if notes == meeting.notes:
        return meeting
    return replace(meeting, notes=notes, notes_revision=meeting.notes_revision + 1)


def add_item(meeting: Meeting, item: ActionItem) -> Meeting:
    """The meeting with one more action item. Raises `MeetingRuleBroken`."""
    require(meeting, Status.PLANNED, Status.RUNNING, Status.HELD)
    if not item.text.strip():
        raise MeetingRuleBroken(N_("Say what is to be done"), "text")
    if len(meeting.action_items) >= MOST_ACTION_ITEMS:
        raise MeetingRuleBroken(N_("A meeting has at most 50 action items"), "text")
    return replace(meeting, action_items=(*meeting.action_items, item))


def settle_item(meeting: Meeting, item_id: str, done: bool) -> Meeting:
    """The meeting with this action item done, or open again. Raises `MeetingRuleBroken` for an unknown one."""
    require(meeting, Status.PLANNED, Status.RUNNING, Status.HELD)
    if item_id not in {item.id for item in meeting.action_items}:
        raise MeetingRuleBroken(N_("This action item is not part of the meeting"))
    return replace(
        meeting,
        action_items=tuple(
            replace(item, done=done) if item.id == item_id else item for item in meeting.action_items
        ),
    )


def attendance(meeting: Meeting, expected: frozenset[str]) -> dict[str, AttendanceStatus]:
    """The status of everybody expected and of every guest who came: without a mark, absent."""
    people = expected | {
        person for person, one in meeting.marks.items() if one.status is not AttendanceStatus.LEAVE
    }
    return {
        person: meeting.marks[person].status if person in meeting.marks else AttendanceStatus.ABSENT
        for person in sorted(people)
    }


def following(meeting: Meeting) -> Segment | None:
    """The segment after the one that is on; None at the last, or unless the meeting is running."""
    ids = [segment.id for segment in meeting.agenda]
    if meeting.segment_id not in ids:
        return None
    position = ids.index(meeting.segment_id) + 1
    return meeting.agenda[position] if position < len(ids) else None


def preceding(meeting: Meeting) -> Segment | None:
    """The segment before the one that is on; None at the first, or unless the meeting is running."""
    ids = [segment.id for segment in meeting.agenda]
    position = ids.index(meeting.segment_id) if meeting.segment_id in ids else 0
    return meeting.agenda[position - 1] if position else None


def overtime(meeting: Meeting, now: datetime) -> timedelta:
    """How far the meeting is behind its agenda; negative when ahead of it, zero unless it is running."""
    if meeting.status is not Status.RUNNING or meeting.started_at is None or meeting.segment_since is None:
        return timedelta(0)
    before = timedelta(0)
    for segment in meeting.agenda:
        length = timedelta(minutes=segment.minutes)
        if segment.id == meeting.segment_id:
            in_segment = now - meeting.segment_since
            reached = meeting.segment_since - meeting.started_at - before
            return reached + max(timedelta(0), in_segment - length)
        before += length
    return timedelta(0)
