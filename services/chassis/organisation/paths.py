"""Documents that carry the org path of where they belong follow their unit when it moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.mongo import Document
from services.chassis.organisation.events import UNITS, Handler
from services.chassis.schedule.items import DueHandlers, DueItem, plan
from services.chassis.work import Transaction
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.recruiting import UnitMoved

STEP = 2_000
"""Documents in one transaction: a region has more than one that would be done before the server gives it up."""
_KIND = "unit-moved"
_LEVELS = 10
"""More than a tree of ours has; what stands behind the unit is copied up to so many steps."""


@dataclass(frozen=True)
class Moves:
    """Keeps the paths in these collections those of today.

    `handlers` is a table for a `Subscription`. It stands after the directory's own table, because the path is taken
    from there and not from the event: an old event that comes again changes nothing. A small unit has moved when the
    event is done with; of a large one the rest follows in steps, by `due_handlers`. Not for records of what was, such
    as a ledger: they keep their path.
    """

    collections: tuple[str, ...]

    @property
    def handlers(self) -> dict[type[Event], Handler]:
        return {UnitMoved: self._unit_moved}

    @property
    def due_handlers(self) -> DueHandlers:
        return {_KIND: self._go_on}

    async def _unit_moved(self, tx: Transaction, received: Received[UnitMoved]) -> None:
        await self._step(tx, received.event.unit_id, received.envelope.id, 0)

    async def _go_on(self, tx: Transaction, items: Sequence[DueItem]) -> None:
        for item in items:
            await self._step(tx, item.payload["unit_id"], item.payload["cause_id"], item.payload["steps"])

    async def _step(self, tx: Transaction, unit_id: str, cause_id: str, steps: int) -> None:
        unit = await tx.collection(UNITS).find_one({"_id": unit_id}, {"org_path": 1}, session=tx.session)
        if unit is None or "org_path" not in unit:
            return
        left = STEP
        for collection in self.collections:
            left -= await _move(tx, collection, unit_id, unit["org_path"], left)
            if left == 0:
                payload = {"unit_id": unit_id, "cause_id": cause_id, "steps": steps + 1}
                await plan(tx, f"{_KIND}/{cause_id}/{steps + 1}", _KIND, tx.now, payload)
                return


def follow_moves(*collections: str) -> Moves:
    """Have whatever lies under a moved unit, in these collections, get the path of today."""
    return Moves(collections)


async def _move(tx: Transaction, collection: str, unit_id: str, org_path: list[str], most: int) -> int:
    """How many of the documents that are not there yet were moved."""
    head = {"$slice": ["$org_path", len(org_path)]}
    behind = {"org_path": unit_id, "$expr": {"$ne": [head, org_path]}}
    found = tx.collection(collection).find(behind, {"_id": 1}, limit=most, session=tx.session)
    ids = [each["_id"] for each in await found.to_list(None)]
    if ids:
        await tx.collection(collection).update_many(
            {"_id": {"$in": ids}},
            [{"$set": {"org_path": _through(unit_id, org_path)}}],
            session=tx.session,
        )
    return len(ids)


def _through(unit_id: str, org_path: list[str]) -> Document:
    """The expression for: this path, then what stood behind the unit in the old one."""
    behind: dict[str, Any] = {
        "$slice": ["$org_path", {"$add": [{"$indexOfArray": ["$org_path", unit_id]}, 1]}, _LEVELS]
    }
    return {"$concatArrays": [org_path, behind]}
