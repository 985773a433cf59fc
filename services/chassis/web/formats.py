"""Dates, numbers and durations as people write them: by language, and by the clock of the reader's unit.

Each is a filter of the same name in templates.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from babel.units import format_unit

MINUS = "\u2212"


class Formats:
    """The ways of writing of one reader, at one moment."""

    def __init__(self, locale: Locale, time_zone: str, now: datetime) -> None:
        self._locale = locale
        self._zone = ZoneInfo(time_zone)
        self._now = now

    @property
    def today(self) -> date:
        """The calendar day where the reader's unit is."""
        return self._now.astimezone(self._zone).date()

    def local(self, moment: datetime) -> datetime:
        """The moment by the clock on the reader's wall."""
        return moment.astimezone(self._zone)

    def local_input(self, moment: datetime) -> str:
        """For the value of an `<input type="datetime-local">`."""
        return self.local(moment).strftime("%Y-%m-%dT%H:%M")

    def clock(self, moment: datetime) -> str:
        """08:30."""
        return self.local(moment).strftime("%H:%M")

    def day(self, moment: datetime | date) -> str:
        """23 Nov, 11月23日; with the year when it is not this one."""
        day = self._date(moment)
        if day.year == self.today.year:
            return babel_dates.format_skeleton("MMMd", day, locale=self._locale)
        return babel_dates.format_date(day, "medium", locale=self._locale)

    def weekday(self, moment: datetime | date) -> str:
        """Monday, 星期一."""
        return babel_dates.format_date(self._date(moment), "EEEE", locale=self._locale)

    def long_day(self, moment: datetime | date) -> str:
        """Monday, 23 November 2026; 2026年11月23日星期一."""
        return babel_dates.format_date(self._date(moment), "full", locale=self._locale)

    def month(self, moment: datetime | date) -> str:
        """November 2026, 2026年11月."""
        return babel_dates.format_skeleton("yMMMM", self._date(moment), locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """The day and the time; today's only as the time."""
        if self._date(moment) == self.today:
            return self.clock(moment)
        return f"{self.day(moment)} {self.clock(moment)}"

    def ago(self, moment: datetime) -> str:
        """3 hours ago, in 2 days; 3小时前, 2天后."""
        return babel_dates.format_timedelta(
            moment - self._now, add_direction=True, threshold=1.2, locale=self._locale
        )

    def duration(self, minutes: float | timedelta) -> str:
        """From minutes: 1 h 05 min, 25 min; 1小时5分钟."""
        if isinstance(minutes, timedelta):
            minutes = minutes.total_seconds() / 60
        hours, rest = divmod(round(minutes), 60)
        parts = []
        if hours:
            parts.append(self._unit(hours, "duration-hour"))
        if rest or not hours:
            parts.append(self._unit(rest, "duration-minute"))
        return ("" if self._locale.language == "zh" else " ").join(parts)

    def number(self, value: float | Decimal, digits: int = 0) -> str:
        """1,234 with so many digits after the point."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return babel_numbers.format_decimal(value, format=pattern, locale=self._locale).replace("-", MINUS)

    def signed(self, value: float, digits: int = 0) -> str:
        """With its sign, for changes: +12, −3, 0."""
        return ("+" if value > 0 else "") + self.number(value, digits)

    def percent(self, share: float, digits: int = 0) -> str:
        """From a share of 1: 62%."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
        return babel_numbers.format_percent(share, format=pattern, locale=self._locale).replace("-", MINUS)

    def money(self, minor: int, currency: str = "CNY") -> str:
        """From minor units: ¥12,300.00, without the cents when there are none."""
        digits = babel_numbers.get_currency_precision(currency)
        amount = Decimal(minor) / 10**digits
        whole = amount == amount.to_integral_value()
        pattern = "¤#,##0" if whole else "¤#,##0." + "0" * digits
        text = babel_numbers.format_currency(
            amount, currency, format=pattern, locale=self._locale, currency_digits=False
        )
        # the yuan is at home here, and is not told apart from another ¥
        return text.replace("CN¥", "¥").replace("-", MINUS)

    def compact(self, value: float) -> str:
        """12K, 1.2万, for places where there is little room."""
        return babel_numbers.format_compact_decimal(value, locale=self._locale, fraction_digits=1)

    def _date(self, moment: datetime | date) -> date:
        return self.local(moment).date() if isinstance(moment, datetime) else moment

    def _unit(self, value: int, unit: str) -> str:
        return format_unit(value, unit, length="short", locale=self._locale)


FILTERS = (
    "clock",
    "day",
    "weekday",
    "long_day",
    "month",
    "moment",
    "ago",
    "duration",
    "number",
    "signed",
    "percent",
    "money",
    "compact",
    "local_input",
)
