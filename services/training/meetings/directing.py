"""Use cases during the meeting and after it: begin, go on, sign in, close, write the minutes.

Many people act on one meeting at the same moment. Each command says only what it changes and is applied to the
meeting as it then stands; where two collide, the transaction runs again, so nobody's mark is lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.chassis.errors import N_, Conflict, StaleVersion
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.records import Stored
from services.chassis.work import SYSTEM, Transaction
from services.contracts.training import Attendance, AttendanceStatus, MeetingHeld
from services.training.attendance import store as attendance
from services.training.meetings import course, model
from services.training.meetings.model import ActionItem, Meeting, MeetingRuleBroken
from services.training.meetings.planning import invalid, require_colleagues
from services.training.meetings.store import MEETINGS


@dataclass(frozen=True, kw_only=True)
class StartMeeting:
    meeting_id: str


async def start_meeting(tx: Transaction, command: StartMeeting) -> Stored[Meeting]:
    """Begin with the first segment; who begins it is there. One that runs goes on. Raises `NotFound`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    if stored.value.status is model.Status.RUNNING:
        return stored
    return await _change(tx, stored, lambda meeting: _with_director(tx, course.start(meeting, tx.now)))


@dataclass(frozen=True, kw_only=True)
class GoToSegment:
    meeting_id: str
    segment_id: str


async def go_to_segment(tx: Transaction, command: GoToSegment) -> Stored[Meeting]:
    """Go on to, or back to, a segment. Raises `NotFound`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    return await _change(tx, stored, lambda meeting: course.go_to(meeting, command.segment_id, tx.now))


@dataclass(frozen=True, kw_only=True)
class SignIn:
    meeting_id: str
    person_id: str


async def sign_in(tx: Transaction, command: SignIn) -> Stored[Meeting]:
    """The person is there, in time or late by the clock. Raises `NotFound`, `Invalid`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    await require_colleagues(tx, stored.value, [command.person_id], "/person_id")
    return await _change(tx, stored, lambda meeting: course.sign_in(meeting, command.person_id, tx.now))


@dataclass(frozen=True, kw_only=True)
class MarkAttendance:
    """`absent` or None take a mark back."""

    meeting_id: str
    marks: Mapping[str, AttendanceStatus | None]


async def mark_attendance(tx: Transaction, command: MarkAttendance) -> Stored[Meeting]:
    """Whoever directs says how it is, for one person or many. Raises `NotFound`, `Invalid`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    await require_colleagues(tx, stored.value, command.marks, "/marks")

    def marked(meeting: Meeting) -> Meeting:
        for person_id, status in command.marks.items():
            meeting = course.mark(meeting, person_id, status, tx.now)
        return meeting

    return await _change(tx, stored, marked)


@dataclass(frozen=True, kw_only=True)
class CloseMeeting:
    meeting_id: str


async def close_meeting(tx: Transaction, command: CloseMeeting) -> Stored[Meeting]:
    """Close the meeting: everybody of the unit without a mark was absent. Raises `NotFound`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    staff = await Directory(tx.mongo, tx.session).people_under(stored.value.unit_id)
    expected = frozenset(person.id for person in staff)
    try:
        meeting = course.close(stored.value, expected, tx.now)
    except MeetingRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    statuses = course.attendance(meeting, expected)
    await attendance.keep(tx, meeting, statuses)
    held = MeetingHeld(
        occurred_at=tx.now,
        meeting_id=meeting.id,
        series_id=meeting.series_id,
        unit_id=meeting.unit_id,
        org_path=meeting.org_path,
        title=meeting.title,
        host_id=meeting.host_id,
        started_at=meeting.started_at or tx.now,
        ended_at=tx.now,
        attendance=tuple(
            Attendance(person_id=person_id, status=status) for person_id, status in statuses.items()
        ),
        presenter_ids=model.presenters(meeting),
        topic_kinds=model.topic_kinds(meeting),
    )
    return await MEETINGS.save(tx, stored, meeting, held)


@dataclass(frozen=True, kw_only=True)
class WriteNotes:
    """`expected_revision` is the meeting's `notes_revision` that was read; None: whatever is there."""

    meeting_id: str
    notes: str
    expected_revision: int | None = None


async def write_notes(tx: Transaction, command: WriteNotes) -> Stored[Meeting]:
    """Write the minutes. Raises `NotFound`, `Conflict`, `StaleVersion` when somebody wrote in between."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    if command.expected_revision not in (None, stored.value.notes_revision):
        raise StaleVersion(N_("Somebody else changed the minutes in the meantime"))
    return await _change(tx, stored, lambda meeting: course.note(meeting, command.notes))


@dataclass(frozen=True, kw_only=True)
class AddActionItem:
    meeting_id: str
    text: str
    owner_id: str | None
    item_id: str | None = None


async def add_action_item(tx: Transaction, command: AddActionItem) -> Stored[Meeting]:
    """Note what somebody is to do. Raises `NotFound`, `Invalid`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    await require_colleagues(tx, stored.value, [command.owner_id], "/owner_id")
    item = ActionItem(
        id=command.item_id or new_id(tx.now),
        text=command.text.strip(),
        owner_id=command.owner_id,
        raised_at=tx.now,
    )
    return await _change(tx, stored, lambda meeting: course.add_item(meeting, item))


@dataclass(frozen=True, kw_only=True)
class SettleActionItem:
    meeting_id: str
    item_id: str
    done: bool


async def settle_action_item(tx: Transaction, command: SettleActionItem) -> Stored[Meeting]:
    """The item is done, or open again. Raises `NotFound`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id)
    return await _change(
        tx, stored, lambda meeting: course.settle_item(meeting, command.item_id, command.done)
    )


def _with_director(tx: Transaction, meeting: Meeting) -> Meeting:
    return meeting if tx.actor == SYSTEM else course.sign_in(meeting, tx.actor, tx.now)


async def _change(
    tx: Transaction, stored: Stored[Meeting], rule: Callable[[Meeting], Meeting]
) -> Stored[Meeting]:
    try:
        after = rule(stored.value)
    except MeetingRuleBroken as broken:
        raise (invalid(broken) if broken.field else Conflict(str(broken))) from broken
    return await MEETINGS.save(tx, stored, after)
