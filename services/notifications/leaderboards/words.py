"""How metrics and periods are called."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from services.chassis.errors import N_
from services.chassis.web.formats import Formats
from services.chassis.web.page import PageWriter
from services.notifications.leaderboards.model import CURRENCY, MONEY, Metric
from services.notifications.leaderboards.periods import Period, PeriodKind, WorkCalendar, first_day

METRICS: Mapping[Metric, str] = {
    Metric.EFFORT_POINTS: N_("Effort points"),
    Metric.FOLLOW_UPS_DONE: N_("Follow-ups done"),
    Metric.SHOWINGS: N_("Showings"),
    Metric.NEW_CLIENTS: N_("New clients"),
    Metric.MEETINGS_ATTENDED: N_("Meetings attended"),
    Metric.CANDIDATES_ADVANCED: N_("Candidates advanced"),
    Metric.RESULT_POINTS: N_("Result points"),
    Metric.DEALS_CLOSED: N_("Deals closed"),
    Metric.COMMISSION: N_("Commission"),
    Metric.PREMIUM: N_("Yearly premium"),
    Metric.REFERRALS_MADE: N_("Referrals"),
    Metric.AGENTS_HIRED: N_("Agents hired"),
}
KINDS: Mapping[PeriodKind, str] = {
    PeriodKind.DAY: N_("Day"),
    PeriodKind.WEEK: N_("Week"),
    PeriodKind.MONTH: N_("Month"),
    PeriodKind.QUARTER: N_("Quarter"),
    PeriodKind.YEAR: N_("Year"),
}
PRESENT: Mapping[PeriodKind, str] = {
    PeriodKind.DAY: N_("Today"),
    PeriodKind.WEEK: N_("This week"),
    PeriodKind.MONTH: N_("This month"),
    PeriodKind.QUARTER: N_("This quarter"),
    PeriodKind.YEAR: N_("This year"),
}


Figure = Callable[..., str]
"""Writes points of one metric: `figure(points)`; `figure(points, sign=True)` for a change."""


def figures_of(formats: Formats, metric: Metric) -> Figure:
    """How points of this metric are written: amounts as money, everything else as a number."""

    def figure(points: float, *, digits: int = 0, sign: bool = False) -> str:
        if metric not in MONEY:
            return formats.signed(points, digits) if sign else formats.number(points, digits)
        text = formats.money(round(points), CURRENCY)
        return f"+{text}" if sign and points > 0 else text

    return figure


def period_words(page: PageWriter, period: Period) -> str:
    """The period as a reader calls it."""
    first = first_day(period, WorkCalendar())
    match period.kind:
        case PeriodKind.DAY:
            return page.formats.long_day(first)
        case PeriodKind.WEEK:
            last = first + timedelta(days=6)
            return f"{page.formats.day(first)} – {page.formats.day(last)}"
        case PeriodKind.MONTH:
            return page.formats.month(_named_month(period))
        case PeriodKind.QUARTER:
            year, _, quarter = period.label.partition("-Q")
            return page.say("Quarter %(quarter)s of %(year)s", quarter=quarter, year=year)
        case PeriodKind.YEAR:
            return page.say("Year %(year)s", year=period.label)


def _named_month(period: Period) -> date:
    return date.fromisoformat(f"{period.label}-01")
