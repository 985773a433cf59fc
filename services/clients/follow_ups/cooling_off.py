"""A cooling-off after a complaint (冷静期): for a while nobody calls the client of their own accord."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.errors import N_, Conflict
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.cadence.store import rhythm_of
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.planning import plan_next
from services.contracts.clients import CoolingOffSet


@dataclass(frozen=True, kw_only=True)
class RecordComplaint:
    client_id: str
    expected_version: int | None = None


async def record_complaint(tx: Transaction, command: RecordComplaint) -> Stored[Client]:
    """Leave the client alone for as long as the unit's settings say; all that is planned moves after it.

    Another complaint begins it anew. Raises `NotFound`, `StaleVersion`.
    """
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    rhythm = await rhythm_of(tx.mongo, stored.value.org_path, tx.session)
    calendar = rhythm.calendar
    last_day = calendar.local_day(tx.now) + timedelta(days=rhythm.policy.cooling_off_days)
    return await _set(tx, stored, calendar.midnight(last_day))


@dataclass(frozen=True, kw_only=True)
class LiftCoolingOff:
    client_id: str
    expected_version: int | None = None


async def lift(tx: Transaction, command: LiftCoolingOff) -> Stored[Client]:
    """End it before its time; what is planned moves back.

    Raises `NotFound`, `StaleVersion`, `Conflict` when none runs.
    """
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    if not is_quiet(stored.value, tx.now):
        raise Conflict(N_("No cooling-off runs for this client"))
    return await _set(tx, stored, None)


def is_quiet(client: Client, now: datetime) -> bool:
    """Whether nobody should call the client of their own accord."""
    quiet_until = client.standing.quiet_until
    return quiet_until is not None and now < quiet_until


async def _set(tx: Transaction, stored: Stored[Client], until: datetime | None) -> Stored[Client]:
    client = stored.value
    event = CoolingOffSet(
        occurred_at=tx.now,
        client_id=client.id,
        agent_id=client.agent_id,
        org_path=client.org_path,
        until=until,
    )
    after = replace(client, standing=replace(client.standing, quiet_until=until))
    saved = await CLIENTS.save(tx, stored, after, event)
    await plan_next(tx, client.id, new_id(tx.now))
    return saved
