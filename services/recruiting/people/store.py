"""People in MongoDB."""

from services.chassis.mongo import Database, Indexes, IndexModel
from services.chassis.records import Records
from services.chassis.work import Transaction
from services.contracts.recruiting import PERSON
from services.recruiting.people.model import Person

PEOPLE: Records[Person] = Records("staff", Person, aggregate=PERSON, org_path=lambda person: person.org_path)

INDEXES: Indexes = {
    "staff": [
        IndexModel([("org_path", 1)]),
        # sign-in; one person an address
        IndexModel(
            [("email_index", 1)],
            unique=True,
            partialFilterExpression={"email_index": {"$type": "string"}},
        ),
    ]
}


async def count_members(tx: Transaction, unit_id: str) -> int:
    """How many people work in this unit or one below it."""
    return await tx.collection("staff").count_documents(
        {"org_path": unit_id, "left_on": None}, session=tx.session
    )


async def id_by_email(database: Database, email_index: str) -> str | None:
    """The id of the person with this (blind-indexed) address who works here, or None."""
    found = await database.get_collection("staff").find_one(
        {"email_index": email_index, "left_on": None}, {"_id": 1}
    )
    return found["_id"] if found else None
