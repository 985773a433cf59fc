from datetime import UTC, date, datetime

import pytest

from deploy.demo.working_days import (
    at_time,
    busyness,
    is_holiday,
    is_working_day,
    local_day,
    working_day_after,
    working_day_before,
    working_day_from,
)


@pytest.mark.parametrize(
    ("day", "works", "holiday"),
    [
        (date(2026, 6, 19), False, True),  # dragon boat festival, a Friday
        (date(2026, 9, 20), True, False),  # a Sunday that is worked for the week after
        (date(2026, 9, 25), False, True),  # mid-autumn festival
        (date(2026, 10, 1), False, True),
        (date(2026, 10, 7), False, True),
        (date(2026, 10, 8), True, False),
        (date(2026, 10, 10), True, False),  # a Saturday that is worked
        (date(2026, 11, 21), False, False),  # an ordinary Saturday
        (date(2026, 11, 23), True, False),
    ],
)
def test_days_of_2026_are_as_announced(day: date, works: bool, holiday: bool) -> None:
    assert (is_working_day(day), is_holiday(day)) == (works, holiday)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2031, 10, 1), False),
        (date(2031, 1, 23), False),
        (date(2031, 6, 4), True),
        (date(2031, 6, 7), False),
        (date(2040, 5, 1), False),
    ],
)
def test_a_year_that_was_not_announced_has_its_certain_holidays(day: date, works: bool) -> None:
    assert is_working_day(day) == works


def test_steps_over_the_national_holiday() -> None:
    assert working_day_from(date(2026, 10, 1)) == date(2026, 10, 8)
    assert working_day_after(date(2026, 9, 30)) == date(2026, 10, 8)
    assert working_day_before(date(2026, 10, 8)) == date(2026, 9, 30)
    assert working_day_after(date(2026, 10, 8), 2) == date(2026, 10, 10)


def test_autumn_is_busier_than_summer_and_a_holiday_than_neither() -> None:
    assert busyness(date(2026, 9, 15)) > busyness(date(2026, 7, 15)) > busyness(date(2026, 7, 18))
    assert busyness(date(2026, 10, 3)) < busyness(date(2026, 10, 17))


def test_a_moment_belongs_to_the_day_in_shanghai() -> None:
    assert at_time(date(2026, 11, 23), 8 * 60 + 30) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert local_day(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == date(2026, 11, 23)
