"""Follow-ups (跟进): what one is, and what becomes of it. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.clients.cadence.hours import ContactHours, first_opening
from services.clients.cadence.model import Level, Rhythm
from services.clients.files.model import Agreed, Client, NextFollowUp, Standing
from services.contracts.clients import FollowUpRule, Grade, Intent

MOST_SNOOZES = 3
LONGEST_SNOOZE = timedelta(days=7)
LONGEST_AHEAD = timedelta(days=366)
LONGEST_BACK = timedelta(days=7)
"""How much later somebody may write down what they did."""
MOST_MINUTES = 600
_MOMENT = 13
"""Characters of a UUIDv7 that hold its moment, the hyphen included."""


class Status(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What came of it, in the codes of the contract."""

    REACHED = "reached"
    APPOINTMENT = "appointment"
    NOT_NOW = "not_now"
    NO_ANSWER = "no_answer"
    LOST = "lost"


class Cancelled(StrEnum):
    """Why an open follow-up was taken back."""

    REPLACED = "replaced"
    """Another rule plans for this client now."""
    LOST = "client_lost"
    RELEASED = "client_released"
    """The client is in the pool: nobody is to call."""
    GONE = "cause_gone"
    """What asked for it holds no longer, such as a deal that was undone."""
    LAPSED = "lapsed"
    """Its day is over."""


@dataclass(frozen=True)
class Terms:
    """By what the client may be called. While they are the same, nothing moves."""

    hours: ContactHours
    working_days_only: bool
    quiet_until: datetime | None = None


@dataclass(frozen=True)
class Basis:
    """What a due moment was computed from. While it is the same, nothing is planned anew."""

    counted_from: datetime
    terms: Terms
    grade: Grade | None = None
    every: int | None = None
    """Days of the cadence, or days without contact after which somebody is reminded."""
    occasion: str | None = None
    day: date | None = None
    rare: bool = False


@dataclass(frozen=True)
class FollowUp:
    id: str
    client_id: str
    agent_id: str
    org_path: tuple[str, ...]
    rule: FollowUpRule
    cause_id: str
    """The id of the event that caused it."""
    status: Status
    due_at: datetime
    basis: Basis
    planned_at: datetime
    intent: Intent = Intent.LATENT
    """The client's when it was planned, and when it was done."""
    escalated: Level | None = None
    """Who has heard that it is overdue."""
    snoozes: int = 0
    done_at: datetime | None = None
    outcome: Outcome | None = None
    minutes: int = 0


def follow_up_id(rule: FollowUpRule, cause_id: str) -> str:
    """The id that rule and causing event give: a UUIDv7 with the event's time, the same whenever it is asked."""
    return _id_of(cause_id[:_MOMENT], f"{rule}:{cause_id}")


def cause_of_moment(moment: datetime, what: str) -> str:
    """The id of a cause that is no event: that this moment has come. The same whenever it is asked."""
    milliseconds = f"{round(moment.timestamp() * 1000):012x}"
    return _id_of(f"{milliseconds[:8]}-{milliseconds[8:]}", f"{what}@{moment.isoformat()}")


def _id_of(moment: str, what: str) -> str:
    # thousands of them are asked for with every batch of events, so it is written and not computed
    digest = hashlib.sha256(what.encode()).hexdigest()
    variant = "89ab"[int(digest[3], 16) & 0b11]
    return f"{moment}-7{digest[:3]}-{variant}{digest[4:7]}-{digest[7:19]}"


def snoozed(follow_up: FollowUp, days: int, now: datetime, client: Client, rhythm: Rhythm) -> FollowUp:
    """The follow-up some days later, at an hour and on a day that suit. Escalations start anew from there.

    Raises ValueError, in words, when it was put off too often or by too much.
    """
    if follow_up.snoozes >= MOST_SNOOZES:
        raise ValueError("put off too often")
    if not 1 <= days <= LONGEST_SNOOZE.days:
        raise ValueError("put off by too much")
    wall = rhythm.days
    earliest = wall.midnight(wall.local_day(now) + timedelta(days=days))
    if client.standing.quiet_until is not None:
        earliest = max(earliest, client.standing.quiet_until)
    hours = client.hours or rhythm.policy.hours
    due_at = first_opening(earliest, wall.minute_of_day(follow_up.due_at), hours, wall)
    return replace(follow_up, due_at=due_at, snoozes=follow_up.snoozes + 1, escalated=None)


def done(follow_up: FollowUp, outcome: Outcome, minutes: int, intent: Intent, at: datetime) -> FollowUp:
    """The follow-up after the call."""
    return replace(follow_up, status=Status.DONE, outcome=outcome, minutes=minutes, intent=intent, done_at=at)


def cancelled(follow_up: FollowUp) -> FollowUp:
    """The follow-up, taken back."""
    return replace(follow_up, status=Status.CANCELLED)


def contacted(
    standing: Standing, outcome: Outcome, at: datetime, next_at: datetime | None, follow_up_id: str
) -> Standing:
    """Where the client stands after a contact with this outcome, and with this next step if one was agreed on."""
    agreed = Agreed(next_at, follow_up_id) if next_at is not None else None
    if outcome is Outcome.LOST:
        return standing.given_up(at)
    if outcome is Outcome.NO_ANSWER:
        return standing.tried(at, agreed)
    return standing.touched(at, agreed)


def standing_with(standing: Standing, open_: Mapping[FollowUpRule, FollowUp]) -> Standing:
    """The standing on which the earliest of the open follow-ups is the next one."""
    first = min(open_.values(), key=lambda each: (each.due_at, each.id), default=None)
    upcoming = NextFollowUp(first.id, first.rule, first.due_at, first.escalated) if first else None
    return replace(standing, next=upcoming)
