"""A new cadence played over what really happened (试算): how many calls an agent would have had on which day. Pure.

Each client goes through the weeks with the grades and the other contacts of those weeks; each call that the cadence
asks for is taken to be made on the day when it is due. So "before" and "after" differ by the settings alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.clients.cadence.hours import WorksOn
from services.clients.cadence.model import CadencePolicy
from services.contracts.clients import Grade

_DAY = timedelta(days=1)
_SEARCHED_DAYS = 400


@dataclass(frozen=True)
class History:
    """What happened with one client: days in the zone of the unit."""

    agent_id: str
    touched_on: date
    """The last contact before the weeks that are played."""
    grade: Grade | None
    """The grade when they begin."""
    graded: tuple[tuple[date, Grade], ...] = ()
    """New grades, in order."""
    contacts: tuple[date, ...] = ()
    """Other contacts than those that the cadence asked for, in order."""


def due_days(
    history: History, policy: CadencePolicy, works_on: WorksOn, first: date, last: date
) -> Iterator[date]:
    """The days from `first` to `last` on which the cadence would have asked for a call, in order."""
    changes: list[tuple[date, Grade | None]] = [(day, None) for day in history.contacts]
    changes.extend(history.graded)
    changes.sort(key=lambda each: each[0])
    counted_from, grade, today, done = history.touched_on, history.grade, first, 0
    while True:
        due = _due(counted_from, policy.every(grade), today, works_on) if grade is not None else None
        if done < len(changes) and (due is None or changes[done][0] <= due):
            day, new_grade = changes[done]
            done += 1
            today = max(today, day)
            if new_grade is None:
                counted_from = day
            else:
                grade = new_grade
            continue
        if due is None or due > last:
            return
        yield due
        counted_from = today = due


def _due(counted_from: date, every: int, today: date, works_on: WorksOn) -> date:
    """As `model.next_step` has it, by days alone."""
    steps = max(1, -(-(today - counted_from).days // every))
    day = max(counted_from + timedelta(days=steps * every), today)
    for _ in range(_SEARCHED_DAYS):
        if works_on(day):
            return day
        day += _DAY
    return day


@dataclass
class Load:
    """Calls by agent and day, counted as clients go by: as large as agents times days, however many clients."""

    calls: Counter[tuple[str, date]] = field(default_factory=Counter)

    def count(self, agent_id: str, days: Iterable[date], times: int = 1) -> None:
        """Add a client's calls; `times` for a client who stands for several."""
        for day in days:
            self.calls[agent_id, day] += times


@dataclass(frozen=True)
class Summary:
    """How heavy a load is, for one agent or for all."""

    calls: int
    mean: float
    """Calls of an agent on a working day."""
    p90: int
    """On nine of ten working days an agent has no more."""
    busiest: date | None
    most: int
    """Calls on the busiest day."""


def summary(load: Load, agents: Sequence[str], days: Sequence[date]) -> Summary:
    """The load of these agents on these working days."""
    counts = sorted(load.calls[agent_id, day] for agent_id in agents for day in days)
    by_day = by_days(load, agents, days)
    busiest = max(days, key=lambda day: by_day[day], default=None)
    return Summary(
        calls=sum(counts),
        mean=sum(counts) / len(counts) if counts else 0.0,
        p90=counts[-(-len(counts) * 9 // 10) - 1] if counts else 0,
        busiest=busiest,
        most=by_day[busiest] if busiest is not None else 0,
    )


def by_days(load: Load, agents: Sequence[str], days: Sequence[date]) -> Mapping[date, int]:
    """The calls of these agents together, by day."""
    return {day: sum(load.calls[agent_id, day] for agent_id in agents) for day in days}
