"""The leaderboards as JSON."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from services.chassis.web.dependencies import Directory, Store, Visitor
from services.chassis.web.paging import CursorParam, SizeParam, link_header
from services.chassis.web.site import site_of
from services.notifications.cursors import moment_position
from services.notifications.leaderboards import drill_down, reading
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.pages import MetricParam, PeriodParam, UnitParam

router = APIRouter(tags=["leaderboards"])


class LineOut(BaseModel):
    rank: int
    person_id: str
    name: str
    unit: str
    points: int


class OwnOut(BaseModel):
    rank: int | None
    """None while it is not known: far down in a very large unit."""
    points: int
    exact: bool
    to_next: int | None


class UnitOut(BaseModel):
    rank: int
    unit_id: str
    name: str
    points: int
    heads: int
    per_head: float


class RiserOut(BaseModel):
    person_id: str
    name: str
    gain: int
    points: int


class BoardOut(BaseModel):
    unit_id: str
    unit: str
    metric: Metric
    period: str
    closed: bool
    """Read from the snapshot that was made when the period was closed."""
    whole: bool
    """Whether the reader sees everybody, or the best only."""
    people: int | None
    lines: list[LineOut]
    own: OwnOut | None
    improved: list[RiserOut]
    units: list[UnitOut]

    @classmethod
    def of(cls, board: reading.BoardRead) -> Self:
        return cls(
            unit_id=board.unit.id,
            unit=board.unit.name,
            metric=board.metric,
            period=board.period.key,
            closed=board.closed,
            whole=board.sight is reading.Sight.ALL,
            people=board.people,
            lines=[LineOut.model_validate(line, from_attributes=True) for line in board.lines],
            own=OwnOut.model_validate(board.own, from_attributes=True) if board.own else None,
            improved=[RiserOut.model_validate(one, from_attributes=True) for one in board.improved],
            units=[UnitOut.model_validate(one, from_attributes=True) for one in board.children],
        )


class EntryOut(BaseModel):
    id: str
    event_id: str
    event_type: str
    subject: str
    metric: Metric
    """What was counted."""
    points: int
    """What it gave of the metric that was asked for."""
    occurred_at: datetime
    org_path: list[str]


class OpenedOut(BaseModel):
    person_id: str
    metric: Metric
    period: str
    points: int
    """The sum of all entries up to `as_of`, this page's and the others."""
    as_of: datetime | None
    entries: list[EntryOut]


@router.get("/leaderboards")
async def leaderboards(
    request: Request,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    metric: MetricParam = Metric.EFFORT_POINTS,
    period: PeriodParam = "",
    unit: UnitParam = "",
) -> BoardOut:
    """The first hundred of what the reader leads, or the first ten of where they belong, and their own place."""
    wish = reading.Wish(metric, period, unit)
    return BoardOut.of(await reading.read(store, directory, visitor, wish, site_of(request).clock()))


@router.get("/leaderboards/people/{person_id}/entries")
async def entries(
    person_id: str,
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    metric: MetricParam = Metric.EFFORT_POINTS,
    period: PeriodParam = "",
    unit: UnitParam = "",
    as_of: Annotated[AwareDatetime | None, Query(description="Only what had happened by then")] = None,
    cursor: CursorParam = "",
    size: SizeParam = 50,
) -> OpenedOut:
    """What a score is made of, the newest first."""
    opened = await drill_down.opened(
        store,
        directory,
        visitor,
        person_id,
        reading.Wish(metric, period, unit),
        site_of(request).clock(),
        as_of=as_of,
        after=moment_position(cursor),
        size=size,
    )
    response.headers.update(link_header(request, opened.next_cursor))
    return OpenedOut(
        person_id=opened.person_id,
        metric=opened.metric,
        period=opened.period.key,
        points=opened.points,
        as_of=opened.as_of,
        entries=[
            EntryOut(
                id=line.entry.id,
                event_id=line.entry.event_id,
                event_type=line.entry.event_type,
                subject=line.entry.subject,
                metric=line.metric,
                points=line.points,
                occurred_at=line.entry.occurred_at,
                org_path=list(line.entry.org_path),
            )
            for line in opened.lines
        ],
    )
