"""The 70 / 20 / 10 report as JSON."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from services.chassis.web.dependencies import Store
from services.chassis.web.validation import Output
from services.clients.dependencies import Asking
from services.clients.today.api import ShareOut, shares_of
from services.clients.today.report import Line, Period
from services.clients.today.report_views import report

router = APIRouter(tags=["reports"])

UnitParam = Annotated[str | None, Query(min_length=1, max_length=64)]
AgentParam = Annotated[str | None, Query(min_length=1, max_length=64)]
OnParam = Annotated[
    date | None,
    Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="A day of the period; today if left out"),
]


class LineOut(Output):
    id: str
    minutes: int
    calls: int
    showings: int
    shares: list[ShareOut]

    @classmethod
    def of(cls, line: Line) -> "LineOut":
        """The line as others see it."""
        return cls(
            id=line.id,
            minutes=line.gauge.minutes,
            calls=line.calls,
            showings=line.showings,
            shares=shares_of(line.gauge),
        )


class ReportOut(Output):
    """Time spent in a day, week or month: in all, and by unit or agent."""

    period: str
    first_day: date
    last_day: date
    unit_id: str | None
    agent_id: str | None
    total: LineOut
    lines: list[LineOut]


@router.get("/reports/time", response_model=ReportOut)
async def time_report(
    store: Store,
    asker: Asking,
    period: Period = Period.WEEK,
    on: OnParam = None,
    unit: UnitParam = None,
    agent: AgentParam = None,
) -> ReportOut:
    """Where the time went, of a unit that you lead or of an agent in it; by default of your own unit, or your own."""
    found = await report(store, asker, period, on, unit, agent)
    return ReportOut(
        period=found.period,
        first_day=found.span.first,
        last_day=found.span.last,
        unit_id=found.unit.id if found.unit else None,
        agent_id=found.agent_id,
        total=LineOut.of(found.total),
        lines=[LineOut.of(line) for line in found.lines],
    )
