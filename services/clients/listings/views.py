"""Listings as they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Mongo
from services.chassis.records import Stored
from services.chassis.web.paging import Rows, after
from services.clients.listings.model import Listing, Status
from services.clients.listings.places import Place
from services.clients.listings.sight import company_of, require_sight
from services.clients.listings.store import LISTINGS, PLACES
from services.clients.matching import buckets
from services.contracts.clients import ListingKind

MOST_PLACES = 2000


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to."""

    kind: ListingKind = ListingKind.SALE
    status: Status = Status.OFFERED
    place: Place = ()
    trait: str = ""
    """The number of rooms, or the type of policy; empty for any."""
    at_least: int | None = None
    at_most: int | None = None
    """Minor units."""


async def listings(
    mongo: Mongo, access: Access, wanted: Filter, position: tuple[Any, ...] | None = None, size: int = 30
) -> Rows[Stored[Listing]]:
    """One page of the company's listings, the newest first. Raises `NotFound` for who sees none."""
    keys = buckets.of_need(
        company_of(access),
        wanted.kind,
        (wanted.place,) if wanted.place else (),
        (wanted.trait,) if wanted.trait else (),
        wanted.at_least,
        wanted.at_most,
        asked=True,
    )
    query: Document = {"status": wanted.status.value, "keys": {"$in": list(keys)}, **in_range(wanted)}
    return await _page(mongo, query, position, size)


async def own_listings(
    mongo: Mongo, access: Access, status: Status, position: tuple[Any, ...] | None = None, size: int = 30
) -> Rows[Stored[Listing]]:
    """One page of what the reader keeps, the newest first."""
    company_of(access)
    return await _page(mongo, {"agent_id": access.person_id, "status": status.value}, position, size)


def in_range(wanted: Filter) -> Document:
    """The filter of prices; of a range of premiums, that it meets the other one."""
    said: Document = {}
    if wanted.at_most is not None:
        said["facts.figures.price"] = {"$lte": wanted.at_most}
    if wanted.at_least is not None:
        top = "facts.tops.price" if wanted.kind is ListingKind.POLICY else "facts.figures.price"
        bound = {"$gte": wanted.at_least}
        if top in said:
            said[top] |= bound
        elif top == "facts.tops.price":
            said["$or"] = [{top: bound}, {"facts.figures.price": bound}]
        else:
            said[top] = bound
    return said


async def listing_of(mongo: Mongo, access: Access, listing_id: str) -> Stored[Listing]:
    """The listing. Raises `NotFound`, also for what is not theirs."""
    document = await mongo.collection(LISTINGS.collection).find_one({"_id": listing_id})
    if document is None:
        raise NotFound
    stored = LISTINGS.stored(document)
    require_sight(access, stored.value)
    return stored


async def of_ids(mongo: Mongo, listing_ids: Sequence[str]) -> dict[str, Stored[Listing]]:
    """The listings of these ids that there are."""
    found = mongo.collection(LISTINGS.collection).find({"_id": {"$in": list(listing_ids)}})
    return {document["_id"]: LISTINGS.stored(document) for document in await found.to_list(None)}


async def places(mongo: Mongo, access: Access) -> list[str]:
    """The places that are known, as `上海/静安`, for whoever types one."""
    found = mongo.collection(PLACES).find(
        {"company_id": company_of(access)}, {"text": 1}, sort=[("_id", ASCENDING)], limit=MOST_PLACES
    )
    return [each["text"] for each in await found.to_list(None)]


async def _page(
    mongo: Mongo, query: Document, position: tuple[Any, ...] | None, size: int
) -> Rows[Stored[Listing]]:
    order = [("_id", DESCENDING)]
    wanted = {"$and": [query, after(order, position)]} if position else query
    cursor = mongo.collection(LISTINGS.collection).find(wanted, sort=order, limit=size + 1)
    found = [LISTINGS.stored(document) for document in await cursor.to_list(None)]
    return Rows.of(found, size, lambda stored: (stored.id,))
