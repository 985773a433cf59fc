"""The whole company: one seed, scale and moment give the same one every time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from deploy.demo import market, mornings
from deploy.demo.clientele import Clientele
from deploy.demo.commands import Command
from deploy.demo.pipeline import Pipeline, Ready
from deploy.demo.scale import Scale
from deploy.demo.staff import Person, Staff, found, founding_commands
from deploy.demo.working_days import local_day

DEFAULT_SEED = 20_260


@dataclass(frozen=True)
class Persona:
    """Somebody whom a newcomer can be, on the page where one signs in for a trial."""

    role: str
    person_id: str
    name: str
    unit_id: str
    unit_name: str


@dataclass(frozen=True)
class Company:
    seed: int
    scale: Scale
    until: datetime
    staff: Staff
    commands: tuple[Command, ...]
    """In the order in which they happen; none after `until`."""
    personas: tuple[Persona, ...]
    """One for each role, all of them above or in the same team, the agent first."""
    ready_to_hire: tuple[Ready, ...]
    due: Mapping[str, date]
    """By client id, the day of the call that is open at the end, as the generator expects it."""
    agent_of: Mapping[str, str]
    """By client id."""


def generate(seed: int, scale: Scale, until: datetime) -> Company:
    """The company with its history up to the moment (aware), which lies on the last of its `scale.days` days."""
    today = local_day(until)
    days = [today - timedelta(days=back) for back in reversed(range(scale.days))]
    staff = found(seed, scale, days)
    personas = _personas(staff)
    phones = count()
    pipeline = Pipeline(seed, staff, days, phones)
    clientele = Clientele(seed, staff, days, until, scale.clients, phones, personas[0].person_id)
    told = [
        *founding_commands(staff, days[0]),
        *mornings.commands(seed, staff, days),
        *pipeline.commands(),
        *clientele.commands(),
    ]
    told += market.commands(seed, clientele)
    told.sort(key=lambda command: command.at)  # stable, so what was told first stays first
    return Company(
        seed=seed,
        scale=scale,
        until=until,
        staff=staff,
        commands=tuple(command for command in told if command.at <= until),
        personas=personas,
        ready_to_hire=tuple(pipeline.ready),
        due=clientele.due,
        agent_of=clientele.agent_of,
    )


def _personas(staff: Staff) -> tuple[Persona, ...]:
    """The people whom the sign-in page shows first: it goes by name, from the branch of the first trainer on."""
    branch = min(staff.branches, key=lambda branch: min(map(_by_name, branch.trainers)))
    settled = [person for team in branch.teams for person in staff.members(team, "agent") if not person.hired]
    agent = min(settled, key=_by_name)
    team = next(team for team in branch.teams if team.id == agent.unit_id)
    region = next(person for person in staff.people if person.unit_id == branch.unit.parent_id)
    head_office = next(person for person in staff.people if person.role == "head_office")
    people: tuple[Person, ...] = (
        agent,
        staff.members(team, "supervisor")[0],
        min(branch.trainers, key=_by_name),
        branch.manager,
        region,
        head_office,
    )
    names = {unit.id: unit.name for unit in staff.units}
    return tuple(Persona(one.role, one.id, one.name, one.unit_id, names[one.unit_id]) for one in people)


def _by_name(person: Person) -> tuple[str, str]:
    return person.name, person.id
