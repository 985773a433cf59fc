"""Use cases of series."""

from dataclasses import dataclass, replace

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Unit
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.training.series.model import (
    DEFAULT_AGENDA,
    DEFAULT_START,
    DEFAULT_WEEKDAYS,
    SegmentPlan,
    Series,
    SeriesRuleBroken,
    check,
)
from services.training.series.store import SERIES


@dataclass(frozen=True, kw_only=True)
class CreateSeries:
    """Without days, time and agenda it is the usual one: Monday to Friday, 08:30, thirty minutes."""

    unit_id: str
    host_id: str
    title: str
    weekdays: tuple[int, ...] = DEFAULT_WEEKDAYS
    starts: str = DEFAULT_START
    agenda: tuple[SegmentPlan, ...] = DEFAULT_AGENDA
    series_id: str | None = None


async def create_series(tx: Transaction, command: CreateSeries) -> Stored[Series]:
    """A unit meets regularly from now on. Raises `NotFound` for the unit, `Invalid`."""
    unit = await Directory(tx.mongo, tx.session).unit(command.unit_id)
    series = Series(
        id=command.series_id or new_id(tx.now),
        unit_id=unit.id,
        org_path=unit.org_path,
        title=command.title.strip(),
        weekdays=tuple(sorted(set(command.weekdays))),
        starts=command.starts,
        time_zone=unit.time_zone,
        host_id=command.host_id,
        agenda=command.agenda,
    )
    await _check(tx, series, unit)
    return await SERIES.add(tx, series)


@dataclass(frozen=True, kw_only=True)
class EditSeries:
    series_id: str
    host_id: str
    title: str
    weekdays: tuple[int, ...]
    starts: str
    agenda: tuple[SegmentPlan, ...]
    expected_version: int | None = None


async def edit_series(tx: Transaction, command: EditSeries) -> Stored[Series]:
    """Change the series; meetings that are planned already stay as they are.

    Raises `NotFound`, `StaleVersion`, `Invalid`.
    """
    stored = await SERIES.get(tx, command.series_id, command.expected_version)
    unit = await Directory(tx.mongo, tx.session).unit(stored.value.unit_id)
    series = replace(
        stored.value,
        org_path=unit.org_path,
        time_zone=unit.time_zone,
        title=command.title.strip(),
        weekdays=tuple(sorted(set(command.weekdays))),
        starts=command.starts,
        host_id=command.host_id,
        agenda=command.agenda,
    )
    await _check(tx, series, unit)
    return await SERIES.save(tx, stored, series)


async def _check(tx: Transaction, series: Series, unit: Unit) -> None:
    try:
        check(series)
    except SeriesRuleBroken as broken:
        raise Invalid(errors=[FieldError(f"/{broken.field}", str(broken))]) from broken
    host = (await Directory(tx.mongo, tx.session).people([series.host_id])).get(series.host_id)
    if host is None or host.org_path[0] != unit.org_path[0]:
        raise Invalid(errors=[FieldError("/host_id", N_("Choose somebody of this company"))])
