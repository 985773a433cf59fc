"""What counts (龙虎榜): from events to ledger entries, and from entries to standings.

Effort (活动量, what somebody does) and result (业绩, what comes of it) stay apart: each metric adds to one of two
composites, never to both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from services.contracts.clients import (
    ClientRegistered,
    ClientSource,
    DealClosed,
    DealKind,
    DealUndone,
    FollowUpDone,
    ReferralMade,
    ShowingDone,
)
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.recruiting import AgentHired, CandidateAdvanced
from services.contracts.training import AttendanceStatus, MeetingHeld
from services.notifications.leaderboards.periods import Period, WorkCalendar, periods_on

E = TypeVar("E", bound=Event)

NO_UNIT = WorkCalendar("UTC", 1)
"""For events that name no unit at all."""


class Metric(StrEnum):
    FOLLOW_UPS_DONE = "follow_ups_done"
    SHOWINGS = "showings"
    NEW_CLIENTS = "new_clients"
    MEETINGS_ATTENDED = "meetings_attended"
    CANDIDATES_ADVANCED = "candidates_advanced"
    AGENTS_HIRED = "agents_hired"
    DEALS_CLOSED = "deals_closed"
    COMMISSION = "commission"
    """Minor units of `CURRENCY`: each person's share of their deals."""
    PREMIUM = "premium"
    """Minor units of `CURRENCY`: the yearly premium of policies."""
    REFERRALS_MADE = "referrals_made"
    EFFORT_POINTS = "effort_points"
    RESULT_POINTS = "result_points"


MONEY = frozenset({Metric.COMMISSION, Metric.PREMIUM})
"""Metrics that are amounts; they count for themselves and add nothing to a composite, where one deal is one deal."""
CURRENCY = "CNY"
"""Amounts of other currencies are in no sum: who could say at which rate?"""

EFFORT, RESULT = Metric.EFFORT_POINTS, Metric.RESULT_POINTS


Part = tuple[str, int, tuple[str, ...]]
"""A person, an amount, and the place where that belongs."""


@dataclass(frozen=True)
class Counting(Generic[E]):
    """A row of the table: an event of this type gives each of these people one of the metric, or an amount of it."""

    event: type[E]
    metric: Metric
    people: Callable[[E], Iterable[str | None]]
    adds_to: Metric
    weight: int
    """Points of the composite for one; 0 for amounts."""
    amounts: Callable[[E], Iterable[Part]] | None = None
    """In the place of `people`: what somebody is named with twice adds up."""


def _present(event: MeetingHeld) -> Iterator[str]:
    for one in event.attendance:
        if one.status in (AttendanceStatus.PRESENT, AttendanceStatus.LATE):
            yield one.person_id


def _not_imported(event: ClientRegistered) -> Iterable[str]:
    """A file of old clients that is read in is nobody's effort of today."""
    return () if event.source is ClientSource.IMPORT else (event.agent_id,)


def _nobody(_: Event) -> Iterable[str | None]:
    return ()


def _commission(event: DealClosed) -> Iterator[Part]:
    if event.currency == CURRENCY:
        for share in event.shares:
            yield share.agent_id, share.commission, share.org_path


def _premium(event: DealClosed) -> Iterator[Part]:
    if event.currency == CURRENCY and event.kind is DealKind.POLICY:
        yield event.agent_id, event.amount, event.org_path


TABLE: tuple[Counting[Any], ...] = (
    Counting(FollowUpDone, Metric.FOLLOW_UPS_DONE, lambda e: (e.agent_id,), EFFORT, 1),
    Counting(ShowingDone, Metric.SHOWINGS, lambda e: (e.agent_id,), EFFORT, 5),
    Counting(ClientRegistered, Metric.NEW_CLIENTS, _not_imported, EFFORT, 3),
    Counting(MeetingHeld, Metric.MEETINGS_ATTENDED, _present, EFFORT, 1),
    Counting(CandidateAdvanced, Metric.CANDIDATES_ADVANCED, lambda e: (e.recruiter_id,), EFFORT, 2),
    Counting(AgentHired, Metric.AGENTS_HIRED, lambda e: (e.recruiter_id, e.referrer_id), RESULT, 10),
    Counting(DealClosed, Metric.DEALS_CLOSED, lambda e: (e.agent_id,), RESULT, 30),
    Counting(DealClosed, Metric.COMMISSION, _nobody, RESULT, 0, _commission),
    Counting(DealClosed, Metric.PREMIUM, _nobody, RESULT, 0, _premium),
    Counting(ReferralMade, Metric.REFERRALS_MADE, lambda e: (e.agent_id,), RESULT, 5),
)
"""The whole of what counts, and for how much."""

EVENTS: tuple[type[Event], ...] = (*dict.fromkeys(row.event for row in TABLE), DealUndone)
EFFORT_METRICS = (EFFORT, *(row.metric for row in TABLE if row.adds_to is EFFORT))
RESULT_METRICS = (RESULT, *(row.metric for row in TABLE if row.adds_to is RESULT))

