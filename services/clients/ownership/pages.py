"""Pages of the pool, and of who has which client."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import Conflict, Invalid, NotFound, StaleVersion
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.paging import CursorParam, decode_cursor
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.frame import frame_of
from services.clients.files.model import Client
from services.clients.files.views import client_of
from services.clients.ownership import commands, views
from services.clients.ownership import words as codes
from services.clients.ownership.api import (
    Key,
    OwnershipIn,
    SharingIn,
    may_give,
    reassigning,
    takeable,
)
from services.clients.ownership.commands import ShareClient, TakeClient
from services.clients.ownership.model import holding_of, release_at
from services.clients.ownership.settings import Following, HandoverRule, OwnershipSettings
from services.clients.ownership.sight import DECIDES, led_units, require_owner
from services.clients.ownership.store import policy_at, settings_of
from services.contracts.clients import Grade
from services.contracts.organisation import Role

router = APIRouter()


class GivingForm(Input):
    """To whom a client goes; empty: into the pool."""

    agent_id: Key | None = None


class SharingForm(SharingIn):
    """With whom a client is shared; without a tick it is private."""

    agent_ids: Annotated[list[Key], Field(default_factory=list, max_length=commands.MOST_SHARED)]


@router.get("/pool")
async def pool(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    grade: Grade | None = None,
    cursor: CursorParam = "",
) -> Response:
    """Who can be taken."""
    rows = await views.pool(store, personal, asker, grade=grade, position=decode_cursor(cursor, 2), size=30)
    takes = asker.access.has(Role.AGENT, Role.SUPERVISOR)
    last = [holding_of(row.client).earlier[-1:] for row in rows.items]
    return page.show(
        "ownership/pool.html",
        rows=rows.items,
        next_cursor=rows.next_cursor,
        grade=grade,
        last_agents=[tenures[0].agent_id if tenures else None for tenures in last],
        people=await directory.people(tenure.agent_id or "" for tenures in last for tenure in tenures),
        may_take=takes,
        takes=await views.takes_left(store, asker.access, asker.now) if takes else None,
        may_set=asker.access.has(*DECIDES),
        intents=words.INTENTS,
        sources=words.SOURCES,
    )


@router.post("/pool/{client_id}/take")
async def take(client_id: Id, page: Page, once: Once, visitor: Visitor, store: Store) -> Response:
    """Take a client; whoever was slower is told so where they tapped."""
    await takeable(store, visitor, client_id)
    try:
        return await once.run(
            lambda stored: see(
                f"/clients/clients/{stored.id}",
                toast=page.say("The client is yours. Introduce yourself soon."),
            ),
            commands.take,
            TakeClient(client_id=client_id, agent_id=visitor.person_id),
        )
    except Conflict as problem:
        return page.go("/clients/pool", toast=page.language.say_problem(problem))


@router.get("/pool/settings")
async def settings(
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    unit: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """By what clients change hands in one's units."""
    return await _settings(page, store, directory, visitor, unit, None)


