"""The TV itself: it shows a code until somebody pairs it, and then its unit's board, live.

No password and no session: the token in its cookie opens this one board and nothing else, until it is revoked.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.chassis.errors import NotFound
from services.chassis.mongo import DuplicateKeyError
from services.chassis.records import Stored
from services.chassis.web.dependencies import Directory, Live, PublicPage, Store
from services.chassis.web.formats import Formats
from services.chassis.web.page import PageWriter
from services.chassis.web.site import site_of
from services.chassis.work import UnitOfWork
from services.notifications.boards import views
from services.notifications.boards.commands import offer
from services.notifications.boards.model import Board, digest, new_pairing
from services.notifications.boards.store import BOARDS, MEETINGS, NEWS, PAIRINGS, by_device, seen
from services.notifications.leaderboards.model import EFFORT, RESULT_METRICS
from services.notifications.leaderboards.store import PULSES
from services.notifications.leaderboards.words import METRICS, PRESENT, figures_of

router = APIRouter()

DEVICE_COOKIE = "muster_tv"
COOKIE_PATH = "/notifications/tv"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep any cookie; each visit begins it anew."""
CODE_TRIES = 5


@router.get("/tv")
async def tv(request: Request, page: PublicPage, store: Store, directory: Directory) -> Response:
    """The board of this TV, or the code with which it is paired."""
    token = request.cookies.get(DEVICE_COOKIE, "")
    board = await by_device(store, digest(token)) if token else None
    if board is not None:
        try:
            context = await board_context(page, store, directory, board.value)
        except NotFound:
            # paired before the directory knew the unit; the page asks again
            response = page.show("boards/pairing.html", code="")
        else:
            response = page.show("boards/tv.html", preview=False, **context)
        await seen(store, board.id, page.now)
    else:
        code, token = await _code(request, store, token)
        response = page.show("boards/pairing.html", code=code)
    response.set_cookie(
        DEVICE_COOKIE,
        token,
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=site_of(request).settings.secure,
    )
    return response


async def _code(request: Request, store: Store, token: str) -> tuple[str, str]:
    """The code that this TV shows already, or a fresh one with its token."""
    site = site_of(request)
    waiting = await store.collection(PAIRINGS).find_one(
        {"device": digest(token), "expires_at": {"$gt": site.clock()}}
    )
    if token and waiting is not None:
        return str(waiting["_id"]), token
    work = UnitOfWork(store, site.clock, site.source)
    for _ in range(CODE_TRIES):
        pairing = new_pairing()
        try:
            await work.run(offer, pairing)
        except DuplicateKeyError:
            continue
        return pairing.code, pairing.token
    raise NotFound


@router.get("/tv/live", response_class=EventSourceResponse)
async def live(
    request: Request, page: PublicPage, store: Store, directory: Directory, changes: Live
) -> AsyncIterator[ServerSentEvent]:
    """Everything on the screen again: when something changed, when the next ranking is on, when it was paired."""
    device = digest(request.cookies.get(DEVICE_COOKIE, ""))
    clock = site_of(request).clock
    paired = await by_device(store, device)
    if paired is None:
        waiting = changes.changes(BOARDS, concerns=lambda document: document["device"] == device)
        async for _ in waiting:
            if await by_device(store, device) is not None:
                yield page.event("boards/pairing.html", "again")
                return
        return
    unit_id, org_path = paired.value.unit_id, paired.value.org_path

    def concerns(document: dict[str, Any]) -> bool:
        return (
            unit_id in document.get("units", ())
            or unit_id in document.get("org_path", ())
            or document.get("unit_id") in org_path
            or document.get("device") == device
        )

    watched = changes.changes(PULSES, NEWS, MEETINGS, BOARDS, concerns=concerns)
    async with aclosing(_or_turned(watched, paired, clock)) as moments:  # type: ignore[type-var]
        async for _ in moments:
            board = await by_device(store, device)
            if board is None:
                yield page.event("boards/pairing.html", "again")
                return
            page.now = clock()
            context = await board_context(page, store, directory, board.value)
            await seen(store, board.id, page.now)
            yield page.event("boards/tv.html", "screen", **context)


async def _or_turned(changes: AsyncIterator[None], board: Stored[Board], clock: Any) -> AsyncIterator[None]:
    """What changes yields, and whenever it is the next ranking's turn."""
    waiting = asyncio.ensure_future(anext(changes, StopAsyncIteration))
    try:
        while True:
            done, _ = await asyncio.wait({waiting}, timeout=board.value.turns_in(clock()) + 0.05)
            if done:
                if waiting.result() is StopAsyncIteration:
                    return
                waiting = asyncio.ensure_future(anext(changes, StopAsyncIteration))
            yield
    finally:
        waiting.cancel()


async def board_context(page: PageWriter, store: Store, directory: Directory, board: Board) -> dict[str, Any]:
    """What the template of a board needs: the screen, and the clock of its unit."""
    screen = await views.screen(store, directory, board, page.now)
    at_unit = Formats(page.language.locale, screen.unit.time_zone, page.now)
    return {
        "screen": screen,
        "metric_words": METRICS,
        "present_words": PRESENT,
        "result_metrics": RESULT_METRICS,
        "figure": figures_of(at_unit, screen.slot.metric if screen.slot else EFFORT),
        "at_unit": at_unit,
    }
