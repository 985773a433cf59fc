"""Who may change the tree and the roles of people."""

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.contracts.organisation import Role

KEEPERS = (Role.HEAD_OFFICE, Role.OPERATIONS)
"""Who may change the tree of the company."""


def require_insight(access: Access) -> None:
    """Return for somebody who leads something; raises `NotFound` for an agent, who has no tree to look at."""
    if access.only_own:
        raise NotFound
