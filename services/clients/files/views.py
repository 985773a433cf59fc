"""Client files as they are read: lists, search, one file, its timeline. What is personal is masked here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.access import Access
from services.chassis.errors import N_, Moved, NotFound
from services.chassis.mongo import DESCENDING, Document, Mongo
from services.chassis.personal_data.audit import Viewer
from services.chassis.personal_data.disclosure import Sealed
from services.chassis.personal_data.masking import Level
from services.chassis.records import Stored
from services.chassis.work import TIMELINE
from services.clients.files.commands import ClientKnown
from services.clients.files.merge_store import merged_into
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.sight import level_of, require_sight, shown_of, units_of
from services.clients.files.store import CLIENTS


@dataclass(frozen=True)
class File:
    """One client file with what this reader may see."""

    stored: Stored[Client]
    fields: Mapping[str, str]
    """Of `files.personal.KINDS`, as far as known and theirs to see."""
    level: Level
    family: Sequence[Mapping[str, str]] = ()
    """The same of each member of the family, in the order of the file."""

    @property
    def client(self) -> Client:
        return self.stored.value

    @property
    def name(self) -> str:
        return self.fields.get("name", "")


@dataclass(frozen=True)
class Asker:
    """Who reads, and through which door."""

    access: Access
    route: str
    now: datetime
    erased_name: str = "–"
    """What stands where the name of an erased client stood, in the reader's language."""

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.access.person_id, self.route)


def own_or_all(asker: Asker, own: bool | None) -> bool:
    """Whether a list shows one's own clients or those of one's units; who has none has only their own."""
    return own if own is not None else not units_of(asker.access)


async def client_of(mongo: Mongo, access: Access, client_id: str) -> Stored[Client]:
    """The client, without looking at what is personal.

    Raises `NotFound`, also for what is not theirs, and `Moved` for a file that was merged into another.
    """
    found = await mongo.collection(CLIENTS.collection).find_one({"_id": client_id})
    moved_to = await merged_into(mongo, client_id) if found is None else None
    if moved_to is not None:
        found = await mongo.collection(CLIENTS.collection).find_one({"_id": moved_to})
    if found is None:
        raise NotFound
    stored = CLIENTS.stored(found)
    client = stored.value
    require_sight(access, client.agent_id, client.org_path, client.shared_with)
    if moved_to is not None:
        raise Moved(client_id, moved_to)
    return stored


async def clients_of_ids(mongo: Mongo, client_ids: Sequence[str]) -> dict[str, Client]:
    """The clients of these ids, whoever's they are."""
    found = await _find(mongo, {"_id": {"$in": list(client_ids)}})
    return {stored.id: stored.value for stored in found}


async def file_of(mongo: Mongo, personal: PersonalData, asker: Asker, client_id: str) -> File:
    """The whole file. Raises `NotFound`, also for what is not theirs."""
    stored = await client_of(mongo, asker.access, client_id)
    client = stored.value
    level = level_of(asker.access, client)
    shown = shown_of(asker.access, client)
    # who may see but a name sees no family
    family = [member.sealed if shown is client.sealed else {} for member in client.family]
    sealed = [Sealed(client.id, fields, level) for fields in (shown, *family)]
    fields, *of_family = await personal.disclosure.show(sealed, asker.viewer, asker.now)
    if client.erased_at is not None:
        fields = {"name": asker.erased_name}
    return File(stored, fields, level, of_family)


async def fields_of(
    personal: PersonalData, asker: Asker, some: Sequence[Client], *names: str, masked: bool = False
) -> list[dict[str, str]]:
    """These fields of these clients, as far as the reader may see them; masked for everybody if asked."""
    sealed = []
    for client in some:
        level, sealed_fields = level_of(asker.access, client), shown_of(asker.access, client)
        fields = {name: sealed_fields[name] for name in names if name in sealed_fields}
        sealed.append(Sealed(client.id, fields, Level.MASKED if masked and level is Level.FULL else level))
    shown = await personal.disclosure.show(sealed, asker.viewer, asker.now)
    return [
        {"name": asker.erased_name} if client.erased_at is not None and "name" in names else known
        for client, known in zip(some, shown, strict=True)
    ]


async def timeline(mongo: Mongo, client_id: str, limit: int = 60) -> list[Document]:
    """What happened with this client and the files merged into it, the latest first: `name`, `at`, `by`, `facts`."""
    found = await mongo.collection(CLIENTS.collection).find_one({"_id": client_id}, {"merged_ids": 1})
    ids = [client_id, *(found or {}).get("merged_ids", ())]
    cursor = mongo.collection(TIMELINE).find(
        {"facts.client_id": {"$in": ids}}, sort=[("at", DESCENDING), ("_id", DESCENDING)], limit=limit
    )
    return await cursor.to_list(None)


async def in_words(mongo: Mongo, personal: PersonalData, asker: Asker, known: ClientKnown) -> ClientKnown:
    """The same refusal, saying whose client it is when the asker may see that client."""
    document = await mongo.collection(CLIENTS.collection).find_one(
        {"company_id": known.company_id, "phone_indexes": {"$in": list(known.phone_indexes)}}
    )
    if document is None:
        return known
    client = CLIENTS.stored(document).value
    if level_of(asker.access, client) is Level.NONE:
        return known
    name = (await fields_of(personal, asker, [client], "name"))[0].get("name", "")
    if client.agent_id is None:
        return ClientKnown(N_("This phone number is that of %(name)s, who is in the pool"), name=name)
    person = await mongo.collection("people").find_one({"_id": client.agent_id}, {"name": 1})
    agent = person["name"] if person else client.agent_id
    if client.agent_id == asker.access.person_id:
        return ClientKnown(N_("You know this phone number already: it is your client %(name)s"), name=name)
    return ClientKnown(
        N_("This phone number is that of %(name)s, a client of %(agent)s"), name=name, agent=agent
    )


async def _find(mongo: Mongo, wanted: Document) -> list[Stored[Client]]:
    cursor = mongo.collection(CLIENTS.collection).find(wanted)
    return [CLIENTS.stored(document) for document in await cursor.to_list(None)]
