"""Pairing a TV, changing what it shows, taking it away, and noticing that it went dark."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.chassis.errors import N_, FieldError, Invalid, NotFound
from services.chassis.identity import new_id
from services.chassis.organisation.model import Unit
from services.chassis.records import Stored
from services.chassis.schedule.items import DueItem, plan
from services.chassis.work import Transaction
from services.contracts.clients import DealClosed, DealUndone, ShowingDone
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.notifications import BoardStale
from services.contracts.recruiting import AgentHired
from services.notifications.boards.model import (
    CODE_VALID,
    FRESH_NEWS,
    Board,
    Pairing,
    Slot,
    SlotKind,
    as_typed,
    digest,
)
from services.notifications.boards.store import BOARDS, PAIRINGS, SIGNS, add_news, forget_news, records

FRESHNESS = "boards.freshness"
CONNECTION = "connection"
NEWS_EVENTS: tuple[type[Event], ...] = (AgentHired, ShowingDone, DealClosed, DealUndone)


async def offer(tx: Transaction, pairing: Pairing) -> None:
    """A TV shows this code from now on."""
    await tx.collection(PAIRINGS).insert_one(
        {"_id": pairing.code, "device": digest(pairing.token), "expires_at": tx.now + CODE_VALID},
        session=tx.session,
    )


async def pair(tx: Transaction, code: str, unit: Unit) -> Stored[Board]:
    """Give the TV that shows this code a board of the unit. Raises `Invalid` for a code that no TV shows."""
    found = await tx.collection(PAIRINGS).find_one_and_delete(
        {"_id": as_typed(code), "expires_at": {"$gt": tx.now}}, session=tx.session
    )
    if found is None:
        raise Invalid(
            errors=[FieldError("/code", N_("No TV shows this code. Codes change every 15 minutes."))]
        )
    board = Board(
        id=new_id(tx.now),
        unit_id=unit.id,
        org_path=unit.org_path,
        device=found["device"],
        paired_by=tx.actor,
        paired_at=tx.now,
    )
    await _look_after(tx, board, tx.now + timedelta(minutes=board.fresh_minutes))
    return await records.add(tx, board)


async def show(
    tx: Transaction, board_id: str, slots: Sequence[Slot], seconds: int, expected_version: int | None
) -> Stored[Board]:
    """Show other things. Raises `Invalid` when no ranking is among them."""
    stored = await records.get(tx, board_id, expected_version)
    if not any(slot.kind is SlotKind.RANKING for slot in slots):
        raise Invalid(errors=[FieldError("/rankings", N_("Choose at least one ranking"))])
    return await records.save(tx, stored, stored.value.showing(slots, seconds))


async def revoke(tx: Transaction, board_id: str) -> Stored[Board]:
    """The TV shows nothing of ours any more. Raises `NotFound` when it was taken away before."""
    stored = await records.get(tx, board_id)
    if stored.value.revoked_at is not None:
        raise NotFound
    return await records.save(tx, stored, replace(stored.value, revoked_at=tx.now))


async def check_freshness(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Say once that a TV went dark, and look again when it could next be."""
    for item in items:
        board_id = item.payload["board_id"]
        document = await tx.collection(BOARDS).find_one({"_id": board_id}, session=tx.session)
        if document is None or document["revoked_at"] is not None:
            continue
        stored = records.stored(document)
        board = stored.value
        sign = await tx.collection(SIGNS).find_one({"_id": board_id}, session=tx.session)
        seen_at: datetime = sign["seen_at"] if sign else board.paired_at
        limit = timedelta(minutes=board.fresh_minutes)
        if not board.is_stale(seen_at, tx.now):
            await records.save(tx, stored, replace(board, stale_since=None))
            await _look_after(tx, board, seen_at + limit)
            continue
        if board.stale_since is None:
            event = BoardStale(
                occurred_at=tx.now,
                board_id=board.id,
                unit_id=board.unit_id,
                org_path=board.org_path,
                slot=CONNECTION,
            )
            await records.save(tx, stored, replace(board, stale_since=seen_at), event)
        await _look_after(tx, board, tx.now + limit)


async def _look_after(tx: Transaction, board: Board, at: datetime) -> None:
    await plan(tx, f"board|{board.id}|{at:%Y%m%d%H%M%S%f}", FRESHNESS, at, {"board_id": board.id})


async def tell_news(tx: Transaction, batch: Sequence[Received[Any]]) -> None:
    """Keep what is worth celebrating; what is older than a week is history and no news, what is undone is neither."""
    news = []
    undone = [each.event.closed_event_id for each in batch if isinstance(each.event, DealUndone)]
    for received in batch:
        event = received.event
        if isinstance(event, DealUndone):
            continue
        if event.occurred_at < tx.now - FRESH_NEWS:
            continue
        one = {
            "_id": received.envelope.id,
            "at": event.occurred_at,
            "org_path": list(event.org_path),
        }
        if isinstance(event, AgentHired):
            one |= {
                "kind": "hired",
                "person_id": event.person_id,
                "name": event.name,
                "by": event.referrer_id or event.recruiter_id,
            }
        elif isinstance(event, DealClosed):
            one |= {"kind": "deal", "person_id": event.agent_id, "what": event.kind.value}
        else:
            one |= {"kind": "showing", "person_id": event.agent_id, "homes": event.homes}
        news.append(one)
    await add_news(tx, news)
    if undone:
        await forget_news(tx, undone)
