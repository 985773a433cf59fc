"""The leaderboards as pages: the board, and what a score is made of."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.chassis.web.dependencies import Directory, Live, Page, Store, Visitor
from services.chassis.web.page import PageWriter
from services.chassis.web.paging import CursorParam
from services.notifications.cursors import moment_position
from services.notifications.leaderboards import drill_down, reading
from services.notifications.leaderboards.model import EFFORT_METRICS, RESULT_METRICS, Metric
from services.notifications.leaderboards.periods import PeriodKind
from services.notifications.leaderboards.store import PULSES
from services.notifications.leaderboards.words import KINDS, METRICS, figures_of, period_words

router = APIRouter()

MetricParam = Annotated[Metric, Query(description="What is ranked")]
PeriodParam = Annotated[
    str, Query(max_length=20, description="A period such as `month:2026-11`, or a kind: `month`")
]
UnitParam = Annotated[str, Query(max_length=64, description="Whose board; empty: the reader's own")]


async def _board(
    page: PageWriter, visitor: Visitor, store: Store, directory: Directory, wish: reading.Wish
) -> dict[str, Any]:
    board = await reading.read(store, directory, visitor, wish, page.now)
    return {
        "board": board,
        "metrics": EFFORT_METRICS if board.effort else RESULT_METRICS,
        "metric_words": METRICS,
        "figure": figures_of(page.formats, board.metric),
        "kinds": [(kind, KINDS[kind]) for kind in PeriodKind],
        "period_words": period_words(page, board.period),
        "effort": EFFORT_METRICS[0],
        "result": RESULT_METRICS[0],
    }


@router.get("/leaderboards")
async def leaderboards(
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    metric: MetricParam = Metric.EFFORT_POINTS,
    period: PeriodParam = "",
    unit: UnitParam = "",
) -> Response:
    context = await _board(page, visitor, store, directory, reading.Wish(metric, period, unit))
    return page.show("leaderboards/board.html", **context)


@router.get("/leaderboards/live", response_class=EventSourceResponse)
async def live(
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    changes: Live,
    metric: MetricParam = Metric.EFFORT_POINTS,
    period: PeriodParam = "",
    unit: UnitParam = "",
) -> AsyncIterator[ServerSentEvent]:
    wish = reading.Wish(metric, period, unit)
    chosen, _ = await reading.chosen_unit(directory, visitor, unit)
    async for _ in changes.changes(PULSES, concerns=lambda pulse: chosen.id in pulse["units"]):
        context = await _board(page, visitor, store, directory, wish)
        yield page.event("leaderboards/board.html", "figures", **context)


@router.get("/leaderboards/people/{person_id}")
async def person(
    person_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    metric: MetricParam = Metric.EFFORT_POINTS,
    period: PeriodParam = "",
    unit: UnitParam = "",
    cursor: CursorParam = "",
) -> Response:
    opened = await drill_down.opened(
        store,
        directory,
        visitor,
        person_id,
        reading.Wish(metric, period, unit),
        page.now,
        after=moment_position(cursor),
    )
    return page.show(
        "leaderboards/person.html",
        opened=opened,
        metric_words=METRICS,
        figure=figures_of(page.formats, opened.metric),
        period_words=period_words(page, opened.period),
    )
