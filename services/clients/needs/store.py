"""Every query on needs that a command or an event makes, and the indexes of all."""

from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.needs.model import Need
from services.contracts.clients import CLIENT

NEEDS: Records[Need] = Records("needs", Need, aggregate=CLIENT, org_path=lambda need: (need.company_id,))
"""They publish nothing: what somebody can pay is nobody else's business."""

INDEXES: Indexes = {
    NEEDS.collection: [
        IndexModel([("keys", ASCENDING), ("_id", DESCENDING)], name="in_buckets"),
        IndexModel([("client_id", ASCENDING), ("open", DESCENDING), ("_id", DESCENDING)], name="of_client"),
    ],
}


async def open_needs_of(tx: Transaction, client_id: str) -> list[Stored[Need]]:
    """The client's open needs, the newest first."""
    found = tx.collection(NEEDS.collection).find(
        {"client_id": client_id, "open": True}, sort=[("_id", DESCENDING)], session=tx.session
    )
    return [NEEDS.stored(document) for document in await found.to_list(None)]


async def move(tx: Transaction, from_client: str, to_client: str) -> None:
    """Two files became one: its needs are those of both, and remember whose they were."""
    await tx.collection(NEEDS.collection).update_many(
        {"client_id": from_client},
        {"$set": {"client_id": to_client, "came_with": from_client}},
        session=tx.session,
    )


async def move_back(tx: Transaction, kept_client: str, other_client: str) -> None:
    """They were two clients after all."""
    await tx.collection(NEEDS.collection).update_many(
        {"client_id": kept_client, "came_with": other_client},
        {"$set": {"client_id": other_client, "came_with": None}},
        session=tx.session,
    )


async def forget(tx: Transaction, client_id: str) -> None:
    """The client asked to be forgotten."""
    await tx.collection(NEEDS.collection).delete_many({"client_id": client_id}, session=tx.session)
