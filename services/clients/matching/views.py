"""Matches as they are read: of a client, and of a listing."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.personal_data.masking import Level
from services.chassis.records import Stored
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.sight import level_of, shown_of
from services.clients.files.views import Asker, client_of, clients_of_ids, fields_of
from services.clients.listings.model import Listing
from services.clients.listings.views import of_ids
from services.clients.matching.finding import Matches, Suiting, listings_for, needs_for
from services.clients.matching.store import Match, known_of_client, known_of_listing
from services.clients.needs.model import Need
from services.clients.needs.views import needs_of_client

SHOWN = 20
SHOWN_COMPARABLE = 8
SHOWN_CLIENTS = 60


@dataclass(frozen=True)
class ListingRow:
    """A listing that suits a client."""

    suiting: Suiting
    listing: Listing
    match: Match | None
    """What was told or answered."""


@dataclass(frozen=True)
class OfNeed:
    """What is on offer for one need."""

    need: Stored[Need]
    suiting: tuple[ListingRow, ...]
    comparable: tuple[ListingRow, ...]
    compared: int
    more: bool


@dataclass(frozen=True)
class ClientRow:
    """A client whom a listing suits."""

    suiting: Suiting
    client: Client
    level: Level
    name: str
    """As far as it is theirs to see; empty for clients of others."""
    match: Match | None


@dataclass(frozen=True)
class OfListing:
    suiting: tuple[ClientRow, ...]
    comparable: tuple[ClientRow, ...]
    compared: int
    more: bool


async def looking_client(mongo: Mongo, asker: Asker, client_id: str) -> Stored[Client]:
    """The client, for whoever may know what they look for. Raises `NotFound`, also for who may only take them."""
    stored = await client_of(mongo, asker.access, client_id)
    if shown_of(asker.access, stored.value) is not stored.value.sealed:
        raise NotFound
    return stored


async def of_client(mongo: Mongo, client_id: str) -> list[OfNeed]:
    """For each open need of the client what suits it and what nearly does, the best first."""
    found = [
        (stored, await listings_for(mongo, stored.value))
        for stored in await needs_of_client(mongo, client_id, only_open=True)
    ]
    shown = {each.offer.id for _, matches in found for each in _top(matches)}
    listings = await of_ids(mongo, list(shown))
    known = await known_of_client(mongo, client_id, list(shown))

    def rows(some: Sequence[Suiting], most: int) -> tuple[ListingRow, ...]:
        there = [
            ListingRow(each, listings[each.offer.id].value, known.get(each.offer.id))
            for each in some[:most]
            if each.offer.id in listings
        ]
        # what the client said no to stands last
        return tuple(sorted(there, key=_said_no))

    return [
        OfNeed(
            stored,
            rows(matches.suiting, SHOWN),
            rows(matches.comparable, SHOWN_COMPARABLE),
            matches.compared,
            matches.more,
        )
        for stored, matches in found
    ]


async def of_listing(mongo: Mongo, personal: PersonalData, asker: Asker, listing: Listing) -> OfListing:
    """Whom the listing suits, the best first. Of others' clients only whose they are is shown, no name and no need."""
    matches = await needs_for(mongo, listing)
    shown = [*matches.suiting[:SHOWN_CLIENTS], *matches.comparable[:SHOWN_COMPARABLE]]
    clients = await clients_of_ids(mongo, list({each.need.client_id for each in shown}))
    known = await known_of_listing(mongo, listing.id, list(clients))
    visible = [client for client in clients.values() if level_of(asker.access, client) is not Level.NONE]
    fields = await fields_of(personal, asker, visible, "name")
    names = {client.id: field.get("name", "") for client, field in zip(visible, fields, strict=True)}

    def rows(some: Sequence[Suiting], most: int) -> tuple[ClientRow, ...]:
        once: dict[str, ClientRow] = {}
        for each in some[:most]:
            client = clients.get(each.need.client_id)
            if client is None or client.standing.lost or client.id in once:
                continue
            level = level_of(asker.access, client)
            once[client.id] = ClientRow(each, client, level, names.get(client.id, ""), known.get(client.id))
        return tuple(once.values())

    return OfListing(
        rows(matches.suiting, SHOWN_CLIENTS),
        rows(matches.comparable, SHOWN_COMPARABLE),
        matches.compared,
        matches.more,
    )


def _top(matches: Matches) -> list[Suiting]:
    return [*matches.suiting[:SHOWN], *matches.comparable[:SHOWN_COMPARABLE]]


def _said_no(row: ListingRow) -> bool:
    return row.match is not None and row.match.feedback is not None and not row.match.feedback.liked
