"""Every query on follow-ups that a command makes, and the indexes of all."""

from collections.abc import Iterable
from datetime import date

from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel, ReplaceOne
from services.chassis.records import CONVERTER, Records, Stored
from services.chassis.work import Transaction
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.model import FollowUp, Status
from services.clients.follow_ups.occasions import ONE_OFF, Occasion, occasion_id
from services.contracts.clients import FOLLOW_UP, FollowUpRule

FOLLOW_UPS: Records[FollowUp] = Records(
    "follow_ups", FollowUp, aggregate=FOLLOW_UP, org_path=lambda follow_up: follow_up.org_path
)

OCCASIONS = "occasions"

INDEXES: Indexes = {
    OCCASIONS: [
        IndexModel([("client_id", ASCENDING)], name="open_of_client", partialFilterExpression={"open": True}),
        IndexModel([("about", ASCENDING)], name="open_about", partialFilterExpression={"open": True}),
    ],
    # a change of settings goes through the clients under a unit, one batch after another
    CLIENTS.collection: [IndexModel([("org_path", ASCENDING), ("_id", ASCENDING)], name="under_unit")],
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
    return (await open_of_many(tx, [client_id])).get(client_id, {})


async def open_of_many(
    tx: Transaction, client_ids: Iterable[str]
) -> dict[str, dict[FollowUpRule, Stored[FollowUp]]]:
    """The same for many clients, by client; who has none is not in it."""
    found = tx.collection(FOLLOW_UPS.collection).find(
        {"client_id": {"$in": list(client_ids)}, "status": Status.OPEN.value}, session=tx.session
    )
    by_client: dict[str, dict[FollowUpRule, Stored[FollowUp]]] = {}
    for document in await found.to_list(None):
        stored = FOLLOW_UPS.stored(document)
        by_client.setdefault(stored.value.client_id, {})[stored.value.rule] = stored
    return by_client


async def of_ids(tx: Transaction, follow_up_ids: Iterable[str]) -> dict[str, Stored[FollowUp]]:
    """The follow-ups of these ids that there are."""
    documents = (
        await tx.collection(FOLLOW_UPS.collection)
        .find({"_id": {"$in": list(follow_up_ids)}}, session=tx.session)
        .to_list(None)
    )
    return {document["_id"]: FOLLOW_UPS.stored(document) for document in documents}


async def known_ids(tx: Transaction, follow_up_ids: Iterable[str]) -> set[str]:
    """Which of these follow-ups there are, open or closed."""
    found = tx.collection(FOLLOW_UPS.collection).find(
        {"_id": {"$in": list(follow_up_ids)}}, {"_id": 1}, session=tx.session
    )
    return {document["_id"] for document in await found.to_list(None)}


async def occasions_of(
    tx: Transaction, client_ids: Iterable[str], occasion_ids: Iterable[str] = ()
) -> list[Occasion]:
    """The open occasions of these clients, and those with these ids, open or closed."""
    wanted: Document = {"client_id": {"$in": list(client_ids)}, "open": True}
    if ids := list(occasion_ids):
        wanted = {"$or": [wanted, {"_id": {"$in": ids}}]}
    found = tx.collection(OCCASIONS).find(wanted, session=tx.session)
    return [_occasion(document) for document in await found.to_list(None)]


async def open_about(tx: Transaction, about: str, limit: int) -> list[Occasion]:
    """Some of the open occasions about this."""
    found = tx.collection(OCCASIONS).find({"about": about, "open": True}, limit=limit, session=tx.session)
    return [_occasion(document) for document in await found.to_list(None)]


async def keep_occasions(tx: Transaction, occasions: Iterable[Occasion]) -> None:
    """Write these, in the place of what is kept under their ids."""
    writes = [ReplaceOne({"_id": each.id}, _document(each), upsert=True) for each in occasions]
    if writes:
        await tx.collection(OCCASIONS).bulk_write(writes, ordered=False, session=tx.session)


async def settle(tx: Transaction, follow_up: FollowUp) -> None:
    """Close what the call was made for: all of a kind that happens once, the day of what comes again."""
    occasions = tx.collection(OCCASIONS)
    if follow_up.rule in ONE_OFF:
        asking = {"client_id": follow_up.client_id, "rule": follow_up.rule.value, "open": True}
        await occasions.update_many(asking, {"$set": {"open": False}}, session=tx.session)
    elif follow_up.rule is FollowUpRule.BIRTHDAY and follow_up.basis.day is not None:
        greeted = Occasion(
            occasion_id(FollowUpRule.BIRTHDAY, follow_up.client_id),
            follow_up.client_id,
            FollowUpRule.BIRTHDAY,
            follow_up.cause_id,
            follow_up.planned_at,
            after=follow_up.basis.day,
        )
        await keep_occasions(tx, [greeted])
    elif follow_up.basis.day is not None:
        await occasions.update_one(
            {"_id": follow_up.basis.occasion},
            {"$set": {"after": _day(follow_up.basis.day)}},
            session=tx.session,
        )


def _occasion(document: Document) -> Occasion:
    return CONVERTER.structure({**document, "id": document["_id"]}, Occasion)


def _document(occasion: Occasion) -> Document:
    document: Document = CONVERTER.unstructure(occasion)
    return {"_id": document.pop("id"), **document}


def _day(day: date) -> str:
    kept: str = CONVERTER.unstructure(day)
    return kept
