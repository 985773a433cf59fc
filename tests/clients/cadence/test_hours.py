"""When a client may be called."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.clients.cadence.hours import ContactHours, WorkingCalendar, first_opening, on_weekdays
from services.clients.cadence.public_holidays import (
    holidays_known_until,
    on_chinese_working_days,
    works_in,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_EIGHT = ContactHours(9 * 60, 20 * 60)
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "UTC"]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("earliest", "preferred", "expected", "why"),
    [
        ("2026-11-23T08:00", 10 * 60, "2026-11-23T10:00", "the preferred hour of the same Monday"),
        ("2026-11-23T10:00:01", 10 * 60, "2026-11-23T10:01", "a whole minute, never before"),
        ("2026-11-23T08:00", 7 * 60, "2026-11-23T09:00", "not before they open"),
        ("2026-11-23T08:00", 22 * 60, "2026-11-23T19:30", "half an hour before they close"),
        ("2026-11-23T19:40", 10 * 60, "2026-11-24T10:00", "too late for today"),
        ("2026-11-28T08:00", 10 * 60, "2026-11-30T10:00", "Saturday becomes Monday"),
        ("2026-10-01T08:00", 10 * 60, "2026-10-08T10:00", "the whole National Day week is free"),
        ("2026-10-10T08:00", 10 * 60, "2026-10-10T10:00", "a Saturday that is worked in its place"),
    ],
)
def test_a_call_is_planned_within_hours_on_a_working_day(
    earliest: str, preferred: int, expected: str, why: str
) -> None:
    calendar = WorkingCalendar(SHANGHAI, on_chinese_working_days)
    found = first_opening(shanghai(earliest), preferred, NINE_TO_EIGHT, calendar)
    assert found == shanghai(expected), why


def test_years_without_a_decree_have_weekends_only() -> None:
    assert on_chinese_working_days(date(2031, 10, 1))
    assert not on_chinese_working_days(date(2031, 10, 4))


def test_a_year_without_a_decree_is_said_once_and_the_page_says_until_when_it_is_known() -> None:
    with capture_logs() as said:
        for day in (date(2032, 1, 5), date(2032, 1, 6), date(2032, 7, 1)):
            on_chinese_working_days(day)
    assert [each["year"] for each in said] == [2032]
    known_until = holidays_known_until("Asia/Shanghai")
    assert known_until is not None
    assert (known_until.month, known_until.day) == (12, 31)
    assert holidays_known_until("Europe/Berlin") is None


def test_other_countries_do_not_have_chinese_holidays() -> None:
    assert works_in("Europe/Berlin")(date(2026, 10, 1))


def test_an_hour_that_the_clocks_skip_is_not_promised() -> None:
    # In Berlin the clocks go from 2:00 to 3:00 on 29 March 2026.
    calendar = WorkingCalendar(ZoneInfo("Europe/Berlin"), lambda day: True)
    night = ContactHours(2 * 60, 3 * 60)
    found = first_opening(datetime(2026, 3, 29, 0, 0, tzinfo=UTC), 2 * 60, night, calendar)
    assert found.astimezone(calendar.zone).date() == date(2026, 3, 30)


def test_working_days_are_counted_over_a_weekend() -> None:
    calendar = WorkingCalendar(SHANGHAI, on_weekdays)
    assert calendar.working_days_after(shanghai("2026-11-26T15:30"), 3) == shanghai("2026-12-01T15:30")


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (700, 600), (-1, 600), (0, 1441)])
def test_hours_are_a_stretch_of_one_day(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="no hours"):
        ContactHours(opens, closes)


def test_a_calendar_without_working_days_is_refused_rather_than_searched_for_ever() -> None:
    with pytest.raises(ValueError, match="no working day"):
        first_opening(
            shanghai("2026-11-23T08:00"), 600, NINE_TO_EIGHT, WorkingCalendar(SHANGHAI, lambda day: False)
        )


@given(
    earliest=st.timedeltas(timedelta(), timedelta(days=1800)).map(
        lambda gone: datetime(2024, 1, 1, tzinfo=UTC) + gone
    ),
    preferred=st.integers(0, 1439),
    opens=st.integers(0, 1438),
    length=st.integers(1, 1440),
    zone=st.sampled_from(ZONES),
)
def test_in_every_zone_a_call_lies_within_hours_on_a_working_day_and_not_before(
    earliest: datetime, preferred: int, opens: int, length: int, zone: str
) -> None:
    hours = ContactHours(opens, min(opens + length, 1440))
    calendar = WorkingCalendar(ZoneInfo(zone), works_in(zone))
    found = first_opening(earliest, preferred, hours, calendar)
    local = found.astimezone(ZoneInfo(zone))
    assert found >= earliest
    assert works_in(zone)(local.date())
    assert hours.opens <= local.hour * 60 + local.minute <= hours.last_call
    assert local.time().second == 0
    assert found - earliest < timedelta(days=16), "no calendar rests longer"
    assert time(local.hour, local.minute) == local.time()
