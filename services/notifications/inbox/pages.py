"""The inbox as a page, and the number that stands beside it in every menu."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.chassis.errors import NotFound
from services.chassis.web.dependencies import Directory, Live, Page, Store, Visitor, Work
from services.chassis.web.page import PageWriter
from services.chassis.web.paging import CursorParam, Rows
from services.notifications.cursors import moment_position
from services.notifications.inbox import store as items
from services.notifications.inbox.model import WORDINGS
from services.notifications.inbox.store import ITEMS, mark_all_read, mark_read

router = APIRouter()

SIZE = 30


@dataclass(frozen=True)
class Line:
    """An item in the reader's language."""

    id: str
    icon: str
    path: str
    words: str
    at: object
    unread: bool


async def _lines(page: PageWriter, directory: Directory, found: Sequence[items.Received]) -> list[Line]:
    ids = {str(one.item.params["person_id"]) for one in found if "person_id" in one.item.params}
    people = await directory.people(ids)

    def words(one: items.Received) -> str:
        params = dict(one.item.params)
        if "person_id" in params:
            person = people.get(str(params["person_id"]))
            params["person"] = person.name if person else page.say("Somebody")
        if "moment" in params:
            params["moment"] = page.formats.moment(params["moment"])  # type: ignore[arg-type]
        if "minor" in params:
            params["money"] = page.formats.money(int(str(params["minor"])), str(params["currency"]))
        return page.say(WORDINGS[one.item.kind].title, **params)

    return [
        Line(
            one.id,
            WORDINGS[one.item.kind].icon,
            WORDINGS[one.item.kind].path,
            words(one),
            one.item.at,
            one.unread,
        )
        for one in found
    ]


async def _inbox(
    page: PageWriter, visitor: Visitor, store: Store, directory: Directory, cursor: str = ""
) -> dict[str, Any]:
    found = await items.newest(store, visitor.person_id, moment_position(cursor), SIZE + 1)
    rows = Rows.of(found, SIZE, lambda one: (one.item.at.isoformat(), one.id))
    return {
        "lines": await _lines(page, directory, rows.items),
        "unread": await items.unread(store, visitor.person_id),
        "next_cursor": rows.next_cursor,
    }


@router.get("/inbox")
async def inbox(
    page: Page, visitor: Visitor, store: Store, directory: Directory, cursor: CursorParam = ""
) -> Response:
    context = await _inbox(page, visitor, store, directory, cursor)
    return page.show("inbox/inbox.html", first_page=not cursor, **context)


@router.get("/inbox/count")
async def count(page: Page, visitor: Visitor, store: Store) -> Response:
    return page.block("inbox/inbox.html", "count", unread=await items.unread(store, visitor.person_id))


@router.get("/inbox/live", response_class=EventSourceResponse)
async def live(
    page: Page, visitor: Visitor, store: Store, directory: Directory, changes: Live
) -> AsyncIterator[ServerSentEvent]:
    async for _ in changes.changes(ITEMS, concerns=lambda item: item["person_id"] == visitor.person_id):
        context = await _inbox(page, visitor, store, directory)
        yield page.event("inbox/inbox.html", "list", **context)


@router.post("/inbox/read")
async def read_all(page: Page, visitor: Visitor, store: Store, directory: Directory, work: Work) -> Response:
    await work.run(mark_all_read, visitor.person_id)
    if not page.by_htmx:
        return page.go("/notifications/inbox")
    return page.block("inbox/inbox.html", "list", **await _inbox(page, visitor, store, directory))


@router.post("/inbox/{item_id}/open")
async def open_item(item_id: str, page: Page, visitor: Visitor, store: Store, work: Work) -> Response:
    """Read it, and go where it leads."""
    if not await work.run(mark_read, visitor.person_id, item_id):
        raise NotFound
    kind = next((kind for kind in WORDINGS if item_id.endswith(f"|{kind}")), None)
    return page.go(WORDINGS[kind].path if kind else "/notifications/inbox")
