"""Who sees listings, whose owner they see, and who may change one. Pure.

What is offered is for the whole company: everybody who works with clients sees it. The owner's contact is for the
keeper and who leads them; who looks on sees it masked, all others not at all. Operations see no listings.
"""

from services.chassis.access import Access
from services.chassis.errors import Forbidden, NotFound
from services.chassis.personal_data.masking import Level
from services.clients.files.sight import LOOKS_AFTER, LOOKS_ON
from services.clients.listings.model import Listing
from services.contracts.organisation import Role

SEE = (Role.AGENT, *LOOKS_AFTER, *LOOKS_ON)
ADD = (Role.AGENT, Role.SUPERVISOR, Role.BRANCH_MANAGER, Role.HEAD_OFFICE)
"""Head office brings in products; they are listings too."""


def company_of(access: Access) -> str:
    """The company whose listings are theirs to see. Raises `NotFound` for who sees none."""
    if not access.has(*SEE) or not access.org_path:
        raise NotFound
    return access.org_path[0]


def require_sight(access: Access, listing: Listing) -> None:
    """Do nothing when the listing is theirs to see; `NotFound` otherwise."""
    if company_of(access) != listing.company_id:
        raise NotFound


def may_add(access: Access) -> bool:
    """Whether they may bring in a listing, which they keep then."""
    return access.has(*ADD)


def may_write(access: Access, listing: Listing) -> bool:
    """Whether they may change it."""
    return listing.agent_id == access.person_id or access.may(*LOOKS_AFTER, at=listing.org_path)


def require_pen(access: Access, listing: Listing) -> None:
    """Do nothing when they may change it. Raises `NotFound`, `Forbidden`."""
    require_sight(access, listing)
    if not may_write(access, listing):
        raise Forbidden


def owner_level(access: Access, listing: Listing) -> Level:
    """How much of the owner's contact is shown."""
    if may_write(access, listing):
        return Level.FULL
    return Level.MASKED if access.may(*LOOKS_ON, at=listing.org_path) else Level.NONE
