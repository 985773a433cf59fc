"""Plans derive from where the client stands, whatever event asks for them and how often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.clients.cadence.hours import ContactHours
from services.clients.cadence.model import CadencePolicy, Level, Rhythm
from services.clients.files.model import Agreed, Client
from services.clients.follow_ups.model import (
    MOST_SNOOZES,
    FollowUp,
    Outcome,
    contacted,
    follow_up_id,
    snoozed,
    standing_with,
)
from services.clients.follow_ups.occasions import Occasion
from services.clients.follow_ups.rules import Plan, Situation, after, ask_after_showing, replan
from services.clients.grading.model import Grading
from services.contracts.clients import FollowUpRule, Grade, GradedBy, Intent
from tests.clients.samples import CAUSES, NOW, SHANGHAI, a_client

POLICY = CadencePolicy()
RHYTHM = Rhythm(POLICY, SHANGHAI)
Open = dict[FollowUpRule, FollowUp]
CADENCE, NEXT_STEP, FEEDBACK = FollowUpRule.CADENCE, FollowUpRule.NEXT_STEP, FollowUpRule.SHOWING_FEEDBACK


def situation(
    client: Client, open_: Open, now: datetime = NOW, occasions: Sequence[Occasion] = ()
) -> Situation:
    return Situation(client, open_, occasions, RHYTHM, now)


def planned(client: Client, open_: Open, cause: str = CAUSES[0], now: datetime = NOW) -> Plan:
    return replan(situation(client, open_, now), cause)


def asked(client: Client, open_: Open, shown_at: datetime, cause: str, now: datetime) -> Plan:
    return ask_after_showing(situation(client, open_, now), shown_at, cause)


def carried_out(client: Client, open_: Open, cause: str = CAUSES[0], now: datetime = NOW) -> Open:
    return after(open_, planned(client, open_, cause, now))


def regraded(client: Client, grade: Grade) -> Client:
    return replace(client, grading=Grading(grade, Intent.REAL, GradedBy.HAND, "comparing", NOW))


def test_the_key_of_a_follow_up_is_rule_and_event() -> None:
    assert follow_up_id(CADENCE, CAUSES[0]) == follow_up_id(CADENCE, CAUSES[0])
    every = {follow_up_id(rule, cause) for rule in FollowUpRule for cause in CAUSES}
    assert len(every) == len(FollowUpRule) * len(CAUSES)
    assert follow_up_id(CADENCE, CAUSES[0])[:13] == CAUSES[0][:13], "it sorts by the time of its cause"
    assert follow_up_id(CADENCE, CAUSES[0])[14] == "7"


@pytest.mark.parametrize(("grade", "days"), [(Grade.A, 2), (Grade.B, 7), (Grade.C, 14)])
def test_a_grade_plans_one_follow_up_by_its_cadence(grade: Grade, days: int) -> None:
    plan = planned(a_client(grade), {})
    assert [each.rule for each in plan.opened] == [CADENCE]
    assert plan.opened[0].due_at == NOW + timedelta(days=days)


def test_a_client_without_grade_has_no_cadence() -> None:
    plan = planned(a_client(), {})
    assert not plan.changes
    assert plan.wakes_at == NOW + timedelta(days=7), "only a reminder, should nobody be in touch"


def test_a_regrade_moves_the_open_follow_up_and_plans_no_second() -> None:
    client = a_client(Grade.A)
    open_ = carried_out(client, {})
    plan = planned(regraded(client, Grade.C), open_, CAUSES[1])
    assert [each.id for each in plan.moved] == [open_[CADENCE].id]
    assert plan.moved[0].due_at == NOW + timedelta(days=14)
    assert not plan.opened


def test_a_regrade_of_a_neglected_client_gives_the_next_step_not_a_burst() -> None:
    touched = NOW - timedelta(days=11)
    client = a_client(Grade.C, touched_at=touched)
    open_ = carried_out(client, {}, now=touched)
    plan = planned(regraded(client, Grade.A), open_, CAUSES[1])
    assert len(plan.moved) == 1
    assert NOW <= plan.moved[0].due_at <= NOW + timedelta(days=2)


def test_an_overdue_follow_up_is_not_moved_by_an_old_event_that_comes_again() -> None:
    client = a_client(Grade.A)
    open_ = carried_out(client, {})
    assert not planned(client, open_, CAUSES[0], NOW + timedelta(days=30)).changes


def test_an_agreed_step_takes_the_place_of_the_cadence_until_it_is_done() -> None:
    client = a_client(Grade.A)
    open_ = carried_out(client, {})
    when = NOW + timedelta(days=5)
    agreed = replace(client, standing=client.standing.touched(NOW, Agreed(when, "f")))
    open_ = carried_out(agreed, open_, CAUSES[1])
    assert {rule: each.due_at for rule, each in open_.items()} == {NEXT_STEP: when}
    done = replace(agreed, standing=contacted(agreed.standing, Outcome.REACHED, when, None, "g"))
    open_ = carried_out(done, {}, CAUSES[2], when)
    assert list(open_) == [CADENCE]
    assert open_[CADENCE].due_at == when + timedelta(days=2)


def test_any_contact_resets_the_clock() -> None:
    client = a_client(Grade.B)
    open_ = carried_out(client, {})
    later = NOW + timedelta(days=3)
    touched = replace(client, standing=client.standing.touched(later))
    assert carried_out(touched, open_, CAUSES[1], later)[CADENCE].due_at == later + timedelta(days=7)


def test_who_does_not_answer_is_tried_on_the_next_days_and_then_by_cadence() -> None:
    client = a_client(Grade.C)
    now = NOW
    waits = []
    for attempt in range(4):
        standing = contacted(client.standing, Outcome.NO_ANSWER, now, None, "f")
        client = replace(client, standing=standing)
        due = carried_out(client, {}, CAUSES[attempt], now)[CADENCE].due_at
        waits.append((due - now).days)
        now = due
    assert waits == [1, 1, 1, 14]


def test_a_lost_client_is_left_alone() -> None:
    client = a_client(Grade.A)
    open_ = carried_out(client, {})
    lost = replace(client, standing=contacted(client.standing, Outcome.LOST, NOW, None, "f"))
    assert carried_out(lost, open_, CAUSES[1]) == {}
    assert planned(lost, {}, CAUSES[1]) == Plan()


def test_a_showing_asks_for_a_call_on_the_next_working_day() -> None:
    plan = asked(a_client(Grade.B), {}, NOW, CAUSES[0], NOW)
    assert [each.rule for each in plan.opened] == [FEEDBACK]
    assert plan.opened[0].due_at == NOW + timedelta(days=1)


def test_two_showings_ask_in_one_call() -> None:
    client = a_client(Grade.B)
    first = asked(client, {}, NOW, CAUSES[0], NOW).opened[0]
    later = NOW + timedelta(days=1)
    plan = asked(client, {FEEDBACK: first}, later, CAUSES[1], later)
    assert (plan.opened, plan.moved[0].id) == ((), first.id)
    assert plan.moved[0].due_at == later + timedelta(days=1)


def test_nobody_asks_about_a_showing_after_which_they_spoke() -> None:
    client = replace(a_client(Grade.B), standing=a_client().standing.touched(NOW + timedelta(hours=2)))
    now = NOW + timedelta(days=9)
    assert asked(client, {}, NOW, CAUSES[0], now) == Plan()


def test_new_hours_move_all_that_is_open() -> None:
    client = a_client(Grade.A)
    open_ = carried_out(client, {})
    open_ = after(open_, asked(client, open_, NOW, CAUSES[1], NOW))
    evening = ContactHours(18 * 60, 21 * 60)
    moved = carried_out(replace(client, hours=evening), open_, CAUSES[2])
    assert {SHANGHAI.minute_of_day(each.due_at) for each in moved.values()} == {18 * 60}


def test_putting_off_starts_the_escalation_anew_and_has_an_end() -> None:
    client = a_client(Grade.A)
    follow_up = replace(carried_out(client, {})[CADENCE], escalated=Level.AGENT)
    late = follow_up.due_at + timedelta(days=2)
    later = snoozed(follow_up, 1, late, client, RHYTHM)
    assert later.escalated is None
    assert later.due_at > late
    with pytest.raises(ValueError):
        snoozed(replace(follow_up, snoozes=MOST_SNOOZES), 1, late, client, RHYTHM)
    with pytest.raises(ValueError):
        snoozed(follow_up, 8, late, client, RHYTHM)


def test_the_earliest_stands_on_the_client() -> None:
    client = a_client(Grade.C)
    open_ = carried_out(client, {})
    open_ = after(open_, asked(client, open_, NOW, CAUSES[1], NOW))
    upcoming = standing_with(client.standing, open_).next
    assert upcoming is not None
    assert upcoming.rule is FEEDBACK
    assert standing_with(client.standing, {}).next is None
