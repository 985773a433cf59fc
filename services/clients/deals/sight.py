"""Who sees a deal, and who may take which step. Pure.

A deal is seen by whoever sees the client, and by everybody who has a share in it; these see no personal data of a
client who is not theirs. The client's agent writes it down, and who looks after the agent; the shares are confirmed by
who looks after the agent, and never by a supervisor who has a share.
"""

from services.chassis.access import Access
from services.chassis.errors import Forbidden, NotFound
from services.chassis.personal_data.masking import Level
from services.clients.deals.model import Deal, Stage
from services.clients.files.sight import LOOKS_AFTER, level_for
from services.contracts.organisation import Role


def sees(access: Access, deal: Deal) -> bool:
    """Whether the deal is theirs to see."""
    return (
        access.person_id in deal.people or level_for(access, deal.agent_id, deal.org_path) is not Level.NONE
    )


def may_write(access: Access, deal: Deal) -> bool:
    """Whether the person writes the deal down, signs it, and says that it came to nothing."""
    return access.person_id == deal.agent_id or access.may(*LOOKS_AFTER, at=deal.org_path)


def may_confirm(access: Access, deal: Deal) -> bool:
    """Whether the person confirms the shares of this deal, or sends it back."""
    if access.may(Role.BRANCH_MANAGER, at=deal.org_path):
        return True
    return access.may(Role.SUPERVISOR, at=deal.org_path) and access.person_id not in deal.people


def may_undo(access: Access, deal: Deal) -> bool:
    """Whether the person may say that it came to nothing: once it counts, only who may confirm such a deal."""
    if deal.stage in (Stage.NEGOTIATING, Stage.PROPOSED):
        return may_write(access, deal)
    return may_confirm(access, deal)


def require(allowed: bool, access: Access, deal: Deal) -> None:
    """Do nothing when it is allowed. Raises `NotFound` for who does not see the deal, else `Forbidden`."""
    if not sees(access, deal):
        raise NotFound
    if not allowed:
        raise Forbidden
