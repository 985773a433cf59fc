"""When a client may be called: hours of the day, on working days, in the unit's time zone. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_OF_A_DAY = 24 * 60
_LAST_CALL = timedelta(minutes=30)
_SEARCHED_DAYS = 400


@dataclass(frozen=True)
class ContactHours:
    """From `opens` to `closes`, in minutes after local midnight. Raises ValueError when that is no stretch of a day."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_OF_A_DAY:
            raise ValueError(f"no hours of a day: {self.opens} to {self.closes}")

    @property
    def last_call(self) -> int:
        """The latest minute at which a call is planned: half an hour before the end, where there is that much."""
        return max(self.opens, self.closes - int(_LAST_CALL.total_seconds() // 60))


WorksOn = Callable[[date], bool]
"""Whether a day of the calendar is a working day."""


def on_weekdays(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def on_every_day(_: date) -> bool:
    """For units that work all week."""
    return True


@dataclass(frozen=True)
class WorkingCalendar:
    """The days of a unit."""

    zone: ZoneInfo
    works_on: WorksOn

    def local_day(self, moment: datetime) -> date:
        """The calendar day of this moment in the unit."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """When the day begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def minute_of_day(self, moment: datetime) -> int:
        """Minutes after midnight that the clock on the wall shows."""
        local = moment.astimezone(self.zone)
        return local.hour * 60 + local.minute

    def at(self, day: date, minute: int) -> datetime:
        """The moment when the clock on the wall shows this minute; where it is skipped, the minute after the gap."""
        wall = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
        return wall.astimezone(UTC)

    def working_days_after(self, moment: datetime, days: int) -> datetime:
        """The same time of day, this many working days later."""
        day = self.local_day(moment)
        for _ in range(_SEARCHED_DAYS):
            if days == 0:
                break
            day += timedelta(days=1)
            days -= self.works_on(day)
        return self.at(day, self.minute_of_day(moment))


def first_opening(
    earliest: datetime, preferred: int, hours: ContactHours, calendar: WorkingCalendar
) -> datetime:
    """The first moment from `earliest` on at which the client may be called, a whole minute, UTC.

    On the first working day that still has room it is the preferred minute of the day, moved into the hours, and
    never before `earliest`. Raises ValueError when there is no such day in over a year.
    """
    first_day = calendar.local_day(earliest)
    wanted = min(max(preferred, hours.opens), hours.last_call)
    for ahead in range(_SEARCHED_DAYS):
        day = first_day + timedelta(days=ahead)
        if not calendar.works_on(day):
            continue
        for moment in (calendar.at(day, wanted), _whole_minute(earliest)):
            if moment >= earliest and _is_open(moment, day, hours, calendar):
                return moment
    raise ValueError("no working day in over a year")


def _whole_minute(moment: datetime) -> datetime:
    cut = moment.replace(second=0, microsecond=0)
    return cut if cut == moment else cut + timedelta(minutes=1)


def _is_open(moment: datetime, day: date, hours: ContactHours, calendar: WorkingCalendar) -> bool:
    return (
        calendar.local_day(moment) == day and hours.opens <= calendar.minute_of_day(moment) <= hours.last_call
    )
