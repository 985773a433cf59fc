"""Finding by index what may suit, and judging it: the listings of a need, the needs of a listing.

Both ask for documents in any of some buckets, the newest first, so that the server reads index entries in their order
and stops at the cap. What was found is then judged by the pure rule.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.chassis.mongo import DESCENDING, Document, Mongo
from services.chassis.records import CONVERTER
from services.clients.listings.features import Facts, Feature
from services.clients.listings.model import Listing, Status
from services.clients.listings.places import Place
from services.clients.listings.store import LISTINGS
from services.clients.matching.model import Offer, Verdict, judge_if_near
from services.clients.needs.model import Condition, Need, Weight, Wish, buckets_to_ask, stretched
from services.clients.needs.store import NEEDS
from services.contracts.clients import ListingKind

MOST_COMPARED = 1_000
"""Candidates that one question looks at; of more, the newest. A page says so when there were more."""
PAGE = 500
"""Needs that are compared at a time where all of them are."""
_OF_OFFER = {"company_id": 1, "kind": 1, "currency": 1, "place": 1, "facts": 1}
_OF_NEED = dict.fromkeys(
    ("client_id", "company_id", "kind", "currency", "places", "avoid", "limits", "wishes"), 1
)
_PRICE = "facts.figures.price"


@dataclass(frozen=True)
class Suiting:
    """A listing and a need with how they go together."""

    need: Need
    offer: Offer
    verdict: Verdict


@dataclass(frozen=True)
class Matches:
    """What a question found: the best first."""

    suiting: tuple[Suiting, ...]
    comparable: tuple[Suiting, ...]
    compared: int
    more: bool
    """There were more candidates than were compared."""


def offer_of(listing: Listing) -> Offer:
    """The listing as matching sees it."""
    return Offer(listing.id, listing.company_id, listing.kind, listing.currency, listing.place, listing.facts)


async def listings_for(mongo: Mongo, need: Need, *, most: int = MOST_COMPARED) -> Matches:
    """The listings on offer that suit the need, or nearly do."""
    if not need.open:
        return Matches((), (), 0, False)
    cursor = mongo.collection(LISTINGS.collection).find(
        query_for(need), _OF_OFFER, sort=[("_id", DESCENDING)], limit=most + 1
    )
    found = await cursor.to_list(None)
    judged = [
        Suiting(need, offer, verdict)
        for offer in map(_offer, found[:most])
        if (verdict := judge_if_near(need, offer)) is not None
    ]
    return _sorted(judged, len(found[:most]), len(found) > most)


async def needs_for(mongo: Mongo, listing: Listing, *, most: int = MOST_COMPARED) -> Matches:
    """The open needs that the listing suits, or nearly does; of any agent's clients."""
    offer = offer_of(listing)
    cursor = mongo.collection(NEEDS.collection).find(
        query_of(listing), _OF_NEED, sort=[("_id", DESCENDING)], limit=most + 1
    )
    found = await cursor.to_list(None)
    return _sorted(_judged(offer, found[:most]), len(found[:most]), len(found) > most)


async def all_needs_for(mongo: Mongo, listing: Listing) -> AsyncIterator[list[Suiting]]:
    """All open needs that the listing suits or nearly does, page by page: nothing of a page is kept for the next."""
    offer, after = offer_of(listing), ""
    while True:
        wanted: Document = {**query_of(listing), **({"_id": {"$lt": after}} if after else {})}
        cursor = mongo.collection(NEEDS.collection).find(wanted, sort=[("_id", DESCENDING)], limit=PAGE)
        found = await cursor.to_list(None)
        if found:
            yield _judged(offer, found)
        if len(found) < PAGE:
            return
        after = found[-1]["_id"]


def query_for(need: Need) -> Document:
    """Candidates among listings: everything that may suit, or nearly suit, the need."""
    query: Document = {"status": Status.OFFERED.value, "keys": {"$in": list(buckets_to_ask(need))}}
    price = need.limit(Feature.PRICE)
    if price is not None and need.kind is not ListingKind.POLICY:
        low, high = stretched(price.at_least, price.at_most)
        bounds = {"$gte": low, "$lte": high}
        query[_PRICE] = {sign: bound for sign, bound in bounds.items() if bound is not None}
    return query


def query_of(listing: Listing) -> Document:
    """Candidates among needs: everything that the listing may suit, or nearly suit."""
    return {
        "keys": {"$in": list(listing.keys)},
        "lowest": {"$lte": listing.facts.top(Feature.PRICE)},
        "highest": {"$gte": listing.price},
    }


def _judged(offer: Offer, found: Sequence[Document]) -> list[Suiting]:
    needs = (_need(document) for document in found)
    return [
        Suiting(need, offer, verdict) for need in needs if (verdict := judge_if_near(need, offer)) is not None
    ]


def _sorted(judged: Sequence[Suiting], compared: int, more: bool) -> Matches:
    """The best first; of equals the newest, in which order they come. In a real market the best score is shared."""

    def best(each: Suiting) -> int:
        return -each.verdict.score

    return Matches(
        tuple(sorted((each for each in judged if each.verdict.suits), key=best)),
        tuple(sorted((each for each in judged if each.verdict.comparable), key=best)),
        compared,
        more,
    )


def _offer(document: Document) -> Offer:
    return Offer(
        document["_id"],
        document["company_id"],
        ListingKind(document["kind"]),
        document["currency"],
        tuple(document["place"]),
        CONVERTER.structure(document["facts"], Facts),
    )


def _need(document: Document) -> Need:
    """The need as far as judging it needs; by hand, because a page reads a thousand of them."""
    return Need(
        id=document["_id"],
        client_id=document["client_id"],
        company_id=document["company_id"],
        kind=_KINDS[document["kind"]],
        currency=document["currency"],
        places=tuple(map(tuple, document["places"])),
        avoid=tuple(map(tuple, document["avoid"])),
        limits=tuple(_condition(each) for each in document["limits"]),
        wishes=tuple(_wish(_condition(each["condition"]), each["weight"]) for each in document["wishes"]),
    )


def _condition(said: Document) -> Condition:
    return _condition_of(
        said["feature"],
        said["at_least"],
        said["at_most"],
        tuple(said["one_of"]),
        tuple(map(tuple, said["places"])),
    )


@lru_cache(maxsize=20_000)
def _condition_of(
    feature: str,
    at_least: int | None,
    at_most: int | None,
    one_of: tuple[str, ...],
    places: tuple[Place, ...],
) -> Condition:
    """Many clients say the same."""
    return Condition(Feature(feature), at_least, at_most, one_of, places)


@lru_cache(maxsize=20_000)
def _wish(condition: Condition, weight: str) -> Wish:
    return Wish(condition, Weight(weight))


_KINDS = {kind.value: kind for kind in ListingKind}
