"""Deals as they are read."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import DESCENDING, Document, Mongo
from services.chassis.records import Stored
from services.chassis.web.paging import Rows, after
from services.clients.deals.model import Deal, Stage
from services.clients.deals.sight import sees
from services.clients.deals.store import DEALS
from services.clients.files.sight import scope


class State(StrEnum):
    """The lists of deals."""

    OPEN = "open"
    """Being negotiated."""
    PROPOSED = "proposed"
    """Waiting for their shares to be confirmed."""
    CLOSED = "closed"
    """Signed, and paid or not."""
    VOID = "void"


STAGES: dict[State, Sequence[Stage]] = {
    State.OPEN: (Stage.NEGOTIATING,),
    State.PROPOSED: (Stage.PROPOSED,),
    State.CLOSED: (Stage.SIGNED, Stage.IN_FORCE),
    State.VOID: (Stage.VOID,),
}


async def deal_of(mongo: Mongo, access: Access, deal_id: str) -> Stored[Deal]:
    """The deal. Raises `NotFound`, also for what is not theirs."""
    document = await mongo.collection(DEALS.collection).find_one({"_id": deal_id})
    if document is None:
        raise NotFound
    stored = DEALS.stored(document)
    if not sees(access, stored.value):
        raise NotFound
    return stored


async def of_client(mongo: Mongo, client_id: str, limit: int = 50) -> list[Stored[Deal]]:
    """The client's deals, the newest first."""
    cursor = mongo.collection(DEALS.collection).find(
        {"client_id": client_id}, sort=[("_id", DESCENDING)], limit=limit
    )
    return [DEALS.stored(document) for document in await cursor.to_list(None)]


async def deals(
    mongo: Mongo,
    access: Access,
    state: State,
    *,
    own: bool,
    position: tuple[Any, ...] | None = None,
    size: int = 30,
) -> Rows[Stored[Deal]]:
    """One page of a list, the newest first. Raises `NotFound` for the units of somebody who has none."""
    wanted = _wanted(access, state, own=own)
    order = [("_id", DESCENDING)]
    query = {"$and": [wanted, after(order, position)]} if position else wanted
    cursor = mongo.collection(DEALS.collection).find(query, sort=order, limit=size + 1)
    found = [DEALS.stored(document) for document in await cursor.to_list(None)]
    return Rows.of(found, size, lambda stored: (stored.id,))


async def count(mongo: Mongo, access: Access, state: State, *, own: bool) -> int:
    """How many there are, at most a hundred."""
    return await mongo.collection(DEALS.collection).count_documents(
        _wanted(access, state, own=own), limit=100
    )


def _wanted(access: Access, state: State, *, own: bool) -> Document:
    stages = [stage.value for stage in STAGES[state]]
    whose: Document = {"people": access.person_id} if own else scope(access, own=False)
    return {**whose, "stage": stages[0] if len(stages) == 1 else {"$in": stages}}
