"""Boards in the office: which TVs there are, pairing, what each shows, a preview."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import Invalid, NotFound, StaleVersion
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.paging import CursorParam, Rows
from services.chassis.web.validation import Input
from services.contracts.organisation import Role
from services.notifications.boards import commands
from services.notifications.boards.model import Board, Slot, SlotKind
from services.notifications.boards.screens import board_context
from services.notifications.boards.store import BOARDS, boards_under, last_seen, records
from services.notifications.cursors import moment_position
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import PeriodKind
from services.notifications.leaderboards.words import METRICS, PRESENT

router = APIRouter()

KEEPERS = (Role.TRAINER, Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)
"""Who looks after TVs, for what lies under them."""
SIZE = 30
HOME = "/notifications/boards"


class NewBoard(Input):
    code: Annotated[str, Field(min_length=4, max_length=12)]
    unit_id: Annotated[str, Field(min_length=1, max_length=64)]


class BoardEdit(Input):
    rankings: Annotated[tuple[str, ...], Field(max_length=40)] = ()
    others: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    seconds: Annotated[int, Field(ge=5, le=120)] = 15


CHOICES = tuple(
    Slot(SlotKind.RANKING, metric, period)
    for metric in (
        Metric.EFFORT_POINTS,
        Metric.RESULT_POINTS,
        Metric.SHOWINGS,
        Metric.FOLLOW_UPS_DONE,
        Metric.NEW_CLIENTS,
        Metric.AGENTS_HIRED,
        Metric.DEALS_CLOSED,
        Metric.COMMISSION,
        Metric.REFERRALS_MADE,
    )
    for period in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH)
)
OTHERS = (SlotKind.IMPROVED, SlotKind.NEWS, SlotKind.MEETING)


def kept_units(visitor: Access) -> list[str]:
    """The units whose boards the visitor looks after. Raises `NotFound` for somebody who looks after none."""
    units = [grant.unit_id for grant in visitor.grants if grant.role in KEEPERS]
    if not units:
        raise NotFound
    return units


async def board_of(store: Store, visitor: Access, board_id: str) -> Stored[Board]:
    """A board that the visitor looks after. Raises `NotFound`."""
    document = await store.collection(BOARDS).find_one({"_id": board_id, "revoked_at": None})
    if document is None:
        raise NotFound
    stored = records.stored(document)
    if not visitor.may(*KEEPERS, at=stored.value.org_path):
        raise NotFound
    return stored


async def _list(
    page: PageWriter,
    visitor: Access,
    store: Store,
    directory: Directory,
    form: Form[NewBoard],
    cursor: str = "",
) -> dict[str, Any]:
    kept = kept_units(visitor)
    found = await boards_under(store, kept, moment_position(cursor), SIZE + 1)
    rows = Rows.of(found, SIZE, lambda one: (one.value.paired_at.isoformat(), one.id))
    units = await directory.subtree(*kept)
    return {
        "boards": rows.items,
        "next_cursor": rows.next_cursor,
        "seen": await last_seen(store, [one.id for one in rows.items]),
        "units": {unit.id: unit for unit in units},
        "choices": [(unit.id, unit.name) for unit in units],
        "form": form,
    }


@router.get("/boards")
async def boards(
    page: Page, visitor: Visitor, store: Store, directory: Directory, cursor: CursorParam = ""
) -> Response:
    context = await _list(page, visitor, store, directory, Form.of(NewBoard), cursor)
    return page.show("boards/boards.html", **context)


@router.post("/boards")
async def pair(
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    once: Once,
    form: Annotated[Form[NewBoard], Depends(form_of(NewBoard))],
) -> Response:
    try:
        new = form.valid()
        unit = await directory.unit(new.unit_id)
        if not visitor.may(*KEEPERS, at=unit.org_path):
            raise NotFound
        return await once.run(
            lambda board: see(f"{HOME}/{board.id}", toast=page.say("The TV is paired")),
            commands.pair,
            new.code,
            unit,
        )
    except Invalid as problem:
        context = await _list(page, visitor, store, directory, form.with_errors(problem))
        return page.show("boards/boards.html", status=422, **context)


@router.get("/boards/{board_id}")
async def board(board_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory) -> Response:
    stored = await board_of(store, visitor, board_id)
    return page.show("boards/board.html", **await _edit(directory, stored, _form(stored)))


def _form(stored: Stored[Board]) -> Form[BoardEdit]:
    return Form.of(BoardEdit, _values(stored.value), version=stored.version)


def _values(one: Board) -> dict[str, object]:
    return {
        "rankings": [_name(slot) for slot in one.slots if slot.kind is SlotKind.RANKING],
        "others": [slot.kind.value for slot in one.slots if slot.kind is not SlotKind.RANKING],
        "seconds": one.seconds,
    }


def _name(slot: Slot) -> str:
    return f"{slot.metric}:{slot.period}"


async def _edit(directory: Directory, stored: Stored[Board], form: Form[BoardEdit]) -> dict[str, Any]:
    return {
        "board": stored.value,
        "unit": await directory.unit(stored.value.unit_id),
        "form": form,
        "rankings": [(_name(slot), slot) for slot in CHOICES],
        "others": OTHERS,
        "metric_words": METRICS,
        "present_words": PRESENT,
    }


@router.post("/boards/{board_id}")
async def change(
    board_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    work: Work,
    form: Annotated[Form[BoardEdit], Depends(form_of(BoardEdit))],
) -> Response:
    stored = await board_of(store, visitor, board_id)
    try:
        edit = form.valid()
        wanted = set(edit.rankings)
        slots = [slot for slot in CHOICES if _name(slot) in wanted]
        slots += [Slot(kind, period=PeriodKind.WEEK) for kind in OTHERS if kind.value in edit.others]
        await work.run(commands.show, board_id, slots, edit.seconds, form.version)
    except Invalid as problem:
        context = await _edit(directory, stored, form.with_errors(problem))
        return page.show("boards/board.html", status=422, **context)
    except StaleVersion:
        now = await board_of(store, visitor, board_id)
        context = await _edit(directory, now, form.against(_values(now.value), version=now.version))
        return page.show("boards/board.html", status=412, **context)
    return page.go(f"{HOME}/{board_id}", toast=page.say("The TV shows it now"))


@router.post("/boards/{board_id}/revoke")
async def revoke(board_id: str, page: Page, visitor: Visitor, store: Store, once: Once) -> Response:
    await board_of(store, visitor, board_id)
    return await once.run(
        lambda _: see(HOME, toast=page.say("The TV shows nothing of ours any more")),
        commands.revoke,
        board_id,
    )


@router.get("/boards/{board_id}/preview")
async def preview(
    board_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory
) -> Response:
    """The screen as the TV shows it at this moment."""
    stored = await board_of(store, visitor, board_id)
    context = await board_context(page, store, directory, stored.value)
    return page.show("boards/tv.html", preview=True, **context)
