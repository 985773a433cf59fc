"""What happens when nobody calls: the agent hears of it, then the supervisor, then the branch.

Each time an open follow-up is saved, one due item waits for its next escalation, under a key with the saving's
version, because a key can be planned only once. The item for an older version finds another one and does nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.chassis.records import Gathered, Stored
from services.chassis.schedule.items import DueHandlers, DueItem, cancel, plan_all
from services.chassis.work import Transaction
from services.clients.cadence.model import LEVELS, Rhythm, escalates_at, level_after, level_reached
from services.clients.cadence.store import rhythms_of
from services.clients.files.store import keep_escalations
from services.clients.follow_ups.model import FollowUp, Status
from services.clients.follow_ups.store import FOLLOW_UPS, of_ids
from services.contracts.clients import FollowUpMissed

KIND = "follow-up-overdue"


def items_of(follow_up: Stored[FollowUp], rhythm: Rhythm) -> list[DueItem]:
    """What lets whoever is next hear of it if it is still open then; empty after the last level."""
    value = follow_up.value
    level = level_after(value.escalated)
    if level is None:
        return []
    moment = escalates_at(value.due_at, level, rhythm.policy, rhythm.days)
    payload = {"follow_up_id": value.id, "version": follow_up.version}
    return [DueItem(key_of(value.id, follow_up.version), KIND, moment, payload)]


async def expect(tx: Transaction, follow_up: Stored[FollowUp], rhythm: Rhythm) -> None:
    """Have whoever is next hear of it if it is still open then; what was expected before is forgotten."""
    await expect_no_more(tx, follow_up.id, follow_up.version - 1)
    await plan_all(tx, items_of(follow_up, rhythm))


async def expect_no_more(tx: Transaction, follow_up_id: str, version: int) -> None:
    """Nobody hears of it any more; `version` is that of the last saving while it was open."""
    if version > 0:
        await cancel(tx, key_of(follow_up_id, version))


async def missed(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Tell who stands at the level that is reached by now, once, and wait for the next."""
    follow_ups = await of_ids(tx, [item.payload["follow_up_id"] for item in items])
    current = [
        (item, stored)
        for item in items
        if (stored := follow_ups.get(item.payload["follow_up_id"])) is not None
        and stored.version == item.payload["version"]
        and stored.value.status is Status.OPEN
    ]
    rhythms = await rhythms_of(tx.mongo, {stored.value.org_path for _, stored in current}, tx.session)
    gathered = Gathered(FOLLOW_UPS)
    later: list[DueItem] = []
    for item, stored in current:
        rhythm = rhythms[stored.value.org_path]
        later.extend(_escalate(item.cause_of(tx), stored, rhythm, gathered))
    await gathered.write(tx)
    told = [(latest.value, latest.value.escalated) for _, latest in gathered.changes]
    await keep_escalations(
        tx, [(each.client_id, each.id, level) for each, level in told if level is not None]
    )
    await plan_all(tx, later)


def _escalate(
    tx: Transaction, stored: Stored[FollowUp], rhythm: Rhythm, gathered: Gathered[FollowUp]
) -> list[DueItem]:
    """Whom to wait for next."""
    before = stored.value
    level = level_reached(before.due_at, tx.now, rhythm.policy, rhythm.days)
    if level is None or (before.escalated and LEVELS.index(level) <= LEVELS.index(before.escalated)):
        # The settings became more patient since this moment was planned.
        return [replace(item, key=f"{item.key}/{tx.now.isoformat()}") for item in items_of(stored, rhythm)]
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
    return items_of(gathered.save(tx, stored, after, event), rhythm)


def key_of(follow_up_id: str, version: int) -> str:
    """The key of the item that waits for this version of an open follow-up to be overdue."""
    return f"{KIND}/{follow_up_id}/{version}"


HANDLERS: DueHandlers = {KIND: missed}
