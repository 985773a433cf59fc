"""Booked showings go along when their clients change hands, in the same transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.chassis.records import Change
from services.chassis.work import Transaction
from services.clients.files.model import Owner
from services.clients.showings.model import Status
from services.clients.showings.store import SHOWINGS


async def hand_over(tx: Transaction, owners: Mapping[str, Owner]) -> None:
    """Give the booked showings of these clients, by id, to their new owners; who has none keeps theirs."""
    found = tx.collection(SHOWINGS.collection).find(
        {"client_id": {"$in": list(owners)}, "status": Status.BOOKED.value}, session=tx.session
    )
    changes = []
    for document in await found.to_list(None):
        stored = SHOWINGS.stored(document)
        owner = owners[stored.value.client_id]
        if owner.agent_id is not None:
            after = replace(stored.value, agent_id=owner.agent_id, org_path=owner.org_path)
            changes.append(Change(stored, after))
    await SHOWINGS.save_all(tx, changes, keep_version=True)


async def booked_for(tx: Transaction, client_ids: Iterable[str]) -> set[str]:
    """Those of these clients with whom a showing is agreed on."""
    found = tx.collection(SHOWINGS.collection).find(
        {"client_id": {"$in": list(client_ids)}, "status": Status.BOOKED.value},
        {"client_id": 1},
        session=tx.session,
    )
    return {document["client_id"] for document in await found.to_list(None)}


async def clients_with_booked(tx: Transaction, agent_id: str) -> set[str]:
    """The clients with whom this agent has a showing agreed on."""
    found = tx.collection(SHOWINGS.collection).find(
        {"agent_id": agent_id, "status": Status.BOOKED.value}, {"client_id": 1}, session=tx.session
    )
    return {document["client_id"] for document in await found.to_list(None)}
