"""Who sees which client, how much of them, and who may write. Pure.

An agent sees their own clients. Supervisor and branch manager look after the agents under them and see and write what
these do. Trainers, regions and head office see the clients of their units with what is personal masked, and write
nothing. Operations see no clients.
"""

from services.chassis.access import Access
from services.chassis.errors import Forbidden, NotFound
from services.chassis.mongo import Document
from services.chassis.personal_data.masking import Level
from services.clients.files.model import Client
from services.contracts.organisation import Role

LOOKS_AFTER = (Role.SUPERVISOR, Role.BRANCH_MANAGER)
LOOKS_ON = (Role.TRAINER, Role.REGIONAL, Role.HEAD_OFFICE)


def level_for(access: Access, agent_id: str, org_path: tuple[str, ...]) -> Level:
    """How much of the personal data of a client of this agent, at this place, is shown."""
    if agent_id == access.person_id or access.may(*LOOKS_AFTER, at=org_path):
        return Level.FULL
    return Level.MASKED if access.may(*LOOKS_ON, at=org_path) else Level.NONE


def may_write(access: Access, agent_id: str, org_path: tuple[str, ...]) -> bool:
    """Whether the person may write in the file."""
    return agent_id == access.person_id or access.may(*LOOKS_AFTER, at=org_path)


def require_sight(access: Access, agent_id: str, org_path: tuple[str, ...]) -> None:
    """Do nothing when the client is theirs to see; `NotFound` otherwise, as if there were none."""
    if level_for(access, agent_id, org_path) is Level.NONE:
        raise NotFound


def require_pen(access: Access, client: Client) -> None:
    """Do nothing when the person may write in the file. Raises `NotFound`, `Forbidden`."""
    require_sight(access, client.agent_id, client.org_path)
    if not may_write(access, client.agent_id, client.org_path):
        raise Forbidden


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
