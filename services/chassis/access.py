"""Who may see and do what: roles held at units, each reaching over the unit's subtree.

Pure rules. An access is built from the directory for every request, so a role that was taken away is gone at the
next click.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.errors import Forbidden, NotFound
from services.contracts.organisation import Role

EVERYTHING_BUT_AGENT = frozenset(Role) - {Role.AGENT}


@dataclass(frozen=True)
class Grant:
    """A role (角色) held at a unit."""

    role: Role
    unit_id: str
    org_path: tuple[str, ...]
    """From the company down to the unit itself, as the tree stands now."""

    def reaches(self, org_path: Sequence[str]) -> bool:
        """Whether the place lies in the subtree under the unit."""
        return self.unit_id in org_path


@dataclass(frozen=True)
class Access:
    """A person with what they hold."""

    person_id: str
    name: str
    grants: tuple[Grant, ...]
    unit_id: str
    """Where the person belongs."""
    org_path: tuple[str, ...]
    unit_name: str = ""
    time_zone: str = "Asia/Shanghai"
    """Of the unit where the person belongs; days are counted in it."""

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held, wherever."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def only_own(self) -> bool:
        """True for somebody who sees only what is their own."""
        return not self.roles & EVERYTHING_BUT_AGENT

    def has(self, *roles: Role) -> bool:
        """Whether one of these roles is held anywhere."""
        return not self.roles.isdisjoint(roles)

    def may(self, *roles: Role, at: Sequence[str]) -> bool:
        """Whether one of these roles is held at the place with this org path, or above it."""
        return any(grant.role in roles and grant.reaches(at) for grant in self.grants)

    def sees(self, org_path: Sequence[str], *, owner: str | None = None) -> bool:
        """Whether something at this place is theirs to see: their own, or under a unit they look after.

        An agent's role alone shows nothing of others.
        """
        if owner is not None and owner == self.person_id:
            return True
        return any(grant.role != Role.AGENT and grant.reaches(org_path) for grant in self.grants)

    def require(self, *roles: Role, at: Sequence[str]) -> None:
        """Do nothing when one of the roles is held there. Raises `Forbidden`."""
        if not self.may(*roles, at=at):
            raise Forbidden

    def require_sight(self, org_path: Sequence[str], *, owner: str | None = None) -> None:
        """Do nothing when it is theirs to see. Raises `NotFound`: what is not theirs does not exist for them."""
        if not self.sees(org_path, owner=owner):
            raise NotFound

    @property
    def unit_ids(self) -> tuple[str, ...]:
        """The units whose subtrees are theirs to see, the widest first; empty for an agent."""
        held = {grant.unit_id: grant for grant in self.grants if grant.role != Role.AGENT}
        widest = [
            grant
            for grant in held.values()
            if not any(other != grant.unit_id and other in grant.org_path for other in held)
        ]
        return tuple(grant.unit_id for grant in sorted(widest, key=lambda g: (len(g.org_path), g.unit_id)))

    def scope(self, *, owner: str = "agent_id", org_path: str = "org_path") -> dict[str, Any]:
        """The MongoDB filter of what is theirs to see, for documents that carry an owner and an org path array.

        Put it into every query beside its own conditions: `{"$and": [access.scope(), {...}]}`.
        """
        own = {owner: self.person_id}
        units = list(self.unit_ids)
        if not units:
            return own
        return {"$or": [{org_path: {"$in": units}}, own]}
