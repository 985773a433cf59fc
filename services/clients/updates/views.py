"""Updates as they are read: the list, and the clients to whom an agent may send one."""

from dataclasses import dataclass
from datetime import datetime

from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker, fields_of
from services.clients.updates import store
from services.clients.updates.model import Update, may_get
from services.clients.updates.sight import concerned_units, require_sight
from services.contracts.clients import Grade


@dataclass(frozen=True)
class Recipient:
    """A client who may get it, or has got it."""

    client: Client
    name: str
    sent_at: datetime | None


async def updates(mongo: Mongo, asker: Asker) -> list[Stored[Update]]:
    """What concerns the reader, the newest first. Raises `NotFound` for who has nothing to do with clients."""
    return await store.updates_of(mongo, concerned_units(asker.access))


async def update_of(mongo: Mongo, asker: Asker, update_id: str) -> Stored[Update]:
    """The update. Raises `NotFound`, also for what is not theirs."""
    stored = await store.update_of(mongo, update_id)
    require_sight(asker.access, stored.value)
    return stored


async def recipients(
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    update: Update,
    *,
    grade: Grade | None = None,
    place: str = "",
) -> list[Recipient]:
    """The reader's own clients who agreed to get news: those who have not got it first."""
    found = await store.who_agreed(mongo, asker.access.person_id, grade)
    clients = [stored.value for stored in found if may_get(stored.value, asker.now)]
    if place:
        there = await store.who_looks_in(mongo, [client.id for client in clients], place)
        clients = [client for client in clients if client.id in there]
    sent = await store.sent_to(mongo, update.id, [client.id for client in clients])
    names = await fields_of(personal, asker, clients, "name")
    rows = [
        Recipient(client, name.get("name", ""), sent.get(client.id))
        for client, name in zip(clients, names, strict=True)
    ]
    return sorted(rows, key=_order)


async def recipient_of(
    mongo: Mongo, personal: PersonalData, asker: Asker, update: Update, client_id: str
) -> Recipient:
    """One of them, as things stand now. Raises `NotFound`."""
    rows = [each for each in await recipients(mongo, personal, asker, update) if each.client.id == client_id]
    if not rows:
        raise NotFound
    return rows[0]


def _order(row: Recipient) -> tuple[bool, str, str]:
    return row.sent_at is not None, row.client.grade or "D", row.client.id
