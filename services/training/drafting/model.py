"""The draft of a meeting writes itself (早会初稿): from what happened, and from fairness. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.contracts.training import TopicKind
from services.training.meetings.model import ActionItem, Mention, MentionKind
from services.training.series.model import SegmentKind, Series


@dataclass(frozen=True, kw_only=True)
class Highlight:
    """Something good that somebody did."""

    kind: MentionKind
    person_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DraftSegment:
    kind: SegmentKind
    minutes: int
    presenter_id: str | None = None
    topic_kind: TopicKind | None = None
    mentions: tuple[Mention, ...] = ()
    """What to say, the most weighty first."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    day: date
    starts_at: datetime
    title: str
    host_id: str
    segments: tuple[DraftSegment, ...]
    carried: tuple[ActionItem, ...]
    """Unfinished items of the last meeting."""


WEIGHT = {
    MentionKind.AGENT_HIRED: 1000,
    MentionKind.DEALS_CLOSED: 300,
    MentionKind.REFERRALS_MADE: 40,
    MentionKind.SHOWINGS_DONE: 20,
    MentionKind.CLIENTS_GRADED_A: 15,
    MentionKind.CLIENTS_REGISTERED: 5,
    MentionKind.FOLLOW_UPS_DONE: 1,
}
"""How much one highlight is worth a word. A new colleague is welcomed whatever else happened."""
MOST_MENTIONS = 6
MOST_MENTIONS_A_PERSON = 2
NEWCOMER = timedelta(days=30)
"""Somebody hired less long ago is not asked to present."""


def agenda(
    series: Series,
    *,
    highlights: Sequence[Highlight],
    overdue_a_clients: int,
    last_presented: Mapping[str, datetime | None],
    recent_topics: Sequence[TopicKind],
) -> tuple[DraftSegment, ...]:
    """The agenda of the next meeting as a proposal.

    `last_presented` says for everybody who could present when they last did (None: never), `recent_topics` the kinds
    of the latest topics, newest first. Topic and drill go to those who have waited longest; the topic's kind is the
    one that was missing for longest. Several topics in one agenda get different kinds, as long as there are.
    """
    line = waiting_line(last_presented)
    topics = list(recent_topics)
    segments: list[DraftSegment] = []
    for plan in series.agenda:
        presenter: str | None = series.host_id
        topic_kind = None
        mentions: tuple[Mention, ...] = ()
        if plan.kind is SegmentKind.RESULTS:
            mentions = praise(highlights)
        elif plan.kind is SegmentKind.TARGETS and overdue_a_clients:
            mentions = (Mention(kind=MentionKind.OVERDUE_A_CLIENTS, person_id=None, count=overdue_a_clients),)
        elif plan.kind in (SegmentKind.TOPIC, SegmentKind.DRILL):
            presenter = line.pop(0) if line else series.host_id
        elif plan.kind is SegmentKind.OTHER:
            presenter = None
        if plan.kind is SegmentKind.TOPIC:
            topic_kind = missing_kind(topics)
            topics.insert(0, topic_kind)
        segments.append(
            DraftSegment(
                kind=plan.kind,
                minutes=plan.minutes,
                presenter_id=presenter,
                topic_kind=topic_kind,
                mentions=mentions,
            )
        )
    return tuple(segments)


def waiting_line(last_presented: Mapping[str, datetime | None]) -> list[str]:
    """Who has waited longest comes first; who never presented, before all others."""
    return sorted(last_presented, key=lambda person: (_since(last_presented[person]), person))


def praise(highlights: Sequence[Highlight]) -> tuple[Mention, ...]:
    """What to say of whom: the weightiest first, then the newest; no more than fit into the time.

    Nobody is mentioned more than twice, so that the room hears of more than its star.
    """
    counts = Counter((one.kind, one.person_id) for one in highlights)
    newest: dict[tuple[MentionKind, str], float] = {}
    for one in highlights:
        key = (one.kind, one.person_id)
        newest[key] = max(newest.get(key, one.at.timestamp()), one.at.timestamp())
    ranked = sorted(
        counts, key=lambda key: (-WEIGHT.get(key[0], 0) * counts[key], -newest[key], key[1], key[0])
    )
    mentions: list[Mention] = []
    said: Counter[str] = Counter()
    for kind, person in ranked:
        if said[person] < MOST_MENTIONS_A_PERSON and len(mentions) < MOST_MENTIONS:
            said[person] += 1
            mentions.append(Mention(kind=kind, person_id=person, count=counts[kind, person]))
    return tuple(mentions)


def missing_kind(recent_topics: Sequence[TopicKind]) -> TopicKind:
    """The kind of topic that was not heard for longest; among those never heard, the first of the four."""
    never = len(recent_topics)
    waited = {kind: recent_topics.index(kind) if kind in recent_topics else never for kind in TopicKind}
    return max(TopicKind, key=lambda kind: waited[kind])


def may_present(people: Collection[str], hired_at: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """Those of the people who are not newcomers; `hired_at` needs to know recent hires only."""
    return frozenset(
        person for person in people if person not in hired_at or now - hired_at[person] >= NEWCOMER
    )


def carried_over(items: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    """What of the last meeting is still to be done."""
    return tuple(item for item in items if not item.done)


def _since(moment: datetime | None) -> float:
    return moment.timestamp() if moment else float("-inf")
