"""Clients with whom nobody is in touch go into the pool (公海).

One due item waits for the moment at which a client would go. Nobody moves it when somebody is in touch: when it falls
due, the moment is worked out anew from where the client stands then, and waited for under a key of its own. So a touch
costs nothing here, and two items for one client end up waiting for the same moment, which is the same key.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from services.chassis.records import Stored
from services.chassis.schedule.items import DueHandlers, DueItem, plan_all
from services.chassis.work import Transaction
from services.clients.files.model import Client, Owner
from services.clients.ownership import model, store
from services.clients.ownership.commands import Move, hand_on
from services.clients.showings import owners as showings
from services.contracts.clients import Reassignment

KIND = "pool-release"
_LOOK_AGAIN = timedelta(days=1)
"""After which a client who could not go, because of a showing or a deal, is looked at again."""


async def watch(tx: Transaction, clients: Iterable[Stored[Client]]) -> None:
    """Wait for the moment at which each of these clients would go into the pool."""
    values = [stored.value for stored in clients]
    policies = await store.policies_at(tx.mongo, (client.org_path for client in values), tx.session)
    moments = {client.id: model.release_at(client, policies[client.org_path]) for client in values}
    await _wait(tx, {client_id: moment for client_id, moment in moments.items() if moment is not None})


async def release(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Put those into the pool whose time is over by now, and wait on for the others."""
    clients = await store.clients_by_id(tx, [item.payload["client_id"] for item in items])
    policies = await store.policies_at(
        tx.mongo, (stored.value.org_path for stored in clients.values()), tx.session
    )
    kept = await showings.booked_for(tx, list(clients)) | await store.negotiating(tx, list(clients))
    later: dict[str, datetime] = {}
    moves = []
    for stored in clients.values():
        client = stored.value
        moment = model.release_at(client, policies[client.org_path])
        if moment is None:
            continue
        if moment > tx.now:
            later[client.id] = moment
        elif client.id in kept:
            later[client.id] = tx.now + _LOOK_AGAIN
        else:
            to = Owner(None, model.pool_of(client.org_path))
            moves.append(Move(stored, to, Reassignment.RELEASED))
    await hand_on(tx, moves)
    await _wait(tx, later)


async def _wait(tx: Transaction, moments: dict[str, datetime]) -> None:
    await plan_all(
        tx,
        [
            DueItem(f"{KIND}/{client_id}/{moment.isoformat()}", KIND, moment, {"client_id": client_id})
            for client_id, moment in moments.items()
        ],
    )


HANDLERS: DueHandlers = {KIND: release}
