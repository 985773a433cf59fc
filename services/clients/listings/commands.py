"""Use cases of listings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.records import Stored
from services.chassis.schedule.items import DueHandlers, DueItem, plan
from services.chassis.work import SYSTEM, Transaction
from services.clients.cadence.store import rhythm_of
from services.clients.listings import model
from services.clients.listings.features import Facts
from services.clients.listings.model import Listing, Status
from services.clients.listings.places import Place
from services.clients.listings.store import LISTINGS, find, remember_place
from services.clients.matching.asking import match_listing
from services.contracts.clients import ListingAdded, ListingClosed, ListingClosing, ListingKind

EXPIRES = "listing-expires"
LONGEST_OFFER = timedelta(days=3 * 366)


@dataclass(frozen=True, kw_only=True)
class Described:
    """What somebody writes down of a listing."""

    title: str
    currency: str
    place: Place
    facts: Facts
    exclusive: bool = False
    expires_on: date | None = None
    sealed: dict[str, bytes] | None = None
    """The owner; None leaves what is known."""


@dataclass(frozen=True, kw_only=True)
class AddListing(Described):
    agent_id: str
    kind: ListingKind
    listing_id: str | None = None
    """Given by who adds in bulk and wants to know it beforehand."""


async def add(tx: Transaction, command: AddListing) -> Stored[Listing]:
    """Offer a home or a product, kept by this agent. Raises `Invalid`; `NotFound` for an unknown agent."""
    agent = await Directory(tx.mongo, tx.session).person(command.agent_id)
    described = Listing(
        id=command.listing_id or new_id(tx.now),
        agent_id=agent.id,
        org_path=agent.org_path,
        company_id=agent.org_path[0],
        kind=command.kind,
        title=command.title,
        currency=command.currency,
        place=command.place,
        facts=command.facts,
        added_at=tx.now,
        exclusive=command.exclusive,
        expires_on=command.expires_on,
        sealed=command.sealed or {},
    )
    listing = model.offered(described, agent.id, tx.now)
    await _within_reason(tx, listing)
    await remember_place(tx, listing.company_id, listing.place)
    stored = await LISTINGS.add(tx, listing, _added(tx, listing))
    await _expect_expiry(tx, stored)
    return stored


@dataclass(frozen=True, kw_only=True)
class EditListing(Described):
    listing_id: str
    expected_version: int | None = None


async def edit(tx: Transaction, command: EditListing) -> Stored[Listing]:
    """Write down other facts; it is compared with all needs anew. Raises `NotFound`, `StaleVersion`, `Invalid`."""
    stored = await LISTINGS.get(tx, command.listing_id, command.expected_version)
    before = stored.value
    described = replace(
        before,
        title=command.title,
        currency=command.currency,
        place=command.place,
        facts=command.facts,
        exclusive=command.exclusive,
        expires_on=command.expires_on,
        sealed=before.sealed if command.sealed is None else command.sealed,
    )
    after = model.edited(before, described, tx.now)
    if after.expires_on != before.expires_on:
        await _within_reason(tx, after)
    await remember_place(tx, after.company_id, after.place)
    saved = await LISTINGS.save(tx, stored, after)
    await _expect_expiry(tx, saved)
    if (after.facts, after.place, after.currency) != (before.facts, before.place, before.currency):
        await match_listing(tx, saved.id, f"v{saved.version}")
    return saved


class Step(StrEnum):
    """What somebody does with a listing by hand."""

    RESERVE = "reserve"
    OFFER = "offer"
    WITHDRAW = "withdraw"
    SOLD_ELSEWHERE = "sold_elsewhere"
    EXPIRE = "expire"


CLOSING = {
    Step.WITHDRAW: ListingClosing.WITHDRAWN,
    Step.SOLD_ELSEWHERE: ListingClosing.SOLD_ELSEWHERE,
    Step.EXPIRE: ListingClosing.EXPIRED,
}


@dataclass(frozen=True, kw_only=True)
class TurnListing:
    listing_id: str
    step: Step
    expected_version: int | None = None


async def turn(tx: Transaction, command: TurnListing) -> Stored[Listing]:
    """Reserve it, offer it again, or close it. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    stored = await LISTINGS.get(tx, command.listing_id, command.expected_version)
    before = stored.value
    if command.step is Step.RESERVE:
        return await LISTINGS.save(tx, stored, model.reserved(before, tx.actor, tx.now))
    if command.step is Step.OFFER:
        after = model.offered_again(before, tx.actor, tx.now)
        events = [_added(tx, after)] if before.status in model.OVER else []
        saved = await LISTINGS.save(tx, stored, after, *events)
        if not events:
            await match_listing(tx, saved.id, f"v{saved.version}")
        return saved
    return await _close(tx, stored, CLOSING[command.step])


