"""Every query on showings that a command makes, and the indexes of all."""

from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel
from services.chassis.records import Records
from services.chassis.work import Transaction
from services.clients.showings.model import Showing
from services.contracts.clients import SHOWING

SHOWINGS: Records[Showing] = Records(
    "showings", Showing, aggregate=SHOWING, org_path=lambda showing: showing.org_path
)

INDEXES: Indexes = {
    SHOWINGS.collection: [
        IndexModel([("client_id", ASCENDING), ("starts_at", DESCENDING)], name="of_client"),
        IndexModel(
            [("agent_id", ASCENDING), ("status", ASCENDING), ("starts_at", ASCENDING)], name="agent_by_start"
        ),
        IndexModel(
            [("agent_id", ASCENDING), ("status", ASCENDING), ("done_at", ASCENDING)], name="agent_by_done"
        ),
        IndexModel([("org_path", ASCENDING)], name="under_unit"),
    ],
}


async def keep_answer(tx: Transaction, showing_id: str, follow_up_id: str) -> None:
    """Write down which follow-up asks for the feedback, without moving the showing's version."""
    await tx.collection(SHOWINGS.collection).update_one(
        {"_id": showing_id}, {"$set": {"answered_by": follow_up_id}}, session=tx.session
    )
