"""Whatever was a leaver's has an owner when the event is processed: clients, open follow-ups, booked showings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from services.chassis.errors import N_, Conflict
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person
from services.chassis.records import Stored
from services.chassis.schedule.items import DueHandlers, DueItem, plan
from services.chassis.work import Transaction
from services.clients.files.model import Client, Owner, agent_of
from services.clients.files.store import CLIENTS
from services.clients.follow_ups import owners as follow_ups
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.ownership import handover_store, model, store
from services.clients.ownership.commands import HAVE_CLIENTS, Move, hand_on
from services.clients.ownership.handover_model import RECALL, Handover, How, Line, Why, line_id
from services.clients.ownership.settings import HandoverRule
from services.clients.referrals.store import NODES as REFERRALS
from services.clients.showings import owners as showings
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import Reassignment
from services.contracts.organisation import Role

_TEAM_AND_BRANCH = (Role.SUPERVISOR, Role.BRANCH_MANAGER)
_AT_ONCE = 250
"""Clients of one step; memory holds no more of them."""
_MOST_IN_ONE = 3_000
"""Clients of one transaction."""
_SECONDS = 15.0
"""After which a transaction takes no more of them: the database gives it a minute, and then all was in vain."""
KIND = "handover"


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """That somebody's clients need another owner."""

    handover_id: str
    """The id of the event that says so: the same event hands over once."""
    agent_id: str
    org_path: tuple[str, ...]
    """Where they were."""
    why: Why
    successor_id: str | None = None


async def hand_over(tx: Transaction, command: HandOver) -> None:
    """Give all clients of this agent who are at this place to others, by name or by the unit's rule.

    An event that comes again, or is replayed years later, hands nothing over a second time. Whoever has more clients
    than one transaction can move in its time is done with in several, the next one at once.
    """
    if await handover_store.known(tx, command.handover_id) is not None:
        return
    heirs = await _heirs(tx, command)
    handover = Handover(
        command.handover_id, command.agent_id, command.org_path, command.why, heirs.how, tx.now
    )
    await _carry_out(tx, command, heirs, handover)


