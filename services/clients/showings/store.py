"""Every query on showings that a command makes, and the indexes of all."""

from collections.abc import Iterable, Mapping

from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel, UpdateOne
from services.chassis.records import Records, Stored
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
        IndexModel(
            [("homes.listing_id", ASCENDING), ("starts_at", DESCENDING)],
            name="of_listing",
            partialFilterExpression={"homes.listing_id": {"$gt": ""}},
        ),
    ],
}


async def of_ids(tx: Transaction, showing_ids: Iterable[str]) -> dict[str, Stored[Showing]]:
    """The showings of these ids that there are."""
    found = tx.collection(SHOWINGS.collection).find({"_id": {"$in": list(showing_ids)}}, session=tx.session)
    return {document["_id"]: SHOWINGS.stored(document) for document in await found.to_list(None)}


async def keep_answers(tx: Transaction, answers: Mapping[str, str]) -> None:
    """Write down for showings, by id, which follow-up asks for the feedback, without moving their versions."""
    writes = [
        UpdateOne({"_id": showing_id}, {"$set": {"answered_by": follow_up_id}})
        for showing_id, follow_up_id in answers.items()
    ]
    if writes:
        await tx.collection(SHOWINGS.collection).bulk_write(writes, ordered=False, session=tx.session)
