"""The org tree in MongoDB."""

from services.chassis.mongo import Indexes, IndexModel
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.contracts.recruiting import UNIT
from services.recruiting.organisation.model import Unit

UNITS: Records[Unit] = Records("org_units", Unit, aggregate=UNIT, org_path=lambda unit: unit.org_path)

INDEXES: Indexes = {
    "org_units": [
        # the subtree of a unit
        IndexModel([("org_path", 1)]),
        IndexModel([("parent_id", 1), ("closed", 1)]),
    ]
}


async def below(tx: Transaction, unit: Stored[Unit]) -> dict[str, Stored[Unit]]:
    """All units below this one by id, closed ones included, without the unit itself."""
    cursor = tx.collection("org_units").find(
        {"org_path": unit.id, "_id": {"$ne": unit.id}}, session=tx.session
    )
    return {document["_id"]: UNITS.stored(document) async for document in cursor}


async def open_children(tx: Transaction, unit_id: str) -> int:
    """How many open units stand directly under this one."""
    return await tx.collection("org_units").count_documents(
        {"parent_id": unit_id, "closed": False}, session=tx.session
    )