async def go_on(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Hand over what one transaction could not."""
    for item in items:
        handover = await handover_store.handover(tx, item.payload["handover_id"])
        command = HandOver(
            handover_id=handover.id,
            agent_id=handover.agent_id,
            org_path=handover.org_path,
            why=handover.why,
            successor_id=item.payload["successor_id"],
        )
        await _carry_out(item.cause_of(tx), command, await _heirs(tx, command), handover)


async def _carry_out(tx: Transaction, command: HandOver, heirs: "_Heirs", handover: Handover) -> None:
    place = command.org_path[-1] if command.why is Why.MOVED else None
    moved, began = 0, monotonic()
    while clients := await store.clients_of(tx, command.agent_id, _AT_ONCE, place):
        if moved >= _MOST_IN_ONE or monotonic() - began > _SECONDS:
            payload = {"handover_id": command.handover_id, "successor_id": command.successor_id}
            key = f"{KIND}/{command.handover_id}/{handover.clients}"
            await plan(tx, key, KIND, tx.now, payload)
            break
        await _step(tx, handover, heirs, clients)
        moved += len(clients)
        handover = handover.counted(len(clients))
        await tx.flush()
    # Kept also when there was nothing to hand over, so that a replay does not find what came later.
    await handover_store.keep(tx, handover)
    if clients:
        return
    if command.why is Why.LEFT:
        await store.stop_sharing_with(tx, command.agent_id)
        await _return_strays(tx, command.agent_id)
        return
    # Whatever they have elsewhere goes with them. The path of today, so that a replay moves nobody back.
    person = (await Directory(tx.mongo, tx.session).people([command.agent_id])).get(command.agent_id)
    if person is not None:
        await follow(tx, person)


async def follow(tx: Transaction, agent: Person) -> None:
    """The clients of this agent are where the agent is, with their open follow-ups and booked showings."""
    for collection, state in (
        (CLIENTS.collection, {}),
        (FOLLOW_UPS.collection, {"status": "open"}),
        (SHOWINGS.collection, {"status": "booked"}),
        (REFERRALS, {}),
    ):
        await tx.collection(collection).update_many(
            {"agent_id": agent.id, **state}, {"$set": {"org_path": list(agent.org_path)}}, session=tx.session
        )


async def hand_over_stray(tx: Transaction, client: Stored[Client], cause_id: str) -> None:
    """Give a client to others who came to somebody in the moment that they left."""
    command = HandOver(
        handover_id=cause_id,
        agent_id=agent_of(client.value),
        org_path=client.value.org_path,
        why=Why.LEFT,
    )
    heirs = await _heirs(tx, command)
    handover = Handover(cause_id, command.agent_id, command.org_path, Why.LEFT, heirs.how, tx.now)
    await _step(tx, handover, heirs, [client])
    await handover_store.keep(tx, handover.counted(1))


@dataclass(frozen=True, kw_only=True)
class Recall:
    handover_id: str
    client_ids: tuple[str, ...] | None = None
    """None: all of it."""


async def recall(tx: Transaction, command: Recall) -> int:
    """Take a handover back, or these clients of it; how many came back.

    Who was touched since, or has changed hands again, stays. The others are with whom they were before, if that agent
    works here (again), and otherwise in the pool. Raises `NotFound`, `Conflict` when it is too late.
    """
    handover = await handover_store.handover(tx, command.handover_id)
    if tx.now > handover.at + RECALL:
        raise Conflict(N_("A handover can be taken back within thirty days; this one is older"))
    before = (await Directory(tx.mongo, tx.session).people([handover.agent_id])).get(handover.agent_id)
    back = before if before is not None and _has_clients(before) else None
    count, last = 0, ""
    while lines := await handover_store.lines_after(tx, handover.id, last, _AT_ONCE, command.client_ids):
        count += await _take_back(tx, handover, lines, back)
        last = lines[-1].id
        await tx.flush()
    await handover_store.keep(tx, replace(handover, recalled=handover.recalled + count))
    return count


@dataclass(frozen=True)
class _Heirs:
    """Who gets the clients."""

    how: How
    people: tuple[Person, ...]
    """One, or those over whom they are spread; nobody: the pool."""
    otherwise: Person | None
    """Who gets a client that cannot go into the pool."""


async def _heirs(tx: Transaction, command: HandOver) -> _Heirs:
    directory = Directory(tx.mongo, tx.session)
    policy = await store.policy_at(tx.mongo, command.org_path, tx.session)
    leads = await _leader(directory, command, *_TEAM_AND_BRANCH)
    keeper = leads or await _leader(directory, command, Role.REGIONAL, Role.HEAD_OFFICE)
    if command.successor_id is not None:
        named = (await directory.people([command.successor_id])).get(command.successor_id)
        if named is not None and _has_clients(named):
            return _Heirs(How.SUCCESSOR, (named,), keeper)
    if policy.handover is HandoverRule.SPREAD:
        team = await directory.people_under(command.org_path[-1], role=Role.AGENT)
        others = tuple(person for person in team if person.id != command.agent_id)
        if others:
            return _Heirs(How.SPREAD, others, keeper)
    if policy.handover is HandoverRule.POOL or leads is None:
        return _Heirs(How.POOL, (), keeper)
    return _Heirs(How.SUPERVISOR, (leads,), keeper)


async def _leader(directory: Directory, command: HandOver, *roles: Role) -> Person | None:
    """Somebody else who leads there in the first of these roles that anybody holds; None when there is nobody."""
    for role in roles:
        held = await directory.holders(role, at=command.org_path)
        others = [person for person in held if person.id != command.agent_id]
        if others:
            return others[0]
    return None


async def _return_strays(tx: Transaction, agent_id: str) -> None:
    """Open work of this agent about clients of somebody else goes to whoever has the client."""
    ids = await follow_ups.clients_with_open(tx, agent_id) | await showings.clients_with_booked(tx, agent_id)
    clients = await store.clients_by_id(tx, sorted(ids))
    owners = {stored.id: Owner(stored.value.agent_id, stored.value.org_path) for stored in clients.values()}
    await follow_ups.hand_over(tx, owners)
    await showings.hand_over(tx, owners)


async def _step(
    tx: Transaction, handover: Handover, heirs: _Heirs, clients: Sequence[Stored[Client]]
) -> None:
    owners = await _owners(tx, heirs, clients)
    moves = [Move(client, owners[client.id], Reassignment.HANDOVER) for client in clients]
    await hand_on(tx, moves)
    await handover_store.add_lines(
        tx,
        [
            Line(line_id(handover.id, move.client.id), handover.id, move.client.id, move.to.agent_id, tx.now)
            for move in moves
        ],
    )


async def _owners(tx: Transaction, heirs: _Heirs, clients: Sequence[Stored[Client]]) -> dict[str, Owner]:
    if not heirs.people:
        booked = await showings.booked_for(tx, [client.id for client in clients])
        keeper = heirs.otherwise
        return {
            client.id: Owner(keeper.id, keeper.org_path)
            if keeper is not None and client.id in booked
            else Owner(None, model.pool_of(client.value.org_path))
            for client in clients
        }
    if len(heirs.people) == 1:
        only = heirs.people[0]
        return {client.id: Owner(only.id, only.org_path) for client in clients}
    loads = await store.loads_of(tx, [person.id for person in heirs.people])
    given = model.spread(((client.id, client.value.grade) for client in clients), loads)
    paths = {person.id: person.org_path for person in heirs.people}
    return {client_id: Owner(agent_id, paths[agent_id]) for client_id, agent_id in given.items()}


async def _take_back(tx: Transaction, handover: Handover, lines: Sequence[Line], back: Person | None) -> int:
    clients = await store.clients_by_id(tx, [line.client_id for line in lines])
    booked = await showings.booked_for(tx, list(clients)) if back is None else set()
    moves, done = [], []
    for line in lines:
        stored = clients.get(line.client_id)
        if stored is None or not model.untouched(stored.value, line.to_agent_id, line.at):
            continue
        to = (
            Owner(back.id, back.org_path)
            if back is not None
            else Owner(None, model.pool_of(handover.org_path))
        )
        if to.agent_id == line.to_agent_id or stored.id in booked:
            continue
        moves.append(Move(stored, to, Reassignment.RECALLED))
        done.append(line.id)
    await hand_on(tx, moves)
    await handover_store.mark_recalled(tx, done, tx.now)
    return len(moves)


def _has_clients(person: Person) -> bool:
    return not person.roles.isdisjoint(HAVE_CLIENTS)


HANDLERS: DueHandlers = {KIND: go_on}
