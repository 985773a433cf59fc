"""Showings: what is ahead, booking one, recording how it went."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, ValidationError
from starlette.responses import Response

from services.chassis.errors import Conflict, FieldError, Invalid, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of, read_form
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input, field_errors
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.lists import clients, search
from services.clients.files.personal import PersonalData
from services.clients.files.sight import level_for, may_write
from services.clients.files.views import Asker, clients_of_ids, fields_of, own_or_all
from services.clients.listings.views import of_ids
from services.clients.listings.words import place, price
from services.clients.matching.views import ListingRow, of_client
from services.clients.showings import views
from services.clients.showings.api import (
    CancelIn,
    Label,
    RecordIn,
    StopIn,
    recording,
    stops_of,
    writable_showing,
)
from services.clients.showings.commands import (
    BookShowing,
    CancelShowing,
    ConfirmShowing,
    MoveShowing,
    book,
    cancel,
    confirm,
    move,
    record,
)
from services.clients.showings.model import MOST_HOMES, Home, Showing, Status, by_place, overlapping
from services.clients.showings.words import CANCELLINGS
from services.contracts.clients import ListingKind

router = APIRouter()

_INPUTS = 4
_OFFERED = 12
"""Listings that are offered to choose from."""
ListingId = Annotated[str, Field(min_length=1, max_length=64)]


class BookForm(Input):
    """A showing as somebody books it; the time is by the clock on their wall."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    starts_at: datetime
    homes: Annotated[tuple[Label, ...], Field(max_length=MOST_HOMES)] = ()
    """Homes that are none of our listings, by label."""
    listings: Annotated[tuple[ListingId, ...], Field(max_length=MOST_HOMES)] = ()
    anyway: bool = False
    """Also when there is another showing then."""


class PlanForm(Input):
    """When it takes place, and the homes of the way as they were sent."""

    starts_at: datetime
    homes: Annotated[list[StopIn], Field(min_length=1, max_length=MOST_HOMES)]


class NoFields(Input):
    """A form that says but its version."""


