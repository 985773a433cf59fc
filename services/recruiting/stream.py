"""What recruiting takes from its own events: its copy of the directory, and paths after a unit has moved."""

from typing import Any

from services.chassis.mongo import Document
from services.chassis.work import Transaction
from services.contracts.envelope import Received
from services.contracts.recruiting import UnitMoved
from services.recruiting.organisation.store import UNITS

PATHED = ("staff", "candidates")
"""The collections whose documents carry the org path of where they belong."""


async def unit_moved(tx: Transaction, received: Received[UnitMoved]) -> None:
    """Give everybody under the unit the path that leads there now.

    The unit's present path counts, not the event's, so an old event that comes again does no harm.
    """
    unit = (await UNITS.get(tx, received.event.unit_id)).value
    for collection in PATHED:
        await tx.collection(collection).update_many(
            {"org_path": unit.id},
            [{"$set": {"org_path": _path_through(unit.id, unit.org_path)}}],
            session=tx.session,
        )


def _path_through(unit_id: str, org_path: tuple[str, ...]) -> Document:
    """The expression for: this path, then what stood behind the unit in the old one."""
    behind: dict[str, Any] = {
        "$slice": ["$org_path", {"$add": [{"$indexOfArray": ["$org_path", unit_id]}, 1]}, 10]
    }
    return {"$concatArrays": [list(org_path), behind]}
