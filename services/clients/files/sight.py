"""Who sees which client, how much of them, and who may write. Pure.

An agent sees their own clients, and those that are shared with them. Supervisor and branch manager look after the
agents under them and see and write what these do. Trainers, regions and head office see the clients of their units
with what is personal masked, and write nothing. Operations see no clients.

A client in the pool belongs to who looks after agents there; the agents themselves see a masked name and nothing else,
until they take the client.
"""

from collections.abc import Mapping, Sequence

from services.chassis.access import Access
from services.chassis.errors import N_, Conflict, Forbidden, NotFound
from services.chassis.mongo import Document
from services.chassis.personal_data.masking import Level
from services.clients.files.model import Client
from services.contracts.organisation import Role

LOOKS_AFTER = (Role.SUPERVISOR, Role.BRANCH_MANAGER)
LOOKS_ON = (Role.TRAINER, Role.REGIONAL, Role.HEAD_OFFICE)


def level_for(
    access: Access, agent_id: str | None, org_path: tuple[str, ...], shared_with: tuple[str, ...] = ()
) -> Level:
    """How much of the personal data of a client of this agent, at this place, is shown; no agent means the pool."""
    if may_write(access, agent_id, org_path, shared_with):
        return Level.FULL
    looks_on = access.may(*LOOKS_ON, at=org_path)
    return Level.MASKED if looks_on or (agent_id is None and may_take(access, org_path)) else Level.NONE


def may_write(
    access: Access, agent_id: str | None, org_path: tuple[str, ...], shared_with: tuple[str, ...] = ()
) -> bool:
    """Whether the person may write in the file."""
    if access.person_id in (agent_id, *shared_with) or access.may(*LOOKS_AFTER, at=org_path):
        return True
    # Teams lie under the branch that has the pool.
    return agent_id is None and any(
        grant.role in LOOKS_AFTER and org_path[-1] in grant.org_path for grant in access.grants
    )


def may_take(access: Access, org_path: tuple[str, ...]) -> bool:
    """Whether the person works where this pool is, and so may take clients out of it."""
    return access.has(Role.AGENT, Role.SUPERVISOR) and org_path[-1] in access.org_path


def level_of(access: Access, client: Client) -> Level:
    """How much of this client's personal data is shown."""
    return level_for(access, client.agent_id, client.org_path, client.shared_with)


def shown_of(access: Access, client: Client) -> Mapping[str, bytes]:
    """The sealed fields of which the person sees something: of a client in the pool, who may only take, the name."""
    if client.agent_id is None and level_of(access, client) is Level.MASKED:
        return {name: client.sealed[name] for name in ("name",) if name in client.sealed}
    return client.sealed


def may_merge(access: Access, clients: Sequence[Client]) -> bool:
    """Whether the person may make one file of these: each is their own, or of agents whom they look after."""
    return all(may_write(access, client.agent_id, client.org_path) for client in clients)


def require_sight(
    access: Access, agent_id: str | None, org_path: tuple[str, ...], shared_with: tuple[str, ...] = ()
) -> None:
    """Do nothing when the client is theirs to see; `NotFound` otherwise, as if there were none."""
    if level_for(access, agent_id, org_path, shared_with) is Level.NONE:
        raise NotFound


def require_pen(access: Access, client: Client) -> None:
    """Do nothing when the person may write in the file. Raises `NotFound`, `Forbidden`; `Conflict` when erased."""
    require_sight(access, client.agent_id, client.org_path, client.shared_with)
    if not may_write(access, client.agent_id, client.org_path, client.shared_with):
        raise Forbidden
    if client.erased_at is not None:
        raise Conflict(N_("This client was erased on request; nothing is written down any more"))


def units_of(access: Access) -> list[str]:
    """The units whose clients are theirs to see; empty for an agent."""
    held = [grant for grant in access.grants if grant.role in (*LOOKS_AFTER, *LOOKS_ON)]
    ids = {grant.unit_id for grant in held}
    # A unit under another one of theirs is in that one's subtree already.
    return sorted({grant.unit_id for grant in held if not ids & set(grant.org_path[:-1])})


def scope(access: Access, *, own: bool) -> Document:
    """The filter of what is theirs: their own clients, or those of their units. Raises `NotFound` for no units."""
    if own:
        return {"agent_id": access.person_id}
    units = units_of(access)
    if not units:
        raise NotFound
    return {"org_path": units[0] if len(units) == 1 else {"$in": units}}
