"""Use cases of leaving and moving."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.contracts.organisation import Role
from services.contracts.recruiting import AgentLeft, AgentMoved, RoleRevoked
from services.recruiting.candidates.store import hand_over
from services.recruiting.organisation.store import UNITS
from services.recruiting.people import model
from services.recruiting.people.model import MoveRuleBroken, Person
from services.recruiting.people.store import PEOPLE

SUCCEEDS = (Role.AGENT.value, Role.SUPERVISOR.value)
"""Who can take over clients."""


@dataclass(frozen=True, kw_only=True)
class Leave:
    person_id: str
    last_day: date
    successor_id: str | None = None
    """Who takes over everything; without one each service goes by its own rule."""
    expected_version: int | None = None


async def leave(tx: Transaction, command: Leave) -> Stored[Person]:
    """Write down that somebody works here no longer; everybody who reads it hands over what was theirs.

    Their open candidates go to the successor, or to whoever writes it down. Raises `Invalid`, `NotFound`,
    `StaleVersion`.
    """
    stored = await PEOPLE.get(tx, command.person_id, command.expected_version)
    before = stored.value
    unit = (await UNITS.get(tx, before.unit_id)).value
    await _require_successor(tx, before, command.successor_id)
    try:
        after = model.leave(before, command.last_day, tx.now.astimezone(ZoneInfo(unit.time_zone)).date())
    except MoveRuleBroken as broken:
        raise _invalid(broken) from broken
    left = AgentLeft(
        occurred_at=tx.now,
        person_id=after.id,
        unit_id=after.unit_id,
        org_path=after.org_path,
        last_day=command.last_day,
        successor_id=command.successor_id,
    )
    await hand_over(tx, before.id, command.successor_id or tx.actor, before.org_path)
    return await PEOPLE.save(tx, stored, after, left)


@dataclass(frozen=True, kw_only=True)
class Move:
    person_id: str
    unit_id: str
    expected_version: int | None = None


async def move(tx: Transaction, command: Move) -> Stored[Person]:
    """Have an agent belong to another team of the company. Raises `Invalid`, `NotFound`, `StaleVersion`."""
    stored = await PEOPLE.get(tx, command.person_id, command.expected_version)
    before = stored.value
    unit = (await UNITS.get(tx, command.unit_id)).value
    if unit.closed or unit.org_path[0] != before.org_path[0]:
        raise Invalid(errors=[FieldError("/unit_id", N_("Choose an open team of the company"))])
    try:
        after, ended = model.move(before, unit.id, unit.org_path, unit.kind)
    except MoveRuleBroken as broken:
        raise _invalid(broken) from broken
    revoked = [
        RoleRevoked(occurred_at=tx.now, person_id=after.id, role=Role(held.role), unit_id=held.unit_id)
        for held in ended
    ]
    moved = AgentMoved(
        occurred_at=tx.now,
        person_id=after.id,
        unit_id=after.unit_id,
        org_path=after.org_path,
        previous_org_path=before.org_path,
    )
    return await PEOPLE.save(tx, stored, after, *revoked, moved)


async def _require_successor(tx: Transaction, leaver: Person, successor_id: str | None) -> None:
    if successor_id is None:
        return
    found = await tx.collection(PEOPLE.collection).find_one({"_id": successor_id}, session=tx.session)
    successor = PEOPLE.stored(found).value if found is not None else None
    if (
        successor is None
        or successor.id == leaver.id
        or successor.org_path[0] != leaver.org_path[0]
        or not any(held.role in SUCCEEDS for held in successor.roles)
    ):
        message = N_("Choose an agent or supervisor of the company")
        raise Invalid(errors=[FieldError("/successor_id", message)])


def _invalid(broken: MoveRuleBroken) -> Invalid:
    pointer = f"/{broken.field}" if broken.field else ""
    return Invalid(str(broken), errors=[FieldError(pointer, str(broken))])
