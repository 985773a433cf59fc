"""Use cases of follow-ups that somebody carries out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.cadence.hours import first_opening
from services.clients.cadence.model import days_of
from services.clients.cadence.store import Rhythm, rhythm_of
from services.clients.files.model import Client, agent_of
from services.clients.files.store import CLIENTS, keep_standing
from services.clients.follow_ups import model, overdue, planning
from services.clients.follow_ups.model import LONGEST_AHEAD, MOST_MINUTES, Basis, FollowUp, Outcome, Status
from services.clients.follow_ups.store import FOLLOW_UPS, open_of
from services.contracts.clients import FollowUpDone, FollowUpRule


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What agent and client agreed on: a moment, or so many days from now at a suitable hour; or nothing."""

    at: datetime | None = None
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class CompleteFollowUp:
    follow_up_id: str
    outcome: Outcome
    minutes: int
    next_step: NextStep = NextStep()
    expected_version: int | None = None


async def complete(tx: Transaction, command: CompleteFollowUp) -> Stored[FollowUp]:
    """Close a follow-up with what came of it.

    Raises `NotFound`, `StaleVersion`, `Conflict` when it is closed already, `Invalid`.
    """
    follow_up = await FOLLOW_UPS.get(tx, command.follow_up_id, command.expected_version)
    client = await CLIENTS.get(tx, follow_up.value.client_id)
    return await _complete(tx, client, follow_up, command.outcome, command.minutes, command.next_step)


@dataclass(frozen=True, kw_only=True)
class LogContact:
    """A contact that was not planned: any touch counts."""

    client_id: str
    outcome: Outcome
    minutes: int
    next_step: NextStep = NextStep()


async def log_contact(tx: Transaction, command: LogContact) -> Stored[FollowUp]:
    """Write down a contact. It does the client's next open follow-up, or one of its own when none is open.

    Raises `NotFound`, `Invalid`.
    """
    client = await CLIENTS.get(tx, command.client_id)
    open_ = await open_of(tx, client.id)
    if open_:
        follow_up = min(open_.values(), key=lambda each: each.value.due_at)
    else:
        follow_up = Stored("", _of_its_own(client.value, tx.now), 0, 0, "")
    return await _complete(tx, client, follow_up, command.outcome, command.minutes, command.next_step)


@dataclass(frozen=True, kw_only=True)
class SnoozeFollowUp:
    follow_up_id: str
    days: int
    expected_version: int | None = None


async def snooze(tx: Transaction, command: SnoozeFollowUp) -> Stored[FollowUp]:
    """Put a follow-up off by some days.

    Raises `NotFound`, `StaleVersion`, `Conflict` when it is closed or was put off too often, `Invalid`.
    """
    stored = await FOLLOW_UPS.get(tx, command.follow_up_id, command.expected_version)
    _require_open(stored.value)
    if stored.value.snoozes >= model.MOST_SNOOZES:
        raise Conflict(N_("This follow-up was put off three times already"))
    client = await CLIENTS.get(tx, stored.value.client_id)
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    try:
        later = model.snoozed(
            stored.value, command.days, tx.now, client.value, rhythm.policy, rhythm.calendar
        )
    except ValueError as error:
        raise Invalid(errors=[FieldError("/days", N_("Choose one to seven days"))]) from error
    moved = await planning.move(tx, stored, later, rhythm)
    open_ = {rule: each.value for rule, each in (await open_of(tx, client.id)).items()}
    await planning.stand(tx, client, open_)
    return moved


async def _complete(
    tx: Transaction,
    client: Stored[Client],
    follow_up: Stored[FollowUp],
    outcome: Outcome,
    minutes: int,
    next_step: NextStep,
) -> Stored[FollowUp]:
    _require_open(follow_up.value)
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid(errors=[FieldError("/minutes", N_("Enter the minutes, at most ten hours"))])
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    next_at = _moment_of(next_step, client.value, rhythm, tx.now)
    closed = model.done(follow_up.value, outcome, minutes, client.value.intent, tx.now)
    event = FollowUpDone(
        occurred_at=tx.now,
        follow_up_id=closed.id,
        client_id=closed.client_id,
        agent_id=closed.agent_id,
        org_path=closed.org_path,
        rule=closed.rule,
        outcome=outcome,
        minutes=minutes,
        intent=closed.intent,
        due_at=closed.due_at,
    )
    if follow_up.version:
        stored = await FOLLOW_UPS.save(tx, follow_up, closed, event)
        await overdue.expect_no_more(tx, closed.id, follow_up.version)
    else:
        stored = await FOLLOW_UPS.add(tx, closed, event)
    open_ = {rule: each.value for rule, each in (await open_of(tx, client.id)).items()}
    standing = model.contacted(client.value.standing, outcome, tx.now, next_at, closed.id)
    await keep_standing(tx, client, model.standing_with(standing, {} if standing.lost else open_))
    return stored


def _moment_of(step: NextStep, client: Client, rhythm: Rhythm, now: datetime) -> datetime | None:
    if step.at is not None:
        if not now < step.at <= now + LONGEST_AHEAD:
            raise Invalid(errors=[FieldError("/next_step/at", N_("Choose a time in the coming year"))])
        return step.at
    if step.days is None:
        return None
    if not 1 <= step.days <= LONGEST_AHEAD.days:
        raise Invalid(errors=[FieldError("/next_step/days", N_("Choose a time in the coming year"))])
    calendar = days_of(rhythm.policy, rhythm.calendar)
    day = calendar.local_day(now) + timedelta(days=step.days)
    hours = client.hours or rhythm.policy.hours
    return first_opening(calendar.midnight(day), calendar.minute_of_day(now), hours, calendar)


def _of_its_own(client: Client, now: datetime) -> FollowUp:
    id_ = new_id(now)
    return FollowUp(
        id=id_,
        client_id=client.id,
        agent_id=agent_of(client),
        org_path=client.org_path,
        rule=FollowUpRule.NEXT_STEP if client.grading is None else FollowUpRule.CADENCE,
        cause_id=id_,
        status=Status.OPEN,
        due_at=now,
        basis=Basis(now),
        planned_at=now,
        intent=client.intent,
    )


def _require_open(follow_up: FollowUp) -> None:
    if follow_up.status is not Status.OPEN:
        raise Conflict(N_("This follow-up is closed already"))
