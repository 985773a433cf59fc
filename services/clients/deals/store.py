"""Every query on deals that a command makes, and the indexes of all."""

from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel, Mongo, Session
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.deals.model import COUNTS, Confirming, Deal, Stage
from services.clients.files.store import keep_deals
from services.contracts.clients import DEAL

DEALS: Records[Deal] = Records("deals", Deal, aggregate=DEAL, org_path=lambda deal: deal.org_path)
CONFIRMING = "deal_confirming"

INDEXES: Indexes = {
    DEALS.collection: [
        IndexModel([("client_id", ASCENDING), ("_id", DESCENDING)], name="of_client"),
        IndexModel([("people", ASCENDING), ("stage", ASCENDING), ("_id", DESCENDING)], name="of_person"),
        IndexModel([("org_path", ASCENDING), ("stage", ASCENDING), ("_id", DESCENDING)], name="under_unit"),
        IndexModel(
            [("came_with", ASCENDING)], name="came_with", partialFilterExpression={"came_with": {"$gt": ""}}
        ),
    ],
    CONFIRMING: [],
}


async def open_of_client(tx: Transaction, client_id: str) -> list[Stored[Deal]]:
    """The client's deals that are being negotiated."""
    found = tx.collection(DEALS.collection).find(
        {"client_id": client_id, "stage": Stage.NEGOTIATING.value}, session=tx.session
    )
    return [DEALS.stored(document) for document in await found.to_list(None)]


async def recount(tx: Transaction, client_id: str) -> None:
    """Write on the client how many of their deals hold."""
    held = {"client_id": client_id, "stage": {"$in": [stage.value for stage in COUNTS]}}
    count = await tx.collection(DEALS.collection).count_documents(held, session=tx.session)
    await keep_deals(tx, client_id, count)


async def come_with(tx: Transaction, merged_id: str, kept_id: str) -> None:
    """The deals of a file that was merged are the kept file's."""
    await tx.collection(DEALS.collection).update_many(
        {"client_id": merged_id},
        {"$set": {"client_id": kept_id, "came_with": merged_id}},
        session=tx.session,
    )


async def go_back(tx: Transaction, merged_id: str) -> None:
    """They are that file's own again."""
    await tx.collection(DEALS.collection).update_many(
        {"came_with": merged_id},
        {"$set": {"client_id": merged_id, "came_with": None}},
        session=tx.session,
    )


async def confirming_at(
    mongo: Mongo, org_path: tuple[str, ...], session: Session | None = None
) -> list[Confirming]:
    """What the units of this path say themselves, from the company down."""
    found = (
        await mongo.collection(CONFIRMING)
        .find({"_id": {"$in": list(org_path)}}, session=session)
        .to_list(None)
    )
    said = {each["_id"]: Confirming(each["_id"], each["from_commission"]) for each in found}
    return [said[unit_id] for unit_id in org_path if unit_id in said]


async def keep_confirming(tx: Transaction, says: Confirming) -> None:
    """Put this in the place of what the unit said before."""
    await tx.collection(CONFIRMING).replace_one(
        {"_id": says.id}, {"from_commission": says.from_commission}, upsert=True, session=tx.session
    )
