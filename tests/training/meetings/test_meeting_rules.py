"""What a meeting promises: it is planned whole, run in order, and everybody's mark is what they earned."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.training import AttendanceStatus, TopicKind
from services.training.meetings.course import (
    add_item,
    attendance,
    close,
    following,
    go_to,
    mark,
    note,
    overtime,
    preceding,
    settle_item,
    sign_in,
    start,
)
from services.training.meetings.model import (
    ActionItem,
    Meeting,
    MeetingRuleBroken,
    Segment,
    Status,
    cancel,
    presenters,
    replan,
    topic_kinds,
)
from services.training.series.model import SegmentKind
from tests.training.samples import EIGHT_THIRTY, MINUTE, agenda, meeting, plan

PRESENT, LATE, LEAVE = AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.LEAVE


def running(at: timedelta = timedelta(0)) -> Meeting:
    return start(meeting(), EIGHT_THIRTY + at)


def segment(**changes: object) -> Segment:
    usual = Segment(id="x", kind=SegmentKind.TOPIC, minutes=10)
    return replace(usual, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "早" * 61}, "title"),
        ({"slogan": "红" * 61}, "slogan"),
        ({"agenda": ()}, "segments"),
        ({"agenda": (segment(minutes=4),)}, "segments"),
        ({"agenda": tuple(segment(id=str(n), minutes=60) for n in range(3))}, "segments"),
        ({"agenda": (segment(minutes=0),)}, "segments/x/minutes"),
        ({"agenda": (segment(minutes=61),)}, "segments/x/minutes"),
        ({"agenda": (segment(), segment())}, "segments"),
        (
            {"agenda": (segment(kind=SegmentKind.DRILL, topic_kind=TopicKind.THEORY),)},
            "segments/x/topic_kind",
        ),
    ],
)
def test_a_plan_that_cannot_be_held_says_which_field_is_wrong(changes: dict[str, object], field: str) -> None:
    with pytest.raises(MeetingRuleBroken) as broken:
        replan(meeting(), plan(**changes))
    assert broken.value.field == field


def test_a_moved_meeting_takes_the_slot_of_its_new_day() -> None:
    moved = replan(meeting(), plan(starts_at=EIGHT_THIRTY + timedelta(days=1)))
    assert (meeting().slot, moved.slot) == ("series/2026-11-24", "series/2026-11-25")


def test_a_cancelled_meeting_frees_its_day() -> None:
    assert cancel(meeting()).slot is None


ACTIONS: dict[str, Callable[[Meeting], Meeting]] = {
    "replan": lambda m: replan(m, plan()),
    "cancel": cancel,
    "start": lambda m: start(m, EIGHT_THIRTY),
    "go_to": lambda m: go_to(m, "s2", EIGHT_THIRTY),
    "sign_in": lambda m: sign_in(m, "li", EIGHT_THIRTY),
    "mark": lambda m: mark(m, "li", LEAVE, EIGHT_THIRTY),
    "close": lambda m: close(m, frozenset(), EIGHT_THIRTY),
    "note": lambda m: note(m, "纪要"),
    "add_item": lambda m: add_item(
        m, ActionItem(id="i", text="打电话", owner_id=None, raised_at=EIGHT_THIRTY)
    ),
}
ALLOWED: dict[Status, set[str]] = {
    Status.PLANNED: {"replan", "cancel", "start", "sign_in", "mark", "add_item"},
    Status.RUNNING: {"go_to", "sign_in", "mark", "close", "note", "add_item"},
    Status.HELD: {"note", "add_item"},
    Status.CANCELLED: set(),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", ACTIONS)
def test_each_step_is_possible_in_its_states_alone(status: Status, action: str) -> None:
    before = {
        Status.PLANNED: meeting(),
        Status.RUNNING: running(),
        Status.HELD: close(running(), frozenset(), EIGHT_THIRTY + 30 * MINUTE),
        Status.CANCELLED: cancel(meeting()),
    }[status]
    if action in ALLOWED[status]:
        assert ACTIONS[action](before) is not before
    else:
        with pytest.raises(MeetingRuleBroken):
            ACTIONS[action](before)


def test_it_begins_with_the_first_segment() -> None:
    begun = running()
    assert (begun.segment_id, begun.segment_since) == ("s1", EIGHT_THIRTY)


def test_going_to_the_segment_that_is_on_does_not_restart_it() -> None:
    there = go_to(running(), "s2", EIGHT_THIRTY + MINUTE)
    assert go_to(there, "s2", EIGHT_THIRTY + 2 * MINUTE) == there


def test_a_segment_of_another_meeting_is_refused() -> None:
    with pytest.raises(MeetingRuleBroken):
        go_to(running(), "s9", EIGHT_THIRTY)


def test_what_comes_before_and_after() -> None:
    there = go_to(running(), "s6", EIGHT_THIRTY)
    assert following(there) is None
    assert preceding(there) == agenda()[4]
    assert preceding(running()) is None
    assert following(running()) == agenda()[1]


@pytest.mark.parametrize(
    ("begun", "signed", "status"),
    [
        (0, -60, PRESENT),  # an hour before, while it is still planned
        (0, 0, PRESENT),
        (0, 2, PRESENT),  # attendance takes two minutes
        (0, 2.1, LATE),
        (-5, 1.5, PRESENT),  # it began early, the planned time counts
        (10, 11.5, PRESENT),  # it began late, which makes nobody late
        (10, 12.5, LATE),
        (-24 * 60, -24 * 60 + 1, PRESENT),  # held the day before: its own beginning counts
        (-24 * 60, -24 * 60 + 3, LATE),
    ],
)
def test_late_is_who_comes_after_attendance_was_taken(
    begun: float, signed: float, status: AttendanceStatus
) -> None:
    one = meeting() if signed < begun else start(meeting(), EIGHT_THIRTY + begun * MINUTE)
    assert sign_in(one, "li", EIGHT_THIRTY + signed * MINUTE).marks["li"].status is status


def test_who_waits_for_a_meeting_that_begins_late_is_in_time() -> None:
    waiting = sign_in(meeting(), "li", EIGHT_THIRTY + 5 * MINUTE)
    assert waiting.marks["li"].status is PRESENT


def test_without_a_segment_for_attendance_late_is_who_comes_after_the_beginning() -> None:
    one = start(replan(meeting(), plan(agenda=agenda()[1:])), EIGHT_THIRTY)
    assert sign_in(one, "li", EIGHT_THIRTY + timedelta(seconds=1)).marks["li"].status is LATE


def test_signing_in_opens_an_hour_before() -> None:
    with pytest.raises(MeetingRuleBroken):
        sign_in(meeting(), "li", EIGHT_THIRTY - 61 * MINUTE)


def test_the_first_sign_in_counts() -> None:
    once = sign_in(running(), "li", EIGHT_THIRTY + MINUTE)
    assert sign_in(once, "li", EIGHT_THIRTY + 20 * MINUTE) == once


def test_who_was_on_leave_and_came_is_there() -> None:
    away = mark(meeting(), "li", LEAVE, EIGHT_THIRTY - timedelta(days=3))
    assert sign_in(start(away, EIGHT_THIRTY), "li", EIGHT_THIRTY).marks["li"].status is PRESENT


def test_a_wrong_tap_is_taken_back() -> None:
    signed = sign_in(running(), "li", EIGHT_THIRTY)
    assert mark(signed, "li", None, EIGHT_THIRTY).marks == {}
    assert mark(signed, "li", AttendanceStatus.ABSENT, EIGHT_THIRTY).marks == {}


def test_without_a_mark_somebody_expected_was_absent_and_a_guest_counts() -> None:
    one = mark(
        sign_in(sign_in(running(), "li", EIGHT_THIRTY), "guest", EIGHT_THIRTY), "wu", LEAVE, EIGHT_THIRTY
    )
    assert attendance(one, frozenset({"li", "wu", "he"})) == {
        "guest": PRESENT,
        "he": AttendanceStatus.ABSENT,
        "li": PRESENT,
        "wu": LEAVE,
    }


def test_a_closed_meeting_knows_how_many_came_of_those_who_could() -> None:
    one = running()
    for person in ("li", "guest"):
        one = sign_in(one, person, EIGHT_THIRTY)
    one = mark(one, "wu", LEAVE, EIGHT_THIRTY)
    held = close(one, frozenset({"li", "wu", "he"}), EIGHT_THIRTY + 30 * MINUTE)
    assert (held.came, held.counted) == (2, 3)


PEOPLE = st.sampled_from(["a", "b", "c", "d"])


@given(
    taps=st.lists(
        st.tuples(PEOPLE, st.sampled_from(["in", "leave", "back"]), st.integers(0, 29)), max_size=20
    ),
    expected=st.frozensets(PEOPLE),
)
def test_whatever_is_tapped_everybody_has_one_status_and_taps_of_others_change_nothing(
    taps: list[tuple[str, str, int]], expected: frozenset[str]
) -> None:
    one = running()
    for person, tap, minute in taps:
        now = EIGHT_THIRTY + minute * MINUTE
        before = one
        one = (
            sign_in(one, person, now)
            if tap == "in"
            else mark(one, person, LEAVE if tap == "leave" else None, now)
        )
        assert {p: m for p, m in one.marks.items() if p != person} == {
            p: m for p, m in before.marks.items() if p != person
        }
    result = attendance(one, expected)
    assert expected <= result.keys() <= expected | one.marks.keys()
    for person in expected - one.marks.keys():
        assert result[person] is AttendanceStatus.ABSENT


@pytest.mark.parametrize(
    ("moves", "now", "minutes"),
    [
        ([], 1, 0),
        ([], 2, 0),
        ([], 5, 3),  # attendance takes two
        ([("s2", 5)], 6, 3),
        ([("s2", 1)], 1, -1),
        ([("s2", 1)], 6, 0),  # a minute won, and lost again
        ([("s4", 2)], 2, -8),  # results and policy were left out
        ([("s2", 2), ("s1", 3)], 3, 3),  # back at the beginning
    ],
)
def test_overtime_says_how_far_behind_the_agenda_it_is(
    moves: list[tuple[str, int]], now: int, minutes: int
) -> None:
    one = running()
    for segment_id, at in moves:
        one = go_to(one, segment_id, EIGHT_THIRTY + at * MINUTE)
    assert overtime(one, EIGHT_THIRTY + now * MINUTE) == minutes * MINUTE


@given(st.integers(0, 5), st.integers(0, 3600))
def test_while_a_segment_lasts_too_long_overtime_grows_by_the_second(position: int, seconds: int) -> None:
    one = go_to(running(), f"s{position + 1}", EIGHT_THIRTY + MINUTE)
    length = agenda()[position].minutes * MINUTE
    since = one.segment_since
    assert since is not None
    later = since + length + timedelta(seconds=seconds)
    assert overtime(one, later) == overtime(one, since + length) + timedelta(seconds=seconds)


def test_saving_the_same_minutes_again_is_no_new_revision() -> None:
    written = note(running(), "纪要")
    assert written.notes_revision == 1
    assert note(written, "纪要") == written


def test_action_items_are_settled_and_taken_up_again() -> None:
    item = ActionItem(id="i", text="打电话", owner_id="li", raised_at=EIGHT_THIRTY)
    one = add_item(running(), item)
    done = settle_item(one, "i", True)
    assert done.action_items == (replace(item, done=True),)
    assert settle_item(done, "i", False) == one
    with pytest.raises(MeetingRuleBroken):
        settle_item(one, "other", True)


def test_who_presented_and_which_kinds_were_on() -> None:
    parts = (
        segment(id="1", kind=SegmentKind.ATTENDANCE, presenter_id="host"),
        segment(id="2", presenter_id="li", topic_kind=TopicKind.PRODUCT),
        segment(id="3", kind=SegmentKind.DRILL, presenter_id="wu"),
        segment(id="4", presenter_id="li", topic_kind=TopicKind.PRODUCT),
        segment(id="5", presenter_id=None, topic_kind=TopicKind.MINDSET),
    )
    one = meeting(agenda=parts)
    assert presenters(one) == ("li", "wu")
    assert topic_kinds(one) == (TopicKind.PRODUCT, TopicKind.MINDSET)
