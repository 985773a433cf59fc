"""Needs follow their client when two files become one, and go when the client asks to be forgotten."""

from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.needs.store import forget, move, move_back
from services.contracts.clients import ClientErased, ClientMerged, ClientMergeUndone
from services.contracts.envelope import Received


async def client_merged(tx: Transaction, received: Received[ClientMerged]) -> None:
    """The kept file has the needs of both."""
    await move(tx, received.event.merged_client_id, received.event.client_id)


async def merge_undone(tx: Transaction, received: Received[ClientMergeUndone]) -> None:
    """Each has its own again."""
    await move_back(tx, received.event.client_id, received.event.merged_client_id)


async def client_erased(tx: Transaction, received: Received[ClientErased]) -> None:
    """Nothing is left of what they looked for."""
    await forget(tx, received.event.client_id)


HANDLERS: Handlers = {
    ClientMerged: client_merged,
    ClientMergeUndone: merge_undone,
    ClientErased: client_erased,
}
