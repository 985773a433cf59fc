"""Units and people: who is there from the first day on, and who comes in the course of the history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.demo import places
from deploy.demo.commands import Command, GrantRole, OpenUnit, RegisterPerson
from deploy.demo.drawing import Draw, shares, talents
from deploy.demo.names import name_of_staff
from deploy.demo.scale import Scale
from deploy.demo.working_days import at_time, busyness, is_working_day

SYSTEM = "system"
_OPENS_AT = 7 * 60
_HEAD_OFFICE = 3
_TRAINERS_OF_A_BIG_BRANCH = 2
_BIG_SCALE_PEOPLE = 300
_TALENT_SPREAD = 1.05
_LEADS_AND_SELLS = 0.6
"""A supervisor has clients too, but less time for them."""


@dataclass(frozen=True)
class Unit:
    id: str
    kind: str
    name: str
    parent_id: str | None


@dataclass(frozen=True)
class Person:
    """Somebody of the company at the end of the history."""

    id: str
    name: str
    role: str
    unit_id: str
    """The unit they belong to and hold the role at."""
    starts: date
    """The first day of work within the history; for who was there before, its first day."""
    hired: bool = False
    """Whether they came through the pipeline."""
    talent: float = 0.0
    """About 1 for the median agent, up to 10 for a star; 0 for who has no clients."""
    diligence: float = 1.0
    """How surely a call is made on its day, 0 to 1."""


@dataclass(frozen=True)
class Branch:
    unit: Unit
    district: str
    teams: tuple[Unit, ...]
    manager: Person
    trainers: tuple[Person, ...]


@dataclass(frozen=True)
class Staff:
    company: Unit
    units: tuple[Unit, ...]
    """Parents before children."""
    branches: tuple[Branch, ...]
    people: tuple[Person, ...]

    def of_branch(self, branch: Branch) -> list[Person]:
        """Everybody who belongs to the branch or one of its teams."""
        units = {branch.unit.id, *(team.id for team in branch.teams)}
        return [person for person in self.people if person.unit_id in units]

    def members(self, team: Unit, role: str) -> list[Person]:
        """The people of a team with this role, the earliest first."""
        found = [person for person in self.people if person.unit_id == team.id and person.role == role]
        return sorted(found, key=lambda person: person.starts)


def found(seed: int, scale: Scale, days: list[date]) -> Staff:
    """The company's people, as they are on the last of these days."""
    return _Founding(seed, scale, days).staff()


class _Founding:
    def __init__(self, seed: int, scale: Scale, days: list[date]) -> None:
        self.draw = Draw(seed, "staff")
        self.scale = scale
        self.days = days
        self.opened = at_time(days[0], _OPENS_AT)
        self.names: set[str] = set()

    def staff(self) -> Staff:
        company = self.unit("company", places.COMPANY, None)
        regions = [
            self.unit("region", f"{city.name}分公司", company) for city in places.CITIES[: self.scale.regions]
        ]
        people = [self.person("head_office", company) for _ in range(_HEAD_OFFICE)]
        people += [self.person("regional", region) for region in regions]
        branches = self.branches(regions)
        for branch in branches:
            people += [branch.manager, *branch.trainers]
        teams = [team for branch in branches for team in branch.teams]
        people += self.sellers(teams, self.scale.people - len(people))
        units = (company, *regions, *(branch.unit for branch in branches), *teams)
        return Staff(company, units, tuple(branches), tuple(people))

    def branches(self, regions: list[Unit]) -> list[Branch]:
        trainers = _TRAINERS_OF_A_BIG_BRANCH if self.scale.people > _BIG_SCALE_PEOPLE else 1
        team_names = list(places.TEAMS[: self.scale.teams])
        team_counts = shares(self.scale.teams, [1.0] * self.scale.branches)
        found: list[Branch] = []
        for place, count in enumerate(team_counts):
            region = place * len(regions) // self.scale.branches
            city = places.CITIES[region]
            first_of_region = -(-region * self.scale.branches // len(regions))
            district = city.districts[place - first_of_region]
            unit = self.unit("branch", f"{district}营业部", regions[region])
            teams = tuple(self.unit("team", team_names.pop(0), unit) for _ in range(count))
            found.append(
                Branch(
                    unit,
                    places.district_name(city, district),
                    teams,
                    self.person("branch_manager", unit),
                    tuple(self.person("trainer", unit) for _ in range(trainers)),
                )
            )
        return found

    def sellers(self, teams: list[Unit], count: int) -> list[Person]:
        """Supervisors and agents of all teams; the hires are among the agents."""
        agents = count - len(teams)
        talent = talents(self.draw, agents, _TALENT_SPREAD)
        first_days = self.first_days()
        people = [
            self.person("supervisor", team, talent=_LEADS_AND_SELLS * self.draw.uniform(1.0, 2.5))
            for team in teams
        ]
        for place in range(agents):
            starts = first_days[place] if place < len(first_days) else None
            team = teams[self.draw.randrange(len(teams))] if starts else teams[place % len(teams)]
            people.append(self.person("agent", team, starts, talent[place]))
        return people

    def first_days(self) -> list[date]:
        """On which days the hires begin: within the history, but not in its first fifth, where they were candidates."""
        possible = [
            day
            for place, day in enumerate(self.days)
            if is_working_day(day) and len(self.days) // 5 < place < len(self.days) - 2
        ]
        return sorted(self.draw.choices(possible, [busyness(day) for day in possible], k=self.scale.hires))

    def unit(self, kind: str, name: str, parent: Unit | None) -> Unit:
        return Unit(self.draw.new_id(self.opened), kind, name, parent.id if parent else None)

    def person(self, role: str, unit: Unit, starts: date | None = None, talent: float = 0.0) -> Person:
        name = name_of_staff(self.draw)
        while name in self.names:  # so that nobody on a board has a namesake
            name = name_of_staff(self.draw)
        self.names.add(name)
        return Person(
            id=self.draw.new_id(at_time(starts, 8 * 60) if starts else self.opened),
            name=name,
            role=role,
            unit_id=unit.id,
            starts=starts or self.days[0],
            hired=starts is not None,
            talent=talent,
            diligence=min(0.97, self.draw.uniform(0.55, 0.85) + 0.05 * talent),
        )


def founding_commands(staff: Staff, day: date) -> Iterator[Command]:
    """The tree and the people of the first day; who is hired later comes through the pipeline."""
    moment = at_time(day, _OPENS_AT)
    for unit in staff.units:
        moment += timedelta(milliseconds=20)
        zone = "Asia/Shanghai" if unit.parent_id is None else None
        yield OpenUnit(
            at=moment,
            by=SYSTEM,
            unit_id=unit.id,
            kind=unit.kind,
            name=unit.name,
            parent_id=unit.parent_id,
            time_zone=zone,
        )
    for person in staff.people:
        if not person.hired:
            moment += timedelta(milliseconds=20)
            yield from _registered(person, moment)


def _registered(person: Person, moment: datetime) -> Iterator[Command]:
    yield RegisterPerson(at=moment, by=SYSTEM, person_id=person.id, name=person.name, unit_id=person.unit_id)
    # who leads a team looks after clients as well
    roles = ("supervisor", "agent") if person.role == "supervisor" else (person.role,)
    for place, role in enumerate(roles, start=1):
        yield GrantRole(
            at=moment + timedelta(milliseconds=place),
            by=SYSTEM,
            person_id=person.id,
            role=role,
            unit_id=person.unit_id,
        )
