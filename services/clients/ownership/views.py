"""Ownership as it is read: the pool, warnings, handovers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid, NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Mongo
from services.chassis.records import Stored
from services.chassis.web.paging import Rows, after
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.store import CLIENTS
from services.clients.files.views import Asker, clients_of_ids, fields_of
from services.clients.ownership import model
from services.clients.ownership.handover_model import Handover, Line
from services.clients.ownership.handover_store import HANDOVERS, LINES, handover_of, line_of
from services.clients.ownership.sight import handovers_at, pools_of
from services.clients.ownership.store import LONG_AGO, TAKES, policies_at, policy_at
from services.contracts.clients import Grade

_MOST_LEAVING = 30


@dataclass(frozen=True)
class PoolRow:
    """A client in the pool, as this reader may see them."""

    client: Client
    version: int
    name: str
    pooled_at: datetime
    days: int
    """Whole days until this reader may take them; 0 for now."""


@dataclass(frozen=True)
class Takes:
    """How many clients somebody may take in a day, and how many of these are left today."""

    left: int
    limit: int


@dataclass(frozen=True)
class LineRow:
    """One client of a handover, as this reader may see them."""

    line: Line
    client: Client
    name: str
    untouched: bool
    """Still as the handover left them, so that it can be taken back."""


async def pool(
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    *,
    grade: Grade | None = None,
    position: tuple[Any, ...] | None = None,
    size: int = 50,
) -> Rows[PoolRow]:
    """One page of the pool that is the reader's to look at, the latest first. Raises `NotFound`."""
    units = pools_of(asker.access)
    wanted: Document = {
        "org_path": units[0] if len(units) == 1 else {"$in": units},
        "pooled_at": {"$gt": LONG_AGO},
        "erased_at": None,
    }
    if grade is not None:
        wanted["grading.grade"] = grade.value
    order = [("pooled_at", DESCENDING), ("_id", DESCENDING)]
    place = _moment_place(position)
    query = {"$and": [wanted, after(order, place)]} if place else wanted
    found = mongo.collection(CLIENTS.collection).find(query, sort=order, limit=size + 1)
    stored = [CLIENTS.stored(document) for document in await found.to_list(None)]
    clients = [each.value for each in stored]
    names = await fields_of(personal, asker, clients, "name")
    policy = await policy_at(mongo, asker.access.org_path)
    rows = [
        PoolRow(
            client=each.value,
            version=each.version,
            name=name.get("name", ""),
            pooled_at=each.value.pooled_at or each.value.registered_at,
            days=model.days_until_takeable(each.value, asker.access.person_id, policy, asker.now),
        )
        for each, name in zip(stored, names, strict=True)
    ]
    return Rows.of(rows, size, lambda row: (row.pooled_at.isoformat(), row.client.id))


async def takes_left(mongo: Mongo, access: Access, now: datetime) -> Takes:
    """How many clients the person may still take today, by the clock of their unit."""
    policy = await policy_at(mongo, access.org_path)
    today = now.astimezone(ZoneInfo(access.time_zone)).date()
    document = await mongo.collection(TAKES).find_one({"_id": f"{access.person_id}/{today.isoformat()}"})
    taken = document["count"] if document is not None else 0
    return Takes(max(0, policy.takes_a_day - taken), policy.takes_a_day)


async def warnings(mongo: Mongo, clients: Iterable[Client], now: datetime) -> dict[str, datetime]:
    """Those of these clients who go into the pool soon unless somebody is in touch, by id, with the moment."""
    some = [client for client in clients if client.agent_id is not None]
    policies = await policies_at(mongo, (client.org_path for client in some))
    moments = {client.id: model.warned(client, policies[client.org_path], now) for client in some}
    return {client_id: moment for client_id, moment in moments.items() if moment is not None}


