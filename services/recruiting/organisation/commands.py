"""Use cases of the org tree."""

from dataclasses import dataclass

from services.chassis.errors import FieldError, Invalid
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.contracts.organisation import UnitKind
from services.contracts.recruiting import UnitClosed, UnitMoved, UnitOpened, UnitRenamed
from services.recruiting.organisation import model, store
from services.recruiting.organisation.model import TreeRuleBroken, Unit
from services.recruiting.people.store import count_members


@dataclass(frozen=True, kw_only=True)
class OpenUnit:
    unit_id: str
    kind: str
    name: str
    parent_id: str | None = None
    time_zone: str | None = None
    period_start_day: int | None = None


async def open_unit(tx: Transaction, command: OpenUnit) -> Stored[Unit]:
    """Add a unit to the tree. Raises `Invalid`, `NotFound` for the parent."""
    parent = (await store.UNITS.get(tx, command.parent_id)).value if command.parent_id else None
    try:
        unit = model.open_unit(
            id_=command.unit_id,
            kind=command.kind,
            name=command.name,
            parent=parent,
            time_zone=command.time_zone,
            period_start_day=command.period_start_day,
        )
    except TreeRuleBroken as broken:
        raise _invalid(broken) from broken
    opened = UnitOpened(
        occurred_at=tx.now,
        unit_id=unit.id,
        kind=UnitKind(unit.kind),
        name=unit.name,
        parent_id=unit.parent_id,
        org_path=unit.org_path,
        time_zone=unit.time_zone,
        period_start_day=unit.period_start_day,
    )
    return await store.UNITS.add(tx, unit, opened)


async def rename_unit(tx: Transaction, unit_id: str, name: str, expected_version: int | None) -> Stored[Unit]:
    """Give the unit another name. Raises `Invalid`, `NotFound`, `StaleVersion`."""
    stored = await store.UNITS.get(tx, unit_id, expected_version)
    try:
        unit = model.rename(stored.value, name)
    except TreeRuleBroken as broken:
        raise _invalid(broken) from broken
    if unit == stored.value:
        return stored
    return await store.UNITS.save(
        tx, stored, unit, UnitRenamed(occurred_at=tx.now, unit_id=unit.id, name=unit.name)
    )


async def move_unit(
    tx: Transaction, unit_id: str, parent_id: str, expected_version: int | None
) -> Stored[Unit]:
    """Hang the unit, with everything below it, under another parent.

    Raises `Invalid`, `NotFound`, `StaleVersion`.
    """
    stored = await store.UNITS.get(tx, unit_id, expected_version)
    parent = await store.UNITS.get(tx, parent_id)
    below = await store.below(tx, stored)
    try:
        moved = model.move(stored.value, parent.value, tuple(one.value for one in below.values()))
    except TreeRuleBroken as broken:
        raise _invalid(broken) from broken
    before = {stored.id: stored, **below}
    saved = [
        await store.UNITS.save(
            tx,
            before[unit.id],
            unit,
            UnitMoved(occurred_at=tx.now, unit_id=unit.id, parent_id=unit.parent_id, org_path=unit.org_path),
        )
        for unit in moved
    ]
    return saved[0]


async def close_unit(tx: Transaction, unit_id: str, expected_version: int | None) -> Stored[Unit]:
    """Close an empty unit. Raises `Invalid`, `NotFound`, `StaleVersion`."""
    stored = await store.UNITS.get(tx, unit_id, expected_version)
    children = await store.open_children(tx, unit_id)
    members = await count_members(tx, unit_id)
    try:
        unit = model.close(stored.value, children, members)
    except TreeRuleBroken as broken:
        raise _invalid(broken) from broken
    return await store.UNITS.save(tx, stored, unit, UnitClosed(occurred_at=tx.now, unit_id=unit.id))


def _invalid(broken: TreeRuleBroken) -> Invalid:
    return Invalid(str(broken), errors=[FieldError(f"/{broken.field}" if broken.field else "", str(broken))])
