"""JSON: meetings, planned and directed.

Planning goes by the meeting's version (`If-Match`). What happens while it runs goes without: many act at once, each
request says only what it changes, and none overwrites another.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.responses import JSONResponse

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.records import Stored
from services.chassis.web.answers import Answer, created, done, etag
from services.chassis.web.dependencies import Once, Store, Visitor, Work
from services.chassis.web.paging import CursorParam, Rows, SizeParam, after, decode_cursor, link_header
from services.chassis.web.validation import Input
from services.chassis.web.versions import ExpectedVersion
from services.contracts.training import AttendanceStatus
from services.training.attendance import store as attendance
from services.training.inputs import Day, Id, PlanIn
from services.training.meetings import store as meetings
from services.training.meetings.directing import (
    AddActionItem,
    CloseMeeting,
    GoToSegment,
    MarkAttendance,
    SettleActionItem,
    SignIn,
    StartMeeting,
    WriteNotes,
    add_action_item,
    close_meeting,
    go_to_segment,
    mark_attendance,
    settle_action_item,
    sign_in,
    start_meeting,
    write_notes,
)
from services.training.meetings.model import Meeting, Status
from services.training.meetings.planning import (
    CancelMeeting,
    PlanFromDraft,
    PlanMeeting,
    ReplanMeeting,
    cancel_meeting,
    plan_from_draft,
    plan_meeting,
    replan_meeting,
)
from services.training.meetings.signing_in import SigningIn
from services.training.outputs import MeetingOut, marks_out
from services.training.sight import directed_meeting, directed_series, leads, place, seen_meeting

router = APIRouter(tags=["meetings"])

_LONGEST_AHEAD = timedelta(days=366)


class NewMeeting(PlanIn):
    series_id: Id


class FromDraft(Input):
    series_id: Id
    day: Day | None = None


class GoTo(Input):
    segment_id: Id


class MarkIn(Input):
    status: AttendanceStatus
    """`absent` takes a mark back."""


class SignInBody(Input):
    token: Annotated[str, Field(min_length=1, max_length=1000)]
    """From the code that is shown in the room."""


class NotesIn(Input):
    notes: Annotated[str, Field(max_length=8000)]


class ActionItemIn(Input):
    text: Annotated[str, Field(min_length=1, max_length=300)]
    owner_id: Id | None = None


class Settled(Input):
    done: bool


def _created(visitor: Access, stored: Stored[Meeting]) -> Answer:
    return created(
        f"/training/api/meetings/{stored.id}", MeetingOut.of(stored, visitor), version=stored.version
    )


def _done(visitor: Access, stored: Stored[Meeting]) -> Answer:
    return done(MeetingOut.of(stored, visitor), version=stored.version)


@router.get("/meetings", response_model=list[MeetingOut])
async def list_meetings(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    first_day: Annotated[
        Day | None, Query(description="Meetings from this day (UTC) on; today if not given")
    ] = None,
    last_day: Annotated[Day | None, Query(description="The last day; a year later if not given")] = None,
    cursor: CursorParam = "",
    size: SizeParam = 50,
) -> list[MeetingOut]:
    """The meetings in sight, in the order of their days."""
    position = _position(cursor)
    earliest = _midnight(first_day) if first_day else _today(request)
    latest = _midnight(last_day) + timedelta(days=1) if last_day else earliest + _LONGEST_AHEAD
    found = await meetings.between(
        store, place(visitor), earliest, latest, after=after(meetings.ORDER, position), limit=size + 1
    )
    rows = Rows.of(found, size, lambda one: (one.value.starts_at.isoformat(), one.id))
    response.headers.update(link_header(request, rows.next_cursor))
    return [MeetingOut.of(one, visitor) for one in rows.items]


@router.post("/meetings", status_code=201, response_model=MeetingOut)
async def plan(body: NewMeeting, visitor: Visitor, store: Store, once: Once) -> Response:
    """Put a meeting on the calendar."""
    await directed_series(store, visitor, body.series_id)
    command = PlanMeeting(series_id=body.series_id, plan=body.plan())
    return await once.run(lambda stored: _created(visitor, stored), plan_meeting, command)


@router.post("/meetings/from-draft", status_code=201, response_model=MeetingOut)
async def plan_as_drafted(body: FromDraft, visitor: Visitor, store: Store, once: Once) -> Response:
    """Put the meeting on the calendar as the draft proposes it."""
    await directed_series(store, visitor, body.series_id)
    command = PlanFromDraft(series_id=body.series_id, day=body.day)
    return await once.run(lambda stored: _created(visitor, stored), plan_from_draft, command)


@router.get("/meetings/{meeting_id}", response_model=MeetingOut)
async def read(meeting_id: str, response: Response, visitor: Visitor, store: Store) -> MeetingOut:
    """One meeting; of one that was held the final attendance."""
    stored = await seen_meeting(store, visitor, meeting_id)
    response.headers["ETag"] = etag(stored.version)
    answer = MeetingOut.of(stored, visitor)
    if stored.value.status is not Status.HELD:
        return answer
    statuses = await attendance.of_meeting(store, meeting_id)
    if not leads(visitor, stored.value.org_path):
        statuses = {person: status for person, status in statuses.items() if person == visitor.person_id}
    return answer.model_copy(update={"marks": marks_out(statuses)})


@router.put("/meetings/{meeting_id}", response_model=MeetingOut)
async def replan(
    meeting_id: str, body: PlanIn, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Plan the meeting otherwise, before it begins."""
    await directed_meeting(store, visitor, meeting_id)
    command = ReplanMeeting(meeting_id=meeting_id, plan=body.plan(), expected_version=version)
    return _json(visitor, await work.run(replan_meeting, command))