async def sell(tx: Transaction, listing_id: str, deal_id: str) -> None:
    """A deal of ours was closed on it; nothing for a listing that is not known."""
    stored = await find(tx, listing_id)
    if stored is None:
        return
    after = model.sold(stored.value, deal_id, tx.actor, tx.now)
    if after != stored.value:
        await LISTINGS.save(tx, stored, after, _closed(tx, after, ListingClosing.SOLD))


async def take_back_sale(tx: Transaction, listing_id: str, deal_id: str) -> None:
    """The deal is void: it is offered again."""
    stored = await find(tx, listing_id)
    if stored is None:
        return
    after = model.unsold(stored.value, deal_id, tx.actor, tx.now)
    if after != stored.value:
        await LISTINGS.save(tx, stored, after, _added(tx, after))


async def expire(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Close what was offered until a day that is over; nothing where the day was moved since."""
    for item in items:
        stored = await find(tx, item.payload["listing_id"])
        if stored is None or stored.value.status in model.OVER or stored.value.expires_on is None:
            continue
        if stored.value.expires_on.isoformat() == item.payload["day"]:
            await _close(item.cause_of(tx), stored, ListingClosing.EXPIRED)


DUE: DueHandlers = {EXPIRES: expire}


async def _close(tx: Transaction, stored: Stored[Listing], reason: ListingClosing) -> Stored[Listing]:
    after = model.closed(stored.value, reason, tx.actor or SYSTEM, tx.now)
    return await LISTINGS.save(tx, stored, after, _closed(tx, after, reason))


async def _within_reason(tx: Transaction, listing: Listing) -> None:
    day = listing.expires_on
    if day is not None and not tx.now.date() - timedelta(days=1) <= day <= tx.now.date() + LONGEST_OFFER:
        raise Invalid(errors=[FieldError("/expires_on", N_("Choose a day in the coming three years"))])


async def _expect_expiry(tx: Transaction, stored: Stored[Listing]) -> None:
    day = stored.value.expires_on
    if day is None or stored.value.status is not Status.OFFERED:
        return
    calendar = (await rhythm_of(tx.mongo, stored.value.org_path, tx.session)).calendar
    payload = {"listing_id": stored.id, "day": day.isoformat()}
    over_at = calendar.midnight(day + timedelta(days=1))
    await plan(tx, f"{EXPIRES}/{stored.id}/{stored.version}", EXPIRES, over_at, payload)


def _added(tx: Transaction, listing: Listing) -> ListingAdded:
    return ListingAdded(
        occurred_at=tx.now,
        listing_id=listing.id,
        agent_id=listing.agent_id,
        org_path=listing.org_path,
        kind=listing.kind,
    )


def _closed(tx: Transaction, listing: Listing, reason: ListingClosing) -> ListingClosed:
    return ListingClosed(
        occurred_at=tx.now,
        listing_id=listing.id,
        agent_id=listing.agent_id,
        org_path=listing.org_path,
        reason=reason,
    )
