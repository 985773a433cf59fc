"""One leaderboard as a reader may see it, with names.

Praise is public and weakness is not: whoever leads a unit sees its whole list; whoever only belongs to it sees the
best, and their own place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid, NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Unit
from services.contracts.organisation import UnitKind
from services.notifications.leaderboards.model import EFFORT, EFFORT_METRICS, Metric
from services.notifications.leaderboards.periods import (
    Period,
    PeriodKind,
    WorkCalendar,
    following,
    period_on,
    previous,
)
from services.notifications.leaderboards.ranking import UnitScore, best_of, summed_by_unit
from services.notifications.leaderboards.views import Leaderboards, OwnPlace

BEST = 10
"""How many of a unit everybody sees at most who belongs to it."""
MOST = 100
RISERS = 3


class Sight(Enum):
    """How much of a unit's board somebody sees."""

    ALL = "all"
    BEST = "best"


def sight(access: Access, org_path: Sequence[str]) -> Sight | None:
    """Everything of what they lead, the best of where they belong, nothing of anything else."""
    if access.sees(org_path):
        return Sight.ALL
    return Sight.BEST if org_path and org_path[-1] in access.org_path else None


@dataclass(frozen=True)
class Wish:
    """What somebody asks for; what is left open becomes the most useful."""

    metric: Metric = EFFORT
    period: str = ""
    """A period's key, or the name of a kind: then the present one."""
    unit_id: str = ""
    """Empty: the branch they belong to, or what they lead."""


@dataclass(frozen=True)
class Line:
    rank: int
    person_id: str
    name: str
    """Empty while the directory does not know the person."""
    unit: str
    points: int
    share: float
    own: bool
    opens: bool
    """Whether this reader may see what the score is made of."""


@dataclass(frozen=True)
class UnitLine:
    rank: int
    unit_id: str
    name: str
    points: int
    heads: int
    per_head: float
    share: float


@dataclass(frozen=True)
class Riser:
    person_id: str
    name: str
    gain: int
    points: int


@dataclass(frozen=True)
class BoardRead:
    """One leaderboard, ready to be shown."""

    unit: Unit
    units: Sequence[Unit]
    """Whose boards this reader may choose."""
    metric: Metric
    period: Period
    present: Period
    sight: Sight
    lines: Sequence[Line]
    own: OwnPlace | None
    people: int | None
    closed: bool
    improved: Sequence[Riser]
    children: Sequence[UnitLine]

    @property
    def effort(self) -> bool:
        return self.metric in EFFORT_METRICS

    @property
    def before(self) -> Period:
        return previous(self.period)

    @property
    def after(self) -> Period | None:
        """The next period; None for the present one."""
        return following(self.period) if self.period < self.present else None


async def chosen_unit(directory: Directory, visitor: Access, unit_id: str) -> tuple[Unit, Sight]:
    """The unit that is asked for, or the one that concerns the visitor most. Raises `NotFound`."""
    if not unit_id:
        widest = visitor.unit_ids
        unit = await directory.unit(widest[0]) if widest else await directory.branch_of(visitor.unit_id)
        unit = unit or await directory.unit(visitor.unit_id)
    else:
        unit = await directory.unit(unit_id)
    how = sight(visitor, unit.org_path)
    if how is None:
        raise NotFound
    return unit, how


def chosen_period(text: str, work: WorkCalendar, now: datetime) -> Period:
    """The period of this key, or the present one of the kind that is named. Raises `Invalid`."""
    today = work.local_date(now)
    if text in list(PeriodKind):
        return period_on(PeriodKind(text), today, work)
    try:
        return Period.from_key(text) if text else period_on(PeriodKind.MONTH, today, work)
    except ValueError:
        raise Invalid(errors=[FieldError("/period", N_("There is no such period"))]) from None


async def read(mongo: Mongo, directory: Directory, visitor: Access, wish: Wish, now: datetime) -> BoardRead:
    """The leaderboard that is wished for. Raises `NotFound` for a unit that is not theirs, `Invalid`."""
    unit, how = await chosen_unit(directory, visitor, wish.unit_id)
    work = WorkCalendar(unit.time_zone, unit.period_start_day)
    period = chosen_period(wish.period, work, now)
    boards = Leaderboards(mongo)
    members = await directory.people_under(unit.id)
    limit = MOST if how is Sight.ALL else best_of(len(members), BEST)
    board = await boards.board(unit.id, wish.metric, period, limit=limit, own=visitor.person_id)
    risers = await boards.improved(
        unit.id, wish.metric, period, previous(period), frozenset(one.id for one in members), RISERS
    )
    people = await directory.people([one.score.id for one in board.top])
    names = {one.id: one.name for one in members} | {id_: one.name for id_, one in people.items()}
    teams = await directory.units({one.unit_id for one in people.values()})
    best = max((one.score.points for one in board.top), default=1)
    return BoardRead(
        unit=unit,
        units=await _units(directory, visitor),
        metric=wish.metric,
        period=period,
        present=period_on(period.kind, work.local_date(now), work),
        sight=how,
        lines=[
            Line(
                rank=one.rank,
                person_id=one.score.id,
                name=names.get(one.score.id, ""),
                unit=teams[people[one.score.id].unit_id].name
                if one.score.id in people and people[one.score.id].unit_id in teams
                else "",
                points=int(one.score.points),
                share=one.score.points / best,
                own=one.score.id == visitor.person_id,
                opens=how is Sight.ALL or one.score.id == visitor.person_id,
            )
            for one in board.top
        ],
        own=board.own,
        people=board.people if how is Sight.ALL else None,
        closed=board.closed,
        improved=[Riser(one.id, names.get(one.id, ""), int(one.gain), int(one.points)) for one in risers],
        children=await _children(boards, directory, unit, wish.metric, period) if how is Sight.ALL else (),
    )


async def _units(directory: Directory, visitor: Access) -> list[Unit]:
    """Where the visitor belongs, from the company down, and everything they lead."""
    own = await directory.units(visitor.org_path)
    led = await directory.subtree(*visitor.unit_ids) if visitor.unit_ids else []
    units = {unit.id: unit for unit in [*own.values(), *led]}
    return sorted(units.values(), key=lambda unit: (unit.org_path[:-1], unit.name))


async def _children(
    boards: Leaderboards, directory: Directory, unit: Unit, metric: Metric, period: Period
) -> list[UnitLine]:
    """The units right under this one, by points for each head."""
    children = {child.id: child for child in await directory.children(unit.id)}
    if not children or unit.kind is UnitKind.TEAM:
        return []
    sums = await boards.sums(unit.id, len(unit.org_path), metric, period)
    heads: dict[str, int] = dict.fromkeys(children, 0)
    for person in await directory.people_under(*children):
        child = next((id_ for id_ in person.org_path if id_ in heads), None)
        if child:
            heads[child] += 1
    scores = summed_by_unit(sums, children.keys(), heads)
    order = sorted(scores, key=lambda one: (-one.per_head, one.reached, one.unit_id))
    best = order[0].per_head or 1.0
    return [
        UnitLine(
            _rank(order, one),
            one.unit_id,
            children[one.unit_id].name,
            one.points,
            one.heads,
            one.per_head,
            one.per_head / best,
        )
        for one in order
    ]


def _rank(order: Sequence[UnitScore], one: UnitScore) -> int:
    return 1 + sum(other.per_head > one.per_head for other in order)
