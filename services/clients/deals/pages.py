"""Pages of deals: the list, one deal with its next step, the forms, and the tab in the client's file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.errors import Invalid
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as Organisation
from services.chassis.records import Stored
from services.chassis.web.dependencies import Directory, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.paging import CursorParam, decode_cursor
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.deals import commands, sight, views
from services.clients.deals.api import SETTERS, writable_deal
from services.clients.deals.forms import SignForm, UndoForm
from services.clients.deals.model import Deal, amounts_of
from services.clients.dependencies import Asking, Id, OwnParam, Personal
from services.clients.files.frame import frame_of
from services.clients.files.personal import PersonalData
from services.clients.files.sight import units_of
from services.clients.files.views import Asker, clients_of_ids, fields_of, own_or_all
from services.contracts.organisation import Role

router = APIRouter()


class Step(Input):
    """A step that needs nothing but the version that was read."""


@dataclass(frozen=True)
class Line:
    """A deal in a list."""

    deal: Deal
    client: str
    """The client's name, as far as it is theirs to see."""
    mine: int
    """What the reader's own shares come to, in minor units."""


@router.get("/deals")
async def deals(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    state: views.State | None = None,
    own: OwnParam = None,
    cursor: CursorParam = "",
) -> Response:
    """The list; whoever confirms shares finds first what waits for that."""
    mine = own_or_all(asker, own)
    waiting = await views.count(store, asker.access, views.State.PROPOSED, own=mine)
    if state is None:
        confirms = asker.access.has(Role.SUPERVISOR, Role.BRANCH_MANAGER)
        state = views.State.PROPOSED if confirms and waiting else views.State.OPEN
    rows = await views.deals(store, asker.access, state, own=mine, position=decode_cursor(cursor, 1))
    agents = await directory.people(stored.value.agent_id for stored in rows.items) if not mine else {}
    return page.show(
        "deals/list.html",
        lines=await _lines(store, personal, asker, rows.items),
        next_cursor=rows.next_cursor,
        state=state,
        own=mine,
        leads=bool(units_of(asker.access)),
        waiting=waiting,
        agents=agents,
        may_set=asker.access.has(*SETTERS),
        **_words(),
    )


