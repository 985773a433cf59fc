"""Use cases of showings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.model import agent_of
from services.clients.files.store import CLIENTS, keep_standing
from services.clients.showings import model
from services.clients.showings.model import Home, Showing
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import ShowingBooked, ShowingDone

LONGEST_AHEAD = timedelta(days=366)
LONGEST_BACK = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class BookShowing:
    client_id: str
    starts_at: datetime
    homes: tuple[str, ...]


async def book(tx: Transaction, command: BookShowing) -> Stored[Showing]:
    """Write down a showing that was agreed on, or that took place already. Raises `NotFound`, `Invalid`."""
    client = (await CLIENTS.get(tx, command.client_id)).value
    if not tx.now - LONGEST_BACK <= command.starts_at <= tx.now + LONGEST_AHEAD:
        raise Invalid(errors=[FieldError("/starts_at", N_("Choose a time in the coming year"))])
    showing = Showing(
        id=new_id(tx.now),
        client_id=client.id,
        agent_id=agent_of(client),
        org_path=client.org_path,
        starts_at=command.starts_at,
        homes=model.labels_of(command.homes),
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
