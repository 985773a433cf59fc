"""Pages of handovers: what went to whom, changed by hand, taken back; and many clients at once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import Conflict, Forbidden, Invalid, NotFound
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor
from services.chassis.web.forms import Form, form_of
from services.chassis.web.paging import CursorParam, decode_cursor
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.ownership import commands, views
from services.clients.ownership import words as codes
from services.clients.ownership.api import Key, may_recall, reassigning_many, recallable
from services.clients.ownership.commands import MOST_AT_ONCE
from services.clients.ownership.handover import Recall, recall
from services.clients.ownership.sight import led_units, may_get

router = APIRouter()


class ManyForm(Input):
    """Which clients go to whom; a handover's page sends it, too."""

    client_ids: Annotated[list[Key], Field(min_length=1, max_length=MOST_AT_ONCE)]
    agent_id: Key


class RecallForm(Input):
    """Which clients come back; sent from the list, those that are chosen, and otherwise all."""

    chosen: bool = False
    agent_id: str = ""
    """Of the other button of the same form; it says nothing here."""
    client_ids: Annotated[list[Key], Field(default_factory=list, max_length=MOST_AT_ONCE)]


@router.get("/handovers")
async def handovers(
    page: Page, store: Store, directory: Directory, visitor: Visitor, cursor: CursorParam = ""
) -> Response:
    """Whose clients were handed over."""
    rows = await views.handovers(store, visitor, decode_cursor(cursor, 1))
    return page.show(
        "ownership/handovers.html",
        rows=rows.items,
        next_cursor=rows.next_cursor,
        people=await directory.people(row.agent_id for row in rows.items),
        whys=codes.WHYS,
        hows=codes.HOWS,
        gives=bool(led_units(visitor)),
    )


@router.get("/handovers/by-hand")
async def by_hand(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    agent: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Give many clients of one agent to another."""
    return await _by_hand(page, store, directory, personal, asker, agent, Form.of(ManyForm))


@router.post("/handovers/by-hand")
async def give_many(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    once: Once,
    form: Annotated[Form[ManyForm], Depends(form_of(ManyForm))],
    agent: Annotated[str, Query(max_length=64)] = "",
    handover: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Do so; on the way back to the handover whose page it was done on."""
    try:
        sent = form.valid()
        command = await reassigning_many(store, directory, asker.access, sent.client_ids, sent.agent_id)
        where = f"/clients/handovers/{handover}" if handover else "/clients/handovers"
        return await once.run(
            lambda count: see(where, toast=page.say("%(count)s clients have another agent now", count=count)),
            commands.reassign_clients,
            command,
        )
    except Invalid as problem:
        if handover:
            toast = page.say("Choose clients, and who gets them")
            return page.go(f"/clients/handovers/{handover}", toast=toast)
        shown = form.with_errors(problem)
        return await _by_hand(page, store, directory, personal, asker, agent, shown, 422)


@router.get("/handovers/{handover_id}")
async def handover(
    handover_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    cursor: CursorParam = "",
) -> Response:
    """Which client went to whom."""
    found = await views.handover(store, asker.access, handover_id)
    rows = await views.lines(store, personal, asker, handover_id, decode_cursor(cursor, 1), size=100)
    named = [found.agent_id, *(row.client.agent_id or "" for row in rows.items)]
    units = led_units(asker.access)
    heirs = await directory.people_under(*units) if units else []
    return page.show(
        "ownership/handover.html",
        handover=found,
        rows=rows.items,
        next_cursor=rows.next_cursor,
        people=await directory.people(named),
        whys=codes.WHYS,
        hows=codes.HOWS,
        gives=may_get(asker.access, found.org_path),
        heirs=[(one.id, one.name) for one in heirs if not one.roles.isdisjoint(commands.HAVE_CLIENTS)],
        recalls=may_recall(asker.access, found) and found.recallable(asker.now),
    )


@router.post("/handovers/{handover_id}/recall")
async def take_back(
    handover_id: Id,
    page: Page,
    store: Store,
    visitor: Visitor,
    once: Once,
    form: Annotated[Form[RecallForm], Depends(form_of(RecallForm))],
) -> Response:
    """Take it back, as far as nobody has touched it."""
    await recallable(store, visitor, handover_id)
    where = f"/clients/handovers/{handover_id}"
    sent = form.valid()
    if sent.chosen and not sent.client_ids:
        return page.go(where, toast=page.say("Choose the clients first"))
    chosen = tuple(sent.client_ids) if sent.chosen else None
    try:
        return await once.run(
            lambda count: see(where, toast=page.say("%(count)s clients were taken back", count=count)),
            recall,
            Recall(handover_id=handover_id, client_ids=chosen),
        )
    except Conflict as problem:
        return page.go(where, toast=page.language.say_problem(problem))


async def _by_hand(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    agent_id: str,
    form: Form[ManyForm],
    status: int = 200,
) -> Response:
    units = led_units(asker.access)
    if not units:
        raise Forbidden
    people = [
        one for one in await directory.people_under(*units) if not one.roles.isdisjoint(commands.HAVE_CLIENTS)
    ]
    if agent_id and agent_id not in {one.id for one in people}:
        raise NotFound
    held = await views.held_by(store, personal, asker, agent_id) if agent_id else []
    return page.show(
        "ownership/by_hand.html",
        status=status,
        form=form,
        agents=[(one.id, one.name) for one in people],
        agent_id=agent_id,
        heirs=[(one.id, one.name) for one in people if one.id != agent_id],
        held=held,
        rules=words.RULES,
    )
