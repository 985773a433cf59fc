"""Grades by hand and by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.clients.files.model import behaved, graded, suggestion_declined
from services.clients.grading.model import Grading, after_showing
from services.contracts.clients import Grade, GradedBy, Intent
from tests.clients.samples import CAUSES, NOW, a_client


@pytest.mark.parametrize(
    ("interest", "grade", "intent"),
    [
        (5, Grade.A, Intent.REAL),
        (4, Grade.A, Intent.REAL),
        (3, Grade.B, Intent.POTENTIAL),
        (2, Grade.C, Intent.LATENT),
        (1, Grade.C, Intent.LATENT),
    ],
)
def test_interest_says_grade_and_intent(interest: int, grade: Grade, intent: Intent) -> None:
    suggestion = after_showing(interest, CAUSES[0])
    assert (suggestion.grade, suggestion.intent) == (grade, intent)


@pytest.mark.parametrize("interest", [0, 6, -1])
def test_interest_has_a_scale(interest: int) -> None:
    with pytest.raises(ValueError):
        after_showing(interest, CAUSES[0])


def test_a_rule_grades_who_nobody_graded_and_regrades_its_own() -> None:
    client = behaved(a_client(), after_showing(5, CAUSES[0]), NOW)
    assert client.grading == Grading(Grade.A, Intent.REAL, GradedBy.RULE, "showing_keen", NOW)
    later = behaved(client, after_showing(1, CAUSES[1]), NOW)
    assert later.grade is Grade.C
    assert later.suggestion is None


def test_a_grade_given_by_hand_is_never_overwritten_only_questioned() -> None:
    by_hand = graded(a_client(), Grade.C, Intent.LATENT, "just_looking", NOW)
    client = behaved(by_hand, after_showing(5, CAUSES[0]), NOW + timedelta(hours=1))
    assert client.grading == by_hand.grading
    assert client.suggestion is not None
    assert client.suggestion.grade is Grade.A


def test_who_grades_by_hand_answers_the_suggestion() -> None:
    client = replace(a_client(), suggestion=after_showing(5, CAUSES[0]))
    assert graded(client, Grade.B, Intent.REAL, "comparing", NOW).suggestion is None


def test_an_event_that_was_weighed_says_nothing_when_it_comes_again() -> None:
    by_hand = graded(a_client(), Grade.C, Intent.LATENT, "just_looking", NOW)
    asked = behaved(by_hand, after_showing(5, CAUSES[1]), NOW + timedelta(hours=1))
    declined = suggestion_declined(asked)
    assert behaved(declined, after_showing(5, CAUSES[1]), NOW + timedelta(hours=1)) == declined
    assert behaved(declined, after_showing(3, CAUSES[0]), NOW + timedelta(hours=1)) == declined, (
        "an older one"
    )


def test_a_grade_given_after_the_showing_knew_of_it() -> None:
    by_hand = graded(a_client(), Grade.C, Intent.LATENT, "just_looking", NOW)
    assert behaved(by_hand, after_showing(5, CAUSES[0]), NOW - timedelta(hours=1)).suggestion is None


def test_a_lost_client_who_is_graded_is_back() -> None:
    lost = replace(a_client(), standing=a_client().standing.given_up(datetime(2026, 1, 1, tzinfo=UTC)))
    assert not graded(lost, Grade.B, Intent.REAL, "waiting", NOW).standing.lost