@router.post("/pool/settings")
async def save_settings(
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[OwnershipIn], Depends(form_of(OwnershipIn))],
    unit: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Say what the unit does otherwise."""
    place = await directory.unit(unit)
    visitor.require_sight(place.org_path)
    visitor.require(*DECIDES, at=place.org_path)
    try:
        await work.run(commands.set_ownership, OwnershipSettings(id=unit, **form.valid().model_dump()))
        return page.go(f"/clients/pool/settings?unit={unit}", toast=page.say("Saved. It holds from now on."))
    except Invalid as problem:
        return await _settings(page, store, directory, visitor, unit, form.with_errors(problem), 422)


@router.get("/clients/{client_id}/owner")
async def owner(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """Who has the client, who had them before, and with whom they are shared."""
    return await _owner(page, store, directory, personal, asker, client_id)


@router.post("/clients/{client_id}/owner")
async def give(
    client_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    work: Work,
    form: Annotated[Form[GivingForm], Depends(form_of(GivingForm))],
) -> Response:
    """Give the client to somebody else, or into the pool."""
    client = (await client_of(store, asker.access, client_id)).value
    try:
        said = form.valid()
        command = await reassigning(asker.access, directory, client, said.agent_id, form.version or 0)
        after = (await work.run(commands.reassign_client, command)).value
    except Invalid as problem:
        return await _owner(
            page, store, directory, personal, asker, client_id, giving=form.with_errors(problem), status=422
        )
    except (StaleVersion, Conflict) as problem:
        return page.go(f"/clients/clients/{client_id}/owner", toast=page.language.say_problem(problem))
    if after.agent_id is None:
        return page.go("/clients/pool", toast=page.say("The client is in the pool"))
    leads = may_give(asker.access, after)
    where = f"/clients/clients/{client_id}/owner" if leads else "/clients/clients"
    return page.go(where, toast=page.say("The client has another agent now"))


@router.post("/clients/{client_id}/sharing")
async def share(
    client_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    work: Work,
    form: Annotated[Form[SharingForm], Depends(form_of(SharingForm))],
) -> Response:
    """Share the client, or make them private again."""
    client = (await client_of(store, asker.access, client_id)).value
    require_owner(asker.access, client)
    try:
        command = ShareClient(
            client_id=client_id, agent_ids=tuple(form.valid().agent_ids), expected_version=form.version or 0
        )
        after = (await work.run(commands.share, command)).value
    except Invalid as problem:
        return await _owner(
            page, store, directory, personal, asker, client_id, sharing=form.with_errors(problem), status=422
        )
    except StaleVersion as problem:
        return page.go(f"/clients/clients/{client_id}/owner", toast=page.language.say_problem(problem))
    toast = page.say("The client is shared") if after.shared_with else page.say("The client is private")
    return page.go(f"/clients/clients/{client_id}/owner", toast=toast)


async def _owner(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    client_id: str,
    *,
    giving: Form[GivingForm] | None = None,
    sharing: Form[SharingForm] | None = None,
    status: int = 200,
) -> Response:
    context = await frame_of(page, store, directory, personal, asker, client_id, "owner")
    client: Client = context["client"]
    holding = holding_of(client)
    gives, owns = may_give(asker.access, client), False
    if context["may_write"]:
        owns = gives or client.agent_id == asker.access.person_id
    units = led_units(asker.access)
    heirs = await directory.people_under(*units) if gives and units else []
    branch = client.org_path[: min(3, len(client.org_path))][-1]
    colleagues = await directory.people_under(branch, role=Role.AGENT) if owns else []
    named = [client.agent_id or "", *client.shared_with, *(each.agent_id or "" for each in holding.earlier)]
    policy = await policy_at(store, client.org_path)
    return page.show(
        "ownership/owner.html",
        status=status,
        **context,
        holding=holding,
        people=await directory.people(named),
        gives=gives,
        owns=owns,
        heirs=[
            (one.id, one.name)
            for one in heirs
            if one.id != client.agent_id and not one.roles.isdisjoint(commands.HAVE_CLIENTS)
        ],
        colleagues=[(one.id, one.name) for one in colleagues if one.id != client.agent_id],
        giving=giving or Form.of(GivingForm, version=context["version"]),
        sharing=sharing
        or Form.of(SharingForm, {"agent_ids": list(client.shared_with)}, version=context["version"]),
        endings=words.REASSIGNED,
        releases_at=release_at(client, policy),
    )


async def _settings(
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    unit_id: str,
    form: Form[OwnershipIn] | None,
    status: int = 200,
) -> Response:
    theirs = sorted({grant.unit_id for grant in visitor.grants if grant.role in DECIDES})
    if not theirs:
        raise NotFound
    units = await directory.subtree(*theirs)
    chosen = next((one for one in units if one.id == (unit_id or theirs[0])), None)
    if chosen is None:
        raise NotFound
    said = (await settings_of(store, [chosen.id])).get(chosen.id)
    values: dict[str, Any] = (
        {name: value for name, value in vars(said).items() if name != "id" and value is not None}
        if said
        else {}
    )
    return page.show(
        "ownership/settings.html",
        status=status,
        units=[(one.id, one.name) for one in units],
        unit=chosen,
        form=form or Form.of(OwnershipIn, values),
        policy=await policy_at(store, chosen.org_path),
        rules=[(rule.value, page.say(codes.HANDOVER_RULES[rule])) for rule in HandoverRule],
        followings=[(each.value, page.say(codes.FOLLOWINGS[each])) for each in Following],
        handover_words=codes.HANDOVER_RULES,
        following_words=codes.FOLLOWINGS,
    )
