"""Use cases of ownership: who has a client changes in one transaction, with everything that is open about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.chassis.errors import N_, Conflict, FieldError, Invalid, NotFound
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person
from services.chassis.records import Change, Stored
from services.chassis.work import Transaction
from services.clients.files.model import Client, Owner, agent_of
from services.clients.files.store import CLIENTS
from services.clients.follow_ups import owners as follow_ups
from services.clients.ownership import model, store
from services.clients.ownership.settings import OwnershipPolicy, OwnershipSettings, policy_of
from services.clients.showings import owners as showings
from services.contracts.clients import ClientReassigned, Reassignment
from services.contracts.organisation import Role

MOST_AT_ONCE = 500
MOST_SHARED = 10
HAVE_CLIENTS = (Role.AGENT, Role.SUPERVISOR)


class TakenAlready(Conflict):
    """Somebody was faster."""

    code = "client-taken"
    title = N_("Somebody else was faster: this client is no longer in the pool")


@dataclass(frozen=True)
class Move:
    """One client who changes hands."""

    client: Stored[Client]
    to: Owner
    reason: Reassignment


async def hand_on(tx: Transaction, moves: Sequence[Move]) -> list[Stored[Client]]:
    """Give clients to others, or to the pool, with their open follow-ups and booked showings."""
    changes = []
    for move in moves:
        before = move.client.value
        after = model.reassigned(before, move.to.agent_id, move.to.org_path, move.reason, tx.now)
        event = ClientReassigned(
            occurred_at=tx.now,
            client_id=before.id,
            agent_id=after.agent_id,
            previous_agent_id=before.agent_id,
            org_path=after.org_path,
            reason=move.reason,
        )
        changes.append(Change(move.client, after, (event,)))
    saved = await CLIENTS.save_all(tx, changes)
    owners = {move.client.id: move.to for move in moves}
    await follow_ups.hand_over(tx, owners)
    await showings.hand_over(tx, owners)
    return saved


async def reassign(
    tx: Transaction, client: Stored[Client], agent: Person | None, reason: Reassignment
) -> Stored[Client]:
    """Give the client to this agent, or into the pool of their branch. Nothing for who has the client already.

    Raises `Conflict` when a client with whom a showing is agreed on would go into the pool.
    """
    to = (
        Owner(agent.id, agent.org_path)
        if agent is not None
        else Owner(None, model.pool_of(client.value.org_path))
    )
    if to.agent_id == client.value.agent_id:
        return client
    if to.agent_id is None and await showings.booked_for(tx, [client.id]):
        raise Conflict(N_("A showing is agreed on with this client: hold it or cancel it first"))
    return (await hand_on(tx, [Move(client, to, reason)]))[0]


@dataclass(frozen=True, kw_only=True)
class ReassignClient:
    client_id: str
    agent_id: str | None
    """None: into the pool."""
    reason: Reassignment = Reassignment.BY_HAND
    expected_version: int | None = None


async def reassign_client(tx: Transaction, command: ReassignClient) -> Stored[Client]:
    """Give one client to somebody, or into the pool. Raises `NotFound`, `StaleVersion`, `Conflict`, `Invalid`."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    agent = await agent_at_work(tx, command.agent_id) if command.agent_id is not None else None
    return await reassign(tx, stored, agent, command.reason)


@dataclass(frozen=True, kw_only=True)
class ReassignClients:
    client_ids: tuple[str, ...]
    agent_id: str


async def reassign_clients(tx: Transaction, command: ReassignClients) -> int:
    """Give these clients to this agent, by hand; how many of them were not theirs before.

    Raises `NotFound` for an unknown client, `Invalid` for an agent who has no clients or for too many at once.
    """
    if not 1 <= len(command.client_ids) <= MOST_AT_ONCE:
        raise Invalid(errors=[FieldError("/client_ids", N_("Choose one to five hundred clients"))])
    agent = await agent_at_work(tx, command.agent_id)
    found = await store.clients_by_id(tx, command.client_ids)
    if len(found) != len(set(command.client_ids)):
        raise NotFound
    to = Owner(agent.id, agent.org_path)
    moves = [
        Move(client, to, Reassignment.BY_HAND)
        for client in found.values()
        if client.value.agent_id != agent.id
    ]
    await hand_on(tx, moves)
    return len(moves)


