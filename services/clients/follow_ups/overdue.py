"""What happens when nobody calls: the agent hears of it, then the supervisor, then the branch.

Each time an open follow-up is saved, one due item waits for its next escalation, under a key with the saving's
version, because a key can be planned only once. The item for an older version finds another one and does nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.chassis.records import Stored
from services.chassis.schedule.items import DueHandlers, DueItem, cancel, plan
from services.chassis.work import Transaction
from services.clients.cadence.model import LEVELS, days_of, escalates_at, level_after, level_reached
from services.clients.cadence.store import Rhythm, rhythm_of
from services.clients.files.store import keep_escalation
from services.clients.follow_ups.model import FollowUp, Status
from services.clients.follow_ups.store import FOLLOW_UPS, of_ids
from services.contracts.clients import FollowUpMissed

KIND = "follow-up-overdue"


async def expect(tx: Transaction, follow_up: Stored[FollowUp], rhythm: Rhythm) -> None:
    """Have whoever is next hear of it if it is still open then; what was expected before is forgotten."""
    value = follow_up.value
    await expect_no_more(tx, value.id, follow_up.version - 1)
    level = level_after(value.escalated)
    if level is None:
        return
    calendar = days_of(rhythm.policy, rhythm.calendar)
    await plan(
        tx,
        key_of(value.id, follow_up.version),
        KIND,
        escalates_at(value.due_at, level, rhythm.policy, calendar),
        {"follow_up_id": value.id, "version": follow_up.version},
    )


async def expect_no_more(tx: Transaction, follow_up_id: str, version: int) -> None:
    """Nobody hears of it any more; `version` is that of the last saving while it was open."""
    if version > 0:
        await cancel(tx, key_of(follow_up_id, version))


async def missed(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Tell who stands at the level that is reached by now, once, and wait for the next."""
    follow_ups = await of_ids(tx, [item.payload["follow_up_id"] for item in items])
    rhythms: dict[tuple[str, ...], Rhythm] = {}
    for item in items:
        stored = follow_ups.get(item.payload["follow_up_id"])
        if stored is None or stored.version != item.payload["version"]:
            continue
        if stored.value.status is not Status.OPEN:
            continue
        org_path = stored.value.org_path
        if org_path not in rhythms:
            rhythms[org_path] = await rhythm_of(tx.mongo, org_path, tx.session)
        await _escalate(item.cause_of(tx), stored, rhythms[org_path])


async def _escalate(tx: Transaction, stored: Stored[FollowUp], rhythm: Rhythm) -> None:
    before = stored.value
    calendar = days_of(rhythm.policy, rhythm.calendar)
    level = level_reached(before.due_at, tx.now, rhythm.policy, calendar)
    if level is None or (before.escalated and LEVELS.index(level) <= LEVELS.index(before.escalated)):
        # The settings became more patient since this moment was planned.
        level = level_after(before.escalated)
        if level is not None:
            key = f"{key_of(before.id, stored.version)}/{tx.now.isoformat()}"
            later = escalates_at(before.due_at, level, rhythm.policy, calendar)
            await plan(tx, key, KIND, later, {"follow_up_id": before.id, "version": stored.version})
        return
    after = replace(before, escalated=level)
    event = FollowUpMissed(
        occurred_at=tx.now,
        follow_up_id=after.id,
        client_id=after.client_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        due_at=after.due_at,
        escalated_to=level,
    )
    saved = await FOLLOW_UPS.save(tx, stored, after, event)
    await keep_escalation(tx, after.client_id, after.id, level)
    await expect(tx, saved, rhythm)


def key_of(follow_up_id: str, version: int) -> str:
    """The key of the item that waits for this version of an open follow-up to be overdue."""
    return f"{KIND}/{follow_up_id}/{version}"


HANDLERS: DueHandlers = {KIND: missed}
