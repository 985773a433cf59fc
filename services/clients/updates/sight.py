"""Who reads, writes and sends updates. Pure."""

from services.chassis.access import Access
from services.chassis.errors import Forbidden, NotFound
from services.clients.updates.model import Update
from services.contracts.organisation import Role

WRITERS = (Role.TRAINER, Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)
SENDERS = (Role.AGENT, Role.SUPERVISOR)
READERS = (*WRITERS, *SENDERS)


def sees(access: Access, update: Update) -> bool:
    """Whether it was published to where they belong, or to what they lead."""
    belongs = access.has(*READERS) and update.unit_id in access.org_path
    return belongs or access.may(*WRITERS, Role.SUPERVISOR, at=update.org_path)


def require_sight(access: Access, update: Update) -> None:
    """Do nothing when it is theirs to read. Raises `NotFound`."""
    if not sees(access, update):
        raise NotFound


def may_write(access: Access, update: Update) -> bool:
    """Whether they may take it back: its author, and who writes for this unit."""
    return access.person_id == update.author_id or access.may(*WRITERS, at=update.org_path)


def require_pen(access: Access, update: Update) -> None:
    """Do nothing when they may write. Raises `NotFound`, `Forbidden`."""
    require_sight(access, update)
    if not may_write(access, update):
        raise Forbidden


def require_sender(access: Access, update: Update) -> None:
    """Do nothing for somebody with clients to whom it was published. Raises `NotFound`, `Forbidden`."""
    require_sight(access, update)
    if not (access.has(*SENDERS) and update.unit_id in access.org_path):
        raise Forbidden


def concerned_units(access: Access) -> list[str]:
    """The units whose updates are in somebody's list: where they belong, and what they write for."""
    if not access.has(*READERS):
        raise NotFound
    led = [grant.unit_id for grant in access.grants if grant.role in WRITERS]
    return list(dict.fromkeys([*access.org_path, *led]))
