"""Needs as they are read."""

from services.chassis.errors import NotFound
from services.chassis.mongo import DESCENDING, Mongo
from services.chassis.records import Stored
from services.clients.files.views import Asker, client_of
from services.clients.needs.model import Need
from services.clients.needs.store import NEEDS

MOST_SHOWN = 30


async def needs_of_client(mongo: Mongo, client_id: str, *, only_open: bool = False) -> list[Stored[Need]]:
    """The client's needs: open ones first, the newest first."""
    wanted = {"client_id": client_id, "open": True} if only_open else {"client_id": client_id}
    order = [("open", DESCENDING), ("_id", DESCENDING)]
    found = mongo.collection(NEEDS.collection).find(wanted, sort=order, limit=MOST_SHOWN)
    return [NEEDS.stored(document) for document in await found.to_list(None)]


async def need_of(mongo: Mongo, asker: Asker, need_id: str) -> Stored[Need]:
    """The need. Raises `NotFound`, also for that of a client who is not theirs."""
    document = await mongo.collection(NEEDS.collection).find_one({"_id": need_id})
    if document is None:
        raise NotFound
    stored = NEEDS.stored(document)
    await client_of(mongo, asker.access, stored.value.client_id)
    return stored
