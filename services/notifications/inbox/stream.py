"""What events put into whose inbox. Who is meant is looked up in the directory as it stands then."""

from typing import Any

from services.chassis.organisation.directory import Directory
from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.contracts.clients import FollowUpMissed
from services.contracts.envelope import Received
from services.contracts.notifications import BoardStale
from services.contracts.organisation import Role
from services.contracts.recruiting import AgentHired
from services.notifications.inbox.model import Item, Kind
from services.notifications.inbox.store import put

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


HANDLERS: Handlers = {
    FollowUpMissed: follow_up_missed,
    AgentHired: agent_hired,
    BoardStale: board_stale,
}
