"""What events put into whose inbox. Who is meant is looked up in the directory as it stands then."""

from collections.abc import Sequence
from typing import Any

from services.chassis.organisation.directory import Directory
from services.chassis.streams.subscription import Batch, Handlers
from services.chassis.work import Transaction
from services.contracts.clients import (
    ClientReassigned,
    DealClosed,
    DealProposed,
    DealUndone,
    FollowUpMissed,
    ListingMatched,
    Reassignment,
)
from services.contracts.envelope import Received
from services.contracts.notifications import BoardStale
from services.contracts.organisation import Role
from services.contracts.recruiting import AgentHired
from services.notifications.inbox.model import Item, Kind
from services.notifications.inbox.store import put, put_together, who_was_told

ESCALATION = {"supervisor": Role.SUPERVISOR, "branch": Role.BRANCH_MANAGER}


async def follow_up_missed(tx: Transaction, received: Received[FollowUpMissed]) -> None:
    """Tell whoever it was escalated to: the agent, or who leads them."""
    event = received.event
    role = ESCALATION.get(event.escalated_to)
    if role is None:
        to = {event.agent_id}
    else:
        to = {person.id for person in await Directory(tx.mongo, tx.session).holders(role, at=event.org_path)}
    params = {"person_id": event.agent_id, "moment": event.due_at}
    await put(
        tx,
        [
            Item(received.envelope.id, one, Kind.FOLLOW_UP_MISSED, event.occurred_at, params)
            for one in sorted(to)
        ],
    )


async def agent_hired(tx: Transaction, received: Received[AgentHired]) -> None:
    """Tell the leaders of the team, and the mentor."""
    event = received.event
    leaders = await Directory(tx.mongo, tx.session).holders(Role.SUPERVISOR, at=event.org_path)
    params = {"person_id": event.person_id}
    items = [
        Item(received.envelope.id, leader.id, Kind.NEW_AGENT, event.occurred_at, params) for leader in leaders
    ]
    if event.mentor_id:
        items.append(Item(received.envelope.id, event.mentor_id, Kind.NEW_MENTEE, event.occurred_at, params))
    await put(tx, items)


async def board_stale(tx: Transaction, received: Received[BoardStale]) -> None:
    """Tell the trainers of the unit whose TV went dark."""
    event = received.event
    trainers = await Directory(tx.mongo, tx.session).holders(Role.TRAINER, at=event.org_path)
    params: dict[str, Any] = {"moment": event.occurred_at}
    await put(
        tx,
        [Item(received.envelope.id, one.id, Kind.BOARD_STALE, event.occurred_at, params) for one in trainers],
    )


async def deal_proposed(tx: Transaction, received: Received[DealProposed]) -> None:
    """Ask those who may confirm the shares: whoever leads the agent."""
    event = received.event
    directory = Directory(tx.mongo, tx.session)
    leaders = {
        person.id: person
        for role in (Role.SUPERVISOR, Role.BRANCH_MANAGER)
        for person in await directory.holders(role, at=event.org_path)
        if person.id != event.agent_id
    }
    params = {"person_id": event.agent_id}
    await put(
        tx,
        [
            Item(received.envelope.id, one, Kind.DEAL_PROPOSED, event.occurred_at, params)
            for one in sorted(leaders)
        ],
    )


async def deal_closed(tx: Transaction, received: Received[DealClosed]) -> None:
    """Tell everybody who has a share how much it is."""
    event = received.event
    sums: dict[str, int] = {}
    for share in event.shares:
        sums[share.agent_id] = sums.get(share.agent_id, 0) + share.commission
    await put(
        tx,
        [
            Item(
                received.envelope.id,
                person_id,
                Kind.DEAL_CLOSED,
                event.occurred_at,
                {"person_id": event.agent_id, "minor": minor, "currency": event.currency},
            )
            for person_id, minor in sorted(sums.items())
        ],
    )


async def deal_undone(tx: Transaction, received: Received[DealUndone]) -> None:
    """Tell whoever was told that it counts."""
    event = received.event
    told = await who_was_told(tx, event.closed_event_id, Kind.DEAL_CLOSED)
    params = {"person_id": event.agent_id}
    await put(
        tx,
        [Item(received.envelope.id, one, Kind.DEAL_UNDONE, event.occurred_at, params) for one in told],
    )


async def clients_reassigned(tx: Transaction, batch: Sequence[Received[ClientReassigned]]) -> None:
    """Tell agents which clients came to them, and which went into the pool: one entry for what came at once."""
    together: dict[str, tuple[Item, list[str]]] = {}
    for received in batch:
        event, envelope = received.event, received.envelope
        if event.reason is Reassignment.RELEASED and event.previous_agent_id:
            to, kind = event.previous_agent_id, Kind.CLIENTS_RELEASED
            cause = f"released-{event.occurred_at:%Y%m%d}"
        elif event.agent_id and event.reason not in (Reassignment.TAKEN, Reassignment.MERGED):
            # a handover of many clients is one command, or follows from one event
            to, kind, cause = event.agent_id, Kind.CLIENTS_RECEIVED, envelope.correlation_id
        else:
            continue
        item = Item(cause, to, kind, event.occurred_at)
        together.setdefault(item.id, (item, []))[1].append(envelope.id)
    for item, event_ids in together.values():
        await put_together(tx, item, event_ids)


async def listings_matched(tx: Transaction, batch: Sequence[Received[ListingMatched]]) -> None:
    """Tell agents that a listing suits clients of theirs: one entry a listing."""
    together: dict[str, tuple[Item, list[str]]] = {}
    for received in batch:
        event = received.event
        item = Item(event.listing_id, event.agent_id, Kind.LISTING_MATCHED, event.occurred_at)
        together.setdefault(item.id, (item, []))[1].append(received.envelope.id)
    for item, event_ids in together.values():
        await put_together(tx, item, event_ids)


HANDLERS: Handlers = {
    FollowUpMissed: follow_up_missed,
    AgentHired: agent_hired,
    BoardStale: board_stale,
    DealProposed: deal_proposed,
    DealClosed: deal_closed,
    DealUndone: deal_undone,
}
BATCHES = (
    Batch((ClientReassigned,), clients_reassigned),
    Batch((ListingMatched,), listings_matched),
)
