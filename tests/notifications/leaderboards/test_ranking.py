"""Ranks, gains, sums and ladders."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.leaderboards.ranking import (
    Score,
    UnitScore,
    best_of,
    ladder,
    merged,
    most_improved,
    rank_on,
    ranked,
    summed_by_unit,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def score(id_: str, points: int, minutes: int = 0) -> Score:
    return Score(id_, points, NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], []),
        ([score("a", 5)], [(1, "a")]),
        ([score("a", 1), score("b", 5), score("c", 3)], [(1, "b"), (2, "c"), (3, "a")]),
        # equals share a rank; who got there first is named first; the next rank counts both
        (
            [score("a", 3, 9), score("b", 3, 2), score("c", 9), score("d", 1)],
            [(1, "c"), (2, "b"), (2, "a"), (4, "d")],
        ),
        # no moment decides a rank, and names decide nothing but the order on the screen
        ([score("b", 2), score("a", 2)], [(1, "a"), (1, "b")]),
        # nothing is no rank: a board never shows who has none
        ([score("a", 0), score("b", -1), score("c", 1)], [(1, "c")]),
    ],
)
def test_equals_share_a_rank(scores: list[Score], expected: list[tuple[int, str]]) -> None:
    assert [(one.rank, one.score.id) for one in ranked(scores)] == expected


def test_whoever_changed_teams_gets_the_sum_of_both_places() -> None:
    assert merged([score("a", 2, 5), score("b", 1), score("a", 3, 1)]) == [score("a", 5, 5), score("b", 1)]


def test_the_most_improved_gained_most_against_the_period_before() -> None:
    now = [score("star", 50), score("riser", 20), score("faller", 3), score("newcomer", 45)]
    before = [score("star", 48), score("riser", 2), score("faller", 9)]
    improved = most_improved(now, before, known={"star", "riser", "faller"})
    assert [(one.id, one.gain) for one in improved] == [("riser", 18), ("star", 2)]


def test_who_was_there_and_had_nothing_counts_as_improved() -> None:
    assert [one.id for one in most_improved([score("a", 4)], [], known={"a"})] == ["a"]
    assert most_improved([score("a", 4)], [], known=set()) == []


def test_units_are_compared_per_head_and_those_without_points_are_there() -> None:
    sums = [("big", 90, NOON), ("elsewhere", 5, NOON)]
    big, empty = summed_by_unit(sums, {"big", "empty"}, {"big": 30, "empty": 0})
    assert (big.unit_id, big.points, big.per_head) == ("big", 90, 3.0)
    assert (empty.points, empty.per_head) == (0, 0.0)
    assert UnitScore("u", 7, 0, NOON).per_head == 7.0


@given(st.lists(st.integers(1, 400), min_size=1, max_size=300), st.integers(1, 400))
def test_a_ladder_with_enough_rungs_gives_the_exact_rank(everybody: list[int], points: int) -> None:
    counts = {value: everybody.count(value) for value in set(everybody)}
    steps = ladder(counts.items())
    if points in counts:
        assert rank_on(steps, points) == 1 + sum(value > points for value in everybody)


@given(st.lists(st.integers(1, 10_000), min_size=50, max_size=200, unique=True), st.integers(2, 20))
def test_a_thinned_ladder_is_never_further_off_than_one_rung(everybody: list[int], rungs: int) -> None:
    steps = ladder(((value, 1) for value in everybody), rungs)
    widest = len(everybody) / (rungs - 1) + 2
    for points in everybody:
        about = rank_on(steps, points)
        assert about is not None
        assert abs(about - (1 + sum(value > points for value in everybody))) <= widest


def test_nobody_has_a_rank_on_an_empty_ladder() -> None:
    assert rank_on((), 5) is None


@pytest.mark.parametrize(
    ("people", "shown"),
    [(0, 1), (1, 1), (2, 1), (3, 2), (4, 3), (5, 3), (8, 4), (15, 8), (20, 10), (600, 10)],
)
def test_everybody_sees_the_better_half_and_never_the_last(people: int, shown: int) -> None:
    assert best_of(people, 10) == shown
