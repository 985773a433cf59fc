"""Lists of client files and the search among them. What is personal is masked here; every list goes by an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Mongo
from services.chassis.records import CONVERTER, Stored
from services.chassis.web.paging import Rows, after
from services.clients.files.filters import Filters, KeptList, Order, State
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.sight import scope
from services.clients.files.store import CLIENTS, KEPT_LISTS
from services.clients.files.views import Asker, fields_of
from services.contracts.clients import Grade

DUE_AT = "standing.next.due_at"
TOUCHED_AT = "standing.touched_at"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ORDERS: dict[Order, list[tuple[str, int]]] = {
    Order.DUE: [(DUE_AT, ASCENDING), ("_id", ASCENDING)],
    Order.SILENT: [(TOUCHED_AT, ASCENDING), ("_id", ASCENDING)],
    Order.NEWEST: [("_id", DESCENDING)],
}


@dataclass(frozen=True)
class Row:
    """One client of a list, with what this reader may see."""

    client: Client
    version: int
    name: str
    phone: str
    """Masked in lists, whoever reads them."""


async def clients(
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    *,
    own: bool,
    filters: Filters | None = None,
    state: State = State.PLANNED,
    grade: Grade | None = None,
    position: tuple[Any, ...] | None = None,
    size: int = 50,
) -> Rows[Row]:
    """One page of a list. Raises `NotFound` for the units of somebody who has none, `Invalid` for a wrong cursor."""
    filters = filters or Filters(state=state, grade=grade)
    order = _ORDERS[filters.order]
    wanted = wanted_by(asker, filters, own=own)
    place = _place(filters.order, position)
    query = {"$and": [wanted, after(order, place)]} if place else wanted
    rows = await rows_of(personal, asker, await _find(mongo, query, order, size + 1))

    def place_of(row: Row) -> tuple[Any, ...]:
        standing = row.client.standing
        if filters.order is Order.DUE and standing.next is not None:
            return standing.next.due_at.isoformat(), row.client.id
        if filters.order is Order.SILENT:
            return standing.touched_at.isoformat(), row.client.id
        return (row.client.id,)

    return Rows.of(rows, size, place_of)


def wanted_by(asker: Asker, filters: Filters, *, own: bool) -> Document:
    """The query of a list, without the place in it. Raises `NotFound` for the units of somebody who has none."""
    if filters.state is State.SHARED:
        whose: Document = {"shared_with": asker.access.person_id}
    else:
        whose = {**scope(asker.access, own=own), "standing.lost": filters.state is State.LOST}
    wanted = whose
    if not own and filters.state is not State.SHARED:
        wanted["agent_id"] = {"$ne": None}  # who has no agent is in the pool, which has a page of its own
    if filters.grade is not None:
        wanted["grading.grade"] = filters.grade.value
    if filters.intent is not None:
        wanted["grading.intent"] = filters.intent.value
    if filters.source is not None:
        wanted["source"] = filters.source.value
    if filters.tag:
        wanted["tags"] = filters.tag
    if filters.silent_days is not None:
        wanted[TOUCHED_AT] = {"$lt": asker.now - timedelta(days=filters.silent_days)}
    if filters.overdue:
        wanted[DUE_AT] = {"$gt": _LONG_AGO, "$lt": asker.now}
    elif filters.state is State.PLANNED and filters.silent_days is None:
        wanted[DUE_AT] = {"$gt": _LONG_AGO}
    elif filters.state is State.UNPLANNED:
        wanted[DUE_AT] = None
    return wanted


def cursor_length(filters: Filters) -> int:
    """How many parts the position in such a list has."""
    return len(_ORDERS[filters.order])


async def search(
    mongo: Mongo, personal: PersonalData, asker: Asker, typed: str, *, own: bool, size: int = 30
) -> list[Row]:
    """Who is found by a name in characters, pinyin or initials, the last digits, or a whole phone; newest first."""
    token = personal.index.search_token(typed)
    if token is None:
        return []
    wanted = {**scope(asker.access, own=own), "tokens": token}
    return await rows_of(personal, asker, await _find(mongo, wanted, _ORDERS[Order.NEWEST], size))


async def count_unplanned(mongo: Mongo, access: Access, *, own: bool) -> int:
    """How many of theirs have no next follow-up, up to a thousand."""
    wanted: Document = {**scope(access, own=own), "standing.lost": False, DUE_AT: None}
    if not own:
        wanted["agent_id"] = {"$ne": None}
    return await mongo.collection(CLIENTS.collection).count_documents(wanted, limit=1000)


async def rows_of(personal: PersonalData, asker: Asker, found: Sequence[Stored[Client]]) -> list[Row]:
    """These clients as rows of a list, in their order."""
    some = [stored.value for stored in found]
    names = await fields_of(personal, asker, some, "name")
    phones = await fields_of(personal, asker, some, "phone", masked=True)
    return [
        Row(stored.value, stored.version, name.get("name", ""), phone.get("phone", ""))
        for stored, name, phone in zip(found, names, phones, strict=True)
    ]


async def kept_lists(mongo: Mongo, person_id: str) -> list[KeptList]:
    """The lists that this person named, in the order in which they did."""
    cursor = mongo.collection(KEPT_LISTS).find({"person_id": person_id}, sort=[("_id", ASCENDING)])
    return [
        CONVERTER.structure({**document, "id": document["_id"]}, KeptList)
        for document in await cursor.to_list(None)
    ]


async def _find(
    mongo: Mongo, wanted: Document, order: list[tuple[str, int]], limit: int
) -> list[Stored[Client]]:
    cursor = mongo.collection(CLIENTS.collection).find(wanted, sort=order, limit=limit)
    return [CLIENTS.stored(document) for document in await cursor.to_list(None)]


def _place(order: Order, position: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if position is None or order is Order.NEWEST:
        return position
    try:
        moment = datetime.fromisoformat(position[0])
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    return moment, position[1]
