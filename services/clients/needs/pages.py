"""The tab "needs" of a client's file, and the form of a need."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import Conflict, Invalid, NotFound, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.frame import frame_of
from services.clients.files.views import Asker, fields_of
from services.clients.listings import words
from services.clients.listings.features import CHOICES, Feature
from services.clients.listings.views import places
from services.clients.matching.views import looking_client
from services.clients.needs import views
from services.clients.needs.api import suggestion_at, writable_need
from services.clients.needs.commands import (
    AnswerSuggestion,
    ChangeNeed,
    CloseNeed,
    OpenNeed,
    answer,
    change_need,
    close_need,
    open_need,
)
from services.clients.needs.forms import LINES, MUST, NeedForm, fresh_values, looking_of, values_of
from services.clients.needs.model import Need
from services.contracts.clients import ListingKind

router = APIRouter()


class AnswerForm(Input):
    """Whether a suggestion is taken."""

    suggestion: Annotated[int, Field(ge=0, le=20)]
    accept: bool = False


class Nothing(Input):
    """A form that says but its version."""


@router.get("/clients/{client_id}/needs")
async def needs(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """What the client looks for."""
    await looking_client(store, asker, client_id)
    found = await views.needs_of_client(store, client_id)
    return page.show(
        "needs/needs.html",
        needs=[(stored, _said(page, stored.value)) for stored in found],
        looks_for=words.LOOKS_FOR,
        **await frame_of(page, store, directory, personal, asker, client_id, "needs"),
    )


@router.get("/clients/{client_id}/needs/new")
async def new_need(
    client_id: Id,
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    kind: ListingKind = ListingKind.SALE,
) -> Response:
    """The form."""
    await writable(store, asker, client_id)
    return await _form(page, store, personal, asker, client_id, Form.of(NeedForm, fresh_values(kind)), kind)


@router.post("/clients/{client_id}/needs/new")
async def add_need(
    client_id: Id,
    page: Page,
    once: Once,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[NeedForm], Depends(form_of(NeedForm))],
) -> Response:
    """Write it down; what suits is shown next."""
    await writable(store, asker, client_id)
    try:
        looking = looking_of(form)
        command = OpenNeed(client_id=client_id, **vars(looking))
        return await once.run(
            lambda _: see(f"/clients/clients/{client_id}/matches", toast=page.say("Saved")),
            open_need,
            command,
        )
    except Invalid as problem:
        shown = form.with_errors(problem)
    except Conflict as problem:
        return page.go(f"/clients/clients/{client_id}/needs", toast=page.language.say_problem(problem))
    return await _form(page, store, personal, asker, client_id, shown, _kind(form), status=422)


@router.get("/needs/{need_id}")
async def need(need_id: Id, page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """The form, with what is known."""
    stored = await writable_need(store, asker, need_id)
    form = Form.of(NeedForm, values_of(stored.value), version=stored.version)
    client_id, kind = stored.value.client_id, stored.value.kind
    return await _form(page, store, personal, asker, client_id, form, kind, stored)


@router.post("/needs/{need_id}")
async def save(
    need_id: Id,
    page: Page,
    store: Store,
    work: Work,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[NeedForm], Depends(form_of(NeedForm))],
) -> Response:
    """Write it down anew; what somebody else changed in the meantime is shown, not overwritten."""
    stored = await writable_need(store, asker, need_id)
    client_id, status = stored.value.client_id, 422
    try:
        looking = looking_of(form)
        command = ChangeNeed(need_id=need_id, expected_version=form.version or 0, **vars(looking))
        await work.run(change_need, command)
        return page.go(f"/clients/clients/{client_id}/matches", toast=page.say("Saved"))
    except Invalid as problem:
        shown = form.with_errors(problem)
    except StaleVersion:
        stored = await views.need_of(store, asker, need_id)
        shown, status = form.against(values_of(stored.value), version=stored.version), 412
    return await _form(page, store, personal, asker, client_id, shown, _kind(form), stored, status=status)


@router.post("/needs/{need_id}/close")
async def close(
    need_id: Id,
    page: Page,
    store: Store,
    work: Work,
    asker: Asking,
    form: Annotated[Form[Nothing], Depends(form_of(Nothing))],
) -> Response:
    """The client found something, or no longer looks."""
    stored = await writable_need(store, asker, need_id)
    try:
        await work.run(close_need, CloseNeed(need_id=need_id, expected_version=form.version or 0))
        said = page.say("The need is closed")
    except StaleVersion as problem:
        said = page.language.say_problem(problem)
    return page.go(f"/clients/clients/{stored.value.client_id}/needs", toast=said)


@router.post("/needs/{need_id}/suggestion")
async def answer_suggestion(
    need_id: Id,
    page: Page,
    store: Store,
    work: Work,
    asker: Asking,
    form: Annotated[Form[AnswerForm], Depends(form_of(AnswerForm))],
) -> Response:
    """Narrow the need as suggested, or leave it."""
    stored = await writable_need(store, asker, need_id)
    try:
        given = form.valid()
        command = AnswerSuggestion(
            need_id=need_id,
            suggestion=suggestion_at(stored.value, given.suggestion),
            accept=given.accept,
            expected_version=form.version or 0,
        )
        await work.run(answer, command)
        said = page.say("The need is narrowed") if given.accept else page.say("The need stays as it is")
    except (Invalid, Conflict, StaleVersion, NotFound) as problem:
        said = page.language.say_problem(problem)
    return page.go(f"/clients/clients/{stored.value.client_id}/matches", toast=said)


def _kind(form: Form[NeedForm]) -> ListingKind:
    sent = form["kind"].value
    return ListingKind(sent) if sent in tuple(ListingKind) else ListingKind.SALE


async def _form(
    page: PageWriter,
    store: Mongo,
    personal: Any,
    asker: Asker,
    client_id: str,
    form: Form[NeedForm],
    kind: ListingKind,
    stored: Stored[Need] | None = None,
    *,
    status: int = 200,
) -> Response:
    client = await writable(store, asker, client_id)
    name = (await fields_of(personal, asker, [client], "name"))[0].get("name", "")
    lines = [
        (
            line,
            page.say(words.PRICES[kind] if line.feature is Feature.PRICE else words.FEATURES[line.feature]),
            [(code, page.say(words.CODES[code])) for code in CHOICES.get(line.feature, ())],
        )
        for line in LINES[kind]
    ]
    hows = [(MUST, page.say("Must")), *((code, page.say(said)) for code, said in words.WEIGHTS.items())]
    return page.show(
        "needs/form.html",
        status=status,
        form=form,
        kind=kind,
        kinds=words.LOOKS_FOR,
        stored=stored,
        client=client,
        name=name,
        lines=lines,
        hows=hows,
        places=await places(store, asker.access),
    )


def _said(page: PageWriter, need: Need) -> dict[str, Any]:
    """The need in words."""
    return {
        "places": [words.place(place) for place in need.places],
        "avoid": [words.place(place) for place in need.avoid],
        "limits": [
            (page.say(words.FEATURES[each.feature]), words.condition(page, each, need.currency))
            for each in need.limits
        ],
        "wishes": [
            (
                page.say(words.FEATURES[wish.condition.feature]),
                words.condition(page, wish.condition, need.currency),
                page.say(words.WEIGHTS[wish.weight]),
            )
            for wish in need.wishes
        ],
    }
