"""The draft of a meeting writes itself (早会初稿): from what happened, and from fairness. Rules only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.training.meetings.model import TOPIC_KINDS, ActionItem, Meeting
from services.training.series.model import Series


@dataclass(frozen=True, kw_only=True)
class Highlight:
    """Something worth a word in front of everybody. Praise only: an overdue client has no name on it."""

    kind: str
    """`agent_hired`, `showings_done`, `clients_registered`, `overdue_a_clients` ..."""
    person_id: str | None
    count: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DraftSegment:
    kind: str
    minutes: int
    presenter_id: str | None = None
    topic_kind: str | None = None
    highlights: tuple[Highlight, ...] = ()
    """What to mention, the most weighty first; the page puts them into words."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    segments: tuple[DraftSegment, ...]
    carried: tuple[ActionItem, ...]
    """Unfinished items of the last meeting."""


WEIGHT = {"agent_hired": 100, "showing_done": 20, "client_graded_a": 15, "client_registered": 5}
"""How much a highlight is worth a word."""
MOST_HIGHLIGHTS = 6


def draft(
    series: Series,
    *,
    highlights: Sequence[Highlight],
    last: Meeting | None,
    last_presented: Mapping[str, datetime | None],
    recent_topics: Sequence[str],
) -> Draft:
    """The agenda of the next meeting as a proposal.

    `last_presented` says for everybody who could present when they last did (None: never), `recent_topics` the kinds
    of the latest topics, newest first. The topic's kind is the one that was missing for longest, its presenter who has
    waited longest; the drill goes to the next in that line.
    """
    line = sorted(last_presented, key=lambda person: (_waited(last_presented[person]), person))
    segments: list[DraftSegment] = []
    for plan in series.agenda:
        presenter = topic_kind = None
        mentions: tuple[Highlight, ...] = ()
        if plan.kind in ("attendance", "targets"):
            presenter = series.host_id
        elif plan.kind == "results":
            presenter, mentions = series.host_id, weightiest(highlights)
        elif plan.kind == "topic":
            topic_kind = missing_kind(recent_topics)
            presenter = line.pop(0) if line else series.host_id
        elif plan.kind == "drill":
            presenter = line.pop(0) if line else series.host_id
        segments.append(
            DraftSegment(
                kind=plan.kind,
                minutes=plan.minutes,
                presenter_id=presenter,
                topic_kind=topic_kind,
                highlights=mentions,
            )
        )
    carried = tuple(item for item in last.action_items if not item.done) if last else ()
    return Draft(segments=tuple(segments), carried=carried)


def weightiest(highlights: Sequence[Highlight]) -> tuple[Highlight, ...]:
    """The highlights to mention: by weight times count, then the newest, and no more than fit into four minutes."""
    ranked = sorted(highlights, key=lambda one: (-WEIGHT.get(one.kind, 1) * one.count, -one.at.timestamp()))
    return tuple(ranked[:MOST_HIGHLIGHTS])


def missing_kind(recent_topics: Sequence[str]) -> str:
    """The kind of topic that was not heard for longest; among those never heard, the first of the four."""
    heard = Counter(recent_topics)
    position = {
        kind: recent_topics.index(kind) if heard[kind] else len(recent_topics) for kind in TOPIC_KINDS
    }
    return max(TOPIC_KINDS, key=lambda kind: (position[kind], -TOPIC_KINDS.index(kind)))


def _waited(since: datetime | None) -> float:
    return since.timestamp() if since else float("-inf")
