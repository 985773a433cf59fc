"""Events in, owners out."""

from services.chassis.organisation.directory import Directory
from services.chassis.streams.subscription import Batch, Handlers
from services.chassis.work import Transaction
from services.clients.ownership import release, store
from services.clients.ownership.handover import HandOver, follow, hand_over, hand_over_stray
from services.clients.ownership.handover_model import Why
from services.clients.ownership.model import pool_of
from services.clients.ownership.settings import Following
from services.contracts.clients import ClientGraded, ClientMergeUndone, ClientReassigned, ClientRegistered
from services.contracts.envelope import Received
from services.contracts.recruiting import AgentLeft, AgentMoved

OWNED = ClientRegistered | ClientGraded | ClientReassigned | ClientMergeUndone


async def agent_left(tx: Transaction, received: Received[AgentLeft]) -> None:
    """Whatever was theirs has another owner when this returns."""
    event = received.event
    await hand_over(
        tx,
        HandOver(
            handover_id=received.envelope.id,
            agent_id=event.person_id,
            org_path=event.org_path,
            why=Why.LEFT,
            successor_id=event.successor_id,
        ),
    )


async def agent_moved(tx: Transaction, received: Received[AgentMoved]) -> None:
    """The clients go along, or stay where they are, as the company has it."""
    event = received.event
    policy = await store.policy_at(tx.mongo, event.previous_org_path, tx.session)
    same_branch = pool_of(event.org_path) == pool_of(event.previous_org_path)
    along = policy.following is Following.ALWAYS or (
        policy.following is Following.WITHIN_BRANCH and same_branch
    )
    if not along:
        command = HandOver(
            handover_id=received.envelope.id,
            agent_id=event.person_id,
            org_path=event.previous_org_path,
            why=Why.MOVED,
        )
        await hand_over(tx, command)
        return
    # The path of today, so that an old move that is replayed moves nobody back.
    person = (await Directory(tx.mongo, tx.session).people([event.person_id])).get(event.person_id)
    if person is not None:
        await follow(tx, person)


async def owned(tx: Transaction, events: list[Received[OWNED]]) -> None:
    """Wait for the moment at which these clients would go into the pool.

    A client who came to somebody in the moment that they left is handed over here: the handover did not see them.
    """
    causes = {client_id: received for received in events for client_id in _clients(received.event)}
    clients = await store.clients_by_id(tx, list(causes))
    people = await Directory(tx.mongo, tx.session).people(
        {stored.value.agent_id for stored in clients.values() if stored.value.agent_id is not None}
    )
    gone = {person.id for person in people.values() if person.left_on is not None}
    strays = [stored for stored in clients.values() if stored.value.agent_id in gone]
    for stored in strays:
        received = causes[stored.id]
        await hand_over_stray(tx.caused_by(received), stored, received.envelope.id)
    await release.watch(tx, [stored for stored in clients.values() if stored.value.agent_id not in gone])


def _clients(event: OWNED) -> tuple[str, ...]:
    if isinstance(event, ClientMergeUndone):
        return event.client_id, event.merged_client_id
    return (event.client_id,)


HANDLERS: Handlers = {AgentLeft: agent_left, AgentMoved: agent_moved}
BATCHES = (Batch((ClientRegistered, ClientGraded, ClientReassigned, ClientMergeUndone), owned),)
