"""Periods (期间): which day, week, month, quarter and year a moment belongs to, in a unit's own calendar.

A period is named, not dated: `month:2026-11` is November in every unit, whether its working month (业绩月) runs from
the 1st or from 26 October to 25 November. So the boards of a company add up even where its branches count differently.
A working year is the calendar year: January begins on the 1st and December ends on the 31st, and the months between
absorb the difference. Quarters are three working months. Weeks are ISO weeks.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

LAST_DAY_THAT_NAMES_ITS_OWN_MONTH = 15
"""A month that starts later than this is named after the one in which it ends."""

YEARS = range(1970, 2200)


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class WorkCalendar:
    """How a unit counts its days and months."""

    time_zone: str = "Asia/Shanghai"
    period_start_day: int = 1
    """Day of the month on which the working month begins; in a shorter month, its last day."""

    @cached_property
    def key(self) -> str:
        """Text that two units share exactly when they count alike."""
        return f"{self.time_zone}|{self.period_start_day}"

    @classmethod
    def from_key(cls, key: str) -> "WorkCalendar":
        zone, _, day = key.rpartition("|")
        return cls(zone, int(day))

    def local_date(self, moment: datetime) -> date:
        """The calendar day of a moment where the unit is."""
        return moment.astimezone(self.zone).date()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, order=True)
class Period:
    kind: PeriodKind
    label: str
    """`2026-11-23`, `2026-W48`, `2026-11`, `2026-Q4` or `2026`: sorts by time within its kind."""

    @cached_property
    def key(self) -> str:
        return f"{self.kind}:{self.label}"

    @classmethod
    def from_key(cls, key: str) -> "Period":
        """The period of a key. Raises ValueError when it is none, or beyond any company's memory."""
        kind, _, label = key.partition(":")
        period, natural = cls(PeriodKind(kind), label), WorkCalendar()
        day = first_day(period, natural)
        if day.year not in YEARS or period_on(period.kind, day, natural) != period:
            raise ValueError(key)
        return period


@lru_cache(maxsize=4096)
def period_on(kind: PeriodKind, day: date, work: WorkCalendar) -> Period:
    """The period of this kind that a local calendar day belongs to."""
    match kind:
        case PeriodKind.DAY:
            return Period(kind, day.isoformat())
        case PeriodKind.WEEK:
            year, week, _ = day.isocalendar()
            return Period(kind, f"{year}-W{week:02d}")
        case PeriodKind.MONTH:
            return Period(kind, f"{day.year}-{_working_month(day, work):02d}")
        case PeriodKind.QUARTER:
            return Period(kind, f"{day.year}-Q{(_working_month(day, work) + 2) // 3}")
        case PeriodKind.YEAR:
            return Period(kind, str(day.year))


def periods_at(moment: datetime, work: WorkCalendar) -> tuple[Period, ...]:
    """The five periods, one of each kind, that a moment belongs to."""
    return periods_on(work.local_date(moment), work)


@lru_cache(maxsize=4096)
def periods_on(day: date, work: WorkCalendar) -> tuple[Period, ...]:
    """The five periods, one of each kind, that a local calendar day belongs to."""
    return tuple(period_on(kind, day, work) for kind in PeriodKind)


def bounds(period: Period, work: WorkCalendar) -> tuple[datetime, datetime]:
    """First moment of the period, and first moment after it, in UTC."""
    zone = work.zone
    begin, end = first_day(period, work), first_day(following(period), work)
    # midnight that a clock change skips is taken as the moment of the change; one that comes twice, as the first
    return (
        datetime.combine(begin, time(), zone).astimezone(UTC),
        datetime.combine(end, time(), zone).astimezone(UTC),
    )


def first_day(period: Period, work: WorkCalendar) -> date:
    """The first local calendar day of the period. Raises ValueError for a label that is none."""
    label = period.label
    match period.kind:
        case PeriodKind.DAY:
            return date.fromisoformat(label)
        case PeriodKind.WEEK:
            year, _, week = label.partition("-W")
            return date.fromisocalendar(int(year), int(week), 1)
        case PeriodKind.MONTH:
            year, _, month = label.partition("-")
            return _month_begins(int(year), int(month), work)
        case PeriodKind.QUARTER:
            year, _, quarter = label.partition("-Q")
            return _month_begins(int(year), int(quarter) * 3 - 2, work)
        case PeriodKind.YEAR:
            return date(int(label), 1, 1)


def following(period: Period) -> Period:
    """The next period of the same kind."""
    return _moved(period, 1)


def previous(period: Period) -> Period:
    """The period of the same kind before this one."""
    return _moved(period, -1)


def back_from(period: Period, count: int) -> Iterator[Period]:
    """This period and the ones before it, `count` in all."""
    for _ in range(count):
        yield period
        period = previous(period)


def _moved(period: Period, by: int) -> Period:
    natural = WorkCalendar()
    first = first_day(period, natural)
    match period.kind:
        case PeriodKind.DAY:
            day = first + timedelta(days=by)
        case PeriodKind.WEEK:
            day = first + timedelta(weeks=by)
        case PeriodKind.MONTH:
            day = _months_later(first, by)
        case PeriodKind.QUARTER:
            day = _months_later(first, by * 3)
        case PeriodKind.YEAR:
            day = date(first.year + by, 1, 1)
    return period_on(period.kind, day, natural)


def _months_later(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _start_in(year: int, month: int, work: WorkCalendar) -> date:
    return date(year, month, min(work.period_start_day, calendar.monthrange(year, month)[1]))


def _month_begins(year: int, month: int, work: WorkCalendar) -> date:
    if month == 1:
        return date(year, 1, 1)
    if work.period_start_day > LAST_DAY_THAT_NAMES_ITS_OWN_MONTH:
        return _start_in(year, month - 1, work)
    return _start_in(year, month, work)


def _working_month(day: date, work: WorkCalendar) -> int:
    begun = day >= _start_in(day.year, day.month, work)
    if work.period_start_day > LAST_DAY_THAT_NAMES_ITS_OWN_MONTH:
        return min(12, day.month + 1) if begun else day.month
    return day.month if begun else max(1, day.month - 1)
