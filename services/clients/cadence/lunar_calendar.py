"""The Chinese lunar calendar (农历) as far as yearly dates need it: when its months begin, and how long they are."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import LunarYear, Solar


@lru_cache(maxsize=256)
def _months(year: int) -> Mapping[tuple[int, bool], tuple[date, int]]:
    """By month and whether it is the leap one (闰月): its first day, and how many days it has, 29 or 30."""
    found: dict[tuple[int, bool], tuple[date, int]] = {}
    for month in LunarYear.fromYear(year).getMonthsInYear():
        first = Solar.fromJulianDay(month.getFirstJulianDay())
        number = month.getMonth()
        begins = date(first.getYear(), first.getMonth(), first.getDay())
        found[(abs(number), number < 0)] = (begins, month.getDayCount())
    return found


def solar_day(year: int, month: int, day: int, leap: bool) -> date:
    """The day on which this date of a lunar year falls.

    A date in a leap month falls into the ordinary month of that number in years without that leap month. The 30th
    falls on the 29th, the last day, where the month has no 30th. Raises ValueError for what no lunar year has.
    """
    if not (1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no lunar date: month {month}, day {day}")
    months = _months(year)
    begins, days = months[(month, leap)] if (month, leap) in months else months[(month, False)]
    return begins + timedelta(days=min(day, days) - 1)
