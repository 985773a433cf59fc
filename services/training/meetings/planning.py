"""Use cases before the meeting: plan, plan otherwise, cancel."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.mongo import DuplicateKeyError
from services.chassis.organisation.directory import Directory
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.contracts.training import MeetingCancelled, MeetingPlanned
from services.training.drafting.model import Draft, carried_over
from services.training.drafting.views import draft_for
from services.training.meetings import model
from services.training.meetings.model import Meeting, MeetingRuleBroken, Plan, Segment
from services.training.meetings.store import MEETINGS, held
from services.training.series.store import SERIES


@dataclass(frozen=True, kw_only=True)
class PlanMeeting:
    series_id: str
    plan: Plan
    meeting_id: str | None = None


async def plan_meeting(tx: Transaction, command: PlanMeeting) -> Stored[Meeting]:
    """Put a meeting on the calendar, with what the last one left to do.

    Raises `NotFound` for the series, `Invalid`, and `Conflict` when the series has a meeting on that day.
    """
    series = (await SERIES.get(tx, command.series_id)).value
    past = await held(tx.mongo, series.id, tx.session, limit=1)
    try:
        meeting = model.planned(
            command.plan,
            id_=command.meeting_id or new_id(tx.now),
            series_id=series.id,
            unit_id=series.unit_id,
            org_path=series.org_path,
            time_zone=series.time_zone,
            carried=carried_over(past[0].action_items) if past else (),
        )
    except MeetingRuleBroken as broken:
        raise invalid(broken) from broken
    await _check_people(tx, meeting)
    try:
        return await MEETINGS.add(tx, meeting, planned(tx, meeting))
    except DuplicateKeyError as error:
        raise _day_taken() from error


@dataclass(frozen=True, kw_only=True)
class PlanFromDraft:
    """`day` is by default the next on which the series meets and has no meeting."""

    series_id: str
    day: date | None = None
    meeting_id: str | None = None


async def plan_from_draft(tx: Transaction, command: PlanFromDraft) -> Stored[Meeting]:
    """Put the meeting on the calendar as the draft proposes it. Raises what `plan_meeting` raises."""
    series = (await SERIES.get(tx, command.series_id)).value
    draft = await draft_for(tx.mongo, series, tx.now, day=command.day, session=tx.session)
    if draft is None:
        raise Conflict(N_("This series has no free meeting day within a year"))
    return await plan_meeting(
        tx,
        PlanMeeting(series_id=series.id, plan=plan_of(draft, tx.now), meeting_id=command.meeting_id),
    )


def plan_of(draft: Draft, now: datetime) -> Plan:
    """The plan that the draft proposes; each segment gets an id."""
    return Plan(
        starts_at=draft.starts_at,
        title=draft.title,
        host_id=draft.host_id,
        slogan="",
        agenda=tuple(
            Segment(
                id=new_id(now),
                kind=segment.kind,
                minutes=segment.minutes,
                presenter_id=segment.presenter_id,
                topic_kind=segment.topic_kind,
                mentions=segment.mentions,
            )
            for segment in draft.segments
        ),
    )


@dataclass(frozen=True, kw_only=True)
class ReplanMeeting:
    meeting_id: str
    plan: Plan
    expected_version: int | None = None


async def replan_meeting(tx: Transaction, command: ReplanMeeting) -> Stored[Meeting]:
    """Plan the meeting otherwise, before it begins. Raises `NotFound`, `StaleVersion`, `Invalid`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id, command.expected_version)
    before = stored.value
    try:
        model.require(before, model.Status.PLANNED)
    except MeetingRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    try:
        after = model.replan(before, command.plan)
    except MeetingRuleBroken as broken:
        raise invalid(broken) from broken
    await _check_people(tx, after)
    # what the event does not carry concerns nobody outside
    events = [planned(tx, after)] if _outside(before) != _outside(after) else []
    try:
        return await MEETINGS.save(tx, stored, after, *events)
    except DuplicateKeyError as error:
        raise _day_taken() from error


@dataclass(frozen=True, kw_only=True)
class CancelMeeting:
    meeting_id: str
    expected_version: int | None = None


async def cancel_meeting(tx: Transaction, command: CancelMeeting) -> Stored[Meeting]:
    """Take the meeting off the calendar. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    stored = await MEETINGS.get(tx, command.meeting_id, command.expected_version)
    try:
        meeting = model.cancel(stored.value)
    except MeetingRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    cancelled = MeetingCancelled(
        occurred_at=tx.now, meeting_id=meeting.id, unit_id=meeting.unit_id, org_path=meeting.org_path
    )
    return await MEETINGS.save(tx, stored, meeting, cancelled)


def planned(tx: Transaction, meeting: Meeting) -> MeetingPlanned:
    """What others hear of a meeting on the calendar."""
    return MeetingPlanned(
        occurred_at=tx.now,
        meeting_id=meeting.id,
        series_id=meeting.series_id,
        unit_id=meeting.unit_id,
        org_path=meeting.org_path,
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        title=meeting.title,
        host_id=meeting.host_id,
    )


def invalid(broken: MeetingRuleBroken) -> Invalid:
    """The broken rule beside the field it is about."""
    return Invalid(errors=[FieldError(f"/{broken.field}" if broken.field else "", str(broken))])


async def require_colleagues(
    tx: Transaction, meeting: Meeting, person_ids: Iterable[str | None], pointer: str
) -> None:
    """Do nothing when they are all of the meeting's company. Raises `Invalid`."""
    wanted = {person_id for person_id in person_ids if person_id}
    known = await Directory(tx.mongo, tx.session).people(wanted)
    if any(id_ not in known or known[id_].org_path[0] != meeting.org_path[0] for id_ in wanted):
        raise Invalid(errors=[FieldError(pointer, N_("Choose somebody of this company"))])


async def _check_people(tx: Transaction, meeting: Meeting) -> None:
    await require_colleagues(tx, meeting, [meeting.host_id], "/host_id")
    for segment in meeting.agenda:
        people = [segment.presenter_id, *(mention.person_id for mention in segment.mentions)]
        if any(people):
            await require_colleagues(tx, meeting, people, f"/segments/{segment.id}/presenter_id")


def _outside(meeting: Meeting) -> tuple[object, ...]:
    return meeting.starts_at, meeting.minutes, meeting.title, meeting.host_id


def _day_taken() -> Conflict:
    return Conflict(N_("This series has a meeting on that day already"))
