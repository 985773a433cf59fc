"""Units and people as the directory keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.chassis.access import Grant
from services.contracts.organisation import Role, UnitKind


@dataclass(frozen=True)
class Unit:
    """A company, region, branch or team, with what others need to count its days and find its place."""

    id: str
    kind: UnitKind
    name: str
    parent_id: str | None
    org_path: tuple[str, ...]
    """From the company down to the unit itself."""
    time_zone: str
    period_start_day: int
    """Day of the month on which its working month begins."""
    closed: bool


@dataclass(frozen=True)
class Person:
    """Somebody of the staff."""

    id: str
    name: str
    unit_id: str
    org_path: tuple[str, ...]
    """Of the unit where they belong, as the tree stands now."""
    grants: tuple[Grant, ...]
    left_on: date | None = None
    """The last day of somebody who works here no longer; they hold no role, and their name stays."""

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)


GrantFields = Mapping[str, Any]


def add_grant(
    grants: Iterable[GrantFields], role: Role, unit_id: str, org_path: Sequence[str]
) -> list[GrantFields]:
    """The grants with this one among them, once."""
    return [
        *drop_grant(grants, role, unit_id),
        {"role": role.value, "unit_id": unit_id, "org_path": list(org_path)},
    ]


def drop_grant(grants: Iterable[GrantFields], role: Role, unit_id: str) -> list[GrantFields]:
    """The grants without this one."""
    return [grant for grant in grants if (grant["role"], grant["unit_id"]) != (role.value, unit_id)]
