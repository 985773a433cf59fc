"""Days in China: which are worked, and how busy they are.

Holidays and make-up working days (调休) are announced each November for the year after; `chinesecalendar` has what
was announced. For a later year the days that are certain are used, without make-up days.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")

_FIXED_HOLIDAYS = frozenset(
    {(1, 1), (5, 1), (5, 2), (5, 3), *((10, day) for day in range(1, 8))}
)  # fmt: skip
_NEW_YEAR_OF_THE_MOON = {
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
    2032: date(2032, 2, 11),
}

_BUSY_MONTHS = {
    1: 0.75,
    2: 0.5,
    3: 1.25,
    4: 1.15,
    5: 1.0,
    6: 0.95,
    7: 0.8,
    8: 0.85,
    9: 1.25,
    10: 1.2,
    11: 1.05,
    12: 0.9,
}
"""Of a housing market: a small spring (小阳春), a quiet summer, golden September and silver October (金九银十)."""
_WEEKEND = 0.6
_HOLIDAY = 0.2


@cache
def is_working_day(day: date) -> bool:
    """Whether offices work: weekdays but holidays, and make-up days at weekends."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and not _is_certain_holiday(day)


@cache
def is_holiday(day: date) -> bool:
    """Whether a public holiday makes this day a free one; an ordinary weekend is none."""
    if is_working_day(day):
        return False
    try:
        return chinese_calendar.get_holiday_detail(day)[1] is not None
    except NotImplementedError:
        return _is_certain_holiday(day)


def _is_certain_holiday(day: date) -> bool:
    new_year = _NEW_YEAR_OF_THE_MOON.get(day.year)
    in_spring_festival = new_year is not None and -1 <= (day - new_year).days <= 6
    return in_spring_festival or (day.month, day.day) in _FIXED_HOLIDAYS


@cache
def busyness(day: date) -> float:
    """How much new comes in on this day; an ordinary working day is about 1."""
    season = _BUSY_MONTHS[day.month]
    if is_working_day(day):
        return season
    return season * (_HOLIDAY if is_holiday(day) else _WEEKEND)


@cache
def working_day_from(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_after(day: date, steps: int = 1) -> date:
    """The working day so many after this day."""
    for _ in range(steps):
        day = working_day_from(day + timedelta(days=1))
    return day


def working_day_before(day: date, steps: int = 1) -> date:
    """The working day so many before this day."""
    for _ in range(steps):
        day -= timedelta(days=1)
        while not is_working_day(day):
            day -= timedelta(days=1)
    return day


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in the company."""
    return moment.astimezone(ZONE).date()


def at_time(day: date, minutes: int, seconds: int = 0) -> datetime:
    """So many minutes after the company's midnight of this day, in UTC. China has no daylight saving."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC) + timedelta(minutes=minutes, seconds=seconds)
