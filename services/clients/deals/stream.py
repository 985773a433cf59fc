"""Deals follow their client: to another agent, into another file."""

from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.deals import model
from services.clients.deals.store import DEALS, come_with, go_back, open_of_client, recount
from services.contracts.clients import ClientMerged, ClientMergeUndone, ClientReassigned
from services.contracts.envelope import Received


async def client_reassigned(tx: Transaction, received: Received[ClientReassigned]) -> None:
    """What is being negotiated goes on with the new agent; what is signed stays with who signed it."""
    event = received.event
    if event.agent_id is None:
        return
    for stored in await open_of_client(tx, event.client_id):
        after = model.moved(stored.value, event.agent_id, event.org_path)
        await DEALS.save(tx, stored, after)


async def client_merged(tx: Transaction, received: Received[ClientMerged]) -> None:
    """The deals of both files are the kept one's."""
    await come_with(tx, received.event.merged_client_id, received.event.client_id)
    await recount(tx, received.event.client_id)


async def merge_undone(tx: Transaction, received: Received[ClientMergeUndone]) -> None:
    """Each file has its own deals again."""
    await go_back(tx, received.event.merged_client_id)
    await recount(tx, received.event.client_id)
    await recount(tx, received.event.merged_client_id)


HANDLERS: Handlers = {
    ClientReassigned: client_reassigned,
    ClientMerged: client_merged,
    ClientMergeUndone: merge_undone,
}
