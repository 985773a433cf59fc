"""Birthdays fall on the right day, in the person's calendar."""

from datetime import date
from itertools import pairwise

import pytest

from services.clients.cadence.yearly import YearlyDay


@pytest.mark.parametrize(
    ("day", "year", "falls"),
    [
        (YearlyDay(5, 17), 2026, date(2026, 5, 17)),
        (YearlyDay(2, 29), 2026, date(2026, 2, 28)),
        (YearlyDay(2, 29), 2028, date(2028, 2, 29)),
        # the lunar new year, and the mid-autumn festival
        (YearlyDay(1, 1, lunar=True), 2026, date(2026, 2, 17)),
        (YearlyDay(8, 15, lunar=True), 2026, date(2026, 9, 25)),
        # the eve is the 29th or the 30th
        (YearlyDay(12, 30, lunar=True), 2023, date(2024, 2, 9)),
        (YearlyDay(12, 30, lunar=True), 2024, date(2025, 1, 28)),
        # 2025 has a leap sixth month, 2023 a leap second one, 2026 none
        (YearlyDay(6, 15, lunar=True), 2025, date(2025, 7, 9)),
        (YearlyDay(6, 15, lunar=True, leap_month=True), 2025, date(2025, 8, 8)),
        (YearlyDay(6, 15, lunar=True, leap_month=True), 2026, date(2026, 7, 28)),
        (YearlyDay(2, 1, lunar=True, leap_month=True), 2023, date(2023, 3, 22)),
        # the leap sixth month of 2025 has 29 days, the ordinary one 30
        (YearlyDay(6, 30, lunar=True, leap_month=True), 2025, date(2025, 8, 22)),
        # the leap month that fooled many tables
        (YearlyDay(11, 1, lunar=True, leap_month=True), 2033, date(2033, 12, 22)),
    ],
)
def test_it_falls_on(day: YearlyDay, year: int, falls: date) -> None:
    assert day.falls_on(year) == falls


@pytest.mark.parametrize(
    ("day", "since", "then"),
    [
        (YearlyDay(5, 17), date(2026, 5, 17), date(2026, 5, 17)),
        (YearlyDay(5, 17), date(2026, 5, 18), date(2027, 5, 17)),
        (YearlyDay(12, 30, lunar=True), date(2026, 1, 1), date(2026, 2, 16)),
        (YearlyDay(1, 1, lunar=True), date(2026, 2, 18), date(2027, 2, 6)),
        (YearlyDay(12, 31), date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_the_next_one(day: YearlyDay, since: date, then: date) -> None:
    assert day.next_from(since) == then


@pytest.mark.parametrize(
    "wrong", [(0, 1, False), (13, 1, False), (4, 31, False), (1, 31, True), (2, 30, False)]
)
def test_a_day_that_no_year_has_is_refused(wrong: tuple[int, int, bool]) -> None:
    month, day, lunar = wrong
    with pytest.raises(ValueError):
        YearlyDay(month, day, lunar)


def test_every_lunar_day_comes_once_in_each_lunar_year() -> None:
    for month in range(1, 13):
        for day in range(1, 31):
            falls = [YearlyDay(month, day, lunar=True).falls_on(year) for year in range(2024, 2030)]
            assert all(353 <= (b - a).days <= 385 for a, b in pairwise(falls))
