"""Client files as they are read: lists, search, one file, its timeline. What is personal is masked here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid, NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Mongo
from services.chassis.personal_data.audit import Viewer
from services.chassis.personal_data.disclosure import Sealed
from services.chassis.personal_data.masking import Level
from services.chassis.records import Stored
from services.chassis.web.paging import Rows, after
from services.chassis.work import TIMELINE
from services.clients.files.commands import ClientKnown
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.sight import level_of, require_sight, scope, shown_of
from services.clients.files.store import CLIENTS
from services.contracts.clients import Grade

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DUE_AT = "standing.next.due_at"


class State(StrEnum):
    """The three lists of clients."""

    PLANNED = "planned"
    """With a next follow-up, the most urgent first."""
    UNPLANNED = "unplanned"
    """Without one, most of them not graded yet; the newest first."""
    LOST = "lost"


@dataclass(frozen=True)
class Row:
    """One client of a list, with what this reader may see."""

    client: Client
    version: int
    name: str
    phone: str
    """Masked in lists, whoever reads them."""


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

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.access.person_id, self.route)


async def clients(
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    *,
    own: bool,
    state: State = State.PLANNED,
    grade: Grade | None = None,
    position: tuple[Any, ...] | None = None,
    size: int = 50,
) -> Rows[Row]:
    """One page of a list. Raises `NotFound` for the units of somebody who has none."""
    wanted: Document = {**scope(asker.access, own=own), "standing.lost": state is State.LOST}
    if grade is not None:
        wanted["grading.grade"] = grade.value
    order: list[tuple[str, int]]
    place: tuple[Any, ...] | None
    if state is State.PLANNED:
        wanted[DUE_AT] = {"$gt": _LONG_AGO}
        order = [(DUE_AT, ASCENDING), ("_id", ASCENDING)]
        place = _due_place(position)
    else:
        wanted[DUE_AT] = None
        order = [("_id", DESCENDING)]
        place = position
    found = await _find(mongo, {"$and": [wanted, after(order, place)]} if place else wanted, order, size + 1)
    rows = await _rows(personal, asker, found)

    def place_of(row: Row) -> tuple[Any, ...]:
        upcoming = row.client.standing.next
        return (upcoming.due_at.isoformat(), row.client.id) if upcoming else (row.client.id,)

    return Rows.of(rows, size, place_of)


async def search(
    mongo: Mongo, personal: PersonalData, asker: Asker, typed: str, *, own: bool, size: int = 30
) -> list[Row]:
    """Who is found by a name in characters, pinyin or initials, the last digits, or a whole phone; newest first."""
    token = personal.index.search_token(typed)
    if token is None:
        return []
    wanted = {**scope(asker.access, own=own), "tokens": token}
    return await _rows(personal, asker, await _find(mongo, wanted, [("_id", DESCENDING)], size))


async def count_unplanned(mongo: Mongo, access: Access, *, own: bool) -> int:
    """How many of theirs have no next follow-up."""
    wanted = {**scope(access, own=own), "standing.lost": False, DUE_AT: None}
    return await mongo.collection(CLIENTS.collection).count_documents(wanted, limit=1000)


async def client_of(mongo: Mongo, access: Access, client_id: str) -> Stored[Client]:
    """The client, without looking at what is personal. Raises `NotFound`, also for what is not theirs."""
    document = await mongo.collection(CLIENTS.collection).find_one({"_id": client_id})
    if document is None:
        raise NotFound
    stored = CLIENTS.stored(document)
    client = stored.value
    require_sight(access, client.agent_id, client.org_path, client.shared_with)
    return stored


async def clients_of_ids(mongo: Mongo, client_ids: Sequence[str]) -> dict[str, Client]:
    """The clients of these ids, whoever's they are."""
    found = await _find(mongo, {"_id": {"$in": list(client_ids)}}, [], 0)
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
    return await personal.disclosure.show(sealed, asker.viewer, asker.now)


async def timeline(mongo: Mongo, client_id: str, limit: int = 60) -> list[Document]:
    """What happened with this client, the latest first: `name`, `at`, `by`, `facts`."""
    cursor = mongo.collection(TIMELINE).find(
        {"facts.client_id": client_id}, sort=[("at", DESCENDING), ("_id", DESCENDING)], limit=limit
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


async def _rows(personal: PersonalData, asker: Asker, found: Sequence[Stored[Client]]) -> list[Row]:
    clients = [stored.value for stored in found]
    names = await fields_of(personal, asker, clients, "name")
    phones = await fields_of(personal, asker, clients, "phone", masked=True)
    return [
        Row(stored.value, stored.version, name.get("name", ""), phone.get("phone", ""))
        for stored, name, phone in zip(found, names, phones, strict=True)
    ]


async def _find(
    mongo: Mongo, wanted: Document, order: list[tuple[str, int]], limit: int
) -> list[Stored[Client]]:
    cursor = mongo.collection(CLIENTS.collection).find(wanted, sort=order or None, limit=limit)
    return [CLIENTS.stored(document) for document in await cursor.to_list(None)]


def _due_place(position: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if position is None:
        return None
    try:
        due_at = datetime.fromisoformat(position[0])
    except (TypeError, ValueError):
        due_at = None
    if due_at is None or due_at.tzinfo is None:
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    return due_at, position[1]
