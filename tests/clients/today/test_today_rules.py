"""The order of the day, and where the time goes."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.clients.today.model import gauge, rank
from services.contracts.clients import FollowUpRule, Grade, Intent
from tests.clients.samples import NOW

TARGETS = {Intent.REAL: 70, Intent.POTENTIAL: 20, Intent.LATENT: 10}
CADENCE = FollowUpRule.CADENCE


def test_worth_comes_before_urgency_and_urgency_decides_among_equals() -> None:
    ordered = [
        rank(Intent.REAL, Grade.A, FollowUpRule.SHOWING_FEEDBACK, NOW - timedelta(days=2), NOW),
        rank(Intent.REAL, Grade.A, CADENCE, NOW - timedelta(days=2), NOW),
        rank(Intent.REAL, Grade.A, CADENCE, NOW, NOW),
        rank(Intent.POTENTIAL, Grade.B, CADENCE, NOW - timedelta(days=2), NOW),
        rank(Intent.POTENTIAL, Grade.B, CADENCE, NOW, NOW),
        rank(Intent.LATENT, Grade.C, CADENCE, NOW, NOW),
    ]
    assert all(first > second for first, second in pairwise(ordered))


def test_what_waited_for_a_month_does_not_bury_todays_buyers() -> None:
    forgotten = rank(Intent.LATENT, Grade.C, CADENCE, NOW - timedelta(days=30), NOW)
    assert forgotten < rank(Intent.REAL, Grade.A, CADENCE, NOW, NOW)
    assert forgotten == rank(Intent.LATENT, Grade.C, CADENCE, NOW - timedelta(days=7), NOW)


def test_the_gauge_without_any_time_is_empty_not_broken() -> None:
    empty = gauge([], TARGETS)
    assert empty.minutes == 0
    assert [share.percent for share in empty.shares] == [0, 0, 0]
    assert [share.target for share in empty.shares] == [70, 20, 10]


@given(st.lists(st.tuples(st.sampled_from(Intent), st.integers(1, 600)), min_size=1))
def test_the_gauge_adds_up(spent: list[tuple[Intent, int]]) -> None:
    shown = gauge(spent, TARGETS)
    assert sum(share.percent for share in shown.shares) == 100
    assert sum(share.minutes for share in shown.shares) == shown.minutes == sum(m for _, m in spent)
    for share in shown.shares:
        assert abs(share.percent - 100 * share.minutes / shown.minutes) < 1
