"""What the grade decides."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clients.cadence.hours import ContactHours, WorkingCalendar, on_weekdays
from services.clients.cadence.model import (
    CadencePolicy,
    CadenceSettings,
    Level,
    escalates_at,
    feedback_call,
    level_after,
    level_reached,
    next_step,
    policy_of,
)
from services.contracts.clients import Grade, Intent

BERLIN = WorkingCalendar(ZoneInfo("Europe/Berlin"), on_weekdays)
HOURS = ContactHours(9 * 60, 20 * 60)
POLICY = CadencePolicy()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN.zone).astimezone(UTC)


def test_a_unit_has_the_settings_of_the_unit_above_but_for_its_own() -> None:
    company = CadenceSettings("company", days_a=1, days_c=30)
    branch = CadenceSettings("branch", days_a=3)
    policy = policy_of([company, branch])
    assert (policy.days_a, policy.days_b, policy.days_c) == (3, 7, 30)
    assert policy_of([]) == CadencePolicy()


@pytest.mark.parametrize(
    "wrong",
    [
        CadenceSettings("u", days_a=0),
        CadenceSettings("u", days_b=400),
        CadenceSettings("u", escalate_supervisor_after=3),
        CadenceSettings("u", share_real=80),
        CadenceSettings("u", opens=1300),
        CadenceSettings("u", remind_second_after=7),
        CadenceSettings("u", cooling_off_days=0),
    ],
)
def test_settings_that_contradict_themselves_are_refused(wrong: CadenceSettings) -> None:
    with pytest.raises(ValueError):
        policy_of([wrong])


def test_defaults_are_those_of_the_trade() -> None:
    assert [POLICY.every(grade) for grade in Grade] == [2, 7, 14]
    assert [POLICY.after(level) for level in Level] == [3, 5, 7]
    assert list(POLICY.shares.values()) == [70, 20, 10]
    assert POLICY.shares[Intent.REAL] == 70


@pytest.mark.parametrize(
    ("touched", "every", "now", "due", "why"),
    [
        ("2026-11-23T10:00", 2, "2026-11-23T10:00", "2026-11-25T10:00", "two days on, the same hour"),
        ("2026-11-20T10:00", 1, "2026-11-20T10:00", "2026-11-23T10:00", "Saturday rolls to Monday"),
        (
            "2026-11-02T10:00",
            2,
            "2026-11-13T18:00",
            "2026-11-16T10:00",
            "late: the next step, on a working day",
        ),
        ("2026-11-02T10:00", 14, "2026-11-20T08:00", "2026-11-30T10:00", "late by four days: the step after"),
        (
            "2026-11-23T03:00",
            7,
            "2026-11-23T03:00",
            "2026-11-30T09:00",
            "a touch at night, a call in the morning",
        ),
        (
            "2026-10-23T10:00",
            3,
            "2026-10-23T10:00",
            "2026-10-26T10:00",
            "the hour stays over the change of clocks",
        ),
    ],
)
def test_the_next_step_of_a_rhythm(touched: str, every: int, now: str, due: str, why: str) -> None:
    assert next_step(at(touched), every, at(now), HOURS, BERLIN) == at(due), why


@given(
    touched=st.timedeltas(timedelta(), timedelta(days=500)).map(lambda gone: at("2025-01-01") + gone),
    every=st.integers(1, 60),
    late=st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_a_late_client_is_due_once_and_soon(touched: datetime, every: int, late: timedelta) -> None:
    now = touched + late
    due = next_step(touched, every, now, HOURS, BERLIN)
    assert now <= due
    assert due - max(now, touched) <= timedelta(days=every + 4), "never skipped"
    assert BERLIN.local_day(due) > BERLIN.local_day(touched), "never on the day of the last contact"


def test_a_regrade_of_many_spreads_over_their_rhythms() -> None:
    now = at("2026-11-23T09:00")
    touched = [now - timedelta(days=days, hours=3) for days in range(100)]
    days = [BERLIN.local_day(next_step(each, 5, now, HOURS, BERLIN)) for each in touched]
    assert max(days.count(day) for day in set(days)) <= 45, "not all on one day"


def test_the_feedback_call_is_on_the_next_working_day_at_the_hour_they_had_time() -> None:
    friday = at("2026-11-27T14:30")
    assert feedback_call(friday, friday, HOURS, BERLIN) == at("2026-11-30T14:30")
    monday = at("2026-11-23T21:30")
    assert feedback_call(monday, monday, HOURS, BERLIN) == at("2026-11-24T19:30")


def test_escalation_rises_by_working_days_and_ends() -> None:
    due = at("2026-11-23T10:00")
    moments = [escalates_at(due, level, POLICY, BERLIN) for level in Level]
    assert moments == [at("2026-11-26T10:00"), at("2026-11-30T10:00"), at("2026-12-02T10:00")]
    assert level_reached(due, at("2026-11-26T09:59"), POLICY, BERLIN) is None
    assert level_reached(due, at("2026-11-26T10:00"), POLICY, BERLIN) is Level.AGENT
    assert level_reached(due, at("2027-01-01T10:00"), POLICY, BERLIN) is Level.BRANCH, (
        "one word, to the right one"
    )
    chain = [
        level_after(None),
        level_after(Level.AGENT),
        level_after(Level.SUPERVISOR),
        level_after(Level.BRANCH),
    ]
    assert chain == [Level.AGENT, Level.SUPERVISOR, Level.BRANCH, None]
