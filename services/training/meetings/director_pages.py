"""The director's view: clock, segments, sign-in, minutes and action items, live for all who have it open."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.web.answers import nothing, see
from services.chassis.web.dependencies import Directory, Live, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.validation import Input
from services.contracts.training import AttendanceStatus
from services.training import words
from services.training.inputs import Id
from services.training.meetings import store as meetings
from services.training.meetings import views
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
from services.training.meetings.signing_in import SHOWN, SigningIn
from services.training.sight import directed_meeting

router = APIRouter()

VIEW = "meetings/direct.html"


class Nothing(Input):
    """A form without fields of its own."""


class GoTo(Input):
    segment_id: Id


class Tap(Input):
    """A tap on the sign-in list: `here` signs in by the clock, the others say how it is, `none` takes back."""

    person_id: Id
    tap: Literal["here", "present", "late", "leave", "none"]


class Notes(Input):
    notes: Annotated[str, Field(max_length=8000)] = ""


class Item(Input):
    text: Annotated[str, Field(min_length=1, max_length=300)]
    owner_id: Id | None = None


class Settled(Input):
    item_id: Id
    done: bool = False


@router.get("/meetings/{meeting_id}/direct")
async def direct(
    meeting_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory
) -> Response:
    """The director's view; of a meeting that is over, its page."""
    stored = await directed_meeting(store, visitor, meeting_id)
    if stored.value.status not in (Status.PLANNED, Status.RUNNING):
        return page.go(f"/training/meetings/{meeting_id}")
    return page.show(VIEW, **await _shown(store, directory, stored.value, page.now))


@router.get("/meetings/{meeting_id}/direct/live", response_class=EventSourceResponse)
async def live(
    meeting_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory, changes: Live
) -> AsyncIterator[ServerSentEvent]:
    """The same, as it changes."""
    await directed_meeting(store, visitor, meeting_id)
    async for _ in changes.changes(
        meetings.MEETINGS.collection, concerns=lambda changed: bool(changed["_id"] == meeting_id)
    ):
        stored = await directed_meeting(store, visitor, meeting_id)
        page.now = page.site.clock()
        yield page.event(VIEW, "stage", **await _shown(store, directory, stored.value, page.now))


@router.get("/meetings/{meeting_id}/code")
async def code(meeting_id: str, page: Page, visitor: Visitor, store: Store) -> Response:
    """The code to sign in with, as it is for the next half minute."""
    stored = await directed_meeting(store, visitor, meeting_id)
    return page.block(VIEW, "code", **_code(page.request, stored.value, page.say("Code to sign in with")))


@router.post("/meetings/{meeting_id}/start")
async def start(
    meeting_id: str,
    visitor: Visitor,
    store: Store,
    once: Once,
    form: Annotated[Form[Nothing], Depends(form_of(Nothing))],
) -> Response:
    """Begin."""
    await directed_meeting(store, visitor, meeting_id)
    return await once.run(
        lambda _: see(f"/training/meetings/{meeting_id}/direct"),
        start_meeting,
        StartMeeting(meeting_id=meeting_id),
    )


@router.post("/meetings/{meeting_id}/go-to")
async def go_to(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    work: Work,
    form: Annotated[Form[GoTo], Depends(form_of(GoTo))],
) -> Response:
    """On to a segment, or back to it."""
    await directed_meeting(store, visitor, meeting_id)
    stored = await work.run(
        go_to_segment, GoToSegment(meeting_id=meeting_id, segment_id=form.valid().segment_id)
    )
    return page.block(VIEW, "stage", **await _shown(store, directory, stored.value, page.now))


@router.post("/meetings/{meeting_id}/mark")
async def mark(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    work: Work,
    form: Annotated[Form[Tap], Depends(form_of(Tap))],
) -> Response:
    """A tap on the sign-in list."""
    await directed_meeting(store, visitor, meeting_id)
    tap = form.valid()
    if tap.tap == "here":
        stored = await work.run(sign_in, SignIn(meeting_id=meeting_id, person_id=tap.person_id))
    else:
        status = None if tap.tap == "none" else AttendanceStatus(tap.tap)
        stored = await work.run(
            mark_attendance, MarkAttendance(meeting_id=meeting_id, marks={tap.person_id: status})
        )
    return page.block(VIEW, "stage", **await _shown(store, directory, stored.value, page.now))


@router.post("/meetings/{meeting_id}/notes")
async def write(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    work: Work,
    form: Annotated[Form[Notes], Depends(form_of(Notes))],
) -> Response:
    """Keep the minutes as they are being written; what somebody else wrote in between is shown beside them."""
    await directed_meeting(store, visitor, meeting_id)
    written = form.valid().notes
    try:
        stored = await work.run(
            write_notes,
            WriteNotes(meeting_id=meeting_id, notes=written, expected_revision=form.version),
        )
    except StaleVersion:
        now = await directed_meeting(store, visitor, meeting_id)
        return page.block(VIEW, "notes_state", meeting=now.value, theirs=now.value.notes, saved=None)
    return page.block(VIEW, "notes_state", meeting=stored.value, theirs=None, saved=page.now)


@router.post("/meetings/{meeting_id}/items")
async def add_item(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    once: Once,
    form: Annotated[Form[Item], Depends(form_of(Item))],
) -> Response:
    """Note what somebody is to do."""
    await directed_meeting(store, visitor, meeting_id)
    item = form.valid()
    await once.run(
        lambda _: nothing(),
        add_action_item,
        AddActionItem(meeting_id=meeting_id, text=item.text, owner_id=item.owner_id),
    )
    return await _items(page, visitor, store, directory, meeting_id)


@router.post("/meetings/{meeting_id}/items/settle")
async def settle_item(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    work: Work,
    form: Annotated[Form[Settled], Depends(form_of(Settled))],
) -> Response:
    """It is done, or open again."""
    await directed_meeting(store, visitor, meeting_id)
    settled = form.valid()
    await work.run(
        settle_action_item,
        SettleActionItem(meeting_id=meeting_id, item_id=settled.item_id, done=settled.done),
    )
    return await _items(page, visitor, store, directory, meeting_id)


@router.post("/meetings/{meeting_id}/close")
async def close(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    once: Once,
    form: Annotated[Form[Nothing], Depends(form_of(Nothing))],
) -> Response:
    """The meeting is over; on to its minutes."""
    await directed_meeting(store, visitor, meeting_id)
    return await once.run(
        lambda _: see(f"/training/meetings/{meeting_id}", toast=page.say("The meeting is closed")),
        close_meeting,
        CloseMeeting(meeting_id=meeting_id),
    )


async def _items(
    page: Page, visitor: Access, store: Mongo, directory: OrganisationDirectory, meeting_id: str
) -> Response:
    meeting = (await directed_meeting(store, visitor, meeting_id)).value
    people = await views.people_in(directory, meeting)
    return page.show("meetings/items.html", meeting=meeting, people=people, may_direct=True)


async def _shown(
    store: Mongo, directory: OrganisationDirectory, meeting: Meeting, now: Any
) -> dict[str, Any]:
    return {
        "w": words,
        "meeting": meeting,
        "unit": await directory.unit(meeting.unit_id),
        "shown": await views.direction(store, directory, meeting, now),
        "theirs": None,
        "saved": None,
        "code": None,
        "seconds": int(SHOWN.total_seconds()),
    }


def _code(request: Any, meeting: Meeting, words: str) -> dict[str, Any]:
    signing = SigningIn.of(request)
    return {
        "meeting": meeting,
        "code": signing.code(meeting.id, words),
        "seconds": int(SHOWN.total_seconds()),
    }
