"""Open follow-ups go along when their clients change hands, in the same transaction."""

from collections.abc import Mapping
from dataclasses import replace

from services.chassis.records import Change
from services.chassis.schedule.items import cancel
from services.chassis.work import Transaction
from services.clients.files.model import Owner
from services.clients.follow_ups import model
from services.clients.follow_ups.model import Cancelled, FollowUp, Status
from services.clients.follow_ups.overdue import key_of
from services.clients.follow_ups.planning import scheduled
from services.clients.follow_ups.store import FOLLOW_UPS
from services.contracts.clients import FollowUpCancelled


async def hand_over(tx: Transaction, owners: Mapping[str, Owner]) -> None:
    """Give the open follow-ups of these clients, by id, to their new owners; take them back where there is none.

    The version stays, and with it whatever waits for the follow-up to become overdue.
    """
    found = tx.collection(FOLLOW_UPS.collection).find(
        {"client_id": {"$in": list(owners)}, "status": Status.OPEN.value}, session=tx.session
    )
    stored = [FOLLOW_UPS.stored(document) for document in await found.to_list(None)]
    kept, dropped = [], []
    for each in stored:
        owner = owners[each.value.client_id]
        if owner.agent_id is None:
            dropped.append(Change(each, model.cancelled(each.value), (_cancelled(tx, each.value),)))
        elif (each.value.agent_id, each.value.org_path) != (owner.agent_id, owner.org_path):
            after = replace(each.value, agent_id=owner.agent_id, org_path=owner.org_path)
            kept.append(Change(each, after, (scheduled(tx, after),)))
    await FOLLOW_UPS.save_all(tx, kept, keep_version=True)
    await FOLLOW_UPS.save_all(tx, dropped)
    await cancel(tx, *(key_of(change.before.id, change.before.version) for change in dropped))


async def clients_with_open(tx: Transaction, agent_id: str) -> set[str]:
    """The clients about whom this agent has something open."""
    found = tx.collection(FOLLOW_UPS.collection).find(
        {"agent_id": agent_id, "status": Status.OPEN.value}, {"client_id": 1}, session=tx.session
    )
    return {document["client_id"] for document in await found.to_list(None)}


def _cancelled(tx: Transaction, follow_up: FollowUp) -> FollowUpCancelled:
    return FollowUpCancelled(
        occurred_at=tx.now,
        follow_up_id=follow_up.id,
        client_id=follow_up.client_id,
        agent_id=follow_up.agent_id,
        org_path=follow_up.org_path,
        reason=Cancelled.RELEASED,
    )
