"""Dates, numbers and durations, by language and by the unit's clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.chassis.web import avatars, gauges
from services.chassis.web.formats import Formats
from services.chassis.web.languages import Languages, preferred

NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
LANGUAGES = Languages()
ZH = Formats(LANGUAGES["zh"].locale, "Asia/Shanghai", NOW)
EN = Formats(LANGUAGES["en"].locale, "Asia/Shanghai", NOW)


def test_the_day_is_the_units_day() -> None:
    assert ZH.today == date(2026, 11, 24)
    assert Formats(LANGUAGES["zh"].locale, "Europe/London", NOW).today == date(2026, 11, 23)
    assert ZH.clock(NOW) == EN.clock(NOW) == "00:30"
    assert ZH.local_input(NOW) == "2026-11-24T00:30"


def test_a_day_names_its_year_only_when_it_is_another() -> None:
    assert (ZH.day(NOW), EN.day(NOW)) == ("11月24日", "24 Nov")
    assert (ZH.day(date(2025, 1, 2)), EN.day(date(2025, 1, 2))) == ("2025年1月2日", "2 Jan 2025")
    assert ZH.moment(NOW) == "00:30"
    assert ZH.moment(NOW - timedelta(hours=1)) == "11月23日 23:30"


def test_weekdays_and_months() -> None:
    assert (ZH.weekday(NOW), EN.weekday(NOW)) == ("星期二", "Tuesday")
    assert (ZH.month(NOW), EN.month(NOW)) == ("2026年11月", "November 2026")


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "0分钟", "0 mins"),
        (25, "25分钟", "25 mins"),
        (60, "1小时", "1 hr"),
        (65, "1小时5分钟", "1 hr 5 mins"),
    ],
)
def test_durations(minutes: int, zh: str, en: str) -> None:
    assert (ZH.duration(minutes), EN.duration(minutes)) == (zh, en)
    assert ZH.duration(timedelta(minutes=minutes)) == zh


def test_what_was_and_what_will_be() -> None:
    assert ZH.ago(NOW - timedelta(hours=3)) == "3小时前"
    assert EN.ago(NOW + timedelta(days=2)) == "in 2 days"


def test_numbers() -> None:
    assert ZH.number(1234567) == EN.number(1234567) == "1,234,567"
    assert EN.number(1.25, 1) == "1.2"
    assert (EN.signed(3), EN.signed(-3), EN.signed(0)) == ("+3", "−3", "0")
    assert EN.percent(0.183, 1) == "18.3%"
    assert (ZH.compact(12000), EN.compact(12000)) == ("1.2万", "12K")


def test_money_comes_in_minor_units() -> None:
    assert ZH.money(1230000) == EN.money(1230000) == "¥12,300"
    assert ZH.money(1230050) == "¥12,300.50"
    assert ZH.money(-5000) == "−¥50"


@pytest.mark.parametrize(
    ("header", "code"),
    [("", "zh"), ("en-GB,en;q=0.9", "en"), ("fr, en;q=0.2, zh;q=0.8", "zh"), ("de", "zh"), ("en;q=x", "zh")],
)
def test_the_browsers_language(header: str, code: str) -> None:
    assert preferred(header) == code


@pytest.mark.parametrize(
    ("name", "text"),
    [("张伟", "伟"), ("陈美玲", "美玲"), ("欧阳静怡", "静怡"), ("Zhou Min", "ZM"), ("Cher", "C"), ("", "?")],
)
def test_avatars(name: str, text: str) -> None:
    assert avatars.text(name) == text
    assert 0 <= avatars.tint(name) < avatars.TINTS


def test_a_bar_shows_its_target_even_when_it_is_passed() -> None:
    below, above = gauges.bar(40, 50), gauges.bar(60, 50)
    assert below.filled < (below.tick or 0)
    assert not below.over
    assert above.over
    assert (above.tick or 0) < above.filled < gauges.WIDTH
    assert gauges.bar(0, 0).filled == 0
    assert gauges.bar(5, None).tick is None


def test_shares_fill_the_bar() -> None:
    parts = gauges.shares([210, 60, 30])
    assert [part.width for part in parts] == [70, 20, 10]
    assert [part.start for part in parts] == [0, 70, 90]
    assert all(part.width == 0 for part in gauges.shares([0, 0, 0]))