@router.get("/showings")
async def showings(page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """One's own showings: to come, to record, and the last that took place."""
    mine = asker.access.person_id
    booked = await views.booked(store, mine)
    recorded = await views.recorded(store, mine)
    known = await clients_of_ids(store, [each.value.client_id for each in (*booked, *recorded)])
    some = list(known.values())
    fields = await fields_of(personal, asker, some, "name")
    names = {client.id: field.get("name", "") for client, field in zip(some, fields, strict=True)}
    all_booked = tuple(each.value for each in booked)
    return page.show(
        "showings/list.html",
        clashing={each.id for each in all_booked if overlapping(each, all_booked)},
        to_record=[each for each in booked if each.value.starts_at <= asker.now],
        ahead=[each for each in booked if each.value.starts_at > asker.now],
        recorded=recorded,
        names=names,
        interests=words.INTERESTS,
    )


@router.get("/showings/new")
async def new_showing(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    client: Annotated[str, Query(max_length=64)] = "",
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The form; before it, the question for whom."""
    if client:
        return await _booking(page, store, personal, asker, Form.of(BookForm, {"client_id": client}), client)
    own = own_or_all(asker, None)
    if q.strip():
        rows = await search(store, personal, asker, q, own=own)
    else:
        rows = list((await clients(store, personal, asker, own=own, size=20)).items)
    return page.show("showings/for_whom.html", rows=rows, q=q)


@router.post("/showings/new")
async def book_showing(
    page: Page,
    once: Once,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[BookForm], Depends(form_of(BookForm))],
) -> Response:
    """Book it."""
    client_id = form["client_id"].value
    client = await writable(store, asker, client_id)
    try:
        sent = form.valid()
        starts_at = _by_the_wall(sent.starts_at, asker)
        stops = [StopIn(listing_id=each) for each in sent.listings]
        homes = await _in_order(store, (*await stops_of(store, asker, [*stops, *sent.homes]),))
        if not sent.anyway:
            await _say_clash(page, store, asker, client_id, client.agent_id, starts_at, homes)
        command = BookShowing(client_id=client_id, starts_at=starts_at, homes=homes)
        return await once.run(
            lambda stored: see(f"/clients/showings/{stored.id}", toast=page.say("The showing is booked")),
            book,
            command,
        )
    except Invalid as problem:
        return await _booking(page, store, personal, asker, form.with_errors(problem), client_id, 422)


@router.get("/showings/{showing_id}")
async def showing(showing_id: Id, page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """How it went; or the form for it, before somebody has said so."""
    stored = await views.showing_of(store, asker.access, showing_id)
    value = stored.value
    ahead = value.status is Status.BOOKED and value.starts_at > asker.now
    if ahead and may_write(asker.access, value.agent_id, value.org_path):
        return await _plan(page, store, personal, asker, stored)
    form = Form.of(RecordIn, {"minutes": value.planned_minutes}, version=stored.version)
    return await _show(page, store, personal, asker, stored, form)


@router.post("/showings/{showing_id}/plan")
async def plan_showing(
    showing_id: Id, request: Request, page: Page, work: Work, store: Store, personal: Personal, asker: Asking
) -> Response:
    """Put it at another moment, or on another way: the order is that of the fields as they were sent."""
    stored = await writable_showing(store, asker, showing_id)
    form = read_form(PlanForm, await request.form())
    try:
        starts_at, homes = await _planned(form, store, asker)
        command = MoveShowing(
            showing_id=showing_id, starts_at=starts_at, homes=homes, expected_version=form.version or 0
        )
        await work.run(move, command)
        return page.go(f"/clients/showings/{showing_id}", toast=page.say("The way is saved"))
    except Invalid as problem:
        return await _plan(page, store, personal, asker, stored, form.with_errors(problem), 422)
    except (Conflict, StaleVersion) as problem:
        return page.go(f"/clients/showings/{showing_id}", toast=page.language.say_problem(problem))


@router.post("/showings/{showing_id}/confirm")
async def confirm_showing(
    showing_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    form: Annotated[Form[NoFields], Depends(form_of(NoFields))],
) -> Response:
    """The client said that they come."""
    await writable_showing(store, asker, showing_id)
    try:
        await work.run(confirm, ConfirmShowing(showing_id=showing_id, expected_version=form.version or 0))
        said = page.say("Confirmed")
    except (Conflict, StaleVersion) as problem:
        said = page.language.say_problem(problem)
    return page.go(f"/clients/showings/{showing_id}", toast=said)


@router.post("/showings/{showing_id}/cancel")
async def cancel_showing(
    showing_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    form: Annotated[Form[CancelIn], Depends(form_of(CancelIn))],
) -> Response:
    """It does not take place."""
    stored = await writable_showing(store, asker, showing_id)
    try:
        command = CancelShowing(
            showing_id=showing_id, reason=form.valid().reason, expected_version=form.version or 0
        )
        await work.run(cancel, command)
    except (Conflict, StaleVersion, Invalid) as problem:
        return page.go(f"/clients/showings/{showing_id}", toast=page.language.say_problem(problem))
    toast = page.say("The showing is cancelled")
    return page.go(f"/clients/clients/{stored.value.client_id}", toast=toast)


@router.post("/showings/{showing_id}")
async def record_showing(
    showing_id: Id, request: Request, page: Page, work: Work, store: Store, personal: Personal, asker: Asking
) -> Response:
    """Write down how it went."""
    stored = await writable_showing(store, asker, showing_id)
    form = read_form(RecordIn, await request.form())
    try:
        command = await recording(_sent(form, stored.value), stored.value, personal, form.version or 0)
        await work.run(record, command)
    except Invalid as problem:
        return await _show(page, store, personal, asker, stored, form.with_errors(problem), 422)
    except Conflict as problem:
        return page.go(f"/clients/showings/{showing_id}", toast=page.language.say_problem(problem))
    toast = page.say("Recorded. Tomorrow's feedback call is being planned.")
    return page.go(f"/clients/clients/{stored.value.client_id}", toast=toast)


def _sent(form: Form[RecordIn], showing: Showing) -> RecordIn:
    """What was sent of each home, by its place: `interest-0`, `remarks-0`. Raises `Invalid`."""
    homes = [
        {
            "label": home.label,
            "interest": form[f"interest-{place}"].value or None,
            "remarks": form[f"remarks-{place}"].values,
        }
        for place, home in enumerate(showing.homes)
    ]
    try:
        return RecordIn.model_validate(
            {"homes": homes, "minutes": form["minutes"].value, "note": form["note"].value}
        )
    except ValidationError as error:
        raise Invalid(errors=field_errors(error.errors())) from None


def _by_the_wall(typed: datetime, asker: Asker) -> datetime:
    """The moment that somebody typed, by the clock of their unit."""
    return typed.replace(tzinfo=typed.tzinfo or ZoneInfo(asker.access.time_zone))


async def _in_order(store: Mongo, homes: tuple[Home, ...]) -> tuple[Home, ...]:
    """The homes in a first order for the way, by place."""
    known = await of_ids(store, [home.listing_id for home in homes if home.listing_id])
    places = {listing_id: stored.value.place for listing_id, stored in known.items()}
    return by_place(tuple((places.get(home.listing_id or "", ()), home) for home in homes))


async def _say_clash(
    page: PageWriter,
    store: Mongo,
    asker: Asker,
    client_id: str,
    agent_id: str | None,
    starts_at: datetime,
    homes: tuple[Home, ...],
) -> None:
    """Raises `Invalid` when the agent has another showing then."""
    wanted = Showing("", client_id, agent_id or "", (), starts_at, homes)
    clashing = await views.overlaps(store, wanted)
    if clashing:
        times = ", ".join(page.formats.moment(each.starts_at) for each in clashing)
        said = page.say("There is another showing at this time: %(times)s", times=times)
        raise Invalid(errors=[FieldError("/anyway", said)])


async def _planned(form: Form[PlanForm], store: Mongo, asker: Asker) -> tuple[datetime, tuple[Home, ...]]:
    """When, and the homes in the order in which their fields were sent. Raises `Invalid`."""
    rows = form["row"].values[:MOST_HOMES]
    sent: list[object] = [
        {
            "label": form[f"label-{row}"].value,
            "listing_id": form[f"listing-{row}"].value or None,
            "minutes": form[f"minutes-{row}"].value,
        }
        for row in rows
    ]
    sent += [{"listing_id": form["add-listing"].value}] if form["add-listing"].value else []
    sent += [{"label": form["add-label"].value}] if form["add-label"].value.strip() else []
    try:
        plan = PlanForm.model_validate({"starts_at": form["starts_at"].value, "homes": sent})
    except ValidationError as error:
        raise Invalid(errors=field_errors(error.errors())) from None
    return _by_the_wall(plan.starts_at, asker), await stops_of(store, asker, plan.homes)


async def _plan(
    page: PageWriter,
    store: Mongo,
    personal: PersonalData,
    asker: Asker,
    stored: Stored[Showing],
    form: Form[PlanForm] | None = None,
    status: int = 200,
) -> Response:
    value = stored.value
    if form is None:
        form = Form.of(PlanForm, {"starts_at": page.formats.local(value.starts_at)}, version=stored.version)
    client = (await clients_of_ids(store, [value.client_id]))[value.client_id]
    listings = await of_ids(store, [home.listing_id for home in value.homes if home.listing_id])
    return page.show(
        "showings/plan.html",
        status=status,
        form=form,
        showing=value,
        version=stored.version,
        name=(await fields_of(personal, asker, [client], "name"))[0].get("name", ""),
        listings={listing_id: each.value for listing_id, each in listings.items()},
        offered=[each for each in await _offered(store, client.id) if each.listing.id not in listings],
        clashing=await views.overlaps(store, value),
        price_of=lambda listing: price(page, listing),
        place_of=place,
        reasons=CANCELLINGS,
    )


async def _offered(store: Mongo, client_id: str) -> list[ListingRow]:
    """What suits the client, to choose from: the best first, without what they said no to."""
    rows = [row for of_need in await of_client(store, client_id) for row in of_need.suiting]
    liked = [row for row in rows if not (row.match and row.match.feedback and not row.match.feedback.liked)]
    homes = {row.listing.id: row for row in liked if row.listing.kind is not ListingKind.POLICY}
    return list(homes.values())[:_OFFERED]


async def _booking(
    page: PageWriter,
    store: Mongo,
    personal: PersonalData,
    asker: Asker,
    form: Form[BookForm],
    client_id: str,
    status: int = 200,
) -> Response:
    client = await writable(store, asker, client_id)
    name = (await fields_of(personal, asker, [client], "name"))[0].get("name", "")
    given = form["homes"].values
    inputs = [*given, *[""] * max(0, _INPUTS - len(given))][:MOST_HOMES]
    return page.show(
        "showings/new.html",
        status=status,
        form=form,
        client=client,
        name=name,
        inputs=inputs,
        offered=await _offered(store, client_id),
        price_of=lambda listing: price(page, listing),
        place_of=place,
    )


async def _show(
    page: PageWriter,
    store: Mongo,
    personal: PersonalData,
    asker: Asker,
    stored: Stored[Showing],
    form: Form[RecordIn],
    status: int = 200,
) -> Response:
    value = stored.value
    client = (await clients_of_ids(store, [value.client_id]))[value.client_id]
    fields = (await fields_of(personal, asker, [client], "name"))[0]
    note = ""
    if value.sealed:
        level = level_for(asker.access, value.agent_id, value.org_path)
        note = await personal.show_note(value.client_id, value.sealed, level, asker.viewer, asker.now)
    return page.show(
        "showings/record.html",
        status=status,
        form=form,
        showing=value,
        name=fields.get("name", ""),
        note=note,
        begun=value.starts_at <= asker.now,
        remarks=words.REMARKS,
        interests=words.INTERESTS,
        version=stored.version,
        reasons=CANCELLINGS,
        may_write=may_write(asker.access, value.agent_id, value.org_path),
    )
