"""Events in, listings out: what is sold, and who keeps what a leaver kept."""

from services.chassis.mongo import Document
from services.chassis.organisation.directory import Directory
from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.listings.commands import sell, take_back_sale
from services.clients.listings.store import DEALS, LISTINGS
from services.contracts.clients import DealClosed, DealUndone
from services.contracts.envelope import Received
from services.contracts.organisation import Role
from services.contracts.recruiting import AgentLeft


async def deal_closed(tx: Transaction, received: Received[DealClosed]) -> None:
    """What is really sold is shown as sold; not by a deal that was undone before this came again."""
    event = received.event
    if event.listing_id is None:
        return
    deal = await tx.collection(DEALS).find_one({"_id": event.deal_id}, session=tx.session)
    if deal is not None and received.envelope.id in deal.get("undone", ()):
        return
    await sell(tx, event.listing_id, event.deal_id)
    await _keep(tx, event.deal_id, {"$set": {"listing_id": event.listing_id}})


async def deal_undone(tx: Transaction, received: Received[DealUndone]) -> None:
    """It was not sold after all."""
    event = received.event
    deal = await tx.collection(DEALS).find_one({"_id": event.deal_id}, session=tx.session)
    if deal is not None and "listing_id" in deal:
        await take_back_sale(tx, deal["listing_id"], event.deal_id)
    await _keep(tx, event.deal_id, {"$addToSet": {"undone": event.closed_event_id}})


async def _keep(tx: Transaction, deal_id: str, change: Document) -> None:
    await tx.collection(DEALS).update_one({"_id": deal_id}, change, upsert=True, session=tx.session)


async def agent_left(tx: Transaction, received: Received[AgentLeft]) -> None:
    """Listings of a leaver get another keeper: the successor, or who leads the unit."""
    event = received.event
    directory = Directory(tx.mongo, tx.session)
    successor = event.successor_id or await _leader(directory, event.org_path, event.person_id)
    if successor is None:
        return
    keeper = (await directory.people([successor])).get(successor)
    if keeper is None:
        return
    await tx.collection(LISTINGS.collection).update_many(
        {"agent_id": event.person_id},
        {"$set": {"agent_id": keeper.id, "org_path": list(keeper.org_path)}, "$inc": {"version": 1}},
        session=tx.session,
    )


async def _leader(directory: Directory, org_path: tuple[str, ...], leaver: str) -> str | None:
    for unit_id in reversed(org_path):
        for role in (Role.SUPERVISOR, Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE):
            for person in await directory.holders(role, at=[unit_id]):
                if person.id != leaver:
                    return person.id
    return None


HANDLERS: Handlers = {DealClosed: deal_closed, DealUndone: deal_undone, AgentLeft: agent_left}
