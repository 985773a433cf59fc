"""Use cases of showings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.model import agent_of
from services.clients.files.store import CLIENTS, keep_standing
from services.clients.showings import model
from services.clients.showings.model import Home, Showing
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import ShowingBooked, ShowingCancelled, ShowingDone, ShowingMoved

LONGEST_AHEAD = timedelta(days=366)
LONGEST_BACK = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class BookShowing:
    client_id: str
    starts_at: datetime
    homes: tuple[Home | str, ...]
    """In the order of the way; a text is a home that is none of our listings, by its label."""


async def book(tx: Transaction, command: BookShowing) -> Stored[Showing]:
    """Write down a showing that was agreed on, or that took place already. Raises `NotFound`, `Invalid`."""
    client = (await CLIENTS.get(tx, command.client_id)).value
    _within_reason(tx, command.starts_at)
    showing = Showing(
        id=new_id(tx.now),
        client_id=client.id,
        agent_id=agent_of(client),
        org_path=client.org_path,
        starts_at=command.starts_at,
        homes=_route(command.homes),
        intent=client.intent,
    )
    event = ShowingBooked(
        occurred_at=tx.now,
        showing_id=showing.id,
        client_id=client.id,
        agent_id=showing.agent_id,
        org_path=client.org_path,
        starts_at=showing.starts_at,
        homes=len(showing.homes),
    )
    return await SHOWINGS.add(tx, showing, event)


@dataclass(frozen=True, kw_only=True)
class MoveShowing:
    showing_id: str
    starts_at: datetime
    homes: tuple[Home | str, ...] | None = None
    """None: the same way."""
    expected_version: int | None = None


async def move(tx: Transaction, command: MoveShowing) -> Stored[Showing]:
    """Put it at another moment, or on another way.

    Raises `NotFound`, `StaleVersion`, `Conflict` when it is over already, `Invalid`.
    """
    stored = await SHOWINGS.get(tx, command.showing_id, command.expected_version)
    _within_reason(tx, command.starts_at)
    homes = stored.value.homes if command.homes is None else _route(command.homes)
    after = model.moved(stored.value, command.starts_at, homes)
    if after == stored.value:
        return stored
    event = ShowingMoved(
        occurred_at=tx.now,
        showing_id=after.id,
        client_id=after.client_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        starts_at=after.starts_at,
        homes=len(after.homes),
    )
    return await SHOWINGS.save(tx, stored, after, event)


@dataclass(frozen=True, kw_only=True)
class ConfirmShowing:
    showing_id: str
    expected_version: int | None = None


async def confirm(tx: Transaction, command: ConfirmShowing) -> Stored[Showing]:
    """The client said that they come. Raises `NotFound`, `StaleVersion`, `Conflict` when it is over already."""
    stored = await SHOWINGS.get(tx, command.showing_id, command.expected_version)
    return await SHOWINGS.save(tx, stored, model.confirmed(stored.value, tx.now))


class Cancelling(StrEnum):
    """Why a showing does not take place, in the codes of the contract."""

    CLIENT = "client"
    AGENT = "agent"
    HOME_GONE = "home_gone"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class CancelShowing:
    showing_id: str
    reason: Cancelling
    expected_version: int | None = None


async def cancel(tx: Transaction, command: CancelShowing) -> Stored[Showing]:
    """It does not take place. Raises `NotFound`, `StaleVersion`, `Conflict` when it is over already."""
    stored = await SHOWINGS.get(tx, command.showing_id, command.expected_version)
    after = model.cancelled(stored.value)
    event = ShowingCancelled(
        occurred_at=tx.now,
        showing_id=after.id,
        client_id=after.client_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        reason=command.reason,
    )
    return await SHOWINGS.save(tx, stored, after, event)


@dataclass(frozen=True, kw_only=True)
class RecordShowing:
    showing_id: str
    homes: tuple[Home, ...]
    minutes: int
    note: dict[str, bytes] | None = None
    """Sealed: what they said in their own words."""
    expected_version: int | None = None


async def record(tx: Transaction, command: RecordShowing) -> Stored[Showing]:
    """Write down how a showing went; it counts as a contact.

    Raises `NotFound`, `StaleVersion`, `Conflict` when it is over already, `Invalid`.
    """
    stored = await SHOWINGS.get(tx, command.showing_id, command.expected_version)
    if not 0 <= command.minutes <= model.MOST_MINUTES:
        raise Invalid(errors=[FieldError("/minutes", N_("Enter the minutes, at most ten hours"))])
    client = await CLIENTS.get(tx, stored.value.client_id)
    after = model.recorded(
        stored.value, command.homes, command.minutes, command.note, client.value.intent, tx.now
    )
    event = ShowingDone(
        occurred_at=tx.now,
        showing_id=after.id,
        client_id=after.client_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        homes=sum(home.interest is not None for home in after.homes),
        interest=after.interest or 0,
    )
    saved = await SHOWINGS.save(tx, stored, after, event)
    standing = client.value.standing
    await keep_standing(tx, client, standing.touched(tx.now, standing.agreed))
    return saved


def _within_reason(tx: Transaction, starts_at: datetime) -> None:
    if not tx.now - LONGEST_BACK <= starts_at <= tx.now + LONGEST_AHEAD:
        raise Invalid(errors=[FieldError("/starts_at", N_("Choose a time in the coming year"))])


def _route(homes: tuple[Home | str, ...]) -> tuple[Home, ...]:
    return model.route_of(tuple(Home(home) if isinstance(home, str) else home for home in homes))
