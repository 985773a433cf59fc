"""Every query on client files, with the indexes they use."""

from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel
from services.chassis.records import CONVERTER, Records, Stored
from services.chassis.work import TIMELINE, Transaction
from services.clients.cadence.model import Level
from services.clients.files.model import Client, Standing
from services.contracts.clients import CLIENT

CLIENTS: Records[Client] = Records(
    "clients", Client, aggregate=CLIENT, org_path=lambda client: client.org_path
)

INDEXES: Indexes = {
    CLIENTS.collection: [
        IndexModel(
            [("company_id", ASCENDING), ("phone_index", ASCENDING)],
            name="one_phone_one_client",
            unique=True,
            partialFilterExpression={"phone_index": {"$gt": ""}},
        ),
        *(
            IndexModel(
                [
                    (whose, ASCENDING),
                    ("standing.lost", ASCENDING),
                    *grade,
                    ("standing.next.due_at", ASCENDING),
                    ("_id", ASCENDING),
                ],
                name=f"{whose}_{name}",
            )
            for whose in ("agent_id", "org_path")
            for name, grade in {"by_due": [], "by_grade": [("grading.grade", ASCENDING)]}.items()
        ),
        IndexModel([("agent_id", ASCENDING), ("tokens", ASCENDING), ("_id", ASCENDING)], name="own_found_by"),
        IndexModel([("tokens", ASCENDING), ("_id", ASCENDING)], name="found_by"),
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
        {"company_id": company_id, "phone_index": phone_index},
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


async def keep_deals(tx: Transaction, client_id: str, more: int) -> None:
    """Write down that the client has one deal more, or one less, without moving the file's version."""
    await tx.collection(CLIENTS.collection).update_one(
        {"_id": client_id}, {"$inc": {"deals": more}}, session=tx.session
    )


async def keep_escalation(tx: Transaction, client_id: str, follow_up_id: str, level: Level) -> None:
    """Write on the client who has heard that the next follow-up is overdue, if it is this one."""
    await tx.collection(CLIENTS.collection).update_one(
        {"_id": client_id, "standing.next.id": follow_up_id},
        {"$set": {"standing.next.escalated": level.value}},
        session=tx.session,
    )
