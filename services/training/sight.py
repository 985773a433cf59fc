"""Who may see and direct what. Everybody else gets `NotFound`, as if it did not exist."""

from collections.abc import Sequence

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Document, Mongo
from services.chassis.records import Stored
from services.contracts.organisation import Role
from services.training.meetings.model import Meeting
from services.training.meetings.store import meeting_of
from services.training.series.model import Series
from services.training.series.store import series_of

DIRECTORS = (Role.TRAINER, Role.BRANCH_MANAGER)
"""Who plans and directs the meetings of the units below the one where they hold the role."""


def sees(visitor: Access, org_path: Sequence[str]) -> bool:
    """Whether a meeting at this place is theirs to see: of a unit they belong to, or one they look after."""
    return org_path[-1] in visitor.org_path or visitor.sees(org_path)


def directs(visitor: Access, org_path: Sequence[str]) -> bool:
    """Whether they plan and direct there."""
    return visitor.may(*DIRECTORS, at=org_path)


def leads(visitor: Access, org_path: Sequence[str]) -> bool:
    """Whether they look after the whole unit, so that who was absent is said to them by name."""
    return visitor.sees(org_path)


def place(visitor: Access) -> Document:
    """The filter on meetings of what is theirs to see."""
    units = list(visitor.unit_ids)
    own: Document = {"unit_id": {"$in": list(visitor.org_path)}}
    return {"$or": [{"org_path": {"$in": units}}, own]} if units else own


async def seen_meeting(store: Mongo, visitor: Access, meeting_id: str) -> Stored[Meeting]:
    """The meeting. Raises `NotFound`."""
    stored = await meeting_of(store, meeting_id)
    if not sees(visitor, stored.value.org_path):
        raise NotFound
    return stored


async def directed_meeting(store: Mongo, visitor: Access, meeting_id: str) -> Stored[Meeting]:
    """The meeting, for who directs it. Raises `NotFound`, and `Forbidden` for who may only see it."""
    stored = await seen_meeting(store, visitor, meeting_id)
    visitor.require(*DIRECTORS, at=stored.value.org_path)
    return stored


async def seen_series(store: Mongo, visitor: Access, series_id: str) -> Stored[Series]:
    """The series. Raises `NotFound`."""
    stored = await series_of(store, series_id)
    if not sees(visitor, stored.value.org_path):
        raise NotFound
    return stored


async def directed_series(store: Mongo, visitor: Access, series_id: str) -> Stored[Series]:
    """The series, for who plans it. Raises `NotFound`, and `Forbidden` for who may only see it."""
    stored = await seen_series(store, visitor, series_id)
    visitor.require(*DIRECTORS, at=stored.value.org_path)
    return stored