@router.get("/deals/{deal_id}")
async def deal(
    deal_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """One deal: who has what, and what comes next."""
    stored = await views.deal_of(store, asker.access, deal_id)
    return await _show(page, store, directory, personal, asker, stored)


@router.post("/deals/{deal_id}/signature")
async def signature(
    deal_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    work: Work,
    form: Annotated[Form[SignForm], Depends(form_of(SignForm))],
) -> Response:
    """It is signed."""
    stored = await writable_deal(store, asker.access, deal_id)
    try:
        given = form.valid()
        command = commands.SignDeal(
            deal_id=deal_id,
            signed_on=given.signed_on,
            starts_on=given.starts_on,
            expected_version=form.version or 0,
        )
        after = await work.run(commands.sign, command)
    except Invalid as problem:
        shown = form.with_errors(problem)
        return await _show(page, store, directory, personal, asker, stored, sign_form=shown, status=422)
    said = (
        page.say("Congratulations! The deal counts.")
        if after.value.counts
        else page.say("The shares wait to be confirmed; then the deal counts.")
    )
    return page.go(f"/clients/deals/{deal_id}", toast=said)


@router.post("/deals/{deal_id}/confirmation")
async def confirmation(
    deal_id: Id,
    page: Page,
    store: Store,
    asker: Asking,
    work: Work,
    form: Annotated[Form[Step], Depends(form_of(Step))],
) -> Response:
    """Confirm the shares."""
    await _confirmable(store, asker, deal_id)
    step = commands.DealStep(deal_id=deal_id, expected_version=form.version or 0)
    await work.run(commands.confirm, step)
    return page.go(f"/clients/deals/{deal_id}", toast=page.say("Confirmed: the deal counts"))


@router.post("/deals/{deal_id}/sending-back")
async def sending_back(
    deal_id: Id,
    page: Page,
    store: Store,
    asker: Asking,
    work: Work,
    form: Annotated[Form[Step], Depends(form_of(Step))],
) -> Response:
    """Let the agent put the shares right."""
    await _confirmable(store, asker, deal_id)
    step = commands.DealStep(deal_id=deal_id, expected_version=form.version or 0)
    await work.run(commands.send_back, step)
    return page.go("/clients/deals", toast=page.say("Sent back to the agent"))


@router.post("/deals/{deal_id}/payment")
async def payment(
    deal_id: Id,
    page: Page,
    store: Store,
    asker: Asking,
    work: Work,
    form: Annotated[Form[Step], Depends(form_of(Step))],
) -> Response:
    """The money came."""
    await writable_deal(store, asker.access, deal_id)
    step = commands.DealStep(deal_id=deal_id, expected_version=form.version or 0)
    await work.run(commands.put_in_force, step)
    return page.go(f"/clients/deals/{deal_id}", toast=page.say("Saved"))


@router.post("/deals/{deal_id}/undoing")
async def undoing(
    deal_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    work: Work,
    form: Annotated[Form[UndoForm], Depends(form_of(UndoForm))],
) -> Response:
    """It came to nothing."""
    stored = await views.deal_of(store, asker.access, deal_id)
    sight.require(sight.may_undo(asker.access, stored.value), asker.access, stored.value)
    try:
        command = commands.UndoDeal(
            deal_id=deal_id, reason=form.valid().reason, expected_version=form.version or 0
        )
        await work.run(commands.undo, command)
    except Invalid as problem:
        shown = form.with_errors(problem)
        return await _show(page, store, directory, personal, asker, stored, undo_form=shown, status=422)
    return page.go(f"/clients/deals/{deal_id}", toast=page.say("The deal is void"))


@router.get("/clients/{client_id}/deals")
async def of_client(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """The tab in the client's file."""
    frame = await frame_of(page, store, directory, personal, asker, client_id, "deals")
    found = await views.of_client(store, client_id)
    lines = [Line(stored.value, frame["file"].name, _share_of(asker, stored.value)) for stored in found]
    return page.show("deals/tab.html", lines=lines, **{**frame, **_words()})


async def _confirmable(store: Mongo, asker: Asker, deal_id: str) -> None:
    stored = await views.deal_of(store, asker.access, deal_id)
    sight.require(sight.may_confirm(asker.access, stored.value), asker.access, stored.value)


async def _lines(
    store: Mongo, personal: PersonalData, asker: Asker, found: Sequence[Stored[Deal]]
) -> list[Line]:
    known = await clients_of_ids(store, list({stored.value.client_id for stored in found}))
    some = list(known.values())
    fields = await fields_of(personal, asker, some, "name")
    names = {client.id: field.get("name", "") for client, field in zip(some, fields, strict=True)}
    return [
        Line(stored.value, names.get(stored.value.client_id, ""), _share_of(asker, stored.value))
        for stored in found
    ]


def _share_of(asker: Asker, deal: Deal) -> int:
    return sum(
        amount
        for share, amount in zip(deal.shares, amounts_of(deal), strict=True)
        if share.agent_id == asker.access.person_id
    )


async def _show(
    page: PageWriter,
    store: Mongo,
    directory: Organisation,
    personal: PersonalData,
    asker: Asker,
    stored: Stored[Deal],
    *,
    sign_form: Form[SignForm] | None = None,
    undo_form: Form[UndoForm] | None = None,
    status: int = 200,
) -> Response:
    value = stored.value
    line = (await _lines(store, personal, asker, [stored]))[0]
    people = await directory.people([*value.people, value.confirmed_by or ""])
    today = {"signed_on": page.formats.today}
    return page.show(
        "deals/deal.html",
        status=status,
        deal=value,
        version=stored.version,
        client=line.client,
        shares=list(zip(value.shares, amounts_of(value), strict=True)),
        people=people,
        may_write=sight.may_write(asker.access, value),
        may_confirm=sight.may_confirm(asker.access, value),
        may_undo=sight.may_undo(asker.access, value),
        sign_form=sign_form or Form.of(SignForm, today, version=stored.version),
        undo_form=undo_form or Form.of(UndoForm, version=stored.version),
        undoings=[(code, page.say(said)) for code, said in words.DEAL_UNDOINGS.items()],
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "kinds": words.DEAL_KINDS,
        "stages": words.DEAL_STAGES,
        "parts": words.DEAL_PARTS,
        "undoings_words": words.DEAL_UNDOINGS,
        "tones": {
            "negotiating": "info",
            "proposed": "warn",
            "signed": "good",
            "in_force": "good",
            "void": "neutral",
        },
    }
