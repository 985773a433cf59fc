"""Pages for everybody who meets: the calendar, one meeting, and signing in with the code in the room."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Live, Once, Page, Store, Visitor
from services.chassis.web.forms import Form, form_of
from services.chassis.web.validation import Input
from services.contracts.organisation import UnitKind
from services.training import words
from services.training.attendance import store as attendance
from services.training.attendance.model import figures
from services.training.drafting.views import fairness_of
from services.training.meetings import store as meetings
from services.training.meetings import views
from services.training.meetings.directing import SignIn, sign_in
from services.training.meetings.model import Meeting, Status
from services.training.meetings.signing_in import CodeExpired, SigningIn
from services.training.meetings.timeline import timeline
from services.training.sight import DIRECTORS, directs, leads, seen_meeting

router = APIRouter()

MonthText = Annotated[str, Query(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")]


@router.get("/meetings")
async def overview(
    page: Page, visitor: Visitor, store: Store, directory: Directory, month: MonthText = ""
) -> Response:
    """The next meeting, the visitor's own attendance, and a month by weeks."""
    first = date.fromisoformat(f"{month}-01") if month else page.formats.today.replace(day=1)
    series = [one.value for one in await views.own_series(store, visitor)]
    near = [one for one in series if one.unit_id in visitor.org_path]
    upcoming = await views.upcoming(store, visitor, page.now)
    weeks = await views.month(store, visitor, first, page.now, near)
    attended = await attendance.of_person(store, visitor.person_id)
    units = await directory.units(row.meeting.unit_id for week in weeks for row in week.rows if row.meeting)
    hosts = await directory.people(row.meeting.host_id for week in weeks for row in week.rows if row.meeting)
    people = await views.people_in(directory, upcoming.value if upcoming else None)
    return page.show(
        "meetings/overview.html",
        w=words,
        first=first,
        weeks=weeks,
        previous=(first - timedelta(days=1)).strftime("%Y-%m"),
        following=(first + timedelta(days=32)).strftime("%Y-%m"),
        upcoming=upcoming.value if upcoming else None,
        may_direct=bool(upcoming and directs(visitor, upcoming.value.org_path)),
        bar=await _bar(store, upcoming.value) if upcoming else None,
        people=people,
        hosts=hosts,
        units=units,
        series=near,
        founding=await _unit_to_begin_in(directory, visitor) if not near else None,
        attended=attended,
        figures=figures([one.status for one in attended]),
        fairness=await fairness_of(store, near[0], page.now) if near else None,
        this_monday=page.formats.today - timedelta(days=page.formats.today.weekday()),
    )


@router.get("/meetings/{meeting_id}")
async def one(meeting_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory) -> Response:
    """One meeting: its plan, what is on now, or its minutes."""
    stored = await seen_meeting(store, visitor, meeting_id)
    if stored.value.status is Status.HELD:
        return page.show("meetings/minutes.html", **await _minutes(visitor, store, directory, stored))
    return page.show("meetings/meeting.html", **await _meeting(visitor, store, directory, stored))


@router.get("/meetings/{meeting_id}/live", response_class=EventSourceResponse)
async def live(
    meeting_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory, changes: Live
) -> AsyncIterator[ServerSentEvent]:
    """The meeting as it goes on, for everybody who has it open."""
    await seen_meeting(store, visitor, meeting_id)
    async for _ in changes.changes(
        meetings.MEETINGS.collection, concerns=lambda changed: bool(changed["_id"] == meeting_id)
    ):
        stored = await seen_meeting(store, visitor, meeting_id)
        yield page.event("meetings/meeting.html", "live", **await _meeting(visitor, store, directory, stored))


class SignInForm(Input):
    token: Annotated[str, Field(max_length=1000)]


@router.get("/meetings/{meeting_id}/sign-in")
async def arrive(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    token: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """Where the code in the room leads: it signs in by itself, and by a button where there are no scripts."""
    stored = await seen_meeting(store, visitor, meeting_id)
    try:
        SigningIn.of(page.request).require(meeting_id, token)
    except CodeExpired:
        return page.show("meetings/sign-in.html", status=409, meeting=stored.value, token="")
    return page.show("meetings/sign-in.html", meeting=stored.value, token=token)


@router.post("/meetings/{meeting_id}/sign-in")
async def sign_oneself_in(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    once: Once,
    form: Annotated[Form[SignInForm], Depends(form_of(SignInForm))],
) -> Response:
    """Be there."""
    stored = await seen_meeting(store, visitor, meeting_id)
    try:
        SigningIn.of(page.request).require(meeting_id, form.valid().token)
    except CodeExpired:
        return page.show("meetings/sign-in.html", status=409, meeting=stored.value, token="")
    return await once.run(
        lambda _: see(f"/training/meetings/{meeting_id}", toast=page.say("You are signed in")),
        sign_in,
        SignIn(meeting_id=meeting_id, person_id=visitor.person_id),
    )


async def _meeting(
    visitor: Access, store: Mongo, directory: OrganisationDirectory, stored: Stored[Meeting]
) -> dict[str, Any]:
    meeting = stored.value
    return {
        "w": words,
        "meeting": meeting,
        "version": stored.version,
        "people": await views.people_in(directory, meeting),
        "unit": await directory.unit(meeting.unit_id),
        "bar": await _bar(store, meeting),
        "may_direct": directs(visitor, meeting.org_path),
        "own": meeting.marks.get(visitor.person_id),
    }


async def _minutes(
    visitor: Access, store: Mongo, directory: OrganisationDirectory, stored: Stored[Meeting]
) -> dict[str, Any]:
    return {
        **await _meeting(visitor, store, directory, stored),
        "roll": await views.roll(store, directory, visitor, stored.value),
        "leads": leads(visitor, stored.value.org_path),
    }


async def _bar(store: Mongo, meeting: Meeting) -> object:
    usual = await views.usual_minutes(store, meeting.series_id)
    return timeline(meeting.agenda, usual, meeting.segment_id)


async def _unit_to_begin_in(directory: OrganisationDirectory, visitor: Access) -> object:
    """The branch that somebody who plans meetings could give one with a click, or None."""
    held = [grant for grant in visitor.grants if grant.role in DIRECTORS]
    units = await directory.units(grant.unit_id for grant in held)
    return next((unit for unit in units.values() if unit.kind is UnitKind.BRANCH), None)
