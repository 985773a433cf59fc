"""Boards as JSON."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.chassis.errors import NotFound
from services.chassis.web.answers import created, nothing
from services.chassis.web.dependencies import Directory, Once, Store, Visitor
from services.chassis.web.paging import CursorParam, Rows, SizeParam, link_header
from services.notifications.boards import commands
from services.notifications.boards.model import Board, SlotKind
from services.notifications.boards.pages import KEEPERS, NewBoard, board_of, kept_units
from services.notifications.boards.store import boards_under, last_seen
from services.notifications.cursors import moment_position
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import PeriodKind

router = APIRouter(tags=["boards"])


class SlotOut(BaseModel):
    kind: SlotKind
    metric: Metric
    period: PeriodKind


class BoardOut(BaseModel):
    id: str
    unit_id: str
    slots: list[SlotOut]
    seconds: int
    paired_at: datetime
    seen_at: datetime | None
    stale_since: datetime | None

    @classmethod
    def of(cls, board: Board, seen_at: datetime | None = None) -> "BoardOut":
        return cls(
            id=board.id,
            unit_id=board.unit_id,
            slots=[SlotOut(kind=slot.kind, metric=slot.metric, period=slot.period) for slot in board.slots],
            seconds=board.seconds,
            paired_at=board.paired_at,
            seen_at=seen_at,
            stale_since=board.stale_since,
        )


@router.get("/boards")
async def boards(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    cursor: CursorParam = "",
    size: SizeParam = 50,
) -> list[BoardOut]:
    """The boards that the reader looks after, the newest first."""
    found = await boards_under(store, kept_units(visitor), moment_position(cursor), size + 1)
    rows = Rows.of(found, size, lambda one: (one.value.paired_at.isoformat(), one.id))
    response.headers.update(link_header(request, rows.next_cursor))
    seen = await last_seen(store, [one.id for one in rows.items])
    return [BoardOut.of(one.value, seen.get(one.id)) for one in rows.items]


@router.post("/boards", status_code=201, response_model=BoardOut)
async def pair(body: NewBoard, visitor: Visitor, directory: Directory, once: Once) -> Response:
    """Pair the TV that shows this code with a unit."""
    unit = await directory.unit(body.unit_id)
    if not visitor.may(*KEEPERS, at=unit.org_path):
        raise NotFound
    return await once.run(
        lambda board: created(
            f"/notifications/api/boards/{board.id}", BoardOut.of(board.value), version=board.version
        ),
        commands.pair,
        body.code,
        unit,
    )


@router.get("/boards/{board_id}")
async def board(board_id: str, visitor: Visitor, store: Store) -> BoardOut:
    """One board that the reader looks after."""
    stored = await board_of(store, visitor, board_id)
    return BoardOut.of(stored.value, (await last_seen(store, [board_id])).get(board_id))


@router.delete("/boards/{board_id}", status_code=204)
async def revoke(board_id: str, visitor: Visitor, store: Store, once: Once) -> Response:
    """The TV shows nothing of ours any more."""
    await board_of(store, visitor, board_id)
    return await once.run(lambda _: nothing(), commands.revoke, board_id)
