"""The 70 / 20 / 10 report: where the time of an agent, a team or a branch went in a day, a week or a month. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.clients.today.model import Gauge, gauge
from services.contracts.clients import Intent


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """From one day to another, both included."""

    first: date
    last: date

    @property
    def before(self) -> date:
        """A day of the span before this one."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """A day of the span after this one."""
        return self.last + timedelta(days=1)


def span_of(period: Period, day: date, starts_on: int = 1) -> Span:
    """The day, week or month that this day lies in; a unit's month may begin on another day than the first.

    A month that is too short for that day begins on its last one.
    """
    if period is Period.DAY:
        return Span(day, day)
    if period is Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + timedelta(days=6))
    begins = _begins(day.year, day.month, starts_on)
    if day < begins:
        begins = _begins(*_month_before(day.year, day.month), starts_on)
    ends = _begins(*_month_after(begins.year, begins.month), starts_on) - timedelta(days=1)
    return Span(begins, ends)


def _begins(year: int, month: int, starts_on: int) -> date:
    return date(year, month, min(starts_on, monthrange(year, month)[1]))


def _month_before(year: int, month: int) -> tuple[int, int]:
    return (year, month - 1) if month > 1 else (year - 1, 12)


def _month_after(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)


@dataclass(frozen=True)
class Figures:
    """What was done in some time."""

    minutes: Mapping[Intent, int]
    calls: int = 0
    showings: int = 0


@dataclass(frozen=True)
class Line:
    """One agent or unit of the report."""

    id: str
    """Of the agent or unit."""
    gauge: Gauge
    calls: int
    showings: int


def line_of(id_: str, figures: Figures, targets: Mapping[Intent, int]) -> Line:
    """The line of these figures."""
    return Line(id_, gauge(figures.minutes.items(), targets), figures.calls, figures.showings)


def total_of(lines: Iterable[Figures]) -> Figures:
    """All of them together."""
    minutes = dict.fromkeys(Intent, 0)
    calls = showings = 0
    for each in lines:
        calls, showings = calls + each.calls, showings + each.showings
        for intent, some in each.minutes.items():
            minutes[intent] += some
    return Figures(minutes, calls, showings)
