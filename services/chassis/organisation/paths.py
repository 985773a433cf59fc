"""Documents that carry the org path of where they belong follow their unit when it moves."""

from typing import Any

from services.chassis.mongo import Document
from services.chassis.organisation.events import UNITS, Handler
from services.chassis.work import Transaction
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.recruiting import UnitMoved

_LEVELS = 10
"""More than a tree of ours has; what stands behind the unit is copied up to so many steps."""


def follow_moves(*collections: str) -> dict[type[Event], Handler]:
    """A table for a `Subscription`: whatever lies under a moved unit, in these collections, gets the path of today.

    It stands after the directory's own table, because the path is taken from there and not from the event: an old
    event that comes again changes nothing. Not for records of what was, such as a ledger: they keep their path.
    """

    async def unit_moved(tx: Transaction, received: Received[UnitMoved]) -> None:
        unit_id = received.event.unit_id
        unit = await tx.collection(UNITS).find_one({"_id": unit_id}, {"org_path": 1}, session=tx.session)
        if unit is None or "org_path" not in unit:
            return
        for collection in collections:
            await tx.collection(collection).update_many(
                {"org_path": unit_id},
                [{"$set": {"org_path": _through(unit_id, unit["org_path"])}}],
                session=tx.session,
            )

    return {UnitMoved: unit_moved}


def _through(unit_id: str, org_path: list[str]) -> Document:
    """The expression for: this path, then what stood behind the unit in the old one."""
    behind: dict[str, Any] = {
        "$slice": ["$org_path", {"$add": [{"$indexOfArray": ["$org_path", unit_id]}, 1]}, _LEVELS]
    }
    return {"$concatArrays": [org_path, behind]}
