"""The inbox as JSON."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, JsonValue

from services.chassis.errors import NotFound
from services.chassis.web.dependencies import Store, Visitor, Work
from services.chassis.web.paging import CursorParam, Rows, SizeParam, link_header
from services.notifications.cursors import moment_position
from services.notifications.inbox import store as items
from services.notifications.inbox.model import Kind

router = APIRouter(tags=["inbox"])


class ItemOut(BaseModel):
    id: str
    kind: Kind
    at: datetime
    unread: bool
    params: dict[str, JsonValue]


class CountOut(BaseModel):
    unread: int
    """At most 100."""


@router.get("/inbox")
async def inbox(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    cursor: CursorParam = "",
    size: SizeParam = 50,
) -> list[ItemOut]:
    """The reader's own items, the newest first."""
    found = await items.newest(store, visitor.person_id, moment_position(cursor), size + 1)
    rows = Rows.of(found, size, lambda one: (one.item.at.isoformat(), one.id))
    response.headers.update(link_header(request, rows.next_cursor))
    return [
        ItemOut(
            id=one.id,
            kind=one.item.kind,
            at=one.item.at,
            unread=one.unread,
            params={
                name: value.isoformat() if isinstance(value, datetime) else str(value)
                for name, value in one.item.params.items()
            },
        )
        for one in rows.items
    ]


@router.get("/inbox/unread")
async def unread(visitor: Visitor, store: Store) -> CountOut:
    """How many items are unread."""
    return CountOut(unread=await items.unread(store, visitor.person_id))


@router.post("/inbox/{item_id}/read", status_code=204)
async def read(item_id: str, visitor: Visitor, work: Work) -> None:
    """The reader has seen it; a second time changes nothing."""
    if not await work.run(items.mark_read, visitor.person_id, item_id):
        raise NotFound
