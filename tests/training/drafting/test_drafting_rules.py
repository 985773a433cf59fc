"""What the draft promises: good news first, the stage to who has waited longest, the topic that was missing."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.training import TopicKind
from services.training.drafting.model import (
    MOST_MENTIONS,
    MOST_MENTIONS_A_PERSON,
    DraftSegment,
    Highlight,
    agenda,
    carried_over,
    may_present,
    missing_kind,
    praise,
)
from services.training.meetings.model import ActionItem, Mention, MentionKind
from services.training.series.model import SegmentKind, SegmentPlan
from tests.training.samples import EIGHT_THIRTY, MINUTE, series

MINDSET, THEORY, PRODUCT, BEHAVIOUR = TopicKind
DAY = timedelta(days=1)


def did(kind: MentionKind, person: str, times: int = 1, ago: timedelta = DAY) -> list[Highlight]:
    return [Highlight(kind=kind, person_id=person, at=EIGHT_THIRTY - ago)] * times


def by_kind(segments: tuple[DraftSegment, ...], kind: SegmentKind) -> DraftSegment:
    return next(segment for segment in segments if segment.kind is kind)


def draft(**changes: object) -> tuple[DraftSegment, ...]:
    given_: dict[str, object] = {
        "highlights": [],
        "overdue_a_clients": 0,
        "last_presented": {},
        "recent_topics": [],
        **changes,
    }
    return agenda(series(), **given_)  # type: ignore[arg-type]


def test_it_follows_the_usual_agenda_of_the_series() -> None:
    assert [(one.kind, one.minutes) for one in draft()] == [
        (one.kind, one.minutes) for one in series().agenda
    ]


@pytest.mark.parametrize(
    ("recent", "missing"),
    [
        ([], MINDSET),
        ([MINDSET], THEORY),
        ([PRODUCT, MINDSET], THEORY),
        ([MINDSET, THEORY, PRODUCT], BEHAVIOUR),
        ([BEHAVIOUR, PRODUCT, THEORY, MINDSET], MINDSET),
        ([MINDSET, THEORY, MINDSET, PRODUCT, BEHAVIOUR, BEHAVIOUR], BEHAVIOUR),
    ],
)
def test_the_topic_is_of_the_kind_that_was_missing_for_longest(
    recent: list[TopicKind], missing: TopicKind
) -> None:
    assert missing_kind(recent) is missing


@given(st.lists(st.sampled_from(TopicKind), max_size=6))
def test_following_the_draft_brings_every_kind_within_four_meetings(recent: list[TopicKind]) -> None:
    heard = list(recent)
    for _ in TopicKind:
        heard.insert(0, missing_kind(heard))
    assert set(heard[:4]) == set(TopicKind)


def test_the_stage_goes_to_who_has_waited_longest() -> None:
    waited: dict[str, datetime | None] = {
        "li": EIGHT_THIRTY - DAY,
        "wu": EIGHT_THIRTY - 30 * DAY,
        "he": None,
        "an": EIGHT_THIRTY - 2 * DAY,
    }
    segments = draft(last_presented=waited)
    assert by_kind(segments, SegmentKind.TOPIC).presenter_id == "he"
    assert by_kind(segments, SegmentKind.DRILL).presenter_id == "wu"


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 100) | st.none(), min_size=2))
def test_nobody_left_out_has_waited_longer_than_who_is_chosen(waited: dict[str, int | None]) -> None:
    presented = {
        person: None if days is None else EIGHT_THIRTY - days * DAY for person, days in waited.items()
    }
    segments = draft(last_presented=presented)
    chosen = {by_kind(segments, kind).presenter_id for kind in (SegmentKind.TOPIC, SegmentKind.DRILL)}
    assert len(chosen) == 2

    def longing(person: str) -> float:
        since = presented[person]
        return float("-inf") if since is None else since.timestamp()

    others = [longing(person) for person in presented if person not in chosen]
    assert all(longing(person) <= min(others, default=float("inf")) for person in chosen if person)


def test_where_nobody_can_present_the_host_does() -> None:
    assert by_kind(draft(), SegmentKind.TOPIC).presenter_id == "trainer"


def test_two_topics_get_different_kinds_and_presenters() -> None:
    two = series(agenda=(SegmentPlan(kind=SegmentKind.TOPIC, minutes=10),) * 2)
    segments = agenda(
        two,
        highlights=[],
        overdue_a_clients=0,
        last_presented={"li": None, "wu": None},
        recent_topics=[MINDSET],
    )
    assert [(one.topic_kind, one.presenter_id) for one in segments] == [(THEORY, "li"), (PRODUCT, "wu")]


def test_praise_is_by_weight_and_counts_what_somebody_did_together() -> None:
    said = praise(
        [
            *did(MentionKind.CLIENTS_REGISTERED, "li", 3),
            *did(MentionKind.SHOWINGS_DONE, "wu", 2),
            *did(MentionKind.AGENT_HIRED, "he"),
        ]
    )
    assert said == (
        Mention(kind=MentionKind.AGENT_HIRED, person_id="he", count=1),
        Mention(kind=MentionKind.SHOWINGS_DONE, person_id="wu", count=2),
        Mention(kind=MentionKind.CLIENTS_REGISTERED, person_id="li", count=3),
    )


def test_of_two_that_weigh_the_same_the_newer_is_said_first() -> None:
    said = praise(
        [
            *did(MentionKind.SHOWINGS_DONE, "a", ago=2 * DAY),
            *did(MentionKind.SHOWINGS_DONE, "b", ago=MINUTE),
        ]
    )
    assert [one.person_id for one in said] == ["b", "a"]


KINDS = st.sampled_from([kind for kind in MentionKind if kind is not MentionKind.OVERDUE_A_CLIENTS])


@given(st.lists(st.tuples(KINDS, st.sampled_from("abcdefgh"), st.integers(0, 50)), max_size=60))
def test_praise_is_short_spread_and_true(happened: list[tuple[MentionKind, str, int]]) -> None:
    highlights = [
        Highlight(kind=kind, person_id=person, at=EIGHT_THIRTY - ago * MINUTE)
        for kind, person, ago in happened
    ]
    said = praise(highlights)
    people = [one.person_id for one in said]
    assert len(said) <= MOST_MENTIONS
    assert all(people.count(person) <= MOST_MENTIONS_A_PERSON for person in people)
    for one in said:
        assert one.count == sum((h.kind, h.person_id) == (one.kind, one.person_id) for h in highlights)
    assert said == praise(list(reversed(highlights)))


def test_overdue_a_clients_are_a_number_with_the_targets_and_have_no_name() -> None:
    segments = draft(overdue_a_clients=4, highlights=did(MentionKind.SHOWINGS_DONE, "li"))
    assert by_kind(segments, SegmentKind.TARGETS).mentions == (
        Mention(kind=MentionKind.OVERDUE_A_CLIENTS, person_id=None, count=4),
    )
    assert all(one.person_id for one in by_kind(segments, SegmentKind.RESULTS).mentions)


def test_a_newcomer_is_not_asked_to_present_for_a_month() -> None:
    hired = {"new": EIGHT_THIRTY - 29 * DAY, "old": EIGHT_THIRTY - 30 * DAY}
    assert may_present(["new", "old", "ever"], hired, EIGHT_THIRTY) == {"old", "ever"}


def test_what_was_done_is_not_carried_over() -> None:
    open_ = ActionItem(id="1", text="打电话", owner_id="li", raised_at=EIGHT_THIRTY)
    done = ActionItem(id="2", text="打电话", owner_id="li", raised_at=EIGHT_THIRTY, done=True)
    assert carried_over([open_, done]) == (open_,)
