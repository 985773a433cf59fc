"""Carrying plans out: follow-ups, their events, their due items, and what stands on the client, all in one transaction.

Each function derives the plan from where the client stands now. The event that made us plan only gives a new
follow-up its key, so an event that comes again, late or out of order changes nothing.
"""

from collections.abc import Mapping

from services.chassis.errors import NotFound
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.cadence.store import Rhythm, rhythm_of
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS, keep_standing
from services.clients.follow_ups import model, overdue
from services.clients.follow_ups.model import Cancelled, FollowUp, Plan
from services.clients.follow_ups.store import FOLLOW_UPS, find, open_of
from services.clients.showings.store import SHOWINGS, keep_answer
from services.contracts.clients import FollowUpCancelled, FollowUpRule, FollowUpScheduled

Open = Mapping[FollowUpRule, Stored[FollowUp]]


async def plan_next(tx: Transaction, client_id: str, cause_id: str) -> None:
    """Bring the client's open follow-ups in line with where the client stands."""
    client = await _client(tx, client_id)
    if client is None:
        return
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    open_ = await open_of(tx, client_id)
    plan = model.replan(client.value, _values(open_), cause_id, tx.now, rhythm.policy, rhythm.calendar)
    await _carry_out(tx, client, open_, plan, rhythm)


async def plan_feedback(tx: Transaction, showing_id: str, cause_id: str) -> None:
    """Plan the call that asks what the client thinks of a showing, once for each showing."""
    try:
        showing = (await SHOWINGS.get(tx, showing_id)).value
    except NotFound:
        return
    client = await _client(tx, showing.client_id)
    if client is None or showing.done_at is None or showing.answered_by is not None:
        return
    rhythm = await rhythm_of(tx.mongo, client.value.org_path, tx.session)
    open_ = await open_of(tx, client.id)
    present = open_.get(FollowUpRule.SHOWING_FEEDBACK)
    plan = model.ask_after_showing(
        client.value,
        present.value if present else None,
        showing.done_at,
        cause_id,
        tx.now,
        rhythm.policy,
        rhythm.calendar,
    )
    await _carry_out(tx, client, open_, plan, rhythm)
    asking = [each.id for each in (*plan.opened, *plan.moved)] or ([present.id] if present else [""])
    await keep_answer(tx, showing_id, asking[0])


async def move(
    tx: Transaction, before: Stored[FollowUp], after: FollowUp, rhythm: Rhythm
) -> Stored[FollowUp]:
    """Keep an open follow-up with another due moment."""
    stored = await FOLLOW_UPS.save(tx, before, after, scheduled(tx, after))
    await overdue.expect(tx, stored, rhythm)
    return stored


async def stand(tx: Transaction, client: Stored[Client], open_: Mapping[FollowUpRule, FollowUp]) -> None:
    """Write the earliest of the open follow-ups on the client."""
    standing = client.value.standing
    await keep_standing(tx, client, model.standing_with(standing, open_))


async def _carry_out(
    tx: Transaction, client: Stored[Client], open_: Open, plan: Plan, rhythm: Rhythm
) -> None:
    by_id = {each.id: each for each in open_.values()}
    for follow_up, reason in plan.cancelled:
        await _cancel(tx, by_id[follow_up.id], reason)
    for follow_up in plan.moved:
        await move(tx, by_id[follow_up.id], follow_up, rhythm)
    opened = []
    for follow_up in plan.opened:
        if await find(tx, follow_up.id) is None:
            added = await FOLLOW_UPS.add(tx, follow_up, scheduled(tx, follow_up))
            await overdue.expect(tx, added, rhythm)
            opened.append(follow_up)
    carried_out = Plan(tuple(opened), plan.moved, plan.cancelled)
    await stand(tx, client, model.after(_values(open_), carried_out))


async def _cancel(tx: Transaction, follow_up: Stored[FollowUp], reason: Cancelled) -> None:
    value = follow_up.value
    event = FollowUpCancelled(
        occurred_at=tx.now,
        follow_up_id=value.id,
        client_id=value.client_id,
        agent_id=value.agent_id,
        org_path=value.org_path,
        reason=reason,
    )
    await FOLLOW_UPS.save(tx, follow_up, model.cancelled(value), event)
    await overdue.expect_no_more(tx, value.id, follow_up.version)


async def _client(tx: Transaction, client_id: str) -> Stored[Client] | None:
    try:
        return await CLIENTS.get(tx, client_id)
    except NotFound:
        return None


def scheduled(tx: Transaction, follow_up: FollowUp) -> FollowUpScheduled:
    """What others hear of a follow-up that was planned or moved."""
    return FollowUpScheduled(
        occurred_at=tx.now,
        follow_up_id=follow_up.id,
        client_id=follow_up.client_id,
        agent_id=follow_up.agent_id,
        org_path=follow_up.org_path,
        rule=follow_up.rule,
        due_at=follow_up.due_at,
    )


def _values(open_: Open) -> dict[FollowUpRule, FollowUp]:
    return {rule: each.value for rule, each in open_.items()}
