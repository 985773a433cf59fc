"""Public holidays and the days worked in their place (调休), by time zone.

China's calendar is decreed each November for the year to come; where the installed data does not reach, every day is
an ordinary one. Elsewhere no holidays are known.
"""

from datetime import date

import chinese_calendar

from services.training.series.model import Calendar, DayKind

CHINESE_ZONES = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"})
_SATURDAY = 5


def calendar_of(time_zone: str) -> Calendar:
    """The calendar of units in this time zone (IANA name)."""
    return in_china if time_zone in CHINESE_ZONES else without_holidays


def in_china(day: date) -> DayKind:
    """What China's calendar says of the day."""
    try:
        free, holiday = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayKind.ORDINARY
    if free:
        return DayKind.HOLIDAY if holiday else DayKind.ORDINARY
    return DayKind.MAKE_UP if day.weekday() >= _SATURDAY else DayKind.ORDINARY


def without_holidays(_: date) -> DayKind:
    """Every day is an ordinary one."""
    return DayKind.ORDINARY
