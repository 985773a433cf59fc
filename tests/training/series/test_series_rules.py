"""What a series promises: it meets on its days, keeps holidays, and follows the days worked in their place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.training.series.model import (
    DayKind,
    SegmentKind,
    SegmentPlan,
    SeriesRuleBroken,
    check,
    meets_on,
    next_meeting_day,
    starts_on,
)
from services.training.series.public_calendar import calendar_of, in_china
from tests.training.samples import SHANGHAI, series

FIRST = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "早" * 61}, "title"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (0, 7)}, "weekdays"),
        ({"starts": "8:30"}, "starts"),
        ({"starts": "24:00"}, "starts"),
        ({"starts": "08:30+02:00"}, "starts"),
        ({"starts": ""}, "starts"),
        ({"agenda": ()}, "agenda"),
        ({"agenda": (SegmentPlan(kind=SegmentKind.TOPIC, minutes=4),)}, "agenda"),
        ({"agenda": (SegmentPlan(kind=SegmentKind.TOPIC, minutes=61),)}, "agenda"),
        ({"agenda": (SegmentPlan(kind=SegmentKind.TOPIC, minutes=41),) * 3}, "agenda"),
        ({"agenda": (SegmentPlan(kind=SegmentKind.TOPIC, minutes=1),) * 21}, "agenda"),
        (
            {
                "agenda": (
                    SegmentPlan(kind=SegmentKind.TOPIC, minutes=30),
                    SegmentPlan(kind=SegmentKind.OTHER, minutes=-5),
                )
            },
            "agenda",
        ),
    ],
)
def test_a_series_that_cannot_be_held_says_which_field_is_wrong(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(SeriesRuleBroken) as broken:
        check(series(**changes))
    assert broken.value.field == field


def test_the_usual_series_takes_thirty_minutes() -> None:
    assert check(series()).minutes == 30


@pytest.mark.parametrize(
    ("weekdays", "day", "kind", "meets"),
    [
        ((0, 1, 2, 3, 4), "2026-11-27", DayKind.ORDINARY, True),
        ((0, 1, 2, 3, 4), "2026-11-28", DayKind.ORDINARY, False),
        ((0, 1, 2, 3, 4), "2026-11-28", DayKind.MAKE_UP, True),
        ((0, 1, 2, 3, 4, 5), "2026-11-28", DayKind.ORDINARY, True),
        ((0, 1, 2, 3, 4, 5), "2026-11-28", DayKind.HOLIDAY, False),
        ((0,), "2026-11-28", DayKind.MAKE_UP, False),
        ((5,), "2026-11-28", DayKind.MAKE_UP, True),
        ((0,), "2026-11-23", DayKind.HOLIDAY, False),
    ],
)
def test_it_meets_on_its_days_but_not_on_holidays_and_daily_ones_on_make_up_days(
    weekdays: tuple[int, ...], day: str, kind: DayKind, meets: bool
) -> None:
    assert meets_on(series(weekdays=weekdays), date.fromisoformat(day), kind) is meets


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-09-30", DayKind.ORDINARY),
        ("2026-10-01", DayKind.HOLIDAY),
        ("2026-10-03", DayKind.HOLIDAY),  # a Saturday within the holiday
        ("2026-10-10", DayKind.MAKE_UP),
        ("2026-10-17", DayKind.ORDINARY),  # a mere Saturday
        ("2031-10-01", DayKind.ORDINARY),  # not decreed yet
    ],
)
def test_chinas_calendar_tells_holidays_make_up_days_and_weekends_apart(day: str, kind: DayKind) -> None:
    assert in_china(date.fromisoformat(day)) is kind


def test_the_next_meeting_after_the_thirtieth_of_september_is_after_national_day() -> None:
    after = datetime(2026, 9, 30, 1, 0, tzinfo=UTC)
    assert next_meeting_day(series(), after, calendar_of(SHANGHAI)) == date(2026, 10, 8)


def test_the_saturday_worked_for_national_day_has_a_meeting() -> None:
    after = datetime(2026, 10, 9, 1, 0, tzinfo=UTC)
    assert next_meeting_day(series(), after, calendar_of(SHANGHAI)) == date(2026, 10, 10)


def test_the_meeting_of_today_counts_until_it_has_begun() -> None:
    ordinary = calendar_of("Europe/Berlin")
    before, at = datetime(2026, 11, 24, 0, 29, tzinfo=UTC), datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert next_meeting_day(series(), before, ordinary) == date(2026, 11, 24)
    assert next_meeting_day(series(), at, ordinary) == date(2026, 11, 25)


def test_no_day_is_found_where_every_one_is_a_holiday() -> None:
    assert next_meeting_day(series(), datetime(2026, 1, 1, tzinfo=UTC), lambda _: DayKind.HOLIDAY) is None


@given(
    after=st.integers(0, 880 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    hour=st.integers(0, 23),
    zone=st.sampled_from([SHANGHAI, "America/New_York", "Europe/Berlin", "Pacific/Apia"]),
    taken=st.sets(st.integers(0, 20)),
)
def test_the_next_day_is_the_first_free_one_whose_meeting_is_still_to_come(
    after: datetime, weekdays: set[int], hour: int, zone: str, taken: set[int]
) -> None:
    one = series(weekdays=tuple(sorted(weekdays)), starts=f"{hour:02}:15", time_zone=zone)
    calendar = calendar_of(zone)
    today = after.astimezone(ZoneInfo(zone)).date()
    busy = frozenset(today + timedelta(days=ahead) for ahead in taken)
    found = next_meeting_day(one, after, calendar, busy)
    assert found is not None
    assert found not in busy
    assert starts_on(one, found) > after
    assert starts_on(one, found).astimezone(ZoneInfo(zone)).date() == found
    earlier = [today + timedelta(days=ahead) for ahead in range((found - today).days)]
    assert not any(
        day not in busy and meets_on(one, day, calendar(day)) and starts_on(one, day) > after
        for day in earlier
    )


def test_a_time_skipped_by_daylight_saving_moves_on() -> None:
    spring = series(starts="02:30", time_zone="Europe/Berlin")
    assert starts_on(spring, date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
