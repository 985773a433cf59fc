"""Follow-ups (跟进): one open one for each client and rule, derived from where the client stands. Pure.

Nothing here looks at the event that made us plan; the event only names the follow-up. So events may come again,
late or out of order, and the plan is the same.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.clients.cadence.hours import ContactHours, WorkingCalendar, first_opening
from services.clients.cadence.model import RETRIES, CadencePolicy, Level, days_of, feedback_call, next_step
from services.clients.files.model import Agreed, Client, NextFollowUp, Standing, agent_of
from services.contracts.clients import FollowUpRule, Grade, Intent

MOST_SNOOZES = 3
LONGEST_SNOOZE = timedelta(days=7)
LONGEST_AHEAD = timedelta(days=366)
MOST_MINUTES = 600


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


@dataclass(frozen=True)
class Basis:
    """What a due moment was computed from. While it is the same, nothing is planned anew."""

    counted_from: datetime
    grade: Grade | None = None
    hours: ContactHours | None = None


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


@dataclass(frozen=True)
class Wanted:
    """What should be open by one rule."""

    rule: FollowUpRule
    due_at: datetime
    basis: Basis


@dataclass(frozen=True)
class Plan:
    """What has to change so that the open follow-ups are the wanted ones."""

    opened: tuple[FollowUp, ...] = ()
    moved: tuple[FollowUp, ...] = ()
    """As they are after the move."""
    cancelled: tuple[tuple[FollowUp, Cancelled], ...] = ()


def follow_up_id(rule: FollowUpRule, cause_id: str) -> str:
    """The id that rule and causing event give: a UUIDv7 with the event's time, the same whenever it is asked."""
    digest = hashlib.sha256(f"{rule}:{cause_id}".encode()).digest()
    moment = UUID(cause_id).int >> 80
    random_a = int.from_bytes(digest[:2], "big") & 0xFFF
    random_b = int.from_bytes(digest[2:10], "big") & ((1 << 62) - 1)
    return str(UUID(int=(moment << 80) | (0x7 << 76) | (random_a << 64) | (0b10 << 62) | random_b))


def wanted(client: Client, now: datetime, policy: CadencePolicy, calendar: WorkingCalendar) -> Wanted | None:
    """The follow-up that cadence or agreement ask for: one of the two, or none."""
    standing = client.standing
    if standing.lost or client.agent_id is None:
        return None
    if standing.agreed is not None:
        return Wanted(FollowUpRule.NEXT_STEP, standing.agreed.at, Basis(standing.agreed.at))
    if client.grading is None:
        return None
    every = 1 if 0 < standing.tries <= RETRIES else policy.every(client.grading.grade)
    counted_from = standing.tried_at or standing.touched_at
    hours = client.hours or policy.hours
    return Wanted(
        FollowUpRule.CADENCE,
        next_step(counted_from, every, now, hours, days_of(policy, calendar)),
        Basis(counted_from, client.grading.grade, client.hours),
    )


def replan(
    client: Client,
    open_: Mapping[FollowUpRule, FollowUp],
    cause_id: str,
    now: datetime,
    policy: CadencePolicy,
    calendar: WorkingCalendar,
) -> Plan:
    """The changes that bring the open follow-ups in line with where the client stands; nothing when they are."""
    if client.standing.lost:
        return Plan(cancelled=tuple((each, Cancelled.LOST) for each in open_.values()))
    if client.agent_id is None:
        return Plan(cancelled=tuple((each, Cancelled.RELEASED) for each in open_.values()))
    wish = wanted(client, now, policy, calendar)
    opened: list[FollowUp] = []
    moved: list[FollowUp] = []
    dropped: list[tuple[FollowUp, Cancelled]] = []
    for rule in (FollowUpRule.CADENCE, FollowUpRule.NEXT_STEP):
        present = open_.get(rule)
        if wish is not None and wish.rule is rule:
            if present is None:
                opened.append(_opened(client, wish, cause_id, now))
            elif present.basis != wish.basis:
                moved.append(_moved(present, client, wish))
        elif present is not None:
            dropped.append((present, Cancelled.REPLACED))
    asked = open_.get(FollowUpRule.SHOWING_FEEDBACK)
    if asked is not None and asked.basis.hours != client.hours:
        moved.append(
            _moved(asked, client, _feedback(client, asked.basis.counted_from, now, policy, calendar))
        )
    return Plan(tuple(opened), tuple(moved), tuple(dropped))


def ask_after_showing(
    client: Client,
    present: FollowUp | None,
    shown_at: datetime,
    cause_id: str,
    now: datetime,
    policy: CadencePolicy,
    calendar: WorkingCalendar,
) -> Plan:
    """The feedback call that a showing asks for; `present` is the client's open one, which is moved to the later day.

    Nothing for a lost client or one in the pool, nor when somebody spoke with the client since.
    """
    if client.standing.lost or client.agent_id is None or client.standing.touched_at > shown_at:
        return Plan()
    if present is not None and present.basis.counted_from >= shown_at:
        return Plan()
    wish = _feedback(client, shown_at, now, policy, calendar)
    if present is None:
        return Plan(opened=(_opened(client, wish, cause_id, now),))
    return Plan(moved=(_moved(present, client, wish),))


def snoozed(
    follow_up: FollowUp,
    days: int,
    now: datetime,
    client: Client,
    policy: CadencePolicy,
    calendar: WorkingCalendar,
) -> FollowUp:
    """The follow-up some days later, at an hour and on a day that suit. Escalations start anew from there.

    Raises ValueError, in words, when it was put off too often or by too much.
    """
    if follow_up.snoozes >= MOST_SNOOZES:
        raise ValueError("put off too often")
    if not 1 <= days <= LONGEST_SNOOZE.days:
        raise ValueError("put off by too much")
    wall = days_of(policy, calendar)
    earliest = wall.midnight(wall.local_day(now) + timedelta(days=days))
    due_at = first_opening(earliest, wall.minute_of_day(follow_up.due_at), client.hours or policy.hours, wall)
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


def after(open_: Mapping[FollowUpRule, FollowUp], plan: Plan) -> dict[FollowUpRule, FollowUp]:
    """The open follow-ups when the plan is carried out."""
    gone = {each.id for each, _ in plan.cancelled}
    kept = {rule: each for rule, each in open_.items() if each.id not in gone}
    return kept | {each.rule: each for each in (*plan.moved, *plan.opened)}


def _feedback(
    client: Client, shown_at: datetime, now: datetime, policy: CadencePolicy, calendar: WorkingCalendar
) -> Wanted:
    due_at = feedback_call(shown_at, now, client.hours or policy.hours, days_of(policy, calendar))
    return Wanted(FollowUpRule.SHOWING_FEEDBACK, due_at, Basis(shown_at, None, client.hours))


def _opened(client: Client, wish: Wanted, cause_id: str, now: datetime) -> FollowUp:
    return FollowUp(
        id=follow_up_id(wish.rule, cause_id),
        client_id=client.id,
        agent_id=agent_of(client),
        org_path=client.org_path,
        rule=wish.rule,
        cause_id=cause_id,
        status=Status.OPEN,
        due_at=wish.due_at,
        basis=wish.basis,
        planned_at=now,
        intent=client.intent,
    )


def _moved(present: FollowUp, client: Client, wish: Wanted) -> FollowUp:
    return replace(
        present, due_at=wish.due_at, basis=wish.basis, intent=client.intent, escalated=None, snoozes=0
    )
