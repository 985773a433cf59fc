"""Listings (房源 / 险种): what is offered, to what price, and what became of it. Pure.

Only what is really sold is shown as sold: `sold` comes from a closed deal of ours and from nowhere else. By hand a
listing is reserved, offered again, or closed as withdrawn, expired, or sold by somebody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.clients.listings.features import (
    CHOICES,
    FEATURES,
    FIGURES,
    LONGEST_CODE,
    REQUIRED,
    Facts,
    Feature,
)
from services.clients.listings.places import Place, checked
from services.clients.matching import buckets
from services.contracts.clients import ListingClosing, ListingKind

LONGEST_TITLE = 60
MOST_HISTORY = 200


class Status(StrEnum):
    OFFERED = "offered"
    RESERVED = "reserved"
    SOLD = "sold"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OVER = (Status.SOLD, Status.WITHDRAWN, Status.EXPIRED)
_CLOSES: dict[ListingClosing, Status] = {
    ListingClosing.SOLD: Status.SOLD,
    ListingClosing.SOLD_ELSEWHERE: Status.WITHDRAWN,
    ListingClosing.WITHDRAWN: Status.WITHDRAWN,
    ListingClosing.EXPIRED: Status.EXPIRED,
}
BY_HAND = (ListingClosing.WITHDRAWN, ListingClosing.SOLD_ELSEWHERE, ListingClosing.EXPIRED)


@dataclass(frozen=True)
class Turn:
    """One change of the status."""

    at: datetime
    by: str
    """A person, or `system`."""
    status: Status
    reason: str = ""
    """A code of `ListingClosing` where it was closed."""


@dataclass(frozen=True)
class Asked:
    """A price that was asked from this moment on; `top` for a range of premiums."""

    at: datetime
    amount: int
    """Minor units."""
    top: int | None = None


@dataclass(frozen=True)
class Listing:
    id: str
    agent_id: str
    """Who keeps it (房源维护人)."""
    org_path: tuple[str, ...]
    company_id: str
    kind: ListingKind
    title: str
    """Names the home or product, such as "静安枫景 3-1201", and nobody."""
    currency: str
    place: Place
    facts: Facts
    added_at: datetime
    exclusive: bool = False
    """Nobody else may offer it (独家)."""
    expires_on: date | None = None
    """The last day on which it is offered, in the time zone of the keeper's unit."""
    sealed: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Of the owner: `name`, `phone`, `address`, `note`, as far as known."""
    status: Status = Status.OFFERED
    turns: tuple[Turn, ...] = ()
    prices: tuple[Asked, ...] = ()
    deal_id: str | None = None
    """By which it was sold."""
    keys: tuple[int, ...] = field(default=(), repr=False)
    """Every bucket that it lies in."""

    @property
    def price(self) -> int:
        """The lower end, for a range of premiums; minor units."""
        return self.facts.figures[Feature.PRICE]

    @property
    def changed_by(self) -> int | None:
        """By how much the price differs from the one before, in minor units; None when there was none."""
        return self.prices[-1].amount - self.prices[-2].amount if len(self.prices) > 1 else None


def settled(listing: Listing) -> Listing:
    """The listing with everything checked and its buckets. Raises `Invalid`, for everything that is wrong."""
    errors = list(_wrong(listing))
    if errors:
        raise Invalid(errors=errors)
    facts = listing.facts
    if listing.kind is ListingKind.POLICY:
        trait = facts.codes.get(Feature.POLICY_TYPE)
    else:
        rooms = facts.figures.get(Feature.ROOMS)
        trait = None if rooms is None else str(rooms)
    keys = buckets.of_listing(
        listing.company_id, listing.kind, listing.place, trait, listing.price, facts.top(Feature.PRICE)
    )
    return replace(listing, keys=keys)


def offered(listing: Listing, by: str, at: datetime) -> Listing:
    """A new listing, with the beginning of its histories."""
    asked = _asked(listing.facts, at)
    return settled(replace(listing, turns=(Turn(at, by, Status.OFFERED),), prices=(asked,)))


def edited(before: Listing, after: Listing, at: datetime) -> Listing:
    """The listing with new facts; another price goes into the price history. Raises `Invalid`, `Conflict`."""
    if before.status in OVER:
        raise Conflict(N_("This listing is closed; offer it again first"))
    asked = _asked(after.facts, at)
    last = before.prices[-1] if before.prices else None
    changed = last is None or (asked.amount, asked.top) != (last.amount, last.top)
    prices = (*before.prices, asked)[-MOST_HISTORY:] if changed else before.prices
    return settled(replace(after, turns=before.turns, prices=prices))


def reserved(listing: Listing, by: str, at: datetime) -> Listing:
    """Somebody is about to sign. Raises `Conflict` when it is not on offer."""
    if listing.status is not Status.OFFERED:
        raise Conflict(N_("This listing is not on offer"))
    return _turned(listing, by, at, Status.RESERVED)


def offered_again(listing: Listing, by: str, at: datetime) -> Listing:
    """Back on offer. Raises `Conflict` when it is, or was sold: a sale is taken back by undoing its deal."""
    if listing.status is Status.OFFERED:
        raise Conflict(N_("This listing is on offer already"))
    if listing.status is Status.SOLD:
        raise Conflict(N_("This was sold. Undo the deal if it was not"))
    return _turned(replace(listing, expires_on=None), by, at, Status.OFFERED)


def closed(listing: Listing, reason: ListingClosing, by: str, at: datetime) -> Listing:
    """Offered no longer. Raises `Conflict` when it is closed already, or `sold` is claimed by hand."""
    if reason not in BY_HAND:
        raise Conflict(N_("Only a closed deal makes a listing sold"))
    if listing.status in OVER:
        raise Conflict(N_("This listing is closed already"))
    return _turned(listing, by, at, _CLOSES[reason], reason)


def sold(listing: Listing, deal_id: str, by: str, at: datetime) -> Listing:
    """Sold by a deal of ours, whatever it was before; unchanged when that is known."""
    if listing.status is Status.SOLD:
        return listing
    return replace(
        _turned(listing, by, at, Status.SOLD, ListingClosing.SOLD),
        deal_id=deal_id,
    )


def unsold(listing: Listing, deal_id: str, by: str, at: datetime) -> Listing:
    """On offer again after its deal is void; unchanged when it was not sold by that deal."""
    if listing.status is not Status.SOLD or listing.deal_id != deal_id:
        return listing
    return replace(_turned(listing, by, at, Status.OFFERED), deal_id=None, expires_on=None)


def _turned(listing: Listing, by: str, at: datetime, status: Status, reason: str = "") -> Listing:
    return replace(
        listing, status=status, turns=(*listing.turns, Turn(at, by, status, reason))[-MOST_HISTORY:]
    )


def _asked(facts: Facts, at: datetime) -> Asked:
    return Asked(at, facts.figures.get(Feature.PRICE, 0), facts.tops.get(Feature.PRICE))


def _wrong(listing: Listing) -> Iterable[FieldError]:
    facts, known = listing.facts, FEATURES[listing.kind]
    if not 0 < len(listing.title) <= LONGEST_TITLE:
        yield FieldError("/title", N_("Give it a short name"))
    if listing.kind is ListingKind.POLICY:
        if listing.place:
            yield FieldError("/place", N_("A policy has no place"))
    elif len(listing.place) < 2:
        yield FieldError("/place", N_("Say at least the city and the district"))
    else:
        checked(listing.place)
    for feature in REQUIRED[listing.kind]:
        if feature not in facts.figures and feature not in facts.codes:
            yield FieldError(f"/{feature}", N_("Please fill this in"))
    for feature, figure in facts.figures.items():
        bounds = FIGURES[feature]
        if feature not in known:
            yield FieldError(f"/{feature}", N_("Listings of this kind have no such feature"))
        elif not bounds.lowest <= figure <= bounds.highest:
            yield FieldError(f"/{feature}", N_("This number cannot be"))
    for feature, top in facts.tops.items():
        if listing.kind is not ListingKind.POLICY:
            yield FieldError(f"/{feature}_to", N_("Only policies have a range"))
        elif not facts.figures.get(feature, top + 1) <= top <= FIGURES[feature].highest:
            yield FieldError(f"/{feature}_to", N_("The upper end is below the lower one"))
    for feature, code in facts.codes.items():
        if feature not in known:
            yield FieldError(f"/{feature}", N_("Listings of this kind have no such feature"))
        elif not 0 < len(code) <= LONGEST_CODE or (CHOICES[feature] and code not in CHOICES[feature]):
            yield FieldError(f"/{feature}", N_("Please choose one of the list"))
