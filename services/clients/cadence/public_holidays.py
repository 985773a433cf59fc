"""Which days are worked where: weekends, and in China the public holidays with the days worked in their place (调休).

The Chinese calendar is decreed each November for the year to come, so for years ahead of the installed data only
weekends are known. That is said once for each such year in the log, and on the page of the settings.
"""

from datetime import date
from functools import cache

import chinese_calendar

from services.chassis.telemetry.logging import get_logger
from services.clients.cadence.hours import WorksOn, on_weekdays

log = get_logger(__name__)

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
        _say_unknown(day.year)
        return on_weekdays(day)
    return worked


def holidays_known_until(time_zone: str) -> date | None:
    """The last day of which the holidays are known; None where only weekends count anyway."""
    if time_zone not in CHINESE_ZONES:
        return None
    last: int = max(day.year for day in chinese_calendar.constants.holidays)
    return date(last, 12, 31)


@cache
def _say_unknown(year: int) -> None:
    log.warning(
        "public holidays are not known; only weekends are free. Install a newer chinesecalendar", year=year
    )
