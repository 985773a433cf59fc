"""Events in, matches out."""

from datetime import timedelta

from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.matching.asking import match_listing
from services.clients.matching.commands import learn_from_showing
from services.clients.matching.store import forget
from services.contracts.clients import ClientErased, ListingAdded, ShowingDone
from services.contracts.envelope import Received

OLD_NEWS = timedelta(days=7)
"""A listing that was added longer ago is told to nobody: it is the log that is read again."""


async def listing_added(tx: Transaction, received: Received[ListingAdded]) -> None:
    """Compare it with everybody's needs, in a moment and by pieces."""
    if tx.now - received.event.occurred_at > OLD_NEWS:
        return
    await match_listing(tx, received.event.listing_id, received.envelope.id)


async def showing_done(tx: Transaction, received: Received[ShowingDone]) -> None:
    """What they said of each home says something about the need."""
    await learn_from_showing(tx, received.event.showing_id)


async def client_erased(tx: Transaction, received: Received[ClientErased]) -> None:
    """Nothing is left of what suited them."""
    await forget(tx, received.event.client_id)


HANDLERS: Handlers = {
    ListingAdded: listing_added,
    ShowingDone: showing_done,
    ClientErased: client_erased,
}
