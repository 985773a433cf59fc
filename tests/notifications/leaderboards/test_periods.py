"""Which period a moment belongs to, in every calendar a branch may have."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.leaderboards.periods import (
    Period,
    PeriodKind,
    WorkCalendar,
    bounds,
    first_day,
    following,
    period_on,
    periods_at,
    previous,
)

SHANGHAI = WorkCalendar("Asia/Shanghai", 1)
FROM_26TH = WorkCalendar("Asia/Shanghai", 26)
FROM_31ST = WorkCalendar("Asia/Shanghai", 31)
FROM_5TH = WorkCalendar("Asia/Shanghai", 5)
NEW_YORK = WorkCalendar("America/New_York", 1)
SAO_PAULO = WorkCalendar("America/Sao_Paulo", 1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "work", "labels"),
    [
        # an evening in UTC is the next morning in Shanghai
        ("2026-11-22T16:00:00Z", SHANGHAI, "2026-11-23 2026-W48 2026-11 2026-Q4 2026"),
        ("2026-11-22T15:59:59.999Z", SHANGHAI, "2026-11-22 2026-W47 2026-11 2026-Q4 2026"),
        ("2026-11-22T16:00:00Z", NEW_YORK, "2026-11-22 2026-W47 2026-11 2026-Q4 2026"),
        # 26th to 25th: named after the month in which it ends
        ("2026-10-25T10:00:00+08:00", FROM_26TH, "2026-10-25 2026-W43 2026-10 2026-Q4 2026"),
        ("2026-10-26T00:00:00+08:00", FROM_26TH, "2026-10-26 2026-W44 2026-11 2026-Q4 2026"),
        ("2026-09-26T00:00:00+08:00", FROM_26TH, "2026-09-26 2026-W39 2026-10 2026-Q4 2026"),
        ("2026-09-25T23:59:59+08:00", FROM_26TH, "2026-09-25 2026-W39 2026-09 2026-Q3 2026"),
        # December is long and January short, so that the working year is the calendar year
        ("2026-12-31T23:59:59+08:00", FROM_26TH, "2026-12-31 2026-W53 2026-12 2026-Q4 2026"),
        ("2026-12-26T08:00:00+08:00", FROM_26TH, "2026-12-26 2026-W52 2026-12 2026-Q4 2026"),
        ("2027-01-01T00:00:00+08:00", FROM_26TH, "2027-01-01 2026-W53 2027-01 2027-Q1 2027"),
        ("2027-01-26T00:00:00+08:00", FROM_26TH, "2027-01-26 2027-W04 2027-02 2027-Q1 2027"),
        # a start that short months do not have falls on their last day
        ("2027-02-27T12:00:00+08:00", FROM_31ST, "2027-02-27 2027-W08 2027-02 2027-Q1 2027"),
        ("2027-02-28T12:00:00+08:00", FROM_31ST, "2027-02-28 2027-W08 2027-03 2027-Q1 2027"),
        # a start early in the month names the month in which it begins
        ("2026-11-04T12:00:00+08:00", FROM_5TH, "2026-11-04 2026-W45 2026-10 2026-Q4 2026"),
        ("2026-11-05T12:00:00+08:00", FROM_5TH, "2026-11-05 2026-W45 2026-11 2026-Q4 2026"),
        ("2027-01-02T12:00:00+08:00", FROM_5TH, "2027-01-02 2026-W53 2027-01 2027-Q1 2027"),
        # the week's year is not always the day's
        ("2024-12-30T12:00:00+08:00", SHANGHAI, "2024-12-30 2025-W01 2024-12 2024-Q4 2024"),
    ],
)
def test_a_moment_belongs_to_one_period_of_each_kind(moment: str, work: WorkCalendar, labels: str) -> None:
    assert " ".join(period.label for period in periods_at(at(moment), work)) == labels


@pytest.mark.parametrize(
    ("key", "work", "begin", "end"),
    [
        ("day:2026-11-23", SHANGHAI, "2026-11-22T16:00Z", "2026-11-23T16:00Z"),
        ("week:2026-W48", SHANGHAI, "2026-11-22T16:00Z", "2026-11-29T16:00Z"),
        ("month:2026-11", FROM_26TH, "2026-10-26T00:00+08:00", "2026-11-26T00:00+08:00"),
        ("month:2026-12", FROM_26TH, "2026-11-26T00:00+08:00", "2027-01-01T00:00+08:00"),
        ("month:2027-01", FROM_26TH, "2027-01-01T00:00+08:00", "2027-01-26T00:00+08:00"),
        ("quarter:2026-Q1", FROM_26TH, "2026-01-01T00:00+08:00", "2026-03-26T00:00+08:00"),
        ("quarter:2026-Q4", FROM_26TH, "2026-09-26T00:00+08:00", "2027-01-01T00:00+08:00"),
        ("year:2026", FROM_26TH, "2026-01-01T00:00+08:00", "2027-01-01T00:00+08:00"),
        # 23 and 25 hours: the clocks change in New York
        ("day:2026-03-08", NEW_YORK, "2026-03-08T05:00Z", "2026-03-09T04:00Z"),
        ("day:2026-11-01", NEW_YORK, "2026-11-01T04:00Z", "2026-11-02T05:00Z"),
        # a midnight that does not exist: the day begins at one o'clock
        ("day:2018-11-04", SAO_PAULO, "2018-11-04T03:00Z", "2018-11-05T02:00Z"),
    ],
)
def test_a_period_begins_and_ends_at_local_midnight(
    key: str, work: WorkCalendar, begin: str, end: str
) -> None:
    assert bounds(Period.from_key(key), work) == (at(begin), at(end))


@pytest.mark.parametrize(
    ("key", "next_key"),
    [
        ("day:2026-12-31", "day:2027-01-01"),
        ("week:2026-W53", "week:2027-W01"),
        ("month:2026-12", "month:2027-01"),
        ("quarter:2026-Q4", "quarter:2027-Q1"),
        ("year:2026", "year:2027"),
    ],
)
def test_periods_follow_one_another_over_the_end_of_the_year(key: str, next_key: str) -> None:
    assert following(Period.from_key(key)).key == next_key
    assert previous(Period.from_key(next_key)).key == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "day",
        "day:",
        "day:2026-02-30",
        "week:2026-W54",
        "month:2026-13",
        "month:2026-1",
        "era:1",
        "year:0",
    ],
)
def test_a_key_that_names_no_period_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        Period.from_key(key)


@given(
    moment=st.integers(0, 20 * 366 * 86_400).map(
        lambda seconds: at("2015-01-01T00:00Z") + timedelta(seconds=seconds)
    ),
    zone=st.sampled_from(
        ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
    ),
    start_day=st.integers(1, 31),
)
def test_periods_of_a_kind_cover_time_without_gap_or_overlap(
    moment: datetime, zone: str, start_day: int
) -> None:
    work = WorkCalendar(zone, start_day)
    for period in periods_at(moment, work):
        begin, end = bounds(period, work)
        assert begin <= moment < end
        assert bounds(following(period), work)[0] == end
        assert bounds(previous(period), work)[1] == begin
        assert Period.from_key(period.key) == period


@given(day=st.dates(date(2015, 1, 1), date(2035, 12, 30)), start_day=st.integers(1, 31))
def test_months_make_up_quarters_and_quarters_make_up_years(day: date, start_day: int) -> None:
    work = WorkCalendar("UTC", start_day)
    month, quarter, year = (period_on(kind, day, work) for kind in list(PeriodKind)[2:])
    assert first_day(year, work) <= first_day(quarter, work) <= first_day(month, work) <= day
    assert (int(month.label[-2:]) + 2) // 3 == int(quarter.label[-1])
    assert day - first_day(month, work) < timedelta(days=46)
