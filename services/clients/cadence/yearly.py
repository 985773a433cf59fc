"""Days that come every year, in the solar or the lunar calendar. Pure.

Decided: who was born on 29 February is greeted on 28 February in years without a 29th, so still in February and not
a day late. Who was born in a lunar leap month is greeted in that leap month where the year has it, and else in the
ordinary month of the same number; who was born in the ordinary month never in the leap one. The 30th of a lunar month
that has 29 days is its last day.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.clients.cadence.lunar_calendar import solar_day


@dataclass(frozen=True)
class YearlyDay:
    """A day of the year. Raises ValueError for one that no year has."""

    month: int
    day: int
    lunar: bool = False
    leap_month: bool = False

    def __post_init__(self) -> None:
        longest = 30 if self.lunar else monthrange(2024, self.month)[1]
        if not (1 <= self.month <= 12 and 1 <= self.day <= longest):
            raise ValueError(f"no day of any year: {self.month}-{self.day}")

    def falls_on(self, year: int) -> date:
        """The day in this year of its own calendar; a lunar year begins in January or February of the solar one."""
        if self.lunar:
            return solar_day(year, self.month, self.day, self.leap_month)
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))

    def next_from(self, day: date) -> date:
        """The first day from `day` on, itself included."""
        years = range(day.year - 1, day.year + 3)
        return min(falls for falls in map(self.falls_on, years) if falls >= day)


def next_of(days: Iterable[YearlyDay], day: date) -> date | None:
    """The first from `day` on among several; None when there are none."""
    return min((each.next_from(day) for each in days), default=None)
