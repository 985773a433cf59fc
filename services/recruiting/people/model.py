"""The people of the company and the roles they hold. Rules only."""

from dataclasses import dataclass, replace
from datetime import date

from services.chassis.errors import N_

ROLE_LEVELS: dict[str, tuple[str, ...]] = {
    "agent": ("team",),
    "supervisor": ("team",),
    "trainer": ("branch", "region", "company"),
    "branch_manager": ("branch",),
    "regional": ("region",),
    "head_office": ("company",),
    "operations": ("company",),
}
"""The levels of unit at which each role can be held."""


class RoleRuleBroken(ValueError):
    """The role cannot be held there; the text is a gettext id."""


@dataclass(frozen=True, kw_only=True)
class HeldRole:
    role: str
    unit_id: str
    org_path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Career:
    """What hiring leaves in the archive (建档)."""

    start_date: date
    candidate_id: str | None
    mentor_id: str | None
    referrer_id: str | None
    recruiter_id: str | None


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who works here. `email_index` finds them at sign-in; the address itself is not kept."""

    id: str
    name: str
    unit_id: str
    org_path: tuple[str, ...]
    email_index: str | None = None
    roles: tuple[HeldRole, ...] = ()
    career: Career | None = None


def grant(person: Person, held: HeldRole, level: str) -> Person:
    """The person with one more role at a unit of this level; the same role twice changes nothing.

    Raises `RoleRuleBroken`.
    """
    if level not in ROLE_LEVELS.get(held.role, ()):
        raise RoleRuleBroken(N_("This role cannot be held at a unit of this kind"))
    if any((one.role, one.unit_id) == (held.role, held.unit_id) for one in person.roles):
        return person
    return replace(person, roles=(*person.roles, held))


def revoke(person: Person, role: str, unit_id: str) -> Person:
    """The person without that role; revoking what is not held changes nothing."""
    kept = tuple(one for one in person.roles if (one.role, one.unit_id) != (role, unit_id))
    return replace(person, roles=kept)
