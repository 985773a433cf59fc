"""Use cases about people and their roles."""

from dataclasses import dataclass

from services.chassis.errors import FieldError, Invalid
from services.chassis.mongo import DuplicateKeyError
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.contracts.organisation import Role
from services.contracts.recruiting import PersonRegistered, RoleGranted, RoleRevoked
from services.recruiting.organisation.store import UNITS
from services.recruiting.people import model
from services.recruiting.people.model import HeldRole, Person, RoleRuleBroken
from services.recruiting.people.store import PEOPLE


@dataclass(frozen=True, kw_only=True)
class RegisterPerson:
    person_id: str
    name: str
    unit_id: str
    email_index: str | None = None


async def register_person(tx: Transaction, command: RegisterPerson) -> Stored[Person]:
    """Make somebody of the staff known, without any role yet. Raises `Invalid`, `NotFound` for the unit."""
    unit = (await UNITS.get(tx, command.unit_id)).value
    person = Person(
        id=command.person_id,
        name=command.name,
        unit_id=unit.id,
        org_path=unit.org_path,
        email_index=command.email_index,
    )
    registered = PersonRegistered(
        occurred_at=tx.now, person_id=person.id, name=person.name, unit_id=unit.id, org_path=unit.org_path
    )
    try:
        return await PEOPLE.add(tx, person, registered)
    except DuplicateKeyError as error:
        raise Invalid(
            errors=[FieldError("/email", "Somebody with this address is registered already")]
        ) from error


async def grant_role(
    tx: Transaction, person_id: str, role: Role, unit_id: str, expected_version: int | None = None
) -> Stored[Person]:
    """Let the person act in a role at a unit and below. Raises `Invalid`, `NotFound`, `StaleVersion`."""
    stored = await PEOPLE.get(tx, person_id, expected_version)
    unit = (await UNITS.get(tx, unit_id)).value
    held = HeldRole(role=role.value, unit_id=unit.id, org_path=unit.org_path)
    try:
        person = model.grant(stored.value, held, unit.kind)
    except RoleRuleBroken as broken:
        raise Invalid(errors=[FieldError("/role", str(broken))]) from broken
    if person == stored.value:
        return stored
    granted = RoleGranted(
        occurred_at=tx.now, person_id=person.id, role=role, unit_id=unit.id, org_path=unit.org_path
    )
    return await PEOPLE.save(tx, stored, person, granted)


async def revoke_role(
    tx: Transaction, person_id: str, role: Role, unit_id: str, expected_version: int | None = None
) -> Stored[Person]:
    """Take a role back. Raises `NotFound`, `StaleVersion`."""
    stored = await PEOPLE.get(tx, person_id, expected_version)
    person = model.revoke(stored.value, role.value, unit_id)
    if person == stored.value:
        return stored
    revoked = RoleRevoked(occurred_at=tx.now, person_id=person.id, role=role, unit_id=unit_id)
    return await PEOPLE.save(tx, stored, person, revoked)
