"""Calls that have an occasion: when they are due, that only the next one is, and who comes late gets no missed ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.clients.cadence.hours import ContactHours, WorkingCalendar, on_weekdays
from services.clients.cadence.model import CadencePolicy, Level, Rhythm
from services.clients.files.model import Client
from services.clients.files.people import KeptBirthday
from services.clients.follow_ups.model import Cancelled, FollowUp
from services.clients.follow_ups.occasions import Occasion, next_day, occasion_id
from services.clients.follow_ups.rules import Plan, Situation, after, greet, replan
from services.contracts.clients import FollowUpRule, Grade
from tests.clients.samples import CAUSES, NOW, SHANGHAI, a_client

R = FollowUpRule
RHYTHM = Rhythm(CadencePolicy(), SHANGHAI)
SIGNED = date(2026, 11, 20)


def occasion(rule: FollowUpRule, day: date | None = None, number: int = 0, **more: object) -> Occasion:
    found = Occasion(occasion_id(rule, CAUSES[number]), a_client().id, rule, CAUSES[number], NOW, day)
    return replace(found, **more)  # type: ignore[arg-type]


def situation(
    client: Client,
    occasions: Sequence[Occasion] = (),
    open_: dict[FollowUpRule, FollowUp] | None = None,
    now: datetime = NOW,
    rhythm: Rhythm = RHYTHM,
) -> Situation:
    return Situation(client, open_ or {}, occasions, rhythm, now)


def by_rule(plan: Plan) -> dict[FollowUpRule, FollowUp]:
    return {each.rule: each for each in (*plan.opened, *plan.moved)}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("rule", "day", "after_", "since", "then"),
    [
        (R.AFTER_SALE, SIGNED, None, date(2026, 11, 20), date(2026, 11, 27)),
        (R.AFTER_SALE, SIGNED, date(2026, 11, 27), date(2026, 11, 27), date(2026, 12, 20)),
        (R.AFTER_SALE, SIGNED, None, date(2027, 1, 5), date(2027, 2, 18)),
        (R.AFTER_SALE, SIGNED, None, date(2027, 2, 19), None),
        (R.ANNIVERSARY, SIGNED, None, date(2026, 11, 20), date(2027, 11, 20)),
        (R.ANNIVERSARY, SIGNED, date(2027, 11, 20), date(2027, 11, 20), date(2028, 11, 20)),
        (R.YEARLY_REVIEW, date(2024, 2, 29), None, date(2026, 1, 1), date(2026, 2, 28)),
        (R.YEARLY_REVIEW, date(2024, 2, 29), None, date(2028, 1, 1), date(2028, 2, 29)),
    ],
)
def test_only_the_next_day_counts(
    rule: FollowUpRule, day: date, after_: date | None, since: date, then: date | None
) -> None:
    assert next_day(occasion(rule, day, after=after_), since) == then


def test_after_the_deal_comes_one_call_at_a_time_at_an_hour_that_suits() -> None:
    plan = replan(situation(a_client(Grade.A), [occasion(R.AFTER_SALE, SIGNED)]), CAUSES[1])
    assert by_rule(plan)[R.AFTER_SALE].due_at == local("2026-11-27 09:00")
    weekend = occasion(R.AFTER_SALE, date(2026, 11, 21))
    assert by_rule(replan(situation(a_client(), [weekend]), CAUSES[1]))[R.AFTER_SALE].due_at == local(
        "2026-11-30 09:00"
    ), "the 28th is a Saturday"


def test_a_call_that_is_overdue_stays_the_open_one_and_is_followed_by_the_next_to_come() -> None:
    asking = occasion(R.AFTER_SALE, SIGNED)
    open_ = by_rule(replan(situation(a_client(), [asking]), CAUSES[1]))
    late = NOW + timedelta(days=60)
    assert not replan(situation(a_client(), [asking], open_, late), CAUSES[2]).changes
    done = replace(asking, after=open_[R.AFTER_SALE].basis.day)
    following = by_rule(replan(situation(a_client(), [done], {}, late), CAUSES[3]))
    assert following[R.AFTER_SALE].basis.day == date(2027, 2, 18), (
        "not that of the 30th day, which was missed"
    )


def test_two_deals_ask_one_after_the_other() -> None:
    deals = [occasion(R.AFTER_SALE, SIGNED + timedelta(days=2)), occasion(R.AFTER_SALE, SIGNED, 1)]
    open_ = by_rule(replan(situation(a_client(), deals), CAUSES[2]))
    assert open_[R.AFTER_SALE].basis.occasion == deals[1].id
    earlier = [*deals, occasion(R.AFTER_SALE, SIGNED - timedelta(days=2), 2)]
    assert not replan(situation(a_client(), earlier, open_), CAUSES[3]).moved, (
        "the open one is not pushed aside"
    )


def test_an_undone_deal_takes_its_call_back() -> None:
    open_ = by_rule(replan(situation(a_client(Grade.A), [occasion(R.AFTER_SALE, SIGNED)]), CAUSES[1]))
    plan = replan(situation(a_client(Grade.A), [], open_), CAUSES[2])
    assert [(each.rule, why) for each, why in plan.cancelled] == [(R.AFTER_SALE, Cancelled.GONE)]


def test_what_comes_once_a_year_is_planned_a_week_before() -> None:
    asking = [occasion(R.ANNIVERSARY, SIGNED)]
    plan = replan(situation(a_client(Grade.A), asking), CAUSES[1])
    assert R.ANNIVERSARY not in by_rule(plan)
    assert plan.wakes_at == local("2027-11-13 00:00")
    awake = replan(situation(a_client(Grade.A), asking, {}, plan.wakes_at), CAUSES[2])
    assert by_rule(awake)[R.ANNIVERSARY].due_at == local("2027-11-22 09:00"), "the 20th is a Saturday"


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("2026-11-23 10:00", None, "2026-11-23 10:00"),
        ("2026-11-23 19:45", None, "2026-11-24 09:00"),
        ("2026-11-23 10:00", ContactHours(18 * 60, 21 * 60), "2026-11-23 18:00"),
        ("2026-11-23 22:00", ContactHours(18 * 60, 21 * 60), "2026-11-24 18:00"),
        ("2026-11-28 10:00", None, "2026-11-30 09:00"),
    ],
)
def test_a_match_is_told_today_within_the_clients_hours_or_at_the_next_opening(
    now: str, hours: ContactHours | None, due: str
) -> None:
    client = replace(a_client(Grade.B), hours=hours)
    plan = replan(situation(client, [occasion(R.LISTING_MATCHED)], {}, local(now)), CAUSES[1])
    assert by_rule(plan)[R.LISTING_MATCHED].due_at == local(due)


def test_several_matches_are_told_in_one_call_and_a_rare_one_makes_it_rare() -> None:
    first = occasion(R.LISTING_MATCHED)
    open_ = by_rule(replan(situation(a_client(), [first]), CAUSES[1]))
    both = [first, occasion(R.LISTING_MATCHED, number=2, rare=True)]
    plan = replan(situation(a_client(), both, open_), CAUSES[2])
    assert not plan.opened
    assert [each.basis.rare for each in plan.moved] == [True]


def test_only_the_present_agent_introduces_themselves() -> None:
    earlier = occasion(R.HANDOVER, about="zhao")
    assert R.HANDOVER not in by_rule(replan(situation(a_client(), [earlier]), CAUSES[1]))
    both = [earlier, occasion(R.HANDOVER, number=1, about="lin")]
    assert R.HANDOVER in by_rule(replan(situation(a_client(), both), CAUSES[1]))


def test_in_the_pool_nothing_is_open() -> None:
    open_ = by_rule(replan(situation(a_client(Grade.A), [occasion(R.THANKS)]), CAUSES[1]))
    pooled = replace(a_client(Grade.A), agent_id=None)
    plan = replan(situation(pooled, [occasion(R.THANKS)], open_), CAUSES[2])
    assert {why for _, why in plan.cancelled} == {Cancelled.RELEASED}
    assert len(plan.cancelled) == 2


# --- without any plan


def test_without_a_plan_the_agent_is_reminded_by_steps_and_escalation_goes_on() -> None:
    client = a_client()
    plan = replan(situation(client), CAUSES[0])
    reminders = []
    open_: dict[FollowUpRule, FollowUp] = {}
    for number in range(4):
        assert plan.wakes_at is not None
        client = replace(client, standing=replace(client.standing, wakes_at=plan.wakes_at))
        moment = plan.wakes_at
        plan = replan(situation(client, [], open_, moment), CAUSES[number])
        open_ = after(open_, plan)
        reminders.append((open_[R.UNPLANNED].due_at - NOW).days)
        open_ = {R.UNPLANNED: replace(open_[R.UNPLANNED], escalated=Level.AGENT)}
    assert reminders == [7, 15, 30, 60]
    assert open_[R.UNPLANNED].escalated is Level.AGENT, "a reminder more does not let anybody off"


def test_who_is_written_down_after_years_gets_the_next_reminder_and_no_missed_one() -> None:
    old = a_client(touched_at=NOW - timedelta(days=200))
    plan = replan(situation(old), CAUSES[0])
    assert not plan.opened
    assert plan.wakes_at is not None
    assert (plan.wakes_at - NOW).days == 10


def test_a_reminder_that_came_late_by_an_outage_is_not_skipped() -> None:
    client = a_client()
    promised = replan(situation(client), CAUSES[0]).wakes_at
    client = replace(client, standing=replace(client.standing, wakes_at=promised))
    plan = replan(situation(client, [], {}, NOW + timedelta(days=9)), CAUSES[1])
    assert by_rule(plan)[R.UNPLANNED].due_at == NOW + timedelta(days=7)


def test_any_plan_and_any_contact_ends_the_reminder() -> None:
    client = replace(a_client(), standing=replace(a_client().standing, wakes_at=NOW + timedelta(days=7)))
    later = NOW + timedelta(days=7)
    open_ = by_rule(replan(situation(client, [], {}, later), CAUSES[0]))
    assert list(open_) == [R.UNPLANNED]
    for touched in (
        replan(situation(a_client(Grade.B), [], open_, later), CAUSES[1]),
        replan(
            situation(replace(client, standing=client.standing.touched(later)), [], open_, later), CAUSES[1]
        ),
        replan(situation(client, [occasion(R.LISTING_MATCHED)], open_, later), CAUSES[1]),
    ):
        assert [each.rule for each, _ in touched.cancelled] == [R.UNPLANNED]


# --- birthdays


def greeted(day: date, now: datetime, client: Client, **more: object) -> Plan:
    return greet(replace(situation(client, (), {}, now), **more), day, "token", CAUSES[0])  # type: ignore[arg-type]


BORN = replace(a_client(Grade.C), birthdays=(KeptBirthday("", "token"),))


@pytest.mark.parametrize(
    ("day", "now", "due"),
    [
        ("2026-11-28", "2026-11-23 10:00", "2026-11-28 09:00"),  # a Saturday
        ("2026-10-01", "2026-09-24 23:30", "2026-10-01 09:00"),  # the national day
        ("2026-11-23", "2026-11-23 00:10", "2026-11-23 09:00"),
        ("2026-11-23", "2026-11-23 23:50", "2026-11-23 09:00"),
        ("2026-11-22", "2026-11-23 00:10", None),  # over
    ],
)
def test_a_birthday_call_is_due_on_the_day_itself(day: str, now: str, due: str | None) -> None:
    plan = greeted(date.fromisoformat(day), local(now), BORN)
    assert [each.due_at for each in plan.opened] == ([local(due)] if due else [])


def test_a_birthday_is_planned_once_and_lapses_when_its_day_is_over() -> None:
    day = date(2026, 11, 25)
    open_ = by_rule(greeted(day, NOW, BORN))
    assert greet(situation(BORN, (), open_), day, "token", CAUSES[1]) == Plan()
    kept = replan(situation(BORN, (), {**open_}, NOW), CAUSES[1])
    assert R.BIRTHDAY not in {each.rule for each, _ in kept.cancelled}
    assert kept.wakes_at == local("2026-11-26 00:00")
    over = replan(situation(BORN, (), open_, local("2026-11-26 00:00")), CAUSES[2])
    assert (open_[R.BIRTHDAY], Cancelled.LAPSED) in over.cancelled
    done = occasion(R.BIRTHDAY, after=day)
    assert greeted(day, NOW, BORN, occasions=(done,)) == Plan(), "done early is done"


def test_a_birthday_that_was_written_down_wrongly_is_taken_back() -> None:
    open_ = by_rule(greeted(date(2026, 11, 25), NOW, BORN))
    other = replace(BORN, birthdays=(KeptBirthday("", "another"),))
    plan = replan(situation(other, (), open_), CAUSES[1])
    assert (open_[R.BIRTHDAY], Cancelled.GONE) in plan.cancelled


# --- cooling-off

QUIET = local("2026-12-07 00:00")


def quiet(client: Client, until: datetime | None = QUIET) -> Client:
    return replace(client, standing=replace(client.standing, quiet_until=until))


def test_a_cooling_off_moves_everything_behind_it_and_lets_birthdays_pass() -> None:
    asking = [occasion(R.LISTING_MATCHED), occasion(R.AFTER_SALE, SIGNED), occasion(R.HANDOVER, about="lin")]
    client = replace(BORN, grading=a_client(Grade.A).grading)
    open_ = by_rule(replan(situation(client, asking), CAUSES[0]))
    open_ = after(open_, greet(situation(client, asking, open_), date(2026, 11, 25), "token", CAUSES[0]))
    open_ = {rule: replace(each, escalated=Level.SUPERVISOR) for rule, each in open_.items()}
    plan = replan(situation(quiet(client), asking, open_), CAUSES[1])
    moved = by_rule(plan)
    assert set(moved) == {R.CADENCE, R.LISTING_MATCHED, R.AFTER_SALE, R.HANDOVER}
    assert all(each.due_at >= QUIET and each.escalated is None for each in moved.values())
    assert [each.rule for each, _ in plan.cancelled] == [R.BIRTHDAY]
    assert greeted(date(2026, 12, 6), NOW, quiet(BORN)) == Plan()
    assert greeted(date(2026, 12, 7), local("2026-12-01 10:00"), quiet(BORN)).opened, "the day after it"


def test_lifted_by_hand_what_was_moved_comes_back() -> None:
    client = a_client(Grade.A)
    open_ = by_rule(replan(situation(quiet(client)), CAUSES[0]))
    back = by_rule(replan(situation(quiet(client, None), (), open_), CAUSES[1]))
    assert back[R.CADENCE].due_at == NOW + timedelta(days=2)


def test_a_cooling_off_that_is_over_changes_nothing() -> None:
    client = quiet(a_client(Grade.A))
    open_ = by_rule(replan(situation(client), CAUSES[0]))
    assert not replan(situation(client, (), open_, QUIET + timedelta(days=5)), CAUSES[1]).changes


# --- settings


def test_new_settings_move_what_is_open_and_make_no_burst() -> None:
    patient = Rhythm(CadencePolicy(days_c=10), SHANGHAI)
    hasty = Rhythm(CadencePolicy(days_c=5), SHANGHAI)
    now = NOW + timedelta(days=60)
    due = []
    for number in range(20):
        client = a_client(Grade.C, touched_at=NOW + timedelta(days=number))
        open_ = by_rule(replan(situation(client, (), {}, client.standing.touched_at, patient), CAUSES[0]))
        moved = by_rule(replan(situation(client, (), open_, now, hasty), CAUSES[1]))
        due.append(SHANGHAI.local_day(moved[R.CADENCE].due_at))
        assert moved[R.CADENCE].due_at >= now
    assert max(due.count(day) for day in due) <= 12
    assert len(set(due)) >= 3, "spread over their rhythms, not all today"


# --- holidays, days worked in their place, and clocks that change

BERLIN = Rhythm(CadencePolicy(), WorkingCalendar(ZoneInfo("Europe/Berlin"), on_weekdays))


@pytest.mark.parametrize(
    ("signed", "due", "why"),
    [
        ("2026-09-24", "2026-10-08 09:00", "the seventh day lies in the National Day week"),
        ("2026-10-03", "2026-10-10 09:00", "a Saturday that is worked in place of a holiday"),
        ("2026-02-10", "2026-02-24 09:00", "the new year's week"),
    ],
)
def test_calls_respect_holidays_and_the_days_worked_in_their_place(signed: str, due: str, why: str) -> None:
    asking = occasion(R.AFTER_SALE, date.fromisoformat(signed))
    plan = replan(situation(a_client(), [asking], {}, local(signed + " 10:00")), CAUSES[1])
    assert by_rule(plan)[R.AFTER_SALE].due_at == local(due), why


@pytest.mark.parametrize(
    ("day", "now", "due"),
    [
        # the clocks of Berlin go forward on 29 March and back on 25 October 2026
        (date(2026, 3, 29), datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 27, 23, 30, tzinfo=UTC), datetime(2026, 3, 28, 8, tzinfo=UTC)),
        (
            date(2026, 10, 25),
            datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 8, tzinfo=UTC),
        ),
    ],
)
def test_a_birthday_is_greeted_at_nine_by_the_clock_on_the_wall(
    day: date, now: datetime, due: datetime
) -> None:
    plan = greet(situation(BORN, (), {}, now, BERLIN), day, "token", CAUSES[0])
    assert [each.due_at for each in plan.opened] == [due]


def test_reminders_keep_their_hour_over_the_change_of_clocks() -> None:
    touched = datetime(2026, 3, 23, 9, tzinfo=UTC)  # ten in Berlin
    plan = replan(situation(a_client(touched_at=touched), (), {}, touched, BERLIN), CAUSES[0])
    assert plan.wakes_at == datetime(2026, 3, 30, 8, tzinfo=UTC), "ten in Berlin, in summer"
