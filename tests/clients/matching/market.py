"""What is offered and looked for in the company of the tests."""

from collections.abc import Mapping
from typing import Any

from services.chassis.records import Stored
from services.clients.files.model import Client
from services.clients.listings.commands import AddListing, EditListing, add, edit
from services.clients.listings.features import Facts, Feature
from services.clients.listings.model import Listing
from services.clients.listings.places import Place
from services.clients.matching.store import MATCHES, Match
from services.clients.needs.commands import OpenNeed, open_need
from services.clients.needs.model import Condition, Need, Wish
from services.clients.needs.store import NEEDS
from services.contracts.clients import Grade, ListingKind
from tests.clients.company import Company
from tests.clients.matching.samples import ESTATE, between

LIMITS = (between(Feature.PRICE, 400_000_000, 550_000_000), between(Feature.ROOMS, 2, 3))


async def offer(
    company: Company,
    agent_id: str = "zhao",
    place: Place = ESTATE,
    title: str = "静安枫景 3-1201",
    codes: Mapping[Feature, str] | None = None,
    sealed: dict[str, bytes] | None = None,
    kind: ListingKind = ListingKind.SALE,
    **figures: int,
) -> Stored[Listing]:
    """Three rooms in Jing'an for 5,000,000, kept by Zhao."""
    known = {Feature.PRICE: 500_000_000, Feature.ROOMS: 3, Feature.SIZE: 900}
    tops: dict[Feature, int] = {}
    if kind is ListingKind.POLICY:
        known, tops = {Feature.PRICE: 500_000, Feature.AGE: 18}, {Feature.PRICE: 2_000_000, Feature.AGE: 55}
        codes = {Feature.POLICY_TYPE: "critical_illness"}
    known.update({Feature(name): value for name, value in figures.items()})
    command = AddListing(
        agent_id=agent_id,
        kind=kind,
        title=title,
        currency="CNY",
        place=place,
        facts=Facts(known, dict(codes or {}), tops),
        sealed=sealed,
    )
    return await company.run(add, command)


async def reprice(company: Company, listing: Stored[Listing], price: int) -> Stored[Listing]:
    """The same for another price."""
    value = listing.value
    facts = Facts({**value.facts.figures, Feature.PRICE: price}, value.facts.codes, {})
    command = EditListing(
        listing_id=listing.id, title=value.title, currency="CNY", place=value.place, facts=facts
    )
    return await company.run(edit, command)


async def look(
    company: Company,
    client_id: str,
    places: tuple[Place, ...] = (("上海", "静安"),),
    limits: tuple[Condition, ...] = LIMITS,
    wishes: tuple[Wish, ...] = (),
    **changed: Any,
) -> Stored[Need]:
    """Two or three rooms in Jing'an for 4,000,000 to 5,500,000."""
    values = {"kind": ListingKind.SALE, "places": places, "limits": limits, "wishes": wishes, **changed}
    return await company.run(open_need, OpenNeed(client_id=client_id, **values))


async def looking(
    company: Company, name: str, grade: Grade | None, agent_id: str = "lin", **need: Any
) -> Stored[Client]:
    """A client of this grade who looks for that."""
    client = await company.register(name, agent_id=agent_id)
    if grade is not None:
        await company.grade(client.id, grade)
    await look(company, client.id, **need)
    return client


async def tell(company: Company) -> None:
    """Let the worker hear what happened and compare what is new."""
    await company.hear()
    await company.fall_due("match-listing", "tell-matches")
    await company.hear()


async def matches(company: Company) -> dict[str, Match]:
    """All matches by client."""
    found = await company.mongo.collection(MATCHES.collection).find({}).to_list(None)
    stored = [MATCHES.stored(document).value for document in found]
    return {match.client_id: match for match in stored}


async def need_of(company: Company, client_id: str) -> Stored[Need]:
    """The client's need."""
    document = await company.mongo.collection(NEEDS.collection).find_one({"client_id": client_id})
    assert document is not None
    return NEEDS.stored(document)