async def leaving_soon(mongo: Mongo, asker: Asker) -> list[tuple[Client, datetime]]:
    """The reader's own clients who go into the pool soon, the first to go first; a few of each grade."""
    policy = await policy_at(mongo, asker.access.org_path)
    found: list[Client] = []
    for grade in (*Grade, None):
        quiet = policy.idle(grade) - timedelta(days=policy.warning_days)
        cursor = mongo.collection(CLIENTS.collection).find(
            {
                "agent_id": asker.access.person_id,
                "standing.lost": False,
                "grading.grade": grade,
                "standing.touched_at": {"$lte": asker.now - quiet},
            },
            limit=_MOST_LEAVING,
        )
        found += [CLIENTS.stored(document).value for document in await cursor.to_list(None)]
    moments = await warnings(mongo, found, asker.now)
    leaving = [(client, moments[client.id]) for client in found if client.id in moments]
    return sorted(leaving, key=lambda each: (each[1], each[0].id))[:_MOST_LEAVING]


async def handovers(
    mongo: Mongo, access: Access, position: tuple[Any, ...] | None = None, size: int = 30
) -> Rows[Handover]:
    """One page of the handovers in the reader's units, the latest first. Raises `NotFound` for who leads nobody."""
    units = handovers_at(access)
    wanted: Document = {"org_path": units[0] if len(units) == 1 else {"$in": units}, "clients": {"$gt": 0}}
    order = [("_id", DESCENDING)]
    query = {"$and": [wanted, after(order, position)]} if position else wanted
    found = mongo.collection(HANDOVERS).find(query, sort=order, limit=size + 1)
    rows = [handover_of(document) for document in await found.to_list(None)]
    return Rows.of(rows, size, lambda row: (row.id,))


async def handover(mongo: Mongo, access: Access, handover_id: str) -> Handover:
    """One handover. Raises `NotFound`, also for what is not theirs."""
    units = handovers_at(access)
    document = await mongo.collection(HANDOVERS).find_one({"_id": handover_id})
    if document is None or set(units).isdisjoint(document["org_path"]):
        raise NotFound
    return handover_of(document)


async def lines(
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    handover_id: str,
    position: tuple[Any, ...] | None = None,
    size: int = 50,
) -> Rows[LineRow]:
    """One page of the clients of a handover that was shown to the reader before."""
    order = [("_id", ASCENDING)]
    wanted: Document = {"handover_id": handover_id}
    query = {"$and": [wanted, after(order, position)]} if position else wanted
    found = mongo.collection(LINES).find(query, sort=order, limit=size + 1)
    some = [line_of(document) for document in await found.to_list(None)]
    page = Rows.of(some, size, lambda line: (line.id,))
    clients = await clients_of_ids(mongo, [line.client_id for line in page.items])
    values = list(clients.values())
    names = await fields_of(personal, asker, values, "name")
    named = {client.id: name.get("name", "") for client, name in zip(values, names, strict=True)}
    rows = [
        LineRow(
            line,
            clients[line.client_id],
            named[line.client_id],
            line.recalled_at is None and model.untouched(clients[line.client_id], line.to_agent_id, line.at),
        )
        for line in page.items
        if line.client_id in clients
    ]
    return Rows(tuple(rows), page.next_cursor)


async def held_by(
    mongo: Mongo, personal: PersonalData, asker: Asker, agent_id: str, size: int = 200
) -> list[tuple[Stored[Client], str]]:
    """Clients of this agent with their names, to choose among; those without a plan first."""
    found = mongo.collection(CLIENTS.collection).find(
        {"agent_id": agent_id, "standing.lost": False},
        sort=[("standing.next.due_at", ASCENDING), ("_id", ASCENDING)],
        limit=size,
    )
    stored = [CLIENTS.stored(document) for document in await found.to_list(None)]
    names = await fields_of(personal, asker, [each.value for each in stored], "name")
    return [(each, name.get("name", "")) for each, name in zip(stored, names, strict=True)]


async def open_clients(mongo: Mongo, client_ids: Sequence[str]) -> list[Client]:
    """All of these clients, whoever's they are. Raises `NotFound` when one of them is unknown."""
    found = await clients_of_ids(mongo, client_ids)
    if len(found) != len(set(client_ids)):
        raise NotFound
    return list(found.values())


def _moment_place(position: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if position is None:
        return None
    try:
        moment = datetime.fromisoformat(position[0])
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None or not isinstance(position[1], str):
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    return moment, position[1]
