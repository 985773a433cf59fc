"""Events in, values out: what clients and those they brought are worth follows the deals."""

from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.referrals.commands import count_deal, merge, undo_deal, undo_merge
from services.clients.referrals.store import set_owner
from services.contracts.clients import (
    ClientMerged,
    ClientMergeUndone,
    ClientReassigned,
    DealClosed,
    DealUndone,
)
from services.contracts.envelope import Received


async def deal_closed(tx: Transaction, received: Received[DealClosed]) -> None:
    """The commission counts."""
    event, sequence = received.event, received.envelope.sequence
    await count_deal(tx, event.deal_id, event.client_id, sequence, event.currency, event.commission)


async def deal_undone(tx: Transaction, received: Received[DealUndone]) -> None:
    """It counts no longer."""
    event = received.event
    await undo_deal(tx, event.deal_id, event.client_id, received.envelope.sequence)


async def client_merged(tx: Transaction, received: Received[ClientMerged]) -> None:
    """Two clients are one."""
    await merge(tx, received.event.client_id, received.event.merged_client_id)


async def merge_undone(tx: Transaction, received: Received[ClientMergeUndone]) -> None:
    """They are two again."""
    await undo_merge(tx, received.event.client_id, received.event.merged_client_id)


async def client_reassigned(tx: Transaction, received: Received[ClientReassigned]) -> None:
    """The overview shows the client with whoever has them now."""
    event = received.event
    await set_owner(tx, event.client_id, event.agent_id, event.org_path)


HANDLERS: Handlers = {
    DealClosed: deal_closed,
    DealUndone: deal_undone,
    ClientMerged: client_merged,
    ClientMergeUndone: merge_undone,
    ClientReassigned: client_reassigned,
}
