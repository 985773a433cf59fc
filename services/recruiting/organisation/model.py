"""The org tree (组织架构): company, region, branch, team. Rules only."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.chassis.errors import N_

LEVELS = ("company", "region", "branch", "team")
"""From the top down. A unit stands directly under the level above it."""

LAST_PERIOD_START_DAY = 28
"""A working month may begin on any day that every month has."""


class TreeRuleBroken(ValueError):
    """The tree does not allow it; the text is a gettext id and `field` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One unit as it stands now. History keeps the paths that were; see the events."""

    id: str
    kind: str
    name: str
    parent_id: str | None
    org_path: tuple[str, ...]
    """Unit ids from the company down to this one."""
    time_zone: str
    period_start_day: int
    closed: bool = False


def open_unit(
    *,
    id_: str,
    kind: str,
    name: str,
    parent: Unit | None,
    time_zone: str | None = None,
    period_start_day: int | None = None,
) -> Unit:
    """A new unit under its parent; time zone and period calendar are the parent's unless given.

    Raises `TreeRuleBroken`.
    """
    _check_place(kind, parent)
    zone = time_zone or (parent.time_zone if parent else "Asia/Shanghai")
    start_day = period_start_day or (parent.period_start_day if parent else 1)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TreeRuleBroken("time_zone", N_("This time zone is not known")) from error
    if not 1 <= start_day <= LAST_PERIOD_START_DAY:
        raise TreeRuleBroken("period_start_day", N_("A working month begins on a day from 1 to 28"))
    return Unit(
        id=id_,
        kind=kind,
        name=_named(name),
        parent_id=parent.id if parent else None,
        org_path=(*(parent.org_path if parent else ()), id_),
        time_zone=zone,
        period_start_day=start_day,
    )


def rename(unit: Unit, name: str) -> Unit:
    """The unit under another name. Raises `TreeRuleBroken` for an empty one or a closed unit."""
    _check_open(unit)
    return replace(unit, name=_named(name))


def move(unit: Unit, parent: Unit, subtree: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The unit and everything below it, under the new parent; the unit itself comes first.

    `subtree` are all units below it, closed ones included, in any order. Raises `TreeRuleBroken`.
    """
    _check_open(unit)
    _check_place(unit.kind, parent)
    if unit.id in parent.org_path:
        raise TreeRuleBroken("parent_id", N_("A unit cannot be moved below itself"))
    old, new = unit.org_path, (*parent.org_path, unit.id)
    moved = replace(unit, parent_id=parent.id, org_path=new)
    below = (replace(child, org_path=(*new, *child.org_path[len(old) :])) for child in subtree)
    return (moved, *sorted(below, key=lambda child: len(child.org_path)))


def close(unit: Unit, open_children: int, members: int) -> Unit:
    """The unit, closed. Raises `TreeRuleBroken` while units or people still belong to it."""
    _check_open(unit)
    if open_children:
        raise TreeRuleBroken("", N_("Close or move the units below it first"))
    if members:
        raise TreeRuleBroken("", N_("Move the people of this unit first"))
    return replace(unit, closed=True)


def _check_place(kind: str, parent: Unit | None) -> None:
    if kind not in LEVELS:
        raise TreeRuleBroken("kind", N_("This kind of unit is not known"))
    level = LEVELS.index(kind)
    if parent is None:
        if level != 0:
            raise TreeRuleBroken("parent_id", N_("Only a company stands at the top"))
        return
    if parent.closed:
        raise TreeRuleBroken("parent_id", N_("The unit above is closed"))
    if LEVELS.index(parent.kind) != level - 1:
        raise TreeRuleBroken(
            "parent_id", "Regions belong to a company, branches to a region, teams to a branch"
        )


def _check_open(unit: Unit) -> None:
    if unit.closed:
        raise TreeRuleBroken("", N_("This unit is closed"))


def _named(name: str) -> str:
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 60:
        raise TreeRuleBroken("name", N_("A name has 1 to 60 characters"))
    return trimmed
