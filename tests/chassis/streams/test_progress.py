"""When a consumer counts as stalled, and how long it waits between attempts."""

import pytest

from services.chassis.streams.consumer import Standing
from services.chassis.streams.policies import BackOff, StreamPolicy
from services.chassis.streams.progress import Progress

PARTITION = ("muster.clients.client", 0)


def test_who_is_at_the_end_is_not_stalled_however_long() -> None:
    progress = Progress(60)
    for now in (0.0, 1000.0):
        progress.observe({PARTITION: Standing(10, 10)}, now)
    assert progress.stalled(1000.0) is None


def test_who_is_behind_and_does_not_move_is_stalled() -> None:
    progress = Progress(60)
    for now in (0.0, 30.0, 61.0):
        progress.observe({PARTITION: Standing(5, 10)}, now)
    assert progress.stalled(60.0) is None
    assert progress.stalled(61.0) == PARTITION
    assert progress.seconds_behind(61.0) == {PARTITION[0]: 61.0}


def test_moving_is_enough_even_when_the_end_runs_away() -> None:
    progress = Progress(60)
    for step in range(10):
        progress.observe({PARTITION: Standing(step, 1000 * step)}, step * 50.0)
    assert progress.stalled(450.0) is None


def test_never_having_committed_is_being_at_the_beginning() -> None:
    progress = Progress(60)
    for now in (0.0, 61.0):
        progress.observe({PARTITION: Standing(None, 1), ("empty", 0): Standing(None, 0)}, now)
    assert progress.stalled(61.0) == PARTITION


def test_a_partition_that_left_is_forgotten() -> None:
    progress = Progress(60)
    progress.observe({PARTITION: Standing(5, 10)}, 0.0)
    progress.observe({}, 61.0)
    assert progress.stalled(61.0) is None


def test_waits_grow_up_to_a_limit_and_are_never_longer() -> None:
    back_off = BackOff(first_seconds=1.0, factor=2.0, longest_seconds=10.0, jitter=0.5)
    for failures, whole in ((1, 1.0), (2, 2.0), (4, 8.0), (5, 10.0), (5000, 10.0)):
        waits = [back_off.seconds(failures) for _ in range(50)]
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(set(waits)) > 1, "spread out"


def test_a_drain_longer_than_a_rebalance_is_refused() -> None:
    with pytest.raises(ValueError, match="abandoned"):
        StreamPolicy(drain_seconds=31, rebalance_timeout_seconds=30)