@dataclass(frozen=True, kw_only=True)
class TakeClient:
    client_id: str
    agent_id: str


async def take(tx: Transaction, command: TakeClient) -> Stored[Client]:
    """Take a client out of the pool of one's branch.

    Raises `NotFound` for another branch's, `TakenAlready`, `Conflict` while the cooling-off runs or the day's limit is
    reached.
    """
    stored = await CLIENTS.get(tx, command.client_id)
    agent = await agent_at_work(tx, command.agent_id)
    client = stored.value
    if client.erased_at is not None:
        raise NotFound
    if client.agent_id is not None:
        if client.org_path[:3] != model.pool_of(agent.org_path):
            raise NotFound
        if client.agent_id == agent.id:
            raise TakenAlready(N_("This client is yours already"))
        raise TakenAlready
    if client.org_path[-1] not in agent.org_path:
        raise NotFound
    policy = await store.policy_at(tx.mongo, agent.org_path, tx.session)
    days = model.days_until_takeable(client, agent.id, policy, tx.now)
    if days > 0:
        raise Conflict(N_("You let this client go: you can take them back in %(days)s days"), days=days)
    await _within_the_limit(tx, agent, policy)
    to = Owner(agent.id, agent.org_path)
    return (await hand_on(tx, [Move(stored, to, Reassignment.TAKEN)]))[0]


@dataclass(frozen=True, kw_only=True)
class ShareClient:
    client_id: str
    agent_ids: tuple[str, ...]
    """All with whom it is shared from now on; nobody: it is private."""
    expected_version: int | None = None


async def share(tx: Transaction, command: ShareClient) -> Stored[Client]:
    """Share the file with these agents of the same company, and no others.

    Raises `NotFound`, `StaleVersion`, `Invalid`, `Conflict` for a client in the pool.
    """
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    owner_id = agent_of(stored.value)
    wanted = tuple(dict.fromkeys(each for each in command.agent_ids if each != owner_id))
    if len(wanted) > MOST_SHARED:
        raise Invalid(errors=[FieldError("/agent_ids", N_("Share a client with at most ten others"))])
    known = await Directory(tx.mongo, tx.session).people(wanted)
    for agent_id in wanted:
        person = known.get(agent_id)
        if person is None or not _works_here(person) or person.org_path[0] != stored.value.company_id:
            raise Invalid(errors=[FieldError("/agent_ids", N_("Choose agents of your company"))])
    return await CLIENTS.save(tx, stored, replace(stored.value, shared_with=wanted))


async def set_ownership(tx: Transaction, settings: OwnershipSettings) -> OwnershipPolicy:
    """Keep what the unit says; what changes hands from now on goes by it. Returns the policy that then holds.

    Raises `NotFound` for an unknown unit, `Invalid` when the policy would contradict itself there.
    """
    unit = await Directory(tx.mongo, tx.session).unit(settings.id)
    said = await store.settings_of(tx.mongo, unit.org_path, tx.session)
    said[unit.id] = settings
    try:
        policy = policy_of(said[each] for each in unit.org_path if each in said)
    except ValueError as error:
        raise Invalid(errors=[FieldError("", N_("These settings contradict one another"))]) from error
    await store.keep(tx, settings)
    return policy


async def agent_at_work(tx: Transaction, agent_id: str) -> Person:
    """The agent or supervisor of this id. Raises `Invalid` for anybody else."""
    person = (await Directory(tx.mongo, tx.session).people([agent_id])).get(agent_id)
    if person is None or not _works_here(person):
        raise Invalid(errors=[FieldError("/agent_id", N_("Choose an agent who works here"))])
    return person


def _works_here(person: Person) -> bool:
    return not person.roles.isdisjoint(HAVE_CLIENTS)


async def _within_the_limit(tx: Transaction, agent: Person, policy: OwnershipPolicy) -> None:
    zone = await Directory(tx.mongo, tx.session).time_zone(agent.unit_id)
    today = tx.now.astimezone(ZoneInfo(zone)).date()
    if await store.count_take(tx, agent.id, today) > policy.takes_a_day:
        raise Conflict(
            N_(
                "You have taken %(count)s clients today, and that is the limit; there is another day tomorrow"
            ),
            count=policy.takes_a_day,
        )
