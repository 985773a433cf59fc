"""Every query on client files, with the indexes they use."""

from collections.abc import Iterable, Mapping

from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel, UpdateOne
from services.chassis.records import CONVERTER, Records, Stored
from services.chassis.work import TIMELINE, Transaction
from services.clients.cadence.model import Level
from services.clients.files.model import Client, Standing
from services.contracts.clients import CLIENT

CLIENTS: Records[Client] = Records(
    "clients", Client, aggregate=CLIENT, org_path=lambda client: client.org_path
)

KEPT_LISTS = "client_lists"
NARROWED_BY = ("agent_id", "grading.grade", "grading.intent", "source")

INDEXES: Indexes = {
    KEPT_LISTS: [IndexModel([("person_id", ASCENDING), ("_id", ASCENDING)], name="of_person")],
    CLIENTS.collection: [
        IndexModel(
            [("company_id", ASCENDING), ("phone_indexes", ASCENDING)],
            name="one_phone_one_client",
            unique=True,
            partialFilterExpression={"phone_indexes": {"$gt": ""}},
        ),
        *(
            IndexModel(
                [
                    (whose, ASCENDING),
                    ("standing.lost", ASCENDING),
                    *grade,
                    (moment, ASCENDING),
                    ("_id", ASCENDING),
                    # what lists are narrowed by is looked up in the index, not in the file
                    *((field, ASCENDING) for field in NARROWED_BY if field not in {whose, *dict(grade)}),
                ],
                name=f"{whose}_{name}",
            )
            for whose in ("agent_id", "org_path")
            for name, grade, moment in (
                ("due", [], "standing.next.due_at"),
                ("grade_due", [("grading.grade", ASCENDING)], "standing.next.due_at"),
                ("silent", [], "standing.touched_at"),
            )
        ),
        IndexModel(
            [("agent_id", ASCENDING), ("tags", ASCENDING), ("_id", ASCENDING)],
            name="own_tagged",
            partialFilterExpression={"tags": {"$gt": ""}},
        ),
        IndexModel(
            [("tags", ASCENDING), ("_id", ASCENDING)],
            name="tagged",
            partialFilterExpression={"tags": {"$gt": ""}},
        ),
        IndexModel([("agent_id", ASCENDING), ("tokens", ASCENDING), ("_id", ASCENDING)], name="own_found_by"),
        IndexModel([("tokens", ASCENDING), ("_id", ASCENDING)], name="found_by"),
        IndexModel(
            [("birthdays.token", ASCENDING), ("_id", ASCENDING)],
            name="by_birthday",
            partialFilterExpression={"birthdays.token": {"$gt": ""}},
        ),
    ],
    TIMELINE: [
        IndexModel(
            [("facts.client_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="of_client"
        )
    ],
}


async def known_by_phone(tx: Transaction, company_id: str, phone_index: str) -> Document | None:
    """The client of this company with this phone: `_id`, `agent_id`."""
    return await tx.collection(CLIENTS.collection).find_one(
        {"company_id": company_id, "phone_indexes": phone_index},
        {"agent_id": 1},
        session=tx.session,
    )


async def keep_standing(tx: Transaction, client: Stored[Client], standing: Standing) -> None:
    """Write down where the client stands, without moving the file's version."""
    if standing == client.value.standing:
        return
    await tx.collection(CLIENTS.collection).update_one(
        {"_id": client.id}, {"$set": {"standing": CONVERTER.unstructure(standing)}}, session=tx.session
    )


async def keep_standings(tx: Transaction, standings: Mapping[str, Standing]) -> None:
    """The same for many clients, by id, in one round trip."""
    writes = [
        UpdateOne({"_id": client_id}, {"$set": {"standing": CONVERTER.unstructure(standing)}})
        for client_id, standing in standings.items()
    ]
    if writes:
        await tx.collection(CLIENTS.collection).bulk_write(writes, ordered=False, session=tx.session)


async def of_ids(tx: Transaction, client_ids: Iterable[str]) -> dict[str, Stored[Client]]:
    """The clients of these ids that there are."""
    found = tx.collection(CLIENTS.collection).find({"_id": {"$in": list(client_ids)}}, session=tx.session)
    return {document["_id"]: CLIENTS.stored(document) for document in await found.to_list(None)}


async def keep_deals(tx: Transaction, client_id: str, count: int) -> None:
    """Write down how many of the client's deals hold, without moving the file's version."""
    await tx.collection(CLIENTS.collection).update_one(
        {"_id": client_id}, {"$set": {"deals": count}}, session=tx.session
    )


async def keep_escalations(tx: Transaction, levels: Iterable[tuple[str, str, Level]]) -> None:
    """Write on clients who has heard that the next follow-up is overdue: client, follow-up and level.

    Nothing on a client for whom another follow-up comes first.
    """
    writes = [
        UpdateOne(
            {"_id": client_id, "standing.next.id": follow_up_id},
            {"$set": {"standing.next.escalated": level.value}},
        )
        for client_id, follow_up_id, level in levels
    ]
    if writes:
        await tx.collection(CLIENTS.collection).bulk_write(writes, ordered=False, session=tx.session)
