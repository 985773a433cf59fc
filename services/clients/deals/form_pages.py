"""Pages of deals that are forms: new terms, other terms, and from when on shares are confirmed."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import Invalid, NotFound, StaleVersion
from services.chassis.organisation.directory import Directory as Organisation
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.clients import words
from services.clients.deals import commands, views
from services.clients.deals.api import SETTERS, writable_deal
from services.clients.deals.forms import ROWS, ConfirmingForm, NewDealForm, TermsForm, first_values, values_of
from services.clients.deals.model import MOST_SHARES, Confirming
from services.clients.deals.money import CURRENCIES, major_units, minor_units
from services.clients.deals.store import confirming_at
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.model import Client, agent_of
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker, clients_of_ids, fields_of
from services.contracts.organisation import Role

router = APIRouter()


@router.get("/deals/new")
async def new_deal(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    client: Annotated[str, Query(max_length=64)] = "",
    listing: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The form, for one client."""
    if not client:
        return page.go("/clients/clients", toast=page.say("Open the client the deal is with"))
    found = await writable(store, asker, client)
    form = Form.of(NewDealForm, first_values(client, agent_of(found), listing))
    return await _edit(page, directory, personal, asker, found, form)


@router.post("/deals/new")
async def open_deal(
    page: Page,
    once: Once,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[NewDealForm], Depends(form_of(NewDealForm))],
) -> Response:
    """Write it down."""
    client = await writable(store, asker, form["client_id"].value)
    try:
        command = commands.OpenDeal(client_id=client.id, terms=form.valid().terms())
        return await once.run(
            lambda stored: see(f"/clients/deals/{stored.id}", toast=page.say("The deal is written down")),
            commands.open_deal,
            command,
        )
    except Invalid as problem:
        shown = form.with_errors(_by_row(form, problem))
        return await _edit(page, directory, personal, asker, client, shown, status=422)


@router.get("/deals/settings")
async def settings(
    page: Page,
    store: Store,
    directory: Directory,
    asker: Asking,
    unit: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """From which commission on shares are confirmed, in one unit."""
    unit_id = unit or _setting_unit(asker.access)
    chosen = await directory.unit(unit_id)
    asker.access.require_sight(chosen.org_path)
    asker.access.require(*SETTERS, at=chosen.org_path)
    said = await confirming_at(store, chosen.org_path)
    limit = said[-1].from_commission if said else 0
    values = {"unit_id": unit_id, "from_commission": "" if limit is None else major_units(limit, "CNY")}
    return page.show("deals/settings.html", form=Form.of(ConfirmingForm, values), unit=chosen)


@router.post("/deals/settings")
async def save_settings(
    page: Page,
    directory: Directory,
    asker: Asking,
    work: Work,
    form: Annotated[Form[ConfirmingForm], Depends(form_of(ConfirmingForm))],
) -> Response:
    """Keep it."""
    unit = await directory.unit(form["unit_id"].value)
    asker.access.require_sight(unit.org_path)
    asker.access.require(*SETTERS, at=unit.org_path)
    try:
        typed = form.valid().from_commission
        limit = minor_units(typed, "CNY", "/from_commission") if typed else None
        await work.run(commands.set_confirming, Confirming(unit.id, limit))
    except Invalid as problem:
        return page.show("deals/settings.html", status=422, form=form.with_errors(problem), unit=unit)
    return page.go("/clients/deals", toast=page.say("Saved"))


@router.get("/deals/{deal_id}/edit")
async def edit(
    deal_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """The form for its terms."""
    stored = await writable_deal(store, asker.access, deal_id)
    client = (await clients_of_ids(store, [stored.value.client_id]))[stored.value.client_id]
    form = Form.of(TermsForm, values_of(stored.value), version=stored.version)
    return await _edit(page, directory, personal, asker, client, form, deal_id=deal_id)


@router.post("/deals/{deal_id}/edit")
async def save(
    deal_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    work: Work,
    form: Annotated[Form[TermsForm], Depends(form_of(TermsForm))],
) -> Response:
    """Write other terms."""
    stored = await writable_deal(store, asker.access, deal_id)
    status = 422
    try:
        command = commands.ChangeTerms(
            deal_id=deal_id, terms=form.valid().terms(), expected_version=form.version or 0
        )
        await work.run(commands.change_terms, command)
        return page.go(f"/clients/deals/{deal_id}", toast=page.say("Saved"))
    except Invalid as problem:
        shown = form.with_errors(_by_row(form, problem))
    except StaleVersion:
        now = await views.deal_of(store, asker.access, deal_id)
        shown, status = form.against(values_of(now.value), version=now.version), 412
    client = (await clients_of_ids(store, [stored.value.client_id]))[stored.value.client_id]
    return await _edit(page, directory, personal, asker, client, shown, deal_id=deal_id, status=status)


async def _edit(
    page: PageWriter,
    directory: Organisation,
    personal: PersonalData,
    asker: Asker,
    client: Client,
    form: Form[Any],
    *,
    deal_id: str = "",
    status: int = 200,
) -> Response:
    name = (await fields_of(personal, asker, [client], "name"))[0].get("name", "")
    chosen = [form[f"shares.{row}.agent_id"].value for row in range(MOST_SHARES)]
    filled = sum(bool(each) for each in chosen)
    rows = min(MOST_SHARES, max(ROWS, filled + 1, *(row + 1 for row, each in enumerate(chosen) if each), 1))
    return page.show(
        "deals/edit.html",
        status=status,
        form=form,
        client=client,
        name=name,
        deal_id=deal_id,
        rows=range(rows),
        people=await _partners(directory, client, chosen),
        currencies=[(code, code) for code in CURRENCIES],
        kinds=[(code, page.say(said)) for code, said in words.DEAL_KINDS.items()],
        parts=[(code, page.say(said)) for code, said in words.DEAL_PARTS.items()],
    )


async def _partners(directory: Organisation, client: Client, chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Who can have a share: who sells in the branch, and whoever has one already."""
    branch = client.org_path[min(2, len(client.org_path) - 1)]
    people = {person.id: person for person in await directory.people_under(branch)}
    selling = {
        id_: each for id_, each in people.items() if each.roles & {Role.AGENT, Role.SUPERVISOR}
    } | await directory.people(each for each in chosen if each)
    return sorted(((each.id, each.name) for each in selling.values()), key=lambda pair: pair[1])


def _by_row(form: Form[Any], problem: Invalid) -> Invalid:
    """The same errors, each beside the row of the form; a command counts the shares that are filled in."""
    rows = [row for row in range(MOST_SHARES) if form[f"shares.{row}.agent_id"].value]
    errors = []
    for error in problem.errors:
        parts = error.pointer.split("/")
        if len(parts) == 4 and parts[1] == "shares" and parts[3] == "agent_id" and parts[2].isdigit():
            place = int(parts[2])
            if len(rows) == len({*rows}) and place < len(rows):
                error = type(error)(f"/shares/{rows[place]}/agent_id", error.message)
        errors.append(error)
    return Invalid(errors=errors)


def _setting_unit(access: Access) -> str:
    """The unit whose settings concern this person most. Raises `NotFound` for who sets none."""
    units = [grant for grant in access.grants if grant.role in SETTERS]
    if not units:
        raise NotFound
    return max(units, key=lambda grant: len(grant.org_path)).unit_id
