"""The people of the company and the roles they hold. Rules only."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

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
    left_on: date | None = None
    """The last day of somebody who works here no longer."""


LATEST_NOTE = timedelta(days=92)
"""So long after their last day it can still be written down that somebody left."""


class MoveRuleBroken(ValueError):
    """Somebody cannot move or leave like this; the text is a gettext id and `field` names what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def grant(person: Person, held: HeldRole, level: str) -> Person:
    """The person with one more role at a unit of this level; the same role twice changes nothing.

    Who had left is back with it. Raises `RoleRuleBroken`.
    """
    if level not in ROLE_LEVELS.get(held.role, ()):
        raise RoleRuleBroken(N_("This role cannot be held at a unit of this kind"))
    if any((one.role, one.unit_id) == (held.role, held.unit_id) for one in person.roles):
        return person
    return replace(person, roles=(*person.roles, held), left_on=None)


def revoke(person: Person, role: str, unit_id: str) -> Person:
    """The person without that role; revoking what is not held changes nothing."""
    kept = tuple(one for one in person.roles if (one.role, one.unit_id) != (role, unit_id))
    return replace(person, roles=kept)


def move(
    person: Person, unit_id: str, org_path: tuple[str, ...], level: str
) -> tuple[Person, tuple[HeldRole, ...]]:
    """The agent in another team (调动), and the roles at the old one that end with it.

    An agent is one in the new team; whoever led the old one leads it no longer. Raises `MoveRuleBroken`.
    """
    if person.left_on is not None:
        raise MoveRuleBroken("", N_("This person works here no longer"))
    if level not in ROLE_LEVELS["agent"]:
        raise MoveRuleBroken("unit_id", N_("An agent belongs to a team"))
    if unit_id == person.unit_id:
        raise MoveRuleBroken("unit_id", N_("They belong to this team already"))
    if not any((held.role, held.unit_id) == ("agent", person.unit_id) for held in person.roles):
        raise MoveRuleBroken(
            "", N_("Only agents move from team to team; others are given a role at another unit")
        )
    ended = tuple(held for held in person.roles if held.unit_id == person.unit_id and held.role != "agent")
    kept = tuple(held for held in person.roles if held.unit_id != person.unit_id)
    agent = HeldRole(role="agent", unit_id=unit_id, org_path=org_path)
    return replace(person, unit_id=unit_id, org_path=org_path, roles=(*kept, agent)), ended


def leave(person: Person, last_day: date, today: date) -> Person:
    """The person after their last day (离职): without any role. Their name stays, for what they did.

    `today` is the day in the zone of their unit. Raises `MoveRuleBroken`.
    """
    if person.left_on is not None:
        raise MoveRuleBroken("", N_("This person works here no longer"))
    if last_day > today:
        raise MoveRuleBroken("last_day", N_("Write this down on the last day, not before it"))
    if last_day < today - LATEST_NOTE:
        raise MoveRuleBroken("last_day", N_("The last day is at most three months ago"))
    if person.career is not None and last_day < person.career.start_date:
        raise MoveRuleBroken("last_day", N_("The last day is not before the first"))
    return replace(person, roles=(), left_on=last_day)
