"""The report as it is read: who may see whose time, and the figures of their days."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Unit
from services.clients.cadence.store import rhythm_of
from services.clients.files.sight import units_of
from services.clients.files.views import Asker
from services.clients.today import figures
from services.clients.today.report import Line, Period, Span, line_of, span_of, total_of
from services.contracts.organisation import Role

MOST_LINES = 300
LEADS = (Role.SUPERVISOR, Role.TRAINER, Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)


@dataclass(frozen=True)
class Report:
    """Where time went: of one agent, or of a unit with a line for each unit or agent in it."""

    period: Period
    span: Span
    today: date
    unit: Unit | None
    agent_id: str | None
    agent_name: str
    total: Line
    lines: tuple[Line, ...]
    names: dict[str, str]
    """Of the agents and units of the lines."""
    units: bool
    """Whether the lines are units; else they are agents."""


async def report(
    mongo: Mongo,
    asker: Asker,
    period: Period,
    on: date | None = None,
    unit_id: str | None = None,
    agent_id: str | None = None,
) -> Report:
    """The report of this unit or agent; by default of who leads it, and of oneself for who leads none.

    Raises `NotFound` for what is not theirs.
    """
    access, directory = asker.access, Directory(mongo)
    today = asker.now.astimezone(ZoneInfo(access.time_zone)).date()
    if agent_id is None and unit_id is None:
        led = units_of(access)
        unit_id, agent_id = (led[0], None) if led else (None, access.person_id)
    if agent_id is not None:
        return await _of_agent(mongo, directory, access, period, on or today, today, agent_id)
    unit = await directory.unit(unit_id or "")
    if not access.may(*LEADS, at=unit.org_path):
        raise NotFound
    span = span_of(period, on or today, unit.period_start_day)
    targets = (await rhythm_of(mongo, unit.org_path)).policy.shares
    children = await directory.children(unit.id)
    if children:
        found = await figures.under_unit(mongo, unit.id, len(unit.org_path), span)
        names = {each.id: each.name for each in children} | {unit.id: unit.name}
    else:
        found = await figures.by_agent(mongo, unit.id, span)
        names = {id_: person.name for id_, person in (await directory.people(found)).items()}
    lines = sorted(
        (line_of(id_, each, targets) for id_, each in found.items()),
        key=lambda line: (names.get(line.id, ""), line.id),
    )
    return Report(
        period,
        span,
        today,
        unit,
        None,
        "",
        line_of(unit.id, total_of(found.values()), targets),
        tuple(lines[:MOST_LINES]),
        names,
        bool(children),
    )


async def _of_agent(
    mongo: Mongo, directory: Directory, access: Access, period: Period, on: date, today: date, agent_id: str
) -> Report:
    person = await directory.person(agent_id)
    if agent_id != access.person_id and not access.may(*LEADS, at=person.org_path):
        raise NotFound
    units = await directory.units(person.org_path[-1:])
    starts_on = units[person.org_path[-1]].period_start_day if person.org_path[-1] in units else 1
    span = span_of(period, on, starts_on)
    targets = (await rhythm_of(mongo, person.org_path)).policy.shares
    total = line_of(agent_id, await figures.of_agent(mongo, agent_id, span), targets)
    return Report(period, span, today, None, agent_id, person.name, total, (), {}, units=False)
