"""What figures of attendance promise: leave is neutral, being late is still being there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.training import AttendanceStatus
from services.training.attendance.model import figures

PRESENT, LATE, ABSENT, LEAVE = AttendanceStatus


@pytest.mark.parametrize(
    ("newest_first", "rate", "streak"),
    [
        ([], None, 0),
        ([LEAVE], None, 0),
        ([PRESENT], 1.0, 1),
        ([LATE, PRESENT], 1.0, 2),
        ([ABSENT, PRESENT, PRESENT], 2 / 3, 0),
        ([PRESENT, LEAVE, PRESENT, ABSENT], 2 / 3, 2),
    ],
)
def test_rate_and_streak(newest_first: list[AttendanceStatus], rate: float | None, streak: int) -> None:
    found = figures(newest_first)
    assert (found.rate, found.streak) == (rate, streak)


@given(st.lists(st.sampled_from(AttendanceStatus)), st.integers(0, 30))
def test_leave_anywhere_changes_nothing(statuses: list[AttendanceStatus], position: int) -> None:
    with_leave = [*statuses[:position], LEAVE, *statuses[position:]]
    assert figures(with_leave) == figures(statuses)
