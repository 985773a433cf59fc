"""The agent's day on one page."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.chassis.mongo import Mongo
from services.chassis.web.dependencies import Live, Page, Store
from services.clients import words
from services.clients.dependencies import Asking, Personal
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker
from services.clients.today.views import Shown, today

router = APIRouter()


@router.get("/today")
async def my_day(page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """What is due, in order of worth and urgency, and where the time goes."""
    return page.show("today/today.html", **await _context(store, personal, asker))


@router.get("/today/live", response_class=EventSourceResponse)
async def live_day(
    page: Page, store: Store, personal: Personal, asker: Asking, live: Live
) -> AsyncIterator[ServerSentEvent]:
    """The same, whenever something of it changes."""
    mine = asker.access.person_id
    shown: Shown = {}
    async for _ in live.changes(
        "follow_ups", "showings", concerns=lambda changed: changed["agent_id"] == mine
    ):
        asker = Asker(asker.access, asker.route, page.site.clock())
        yield page.event("today/day.html", **await _context(store, personal, asker, shown))


async def _context(
    store: Mongo, personal: PersonalData, asker: Asker, shown: Shown | None = None
) -> dict[str, Any]:
    return {
        "day": await today(store, personal, asker, shown),
        "at": asker.now,
        "rules": words.RULES,
        "levels": words.LEVELS,
        "intents": words.INTENTS,
        "relations": words.RELATIONS,
        "outcomes": words.OUTCOMES,
        "outcome_icons": words.OUTCOME_ICONS,
    }
