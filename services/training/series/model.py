"""Meeting series (早会): on which days, at what time, in which unit. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.chassis.errors import N_

SHORTEST, LONGEST = 5, 120
"""Minutes of a morning meeting."""
LONGEST_SEGMENT = 60
MOST_SEGMENTS = 20
SEARCHED_DAYS = 400
WORKING_WEEK = frozenset(range(5))

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class SeriesRuleBroken(ValueError):
    """The series cannot be like this; the text is a gettext id and `field` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SegmentKind(StrEnum):
    """What a part of the agenda is for."""

    ATTENDANCE = "attendance"
    """出勤."""
    RESULTS = "results"
    """业绩与表扬."""
    POLICY = "policy"
    """政策."""
    TOPIC = "topic"
    """专题."""
    DRILL = "drill"
    """演练."""
    TARGETS = "targets"
    """目标."""
    OTHER = "other"


class DayKind(StrEnum):
    """What the public calendar says of a day."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    """A public holiday, not a mere weekend."""
    MAKE_UP = "make_up"
    """调休: a day of the weekend that is worked in the place of a holiday."""


Calendar = Callable[[date], DayKind]


@dataclass(frozen=True, kw_only=True)
class SegmentPlan:
    """One segment of the usual agenda."""

    kind: SegmentKind
    minutes: int


DEFAULT_AGENDA: tuple[SegmentPlan, ...] = (
    SegmentPlan(kind=SegmentKind.ATTENDANCE, minutes=2),
    SegmentPlan(kind=SegmentKind.RESULTS, minutes=4),
    SegmentPlan(kind=SegmentKind.POLICY, minutes=4),
    SegmentPlan(kind=SegmentKind.TOPIC, minutes=12),
    SegmentPlan(kind=SegmentKind.DRILL, minutes=5),
    SegmentPlan(kind=SegmentKind.TARGETS, minutes=3),
)
"""Thirty minutes."""
DEFAULT_WEEKDAYS = (0, 1, 2, 3, 4)
DEFAULT_START = "08:30"


@dataclass(frozen=True, kw_only=True)
class Series:
    """The regular meeting of a unit."""

    id: str
    unit_id: str
    org_path: tuple[str, ...]
    title: str
    weekdays: tuple[int, ...]
    """Monday is 0."""
    starts: str
    """`HH:MM` in the unit's time zone."""
    time_zone: str
    host_id: str
    agenda: tuple[SegmentPlan, ...] = DEFAULT_AGENDA

    @property
    def minutes(self) -> int:
        """How long the usual agenda takes."""
        return sum(segment.minutes for segment in self.agenda)


def check(series: Series) -> Series:
    """The series itself when it can be held; raises `SeriesRuleBroken`."""
    if not 1 <= len(series.title.strip()) <= 60:
        raise SeriesRuleBroken("title", N_("Give the meeting a name of up to 60 characters"))
    if not series.weekdays or not set(series.weekdays) <= set(range(7)):
        raise SeriesRuleBroken("weekdays", N_("Choose at least one day of the week"))
    if not _TIME.fullmatch(series.starts):
        raise SeriesRuleBroken("starts", N_("Enter a time such as 08:00"))
    if len(series.agenda) > MOST_SEGMENTS:
        raise SeriesRuleBroken("agenda", N_("An agenda has at most 20 segments"))
    if any(not 1 <= segment.minutes <= LONGEST_SEGMENT for segment in series.agenda):
        raise SeriesRuleBroken("agenda", N_("A segment takes 1 to 60 minutes"))
    if not SHORTEST <= series.minutes <= LONGEST:
        raise SeriesRuleBroken("agenda", N_("A morning meeting takes between 5 minutes and 2 hours"))
    return series


def starts_on(series: Series, day: date) -> datetime:
    """The moment (UTC) at which the meeting of that day begins. A time skipped by daylight saving moves on."""
    local = datetime.combine(day, time.fromisoformat(series.starts), ZoneInfo(series.time_zone))
    return local.astimezone(UTC)


def meets_on(series: Series, day: date, kind: DayKind) -> bool:
    """Whether the series meets on that day.

    A make-up working day is a working day like any other, so it counts for a series that meets on all of Monday to
    Friday, whatever weekday it is; a series of chosen days keeps to them.
    """
    if kind is DayKind.HOLIDAY:
        return False
    if kind is DayKind.MAKE_UP and set(series.weekdays) >= WORKING_WEEK:
        return True
    return day.weekday() in series.weekdays


def next_meeting_day(
    series: Series, after: datetime, calendar: Calendar, taken: frozenset[date] = frozenset()
) -> date | None:
    """The first day not taken whose meeting begins after the moment; None when there is none in over a year."""
    today = after.astimezone(ZoneInfo(series.time_zone)).date()
    for ahead in range(SEARCHED_DAYS):
        day = today + timedelta(days=ahead)
        if day not in taken and meets_on(series, day, calendar(day)) and starts_on(series, day) > after:
            return day
    return None
