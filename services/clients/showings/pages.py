"""Showings: what is ahead, booking one, recording how it went."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, ValidationError
from starlette.responses import Response

from services.chassis.errors import Conflict, Invalid
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of, read_form
from services.chassis.web.validation import Input, field_errors
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.lists import clients, search
from services.clients.files.sight import level_for, may_write
from services.clients.files.views import clients_of_ids, fields_of, own_or_all
from services.clients.showings import views
from services.clients.showings.api import Label, RecordIn, recording, writable_showing
from services.clients.showings.commands import BookShowing, book, record
from services.clients.showings.model import MOST_HOMES, Showing

router = APIRouter()

_INPUTS = 4


class BookForm(Input):
    """A showing as somebody books it; the time is by the clock on their wall."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    starts_at: datetime
    homes: Annotated[list[Label], Field(min_length=1, max_length=MOST_HOMES)]


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
    return page.show(
        "showings/list.html",
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
    await writable(store, asker, client_id)
    try:
        sent = form.valid()
        starts_at = sent.starts_at.replace(tzinfo=sent.starts_at.tzinfo or ZoneInfo(asker.access.time_zone))
        command = BookShowing(client_id=client_id, starts_at=starts_at, homes=tuple(sent.homes))
        return await once.run(
            lambda stored: see(f"/clients/clients/{client_id}", toast=page.say("The showing is booked")),
            book,
            command,
        )
    except Invalid as problem:
        return await _booking(page, store, personal, asker, form.with_errors(problem), client_id, 422)


@router.get("/showings/{showing_id}")
async def showing(showing_id: Id, page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """How it went; or the form for it, before somebody has said so."""
    stored = await views.showing_of(store, asker.access, showing_id)
    form = Form.of(RecordIn, {"minutes": 30 * len(stored.value.homes)}, version=stored.version)
    return await _show(page, store, personal, asker, stored, form)


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


async def _booking(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Form[BookForm],
    client_id: str,
    status: int = 200,
) -> Response:
    client = await writable(store, asker, client_id)
    name = (await fields_of(personal, asker, [client], "name"))[0].get("name", "")
    given = form["homes"].values
    inputs = [*given, *[""] * max(0, _INPUTS - len(given))][:MOST_HOMES]
    return page.show("showings/new.html", status=status, form=form, client=client, name=name, inputs=inputs)


async def _show(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
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
        may_write=may_write(asker.access, value.agent_id, value.org_path),
    )
