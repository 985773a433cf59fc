"""Pages of listings: the list, one listing, the forms."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.chassis.errors import Conflict, Forbidden, Invalid, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.paging import CursorParam, decode_cursor
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.sight import level_of
from services.clients.files.views import Asker, clients_of_ids, fields_of
from services.clients.listings import owner as owners
from services.clients.listings import views, words
from services.clients.listings.amounts import minor_of
from services.clients.listings.api import PlaceParam, StepIn, adding, changing, writable_listing
from services.clients.listings.commands import TurnListing, add, edit, turn
from services.clients.listings.features import Decoration, Feature, Orientation, PolicyType
from services.clients.listings.forms import ListingForm, values_of
from services.clients.listings.model import OVER, Listing, Status
from services.clients.listings.places import LEVELS, SEPARATOR, place_of
from services.clients.listings.sight import may_add, may_write, owner_level
from services.clients.listings.views import Filter
from services.clients.showings import views as showings
from services.clients.words import INTERESTS, REMARKS
from services.contracts.clients import ListingKind

router = APIRouter()

AmountParam = Annotated[str, Query(max_length=30)]


@router.get("/listings")
async def listings(
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    kind: ListingKind = ListingKind.SALE,
    status: Status = Status.OFFERED,
    place: PlaceParam = "",
    trait: Annotated[str, Query(max_length=20, pattern=r"^[^\x00]*$")] = "",
    low: AmountParam = "",
    high: AmountParam = "",
    mine: bool = False,
    cursor: CursorParam = "",
) -> Response:
    """The company's listings of one kind, narrowed; or what the reader keeps."""
    said = {
        "kind": kind.value,
        "status": status.value,
        "place": place,
        "trait": trait,
        "low": low,
        "high": high,
    }
    wrong = ""
    wanted = Filter(kind, status)
    try:
        wanted = Filter(
            kind,
            status,
            place_of(place),
            trait,
            minor_of(low, pointer="/low"),
            minor_of(high, pointer="/high"),
        )
    except Invalid as problem:
        wrong = page.say(problem.errors[0].message)
    position = decode_cursor(cursor, 1)
    if mine:
        rows = await views.own_listings(store, visitor, status, position)
    else:
        rows = await views.listings(store, visitor, wanted, position)
    return page.show(
        "listings/list.html",
        rows=rows.items,
        next_cursor=rows.next_cursor,
        filter=wanted,
        said=said,
        wrong=wrong,
        mine=mine,
        narrowed=bool(place or trait or low or high),
        agents=await directory.people(stored.value.agent_id for stored in rows.items),
        places=await views.places(store, visitor),
        may_add=may_add(visitor),
        link=lambda **changed: "/clients/listings?" + _query(said, mine, changed),
        **_words(page),
    )


@router.get("/listings/new")
async def new_listing(
    page: Page, store: Store, visitor: Visitor, kind: ListingKind = ListingKind.SALE
) -> Response:
    """The form for a home or a product."""
    if not may_add(visitor):
        raise Forbidden
    return await _form(page, store, visitor, Form.of(ListingForm, {"kind": kind}), kind)


@router.post("/listings/new")
async def add_listing(
    page: Page,
    once: Once,
    store: Store,
    visitor: Visitor,
    personal: Personal,
    form: Annotated[Form[ListingForm], Depends(form_of(ListingForm))],
) -> Response:
    """Offer it."""
    try:
        command = await adding(form.valid().listing(), visitor, personal)
        return await once.run(
            lambda stored: see(
                f"/clients/listings/{stored.id}",
                toast=page.say("The listing is on offer. Clients whom it suits are being looked for."),
            ),
            add,
            command,
        )
    except Invalid as problem:
        sent = form["kind"].value
        kind = ListingKind(sent) if sent in tuple(ListingKind) else ListingKind.SALE
        return await _form(page, store, visitor, form.with_errors(problem), kind, status=422)


