"""Erasure on request (被遗忘权): nothing personal can be read any more; what happened stays, without saying to whom."""

from dataclasses import dataclass

from services.chassis.identity import new_id
from services.chassis.personal_data.audit import Did
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files import merge_store, model
from services.clients.files.model import Client
from services.clients.files.notes import audit
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.planning import plan_next
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import ClientErased


@dataclass(frozen=True, kw_only=True)
class EraseClient:
    client_id: str
    expected_version: int | None = None


async def erase(tx: Transaction, command: EraseClient) -> Stored[Client]:
    """Erase everything personal, in this file and in those merged into it; nothing when that is done already.

    The audit trail stays. Raises `NotFound`, `StaleVersion`.
    """
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    if stored.value.erased_at is not None:
        return stored
    event = ClientErased(occurred_at=tx.now, client_id=stored.id, org_path=stored.value.org_path)
    saved = await CLIENTS.save(tx, stored, model.erased(stored.value, tx.now), event)
    await merge_store.forget_contents(tx, [stored.id, *stored.value.merged_ids])
    await tx.collection(SHOWINGS.collection).update_many(
        {"client_id": stored.id}, {"$set": {"sealed": None}}, session=tx.session
    )
    await audit(tx, Did.ERASED, [stored.id], ["file"], "erase")
    await plan_next(tx, saved.id, new_id(tx.now))
    return await CLIENTS.get(tx, saved.id)
