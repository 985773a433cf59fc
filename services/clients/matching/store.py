"""Matches that were told or answered: one for each listing and client, whatever came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel, Mongo
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.matching.narrowing import Feedback
from services.contracts.clients import MATCH


@dataclass(frozen=True)
class Match:
    id: str
    listing_id: str
    client_id: str
    need_id: str
    agent_id: str
    """Who was told, or answered for the client."""
    org_path: tuple[str, ...]
    score: int
    rare: bool = False
    comparable: bool = False
    told_at: datetime | None = None
    told_on: str | None = None
    """The day of the agent's unit, as ISO text."""
    feedback: Feedback | None = None


MATCHES: Records[Match] = Records("matches", Match, aggregate=MATCH, org_path=lambda match: match.org_path)

INDEXES: Indexes = {
    MATCHES.collection: [
        IndexModel(
            [("listing_id", ASCENDING), ("client_id", ASCENDING)],
            name="one_for_listing_and_client",
            unique=True,
        ),
        IndexModel([("client_id", ASCENDING), ("_id", DESCENDING)], name="of_client"),
        IndexModel([("agent_id", ASCENDING), ("told_on", ASCENDING)], name="told_on_day"),
    ],
}


async def of_clients(tx: Transaction, listing_id: str, client_ids: Iterable[str]) -> dict[str, Stored[Match]]:
    """The matches of this listing with these clients that there are, by client."""
    found = tx.collection(MATCHES.collection).find(
        {"listing_id": listing_id, "client_id": {"$in": list(client_ids)}}, session=tx.session
    )
    stored = [MATCHES.stored(document) for document in await found.to_list(None)]
    return {each.value.client_id: each for each in stored}


async def told_on(tx: Transaction, agent_id: str, day: str) -> int:
    """How many matches the agent heard of on this day."""
    return await tx.collection(MATCHES.collection).count_documents(
        {"agent_id": agent_id, "told_on": day}, session=tx.session
    )


async def forget(tx: Transaction, client_id: str) -> None:
    """The client asked to be forgotten."""
    await tx.collection(MATCHES.collection).delete_many({"client_id": client_id}, session=tx.session)


async def known_of_client(mongo: Mongo, client_id: str, listing_ids: Sequence[str]) -> dict[str, Match]:
    """What was told of these listings or answered to them, by listing."""
    found = mongo.collection(MATCHES.collection).find(
        {"client_id": client_id, "listing_id": {"$in": list(listing_ids)}}
    )
    matches = [MATCHES.stored(document).value for document in await found.to_list(None)]
    return {each.listing_id: each for each in matches}


async def known_of_listing(mongo: Mongo, listing_id: str, client_ids: Sequence[str]) -> dict[str, Match]:
    """What was told to the agents of these clients of the listing, or answered, by client."""
    found = mongo.collection(MATCHES.collection).find(
        {"listing_id": listing_id, "client_id": {"$in": list(client_ids)}}
    )
    matches = [MATCHES.stored(document).value for document in await found.to_list(None)]
    return {each.client_id: each for each in matches}
