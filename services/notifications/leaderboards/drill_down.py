"""What a score is made of, for whoever may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Unit
from services.chassis.web.paging import Rows
from services.notifications.leaderboards.model import Entry, Metric
from services.notifications.leaderboards.periods import Period, WorkCalendar
from services.notifications.leaderboards.reading import Sight, Wish, chosen_period, chosen_unit
from services.notifications.leaderboards.views import Leaderboards

SIZE = 50


@dataclass(frozen=True)
class Line:
    """One entry as it is shown."""

    entry: Entry
    metric: Metric
    """What was counted."""
    points: int
    """What it gave of the metric that is opened."""
    unit: str


@dataclass(frozen=True)
class Opened:
    """A score with the events behind it."""

    person_id: str
    name: str
    unit: Unit
    metric: Metric
    period: Period
    points: int
    """The sum of all entries, this page's and the others."""
    parts: Mapping[Metric, int]
    """The same, by what was counted."""
    as_of: datetime | None
    lines: Sequence[Line]
    next_cursor: str


async def opened(
    mongo: Mongo,
    directory: Directory,
    visitor: Access,
    person_id: str,
    wish: Wish,
    now: datetime,
    *,
    as_of: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    size: int = SIZE,
) -> Opened:
    """The score under the unit, and its entries, the newest first. Raises `NotFound` where it is not theirs to see."""
    unit, how = await chosen_unit(directory, visitor, wish.unit_id)
    if how is not Sight.ALL and person_id != visitor.person_id:
        raise NotFound
    period = chosen_period(wish.period, WorkCalendar(unit.time_zone, unit.period_start_day), now)
    boards = Leaderboards(mongo)
    found = await boards.entries(
        person_id, wish.metric, period, unit_id=unit.id, as_of=as_of, after=after, limit=size + 1
    )
    parts = await boards.parts(person_id, wish.metric, period, unit_id=unit.id, as_of=as_of)
    people = await directory.people([person_id])
    if not found and after is None and person_id not in people:
        raise NotFound
    page = Rows.of(found, size, lambda one: (one.occurred_at.isoformat(), one.id))
    units = await directory.units({one.org_path[-1] for one in page.items if one.org_path})
    return Opened(
        person_id=person_id,
        name=people[person_id].name if person_id in people else "",
        unit=unit,
        metric=wish.metric,
        period=period,
        points=sum(parts.values()),
        parts=parts,
        as_of=as_of,
        lines=[
            Line(
                one,
                one.scores[0][0],
                next(points for metric, points in one.scores if metric is wish.metric),
                units[one.org_path[-1]].name if one.org_path and one.org_path[-1] in units else "",
            )
            for one in page.items
        ],
        next_cursor=page.next_cursor,
    )
