"""Which days are worked where: weekends, and in China the public holidays with the days worked in their place (调休).

The Chinese calendar is decreed each November for the year to come, so years ahead of the installed data have weekends
only.
"""

from datetime import date
from functools import cache

import chinese_calendar

from services.clients.cadence.hours import WorksOn, on_weekdays

CHINESE_ZONES = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"})


def works_in(time_zone: str) -> WorksOn:
    """The working days of units in this time zone (IANA name)."""
    return on_chinese_working_days if time_zone in CHINESE_ZONES else on_weekdays


@cache
def on_chinese_working_days(day: date) -> bool:
    """Whether China works on this day."""
    try:
        worked: bool = chinese_calendar.is_workday(day)
    except NotImplementedError:
        return on_weekdays(day)
    return worked
