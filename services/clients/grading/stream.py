"""Events in, grades out: the clients of a batch are read and written once."""

from typing import Any

from services.chassis.records import Gathered
from services.chassis.streams.subscription import Batch
from services.chassis.work import Transaction
from services.clients.files.model import behaved
from services.clients.files.store import CLIENTS, of_ids
from services.clients.grading.commands import event_of
from services.clients.grading.model import after_showing
from services.contracts.clients import ShowingDone
from services.contracts.envelope import Received


async def weigh_showings(tx: Transaction, events: list[Received[Any]]) -> None:
    """Let the rule grade who saw homes, or suggest it; nothing for an event weighed before, nor in the pool."""
    clients = await of_ids(tx, {received.event.client_id for received in events})
    gathered = Gathered(CLIENTS)
    for received in events:
        event: ShowingDone = received.event
        stored = clients.get(event.client_id)
        if stored is None or stored.value.agent_id is None:
            continue
        suggestion = after_showing(event.interest, received.envelope.id)
        after = behaved(stored.value, suggestion, event.occurred_at)
        changed = after.grading is not None and after.grading != stored.value.grading
        news = [event_of(stored.value, after)] if changed else []
        clients[stored.id] = gathered.save(tx.caused_by(received), stored, after, *news)
    await gathered.write(tx)


BATCHES = (Batch((ShowingDone,), weigh_showings),)
