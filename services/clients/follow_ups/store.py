"""Every query on follow-ups that a command makes, and the indexes of all."""

from collections.abc import Iterable

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.follow_ups.model import FollowUp, Status
from services.contracts.clients import FOLLOW_UP, FollowUpRule

FOLLOW_UPS: Records[FollowUp] = Records(
    "follow_ups", FollowUp, aggregate=FOLLOW_UP, org_path=lambda follow_up: follow_up.org_path
)

INDEXES: Indexes = {
    FOLLOW_UPS.collection: [
        IndexModel(
            [("client_id", ASCENDING), ("rule", ASCENDING)],
            name="one_open_for_client_and_rule",
            unique=True,
            partialFilterExpression={"status": Status.OPEN.value},
        ),
        IndexModel(
            [("agent_id", ASCENDING), ("status", ASCENDING), ("due_at", ASCENDING)], name="agent_by_due"
        ),
        IndexModel(
            [("agent_id", ASCENDING), ("status", ASCENDING), ("done_at", ASCENDING)], name="agent_by_done"
        ),
        IndexModel([("client_id", ASCENDING), ("_id", DESCENDING)], name="of_client"),
        IndexModel([("org_path", ASCENDING)], name="under_unit"),
    ],
}


async def open_of(tx: Transaction, client_id: str) -> dict[FollowUpRule, Stored[FollowUp]]:
    """The client's open follow-ups: at most one for each rule."""
    documents = (
        await tx.collection(FOLLOW_UPS.collection)
        .find({"client_id": client_id, "status": Status.OPEN.value}, session=tx.session)
        .to_list(None)
    )
    stored = [FOLLOW_UPS.stored(document) for document in documents]
    return {each.value.rule: each for each in stored}


async def of_ids(tx: Transaction, follow_up_ids: Iterable[str]) -> dict[str, Stored[FollowUp]]:
    """The follow-ups of these ids that there are."""
    documents = (
        await tx.collection(FOLLOW_UPS.collection)
        .find({"_id": {"$in": list(follow_up_ids)}}, session=tx.session)
        .to_list(None)
    )
    return {document["_id"]: FOLLOW_UPS.stored(document) for document in documents}


async def find(tx: Transaction, follow_up_id: str) -> Stored[FollowUp] | None:
    """The follow-up, or None."""
    try:
        return await FOLLOW_UPS.get(tx, follow_up_id)
    except NotFound:
        return None