_ROWS: Mapping[type[Event], tuple[Counting[Any], ...]] = {
    event: rows for event in EVENTS if (rows := tuple(row for row in TABLE if row.event is event))
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: what one event gave one person.

    It changes once at most: when the event is undone, it gives nothing any more.
    """

    id: str
    """Event, metric and person: the same event can give the same thing only once."""
    event_id: str
    event_type: str
    subject: str
    """The aggregate that the event is about."""
    person_id: str
    scores: tuple[tuple[Metric, int], ...]
    """The metric itself, and what it adds to its composite. Empty once the event was undone."""
    occurred_at: datetime
    org_path: tuple[str, ...]
    """Where the event happened, as the tree stood then; never looked up again."""


def entries_of(received: Received[Event]) -> Iterator[Entry]:
    """What an event gives to whom; nothing for one that does not count."""
    event, envelope = received.event, received.envelope
    path = tuple(getattr(event, "org_path", ())) or envelope.org_path
    for row in _ROWS.get(type(event), ()):
        for person, amount, place in _parts(row, event, path):
            points = ((row.adds_to, row.weight),) if row.weight else ()
            yield Entry(
                id=f"{envelope.id}|{row.metric}|{person}",
                event_id=envelope.id,
                event_type=envelope.type,
                subject=envelope.subject,
                person_id=person,
                scores=((row.metric, amount), *points),
                occurred_at=event.occurred_at,
                org_path=place,
            )


def _parts(row: Counting[Any], event: Event, path: tuple[str, ...]) -> Iterable[Part]:
    if row.amounts is None:
        return [(person, 1, path) for person in dict.fromkeys(row.people(event)) if person]
    sums: dict[str, Part] = {}
    for person, amount, place in row.amounts(event):
        before = sums[person][1] if person in sums else 0
        sums[person] = (person, before + amount, place)
    return [part for part in sums.values() if part[1]]


def undone_by(batch: Iterable[Received[Any]]) -> list[str]:
    """The ids of the events that no longer hold, as events of this batch say."""
    return [each.event.closed_event_id for each in batch if isinstance(each.event, DealUndone)]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has of each metric in one period at one place; a sum of entries and nothing else."""

    id: str
    """Period, person and place: whoever changes teams in the middle of a month has a standing in each of them."""
    person_id: str
    period: str
    """The period's key."""
    org_path: tuple[str, ...]
    calendar: str
    points: Mapping[Metric, int]
    reached: Mapping[Metric, datetime]
    """When the last of them happened: who got there first stands first."""


@lru_cache(maxsize=65_536)
def _place(org_path: tuple[str, ...]) -> str:
    return blake2b("/".join(org_path).encode(), digest_size=6).hexdigest()


Calendars = Mapping[str, WorkCalendar]
"""By the id of the unit."""


def calendar_of(org_path: tuple[str, ...], calendars: Calendars) -> WorkCalendar | None:
    """The calendar by which an event at this place is counted; None while the unit is not known yet."""
    return calendars.get(org_path[-1]) if org_path else NO_UNIT


def summed(entries: Iterable[Entry], calendars: Calendars) -> list[Standing]:
    """What these entries add to standings, one for each that they touch, in the order of their ids.

    The order is the same for everybody, so two workers that touch the same standings wait for one another instead
    of getting into a knot. Entries whose unit has no calendar add nothing.
    """
    days: dict[tuple[str, tuple[str, ...], date], _Sums] = {}
    for entry in entries:
        work = calendar_of(entry.org_path, calendars)
        if work is None or not entry.scores:
            continue
        key = (entry.person_id, entry.org_path, work.local_date(entry.occurred_at))
        sums = days.get(key)
        if sums is None:
            sums = days[key] = _Sums(work.key, periods_on(key[2], work), {}, {})
        sums.add(entry)
    found: dict[str, Standing] = {}
    for (person_id, org_path, _), sums in days.items():
        ending = f"|{person_id}|{_place(org_path)}"
        for period in sums.periods:
            id_ = period.key + ending
            # somebody's only day in the batch: all five periods share its sums
            points: Mapping[Metric, int] = sums.points
            reached: Mapping[Metric, datetime] = sums.reached
            before = found.get(id_)
            if before is not None:
                points, reached = _together(before, points, reached)
            found[id_] = Standing(id_, person_id, period.key, org_path, sums.calendar, points, reached)
    return [found[id_] for id_ in sorted(found)]


@dataclass(slots=True)
class _Sums:
    """What one person has from one day at one place."""

    calendar: str
    periods: tuple[Period, ...]
    points: dict[Metric, int]
    reached: dict[Metric, datetime]

    def add(self, entry: Entry) -> None:
        for metric, value in entry.scores:
            self.points[metric] = self.points.get(metric, 0) + value
            if self.reached.get(metric, entry.occurred_at) <= entry.occurred_at:
                self.reached[metric] = entry.occurred_at


def _together(
    one: Standing, points: Mapping[Metric, int], reached: Mapping[Metric, datetime]
) -> tuple[Mapping[Metric, int], Mapping[Metric, datetime]]:
    sums, latest = dict(one.points), dict(one.reached)
    for metric, value in points.items():
        sums[metric] = sums.get(metric, 0) + value
        latest[metric] = max(latest.get(metric, reached[metric]), reached[metric])
    return sums, latest