@router.get("/listings/{listing_id}")
async def listing(
    listing_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """One listing: its facts, its histories, who saw it."""
    stored = await views.listing_of(store, asker.access, listing_id)
    value = stored.value
    seen = await _seen(store, personal, asker, listing_id)
    concerned = {value.agent_id, *(turn.by for turn in value.turns), *(each["agent_id"] for each in seen)}
    people = await directory.people(concerned)
    return page.show(
        "listings/listing.html",
        stored=stored,
        listing=value,
        owner=await owners.show(personal, asker, value),
        owner_level=owner_level(asker.access, value),
        keeper=people.get(value.agent_id),
        names={person_id: person.name for person_id, person in people.items()},
        may_write=may_write(asker.access, value),
        over=value.status in OVER,
        facts=_facts(page, value),
        seen=seen,
        interests=INTERESTS,
        remarks=REMARKS,
        **_words(page),
    )


@router.get("/listings/{listing_id}/edit")
async def edit_form(
    listing_id: Id, page: Page, store: Store, visitor: Visitor, personal: Personal, asker: Asking
) -> Response:
    """The form, with what is known."""
    stored = await writable_listing(store, asker, listing_id)
    values = values_of(stored.value, await owners.show(personal, asker, stored.value))
    form = Form.of(ListingForm, values, version=stored.version)
    return await _form(page, store, visitor, form, stored.value.kind, stored)


@router.post("/listings/{listing_id}/edit")
async def save(
    listing_id: Id,
    page: Page,
    store: Store,
    work: Work,
    visitor: Visitor,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[ListingForm], Depends(form_of(ListingForm))],
) -> Response:
    """Write other facts; what somebody else changed in the meantime is shown, not overwritten."""
    stored = await writable_listing(store, asker, listing_id)
    status = 422
    try:
        sent = form.valid().described(stored.value)
        await work.run(edit, await changing(sent, stored.value, personal, form.version or 0))
        return page.go(f"/clients/listings/{listing_id}", toast=page.say("Saved"))
    except Invalid as problem:
        shown = form.with_errors(problem)
    except Conflict as problem:
        return page.go(f"/clients/listings/{listing_id}", toast=page.language.say_problem(problem))
    except StaleVersion:
        stored = await views.listing_of(store, asker.access, listing_id)
        values = values_of(stored.value, await owners.show(personal, asker, stored.value))
        shown, status = form.against(values, version=stored.version), 412
    return await _form(page, store, visitor, shown, stored.value.kind, stored, status=status)


@router.post("/listings/{listing_id}/status")
async def change_status(
    listing_id: Id,
    page: Page,
    store: Store,
    work: Work,
    asker: Asking,
    form: Annotated[Form[StepIn], Depends(form_of(StepIn))],
) -> Response:
    """Reserve it, offer it again, or close it."""
    await writable_listing(store, asker, listing_id)
    try:
        command = TurnListing(
            listing_id=listing_id, step=form.valid().step, expected_version=form.version or 0
        )
        await work.run(turn, command)
        said = page.say("Saved")
    except (Conflict, StaleVersion, Invalid) as problem:
        said = page.language.say_problem(problem)
    return page.go(f"/clients/listings/{listing_id}", toast=said)


async def _form(
    page: PageWriter,
    store: Mongo,
    visitor: Any,
    form: Form[ListingForm],
    kind: ListingKind,
    stored: Stored[Listing] | None = None,
    *,
    status: int = 200,
) -> Response:
    return page.show(
        "listings/form.html",
        status=status,
        form=form,
        kind=kind,
        stored=stored,
        names_at=_by_level(await views.places(store, visitor)),
        orientations=_codes(page, Orientation),
        decorations=_codes(page, Decoration),
        policy_types=_codes(page, PolicyType),
        **_words(page),
    )


def _by_level(places: list[str]) -> list[list[str]]:
    """The names of known places: cities, districts, areas, communities."""
    split = [text.split(SEPARATOR) for text in places]
    return [sorted({names[level] for names in split if len(names) > level}) for level in range(LEVELS)]


async def _seen(store: Mongo, personal: Any, asker: Asker, listing_id: str) -> list[dict[str, Any]]:
    """The showings of the listing, with names of clients only where they are the reader's to see."""
    found = await showings.of_listing(store, listing_id)
    clients = await clients_of_ids(store, [each.value.client_id for each in found])
    visible = [client for client in clients.values() if level_of(asker.access, client) != "none"]
    fields = await fields_of(personal, asker, visible, "name")
    names = {client.id: field.get("name", "") for client, field in zip(visible, fields, strict=True)}
    return [
        {
            "showing": each.value,
            "home": next(home for home in each.value.homes if home.listing_id == listing_id),
            "agent_id": each.value.agent_id,
            "name": names.get(each.value.client_id, ""),
        }
        for each in found
    ]


def _facts(page: PageWriter, listing: Listing) -> list[tuple[str, str]]:
    """What is known, in words; the price stands elsewhere."""
    facts, said = listing.facts, []
    for feature in Feature:
        if feature in facts.figures and feature is not Feature.PRICE:
            low, top = facts.figures[feature], facts.top(feature)
            text = words.figure(page, feature, low)
            if top != low:
                text = f"{low} – {words.figure(page, feature, top)}"
        elif feature in facts.codes:
            text = words.code(page, feature, facts.codes[feature])
        else:
            continue
        said.append((page.say(words.FEATURES[feature]), text))
    return said


def _words(page: PageWriter) -> dict[str, Any]:
    return {
        "kinds": words.KINDS,
        "statuses": words.STATUSES,
        "status_kinds": words.STATUS_KINDS,
        "closings": words.CLOSINGS,
        "prices": words.PRICES,
        "codes": words.CODES,
        "types": tuple(PolicyType),
        "price_of": lambda each: words.price(page, each),
        "short_of": lambda each: words.in_short(page, each),
        "place_of": words.place,
    }


def _codes(page: PageWriter, codes: Any) -> list[tuple[str, str]]:
    return [(code.value, page.say(words.CODES[code])) for code in codes]


def _query(said: dict[str, str], mine: bool, changed: dict[str, Any]) -> str:
    query = {**said, "mine": "true" if mine else "", **changed}
    return urlencode({name: value for name, value in query.items() if value not in ("", None)})
