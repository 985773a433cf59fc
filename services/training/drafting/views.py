"""The draft of a series' next meeting, from what is known at this moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.chassis.mongo import Mongo, Session
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person
from services.contracts.organisation import Role
from services.contracts.training import TopicKind
from services.training.drafting import store
from services.training.drafting.model import (
    NEWCOMER,
    Draft,
    Highlight,
    agenda,
    carried_over,
    may_present,
    waiting_line,
)
from services.training.meetings.model import Meeting
from services.training.meetings.store import days_taken, held
from services.training.series.model import SegmentKind, Series, next_meeting_day, starts_on
from services.training.series.public_calendar import calendar_of

FIRST_LOOK_BACK = timedelta(days=7)
"""How far a series looks back that has not met yet."""
LONGEST_LOOK_BACK = timedelta(days=21)
_ON_STAGE = (SegmentKind.TOPIC, SegmentKind.DRILL)


async def draft_for(
    mongo: Mongo, series: Series, now: datetime, *, day: date | None = None, session: Session | None = None
) -> Draft | None:
    """The draft for this day, by default the next meeting day without a meeting; None when there is no such day."""
    if day is None:
        day = await next_free_day(mongo, series, now, session)
    if day is None:
        return None
    past = await held(mongo, series.id, session)
    last = past[0] if past else None
    before = (last.started_at or last.starts_at) if last else now - FIRST_LOOK_BACK
    since = max(before, now - LONGEST_LOOK_BACK)
    waiting = await speakers(mongo, series, past, now, session)
    return Draft(
        day=day,
        starts_at=starts_on(series, day),
        title=series.title,
        host_id=series.host_id,
        segments=agenda(
            series,
            highlights=await _of_those_who_are_here(
                mongo, await store.highlights_since(mongo, series.unit_id, since, session), session
            ),
            overdue_a_clients=await store.overdue_a_clients(mongo, series.unit_id, session),
            last_presented={person.id: since for person, since in waiting},
            recent_topics=recent_topics(past),
        ),
        carried=carried_over(last.action_items) if last else (),
    )


async def _of_those_who_are_here(
    mongo: Mongo, highlights: Sequence[Highlight], session: Session | None
) -> list[Highlight]:
    """Nobody is praised, or welcomed, who has left since."""
    people = await Directory(mongo, session).people({one.person_id for one in highlights})
    gone = {id_ for id_, person in people.items() if person.left_on is not None}
    return [one for one in highlights if one.person_id not in gone]


async def speakers(
    mongo: Mongo, series: Series, past: Sequence[Meeting], now: datetime, session: Session | None = None
) -> list[tuple[Person, datetime | None]]:
    """Who could present, each with when they last did; who has waited longest comes first.

    That is who belongs to the unit today: whoever left, or moved to another branch, is not asked.
    """
    staff = await Directory(mongo, session).people_under(series.unit_id)
    hired = await store.hired_since(mongo, series.unit_id, now - NEWCOMER, session)
    selling = {person.id: person for person in staff if person.roles & {Role.AGENT, Role.SUPERVISOR}}
    presented = last_presented(past)
    line = waiting_line({id_: presented.get(id_) for id_ in may_present(selling, hired, now)})
    return [(selling[id_], presented.get(id_)) for id_ in line]


@dataclass(frozen=True)
class Fairness:
    """Whose turn it is, and which topic is missing."""

    topics: tuple[tuple[TopicKind, int], ...]
    """How often each kind was on in the meetings that count."""
    waiting: tuple[tuple[Person, datetime | None], ...]
    """The first few of the line, each with when they last presented."""

    @property
    def most(self) -> int:
        """The highest of the counts, at least one."""
        return max(1, *(count for _, count in self.topics))


SHOWN_IN_LINE = 5


async def fairness_of(mongo: Mongo, series: Series, now: datetime) -> Fairness:
    """The balance of topics and presenters in the latest meetings of the series."""
    past = await held(mongo, series.id)
    counts = Counter(recent_topics(past))
    waiting = await speakers(mongo, series, past, now)
    return Fairness(tuple((kind, counts[kind]) for kind in TopicKind), tuple(waiting[:SHOWN_IN_LINE]))


async def next_free_day(
    mongo: Mongo, series: Series, now: datetime, session: Session | None = None
) -> date | None:
    """The next day on which the series meets and has no meeting yet."""
    taken = await days_taken(mongo, series.id, now - timedelta(days=2), session)
    return next_meeting_day(
        series, now, calendar_of(series.time_zone), frozenset(date.fromisoformat(day) for day in taken)
    )


def last_presented(past: Sequence[Meeting]) -> dict[str, datetime]:
    """When each was last on stage, from meetings newest first."""
    found: dict[str, datetime] = {}
    for meeting in past:
        for segment in meeting.agenda:
            if segment.presenter_id and segment.kind in _ON_STAGE:
                found.setdefault(segment.presenter_id, meeting.starts_at)
    return found


def recent_topics(past: Sequence[Meeting]) -> list[TopicKind]:
    """The kinds of the topics that were on, newest first."""
    return [segment.topic_kind for meeting in past for segment in meeting.agenda if segment.topic_kind]
