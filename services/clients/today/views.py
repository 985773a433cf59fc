"""The agent's day as it is read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.clients.cadence.hours import WorkingCalendar, on_every_day
from services.clients.cadence.store import rhythm_of
from services.clients.files.model import Client
from services.clients.files.people import Relation
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker, clients_of_ids, fields_of
from services.clients.follow_ups import views as follow_ups
from services.clients.follow_ups.model import FollowUp
from services.clients.ownership.views import leaving_soon
from services.clients.showings import views as showings
from services.clients.showings.model import Showing
from services.clients.today.model import MINUTES_A_HOME, PLANNED_MINUTES, Gauge, gauge, rank
from services.contracts.clients import Intent

AHEAD = timedelta(days=7)
_MOST_AHEAD = 20


@dataclass(frozen=True)
class Task:
    """A follow-up with its client, as the reader may see them."""

    follow_up: FollowUp
    version: int
    client: Client
    name: str
    phone: str
    """In full where it may be called, so that it takes one tap."""
    relation: Relation | None = None
    """Whose birthday it is, when it is not the client's own."""


@dataclass(frozen=True)
class Visit:
    """A showing that is still to be recorded, with its client."""

    showing: Showing
    name: str


@dataclass(frozen=True)
class Leaving:
    """A client who goes into the pool soon."""

    client: Client
    name: str
    at: datetime


@dataclass(frozen=True)
class Gauges:
    """Time by intent: planned and spent."""

    planned: Gauge
    spent: Gauge


@dataclass(frozen=True)
class Today:
    """The agent's day."""

    tasks: tuple[Task, ...]
    """Due today or before, the worthiest and most urgent first."""
    ahead: tuple[Task, ...]
    """Due in the days after, the earliest first."""
    visits: tuple[Visit, ...]
    day: Gauges
    week: Gauges
    done: int
    """Follow-ups done today."""
    leaving: tuple[Leaving, ...] = ()
    """Clients who go into the pool unless somebody is in touch, the first to go first."""


Shown = dict[str, dict[str, str]]
"""Names and phones by client that this reader has been shown; a live page is not written down again for each change."""


async def today(mongo: Mongo, personal: PersonalData, asker: Asker, shown: Shown | None = None) -> Today:
    """The day of the asker, by the clock of their unit. What is shown for the first time is added to `shown`."""
    agent_id, now = asker.access.person_id, asker.now
    calendar = WorkingCalendar(ZoneInfo(asker.access.time_zone), on_every_day)
    day = calendar.local_day(now)
    begins, ends = calendar.midnight(day), calendar.midnight(day + timedelta(days=1))
    week_begins = calendar.midnight(_monday(day))
    week_ends = calendar.midnight(_monday(day) + timedelta(days=7))
    # none of these needs another's answer
    (due, later, this_week, booked), (leaving, rhythm), spent = await asyncio.gather(
        asyncio.gather(
            follow_ups.due_before(mongo, agent_id, ends),
            follow_ups.due_before(mongo, agent_id, ends + AHEAD, ends, _MOST_AHEAD),
            follow_ups.due_before(mongo, agent_id, week_ends, ends),
            showings.booked(mongo, agent_id, week_ends),
        ),
        asyncio.gather(leaving_soon(mongo, asker), rhythm_of(mongo, asker.access.org_path)),
        asyncio.gather(
            follow_ups.minutes_spent(mongo, agent_id, begins, ends),
            showings.minutes_spent(mongo, agent_id, begins, ends),
            follow_ups.minutes_spent(mongo, agent_id, week_begins, week_ends),
            showings.minutes_spent(mongo, agent_id, week_begins, week_ends),
        ),
    )
    visits = [each for each in booked if each.value.starts_at < ends]
    clients = await clients_of_ids(
        mongo, [each.value.client_id for each in (*due, *later)] + [each.value.client_id for each in visits]
    )
    fields = shown if shown is not None else {}
    seen = clients | {client.id: client for client, _ in leaving}
    fresh = [client for client in seen.values() if client.id not in fields]
    disclosed = await fields_of(personal, asker, fresh, "name", "phone")
    fields.update(zip((client.id for client in fresh), disclosed, strict=True))
    tasks = _tasks(clients, fields, due)
    targets = rhythm.policy.shares
    calls_today, visits_today, calls_of_week, visits_of_week = spent
    return Today(
        tasks=tuple(
            sorted(
                tasks,
                key=lambda each: (
                    -rank(
                        each.client.intent,
                        each.client.grade,
                        each.follow_up.rule,
                        each.follow_up.due_at,
                        now,
                        rare=each.follow_up.basis.rare,
                    ),
                    each.follow_up.due_at,
                    each.follow_up.id,
                ),
            )
        ),
        ahead=tuple(_tasks(clients, fields, later)),
        visits=tuple(
            Visit(each.value, fields[each.value.client_id].get("name", ""))
            for each in visits
            if each.value.client_id in fields
        ),
        day=_gauges((*calls_today, *visits_today), due, visits, targets, clients),
        week=_gauges((*calls_of_week, *visits_of_week), (*due, *this_week), booked, targets, clients),
        done=sum(count for _, _, count in calls_today),
        leaving=tuple(Leaving(client, fields[client.id].get("name", ""), at) for client, at in leaving),
    )


def _gauges(
    time_spent: Sequence[tuple[Intent, int, int]],
    due: Sequence[Stored[FollowUp]],
    booked: Sequence[Stored[Showing]],
    targets: dict[Intent, int],
    clients: dict[str, Client],
) -> Gauges:
    def intent_of(client_id: str, otherwise: Intent) -> Intent:
        return clients[client_id].intent if client_id in clients else otherwise

    spent = [(intent, minutes) for intent, minutes, _ in time_spent]
    planned = [
        *(
            (intent_of(each.value.client_id, each.value.intent), PLANNED_MINUTES[each.value.rule])
            for each in due
        ),
        *(
            (intent_of(each.value.client_id, each.value.intent), MINUTES_A_HOME * len(each.value.homes))
            for each in booked
        ),
    ]
    return Gauges(planned=gauge([*spent, *planned], targets), spent=gauge(spent, targets))


def _tasks(clients: dict[str, Client], fields: Shown, found: Sequence[Stored[FollowUp]]) -> list[Task]:
    return [
        Task(
            each.value,
            each.version,
            clients[each.value.client_id],
            fields[each.value.client_id].get("name", ""),
            fields[each.value.client_id].get("phone", ""),
            _relation(clients[each.value.client_id], each.value),
        )
        for each in found
        if each.value.client_id in clients
    ]


def _relation(client: Client, follow_up: FollowUp) -> Relation | None:
    tokens = {each.token: each.whose for each in client.birthdays}
    whose = tokens.get(follow_up.basis.occasion or "", "")
    return next((member.relation for member in client.family if member.id == whose), None)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
