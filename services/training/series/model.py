"""Meeting series (早会): on which days, at what time, in which unit. Rules only."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class SeriesRuleBroken(ValueError):
    """The series cannot be like this; the text is a gettext id and `field` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class SegmentPlan:
    """One segment of the usual agenda."""

    kind: str
    minutes: int


DEFAULT_AGENDA: tuple[SegmentPlan, ...] = (
    SegmentPlan(kind="attendance", minutes=2),
    SegmentPlan(kind="results", minutes=4),
    SegmentPlan(kind="policy", minutes=4),
    SegmentPlan(kind="topic", minutes=12),
    SegmentPlan(kind="drill", minutes=5),
    SegmentPlan(kind="targets", minutes=3),
)
"""出勤, 业绩与表扬, 政策, 专题, 演练, 目标: thirty minutes."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """The regular meeting of a unit."""

    id: str
    unit_id: str
    org_path: tuple[str, ...]
    title: str
    weekdays: tuple[int, ...]
    """Monday is 0. A make-up working day counts as a weekday of the series."""
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
    if not series.title.strip():
        raise SeriesRuleBroken("title", "Give the meeting a name")
    if not series.weekdays or not set(series.weekdays) <= set(range(7)):
        raise SeriesRuleBroken("weekdays", "Choose at least one day of the week")
    try:
        time.fromisoformat(series.starts)
    except ValueError as error:
        raise SeriesRuleBroken("starts", "Enter a time such as 08:00") from error
    if not 5 <= series.minutes <= 120:
        raise SeriesRuleBroken("agenda", "A morning meeting takes between 5 minutes and 2 hours")
    return series


def starts_on(series: Series, day: date) -> datetime:
    """The moment (UTC) at which the meeting of that day begins. A time skipped by daylight saving moves on."""
    local = datetime.combine(day, time.fromisoformat(series.starts), ZoneInfo(series.time_zone))
    return local.astimezone(UTC)


def next_meeting_day(
    series: Series, after: datetime, holidays: frozenset[date], make_up_days: frozenset[date]
) -> date:
    """The first day whose meeting begins after the moment: on the series' weekdays, not on a holiday.

    A make-up working day (调休) counts as a day of the series whatever weekday it is.
    """
    day = after.astimezone(ZoneInfo(series.time_zone)).date()
    for offset in range(400):
        candidate = day + timedelta(days=offset)
        works = candidate in make_up_days or (
            candidate.weekday() in series.weekdays and candidate not in holidays
        )
        if works and starts_on(series, candidate) > after:
            return candidate
    raise SeriesRuleBroken("weekdays", "No day within a year is left for this meeting")
