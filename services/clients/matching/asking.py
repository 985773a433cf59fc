"""Having a listing compared with all needs, soon and once: a due item of this moment."""

from services.chassis.schedule.items import plan
from services.chassis.work import Transaction

MATCH_LISTING = "match-listing"


async def match_listing(tx: Transaction, listing_id: str, occasion: str) -> None:
    """Have the listing compared, once for each occasion: an event's id, or the listing's version."""
    await plan(
        tx, f"{MATCH_LISTING}/{listing_id}/{occasion}", MATCH_LISTING, tx.now, {"listing_id": listing_id}
    )
