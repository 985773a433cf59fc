"""Use cases of follow-ups that somebody carries out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.cadence.hours import first_opening
from services.clients.cadence.model import Rhythm
from services.clients.cadence.store import rhythm_of
from services.clients.files.model import Client, Standing, agent_of
from services.clients.files.store import CLIENTS, keep_standing
from services.clients.follow_ups import model, overdue, planning
from services.clients.follow_ups.model import (
    LONGEST_AHEAD,
    LONGEST_BACK,
    MOST_MINUTES,
    Basis,
    FollowUp,
    Outcome,
    Status,
    Terms,
)
from services.clients.follow_ups.store import FOLLOW_UPS, open_of, settle
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
    at: datetime | None = None
    """When it took place, if it is written down later; None: now."""
    expected_version: int | None = None


async def complete(tx: Transaction, command: CompleteFollowUp) -> Stored[FollowUp]:
    """Close a follow-up with what came of it.

    Raises `NotFound`, `StaleVersion`, `Conflict` when it is closed already, `Invalid`.
    """
    follow_up = await FOLLOW_UPS.get(tx, command.follow_up_id, command.expected_version)
    client = await CLIENTS.get(tx, follow_up.value.client_id)
    return await _complete(tx, client, follow_up, command)


@dataclass(frozen=True, kw_only=True)
class LogContact:
    """A contact that was not planned: any touch counts."""

    client_id: str
    outcome: Outcome
    minutes: int
    next_step: NextStep = NextStep()
    at: datetime | None = None


async def log_contact(tx: Transaction, command: LogContact) -> Stored[FollowUp]:
    """Write down a contact. The clock of the cadence starts anew, so what was planned by it moves, overdue or not.

    What was agreed for a later moment stays, unless something else was agreed on now. Raises `NotFound`, `Invalid`,
    `Conflict` for a client in the pool.
    """
    client = await CLIENTS.get(tx, command.client_id)
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    follow_up = Stored("", _of_its_own(client.value, rhythm, tx.now), 0, 0, "")
    return await _complete(tx, client, follow_up, command)


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
    if stored.value.rule is FollowUpRule.BIRTHDAY:
        raise Conflict(N_("A birthday is not put off"))
    if stored.value.snoozes >= model.MOST_SNOOZES:
        raise Conflict(N_("This follow-up was put off three times already"))
    client = await CLIENTS.get(tx, stored.value.client_id)
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    try:
        later = model.snoozed(stored.value, command.days, tx.now, client.value, rhythm)
    except ValueError as error:
        raise Invalid(errors=[FieldError("/days", N_("Choose one to seven days"))]) from error
    moved = await FOLLOW_UPS.save(tx, stored, later, planning.scheduled(tx, later))
    await overdue.expect(tx, moved, rhythm)
    await _stand(tx, client, client.value.standing)
    return moved


async def _complete(
    tx: Transaction,
    client: Stored[Client],
    follow_up: Stored[FollowUp],
    command: CompleteFollowUp | LogContact,
) -> Stored[FollowUp]:
    _require_open(follow_up.value)
    if not 0 <= command.minutes <= MOST_MINUTES:
        raise Invalid(errors=[FieldError("/minutes", N_("Enter the minutes, at most ten hours"))])
    at = command.at or tx.now
    if not tx.now - LONGEST_BACK <= at <= tx.now:
        raise Invalid(errors=[FieldError("/at", N_("Choose a time in the past week"))])
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    next_at = _moment_of(command.next_step, client.value, rhythm, tx.now)
    closed = model.done(follow_up.value, command.outcome, command.minutes, client.value.intent, at)
    event = FollowUpDone(
        occurred_at=at,
        follow_up_id=closed.id,
        client_id=closed.client_id,
        agent_id=closed.agent_id,
        org_path=closed.org_path,
        rule=closed.rule,
        outcome=command.outcome,
        minutes=closed.minutes,
        intent=closed.intent,
        due_at=closed.due_at,
    )
    if follow_up.version:
        stored = await FOLLOW_UPS.save(tx, follow_up, closed, event)
        await overdue.expect_no_more(tx, closed.id, follow_up.version)
        await settle(tx, closed)
    else:
        stored = await FOLLOW_UPS.add(tx, closed, event)
    before = client.value.standing
    standing = model.contacted(before, command.outcome, at, next_at, closed.id)
    ahead = before.agreed is not None and before.agreed.at > at
    if closed.rule is FollowUpRule.OWN_INITIATIVE and ahead and next_at is None and not standing.lost:
        standing = replace(standing, agreed=before.agreed)
    await _stand(tx, client, standing)
    return stored


async def _stand(tx: Transaction, client: Stored[Client], standing: Standing) -> None:
    """Write down where the client stands, with the earliest of the open follow-ups as the next one."""
    open_ = {rule: each.value for rule, each in (await open_of(tx, client.id)).items()}
    await keep_standing(tx, client, model.standing_with(standing, {} if standing.lost else open_))


def _moment_of(step: NextStep, client: Client, rhythm: Rhythm, now: datetime) -> datetime | None:
    if step.at is not None:
        if not now < step.at <= now + LONGEST_AHEAD:
            raise Invalid(errors=[FieldError("/next_step/at", N_("Choose a time in the coming year"))])
        return step.at
    if step.days is None:
        return None
    if not 1 <= step.days <= LONGEST_AHEAD.days:
        raise Invalid(errors=[FieldError("/next_step/days", N_("Choose a time in the coming year"))])
    calendar = rhythm.days
    day = calendar.local_day(now) + timedelta(days=step.days)
    hours = client.hours or rhythm.policy.hours
    return first_opening(calendar.midnight(day), calendar.minute_of_day(now), hours, calendar)


def _of_its_own(client: Client, rhythm: Rhythm, now: datetime) -> FollowUp:
    id_ = new_id(now)
    return FollowUp(
        id=id_,
        client_id=client.id,
        agent_id=agent_of(client),
        org_path=client.org_path,
        rule=FollowUpRule.OWN_INITIATIVE,
        cause_id=id_,
        status=Status.OPEN,
        due_at=now,
        basis=Basis(now, Terms(client.hours or rhythm.policy.hours, rhythm.policy.working_days_only)),
        planned_at=now,
        intent=client.intent,
    )


def _require_open(follow_up: FollowUp) -> None:
    if follow_up.status is not Status.OPEN:
        raise Conflict(N_("This follow-up is closed already"))
