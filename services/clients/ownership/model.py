"""Who looks after which client, and when that changes by itself (公海, 离职交接). Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from services.clients.files.model import Client
from services.clients.ownership.settings import OwnershipPolicy
from services.clients.ownership.tenure import Holding
from services.contracts.clients import Grade, Reassignment

_DAY = timedelta(days=1)


def pool_of(org_path: tuple[str, ...]) -> tuple[str, ...]:
    """The path of the unit whose pool serves this place: the branch, which is the third of the path."""
    return org_path[:3]


def holding_of(client: Client) -> Holding:
    """Since when the client has the owner they have."""
    return client.holding if client.holding is not None else Holding(client.registered_at)


def reassigned(
    client: Client, agent_id: str | None, org_path: tuple[str, ...], reason: Reassignment, at: datetime
) -> Client:
    """The client in other hands, or in the pool when there are none. The file says who had them until now."""
    pooled = agent_id is None
    return replace(
        client,
        agent_id=agent_id,
        org_path=org_path,
        holding=holding_of(client).passed(client.agent_id, at, reason),
        pooled_at=at if pooled else None,
        shared_with=() if pooled else tuple(each for each in client.shared_with if each != agent_id),
        standing=replace(client.standing, next=None) if pooled else client.standing,
    )


def last_touch(client: Client) -> datetime:
    """The moment from which the client counts as idle: the last contact or attempt, or when they changed hands.

    A next step that was agreed on, or a quiet time after a complaint, is time in which nobody has to call.
    """
    standing = client.standing
    moments = [
        standing.touched_at,
        standing.tried_at,
        standing.agreed.at if standing.agreed else None,
        standing.quiet_until,
        holding_of(client).since,
    ]
    return max(moment for moment in moments if moment is not None)


def release_at(client: Client, policy: OwnershipPolicy) -> datetime | None:
    """When the client goes into the pool if nobody is in touch; None for who has nobody, is lost, or was erased."""
    if client.agent_id is None or client.standing.lost or client.erased_at is not None:
        return None
    idle = last_touch(client) + policy.idle(client.grade)
    holding = holding_of(client)
    if holding.reason is not Reassignment.TAKEN:
        return idle
    return max(idle, holding.since + timedelta(days=policy.protection_days))


def warned(client: Client, policy: OwnershipPolicy, now: datetime) -> datetime | None:
    """When the client goes into the pool, if that is so near that the agent is to be told; None otherwise."""
    leaves_at = release_at(client, policy)
    if leaves_at is None or leaves_at - now > timedelta(days=policy.warning_days):
        return None
    return leaves_at


def days_until_takeable(client: Client, agent_id: str, policy: OwnershipPolicy, now: datetime) -> int:
    """Whole days until this agent, who let the client go, may take them again; 0 for at once."""
    let_go = holding_of(client).let_go_by(agent_id)
    if let_go is None:
        return 0
    return max(0, ceil((let_go + timedelta(days=policy.cooling_off_days) - now) / _DAY))


Loads = Mapping[str, Mapping[Grade | None, int]]
"""How many clients of each grade each agent has."""


def spread(clients: Iterable[tuple[str, Grade | None]], loads: Loads) -> dict[str, str]:
    """Which agent gets which client, by id: the best grades first, each to whoever has the fewest of that grade.

    Between equals the one with fewer clients in all gets it. Raises ValueError when there is nobody.
    """
    if not loads:
        raise ValueError("nobody to spread over")
    held = {agent_id: Counter(dict(load)) for agent_id, load in loads.items()}
    total = {agent_id: sum(load.values()) for agent_id, load in loads.items()}
    given = {}
    for client_id, grade in sorted(clients, key=lambda each: (each[1] or "D", each[0])):
        least = min(held, key=lambda agent_id: (held[agent_id][grade], total[agent_id], agent_id))
        held[least][grade] += 1
        total[least] += 1
        given[client_id] = least
    return given


def untouched(client: Client, agent_id: str | None, since: datetime) -> bool:
    """Whether the client is still in these hands since then, and nobody did anything about them."""
    standing = client.standing
    moments = [standing.touched_at, standing.tried_at, client.grading.at if client.grading else None]
    return (
        client.agent_id == agent_id
        and holding_of(client).since == since
        and all(moment <= since for moment in moments if moment is not None)
    )