@router.post("/meetings/{meeting_id}/cancel", response_model=MeetingOut)
async def cancel(
    meeting_id: str, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Take the meeting off the calendar."""
    await directed_meeting(store, visitor, meeting_id)
    command = CancelMeeting(meeting_id=meeting_id, expected_version=version)
    return _json(visitor, await work.run(cancel_meeting, command))


@router.post("/meetings/{meeting_id}/start", response_model=MeetingOut)
async def start(meeting_id: str, visitor: Visitor, store: Store, once: Once) -> Response:
    """Begin with the first segment."""
    await directed_meeting(store, visitor, meeting_id)
    return await once.run(
        lambda stored: _done(visitor, stored), start_meeting, StartMeeting(meeting_id=meeting_id)
    )


@router.put("/meetings/{meeting_id}/segment", response_model=MeetingOut)
async def go_to(meeting_id: str, body: GoTo, visitor: Visitor, store: Store, work: Work) -> Response:
    """Go on to, or back to, a segment."""
    await directed_meeting(store, visitor, meeting_id)
    command = GoToSegment(meeting_id=meeting_id, segment_id=body.segment_id)
    return _json(visitor, await work.run(go_to_segment, command))


@router.put("/meetings/{meeting_id}/marks/{person_id}", response_model=MeetingOut)
async def mark(
    meeting_id: str, person_id: str, body: MarkIn, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Say how somebody's attendance is."""
    await directed_meeting(store, visitor, meeting_id)
    command = MarkAttendance(meeting_id=meeting_id, marks={person_id: body.status})
    return _json(visitor, await work.run(mark_attendance, command))


@router.post("/meetings/{meeting_id}/marks/{person_id}/sign-in", response_model=MeetingOut)
async def sign_somebody_in(
    meeting_id: str, person_id: str, visitor: Visitor, store: Store, once: Once
) -> Response:
    """Somebody is there; the clock says whether in time."""
    await directed_meeting(store, visitor, meeting_id)
    command = SignIn(meeting_id=meeting_id, person_id=person_id)
    return await once.run(lambda stored: _done(visitor, stored), sign_in, command)


@router.post("/meetings/{meeting_id}/sign-in", response_model=MeetingOut)
async def sign_oneself_in(
    meeting_id: str, body: SignInBody, request: Request, visitor: Visitor, store: Store, once: Once
) -> Response:
    """Be there oneself, with the token of the code that is shown in the room."""
    await seen_meeting(store, visitor, meeting_id)
    SigningIn.of(request).require(meeting_id, body.token)
    command = SignIn(meeting_id=meeting_id, person_id=visitor.person_id)
    return await once.run(lambda stored: _done(visitor, stored), sign_in, command)


@router.put("/meetings/{meeting_id}/notes", response_model=MeetingOut)
async def write(
    meeting_id: str, body: NotesIn, revision: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Write the minutes; `If-Match` is the `notes_revision` that was read."""
    await directed_meeting(store, visitor, meeting_id)
    command = WriteNotes(meeting_id=meeting_id, notes=body.notes, expected_revision=revision)
    return _json(visitor, await work.run(write_notes, command))


@router.post("/meetings/{meeting_id}/action-items", status_code=201, response_model=MeetingOut)
async def add_item(
    meeting_id: str, body: ActionItemIn, visitor: Visitor, store: Store, once: Once
) -> Response:
    """Note what somebody is to do."""
    await directed_meeting(store, visitor, meeting_id)
    command = AddActionItem(meeting_id=meeting_id, text=body.text, owner_id=body.owner_id)
    return await once.run(lambda stored: _created(visitor, stored), add_action_item, command)


@router.put("/meetings/{meeting_id}/action-items/{item_id}", response_model=MeetingOut)
async def settle_item(
    meeting_id: str,
    item_id: str,
    body: Settled,
    visitor: Visitor,
    store: Store,
    work: Work,
) -> Response:
    """The item is done, or open again."""
    await directed_meeting(store, visitor, meeting_id)
    command = SettleActionItem(meeting_id=meeting_id, item_id=item_id, done=body.done)
    return _json(visitor, await work.run(settle_action_item, command))


@router.post("/meetings/{meeting_id}/close", response_model=MeetingOut)
async def close(meeting_id: str, visitor: Visitor, store: Store, once: Once) -> Response:
    """Close the meeting: everybody of the unit without a mark was absent."""
    await directed_meeting(store, visitor, meeting_id)
    return await once.run(
        lambda stored: _done(visitor, stored), close_meeting, CloseMeeting(meeting_id=meeting_id)
    )


def _json(visitor: Access, stored: Stored[Meeting]) -> Response:
    body = MeetingOut.of(stored, visitor).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})


def _position(cursor: str) -> tuple[datetime, str] | None:
    position = decode_cursor(cursor, 2)
    if position is None:
        return None
    try:
        moment = datetime.fromisoformat(position[0])
        return moment.astimezone(UTC), str(position[1])
    except (TypeError, ValueError, OverflowError):
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))]) from None


def _midnight(day: Day) -> datetime:
    return datetime.combine(day, time(), UTC)


def _today(request: Request) -> datetime:
    now: datetime = request.app.state.site.clock()
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
