"""Who may do what about who has a client. Pure."""

from services.chassis.access import Access
from services.chassis.errors import Forbidden, NotFound
from services.clients.files.model import Client
from services.clients.files.sight import LOOKS_AFTER, require_pen, require_sight, units_of
from services.contracts.organisation import Role

DECIDES = (Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)
"""Who sets by which rules clients change hands."""
HANDS_OVER = frozenset(LOOKS_AFTER)
WORKS_WITH_POOL = frozenset({Role.AGENT, Role.SUPERVISOR, Role.BRANCH_MANAGER})


def leads(access: Access, client: Client) -> bool:
    """Whether the person looks after whoever has the client, or after agents of the pool they are in."""
    place = client.org_path
    return any(
        grant.role in LOOKS_AFTER
        and (grant.reaches(place) or (client.agent_id is None and place[-1] in grant.org_path))
        for grant in access.grants
    )


def require_lead(access: Access, client: Client) -> None:
    """Do nothing for who may give the client to somebody else. Raises `NotFound`, `Forbidden`."""
    require_sight(access, client.agent_id, client.org_path, client.shared_with)
    if not leads(access, client):
        raise Forbidden


def require_owner(access: Access, client: Client) -> None:
    """Do nothing for the client's agent and for who leads them: others neither share nor give up a client.

    Raises `NotFound`, `Forbidden`.
    """
    require_pen(access, client)
    if access.person_id != client.agent_id and not leads(access, client):
        raise Forbidden


def led_units(access: Access) -> list[str]:
    """The units whose agents the person looks after."""
    return sorted({grant.unit_id for grant in access.grants if grant.role in LOOKS_AFTER})


def may_get(access: Access, org_path: tuple[str, ...]) -> bool:
    """Whether the person may give clients to somebody at this place."""
    return access.may(*LOOKS_AFTER, at=org_path)


def pools_of(access: Access) -> list[str]:
    """The units whose pools are the person's to look at. Raises `NotFound` for who has nothing to do with clients."""
    if access.has(Role.AGENT, Role.SUPERVISOR):
        return [access.org_path[min(2, len(access.org_path) - 1)]]
    units = units_of(access)
    if not units:
        raise NotFound
    return units


def handovers_at(access: Access) -> list[str]:
    """The units whose handovers are the person's to look at. Raises `NotFound` for who leads nobody."""
    units = sorted({g.unit_id for g in access.grants if g.role in (*LOOKS_AFTER, *DECIDES)})
    if not units:
        raise NotFound
    return units
