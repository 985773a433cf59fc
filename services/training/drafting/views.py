"""The draft of a series' next meeting, from what is known at this moment."""

from datetime import date, datetime, timedelta

from services.chassis.mongo import Mongo, Session
from services.chassis.organisation.directory import Directory
from services.contracts.organisation import Role
from services.contracts.training import TopicKind
from services.training.drafting import store
from services.training.drafting.model import NEWCOMER, Draft, agenda, carried_over, may_present
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
    staff = await Directory(mongo, session).people_under(series.unit_id)
    hired = await store.hired_since(mongo, series.unit_id, now - NEWCOMER, session)
    speakers = may_present(
        [person.id for person in staff if person.roles & {Role.AGENT, Role.SUPERVISOR}], hired, now
    )
    presented = last_presented(past)
    return Draft(
        day=day,
        starts_at=starts_on(series, day),
        title=series.title,
        host_id=series.host_id,
        segments=agenda(
            series,
            highlights=await store.highlights_since(mongo, series.unit_id, since, session),
            overdue_a_clients=await store.overdue_a_clients(mongo, series.unit_id, session),
            last_presented={person: presented.get(person) for person in speakers},
            recent_topics=recent_topics(past),
        ),
        carried=carried_over(last.action_items) if last else (),
    )


async def next_free_day(
    mongo: Mongo, series: Series, now: datetime, session: Session | None = None
) -> date | None:
    """The next day on which the series meets and has no meeting yet."""
    taken = await days_taken(mongo, series.id, now - timedelta(days=2), session)
    return next_meeting_day(
        series, now, calendar_of(series.time_zone), frozenset(date.fromisoformat(day) for day in taken)
    )


def last_presented(past: list[Meeting]) -> dict[str, datetime]:
    """When each was last on stage, from meetings newest first."""
    found: dict[str, datetime] = {}
    for meeting in past:
        for segment in meeting.agenda:
            if segment.presenter_id and segment.kind in _ON_STAGE:
                found.setdefault(segment.presenter_id, meeting.starts_at)
    return found


def recent_topics(past: list[Meeting]) -> list[TopicKind]:
    """The kinds of the topics that were on, newest first."""
    return [segment.topic_kind for meeting in past for segment in meeting.agenda if segment.topic_kind]
