"""Every query on listings that a command makes, and the indexes of all."""

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel, UpdateOne
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.listings.model import Listing
from services.clients.listings.places import Place, text_of
from services.contracts.clients import LISTING

LISTINGS: Records[Listing] = Records(
    "listings", Listing, aggregate=LISTING, org_path=lambda listing: listing.org_path
)
PLACES = "places"
DEALS = "listings_of_deals"
"""By the id of a deal the listing that it sold: what undoes a deal does not name it."""

INDEXES: Indexes = {
    LISTINGS.collection: [
        IndexModel([("status", ASCENDING), ("keys", ASCENDING), ("_id", DESCENDING)], name="in_buckets"),
        IndexModel([("agent_id", ASCENDING), ("status", ASCENDING), ("_id", DESCENDING)], name="of_keeper"),
        IndexModel([("org_path", ASCENDING)], name="under_unit"),
    ],
    PLACES: [IndexModel([("company_id", ASCENDING), ("_id", ASCENDING)], name="of_company")],
    DEALS: [],
}


async def find(tx: Transaction, listing_id: str) -> Stored[Listing] | None:
    """The listing, or None."""
    try:
        return await LISTINGS.get(tx, listing_id)
    except NotFound:
        return None


async def remember_place(tx: Transaction, company_id: str, place: Place) -> None:
    """Let the place, and those above it, be offered to whoever types the next one."""
    steps = [place[:level] for level in range(1, len(place) + 1)]
    known = tx.collection(PLACES).find(
        {"_id": {"$in": [_id(company_id, step) for step in steps]}}, {"_id": 1}, session=tx.session
    )
    there = {each["_id"] for each in await known.to_list(None)}
    fresh = [step for step in steps if _id(company_id, step) not in there]
    if fresh:
        await tx.collection(PLACES).bulk_write(
            [
                UpdateOne(
                    {"_id": _id(company_id, step)},
                    {"$setOnInsert": {"company_id": company_id, "text": text_of(step), "level": len(step)}},
                    upsert=True,
                )
                for step in fresh
            ],
            session=tx.session,
        )


def _id(company_id: str, place: Place) -> str:
    return f"{company_id}/{text_of(place)}"
