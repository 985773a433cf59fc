"""Use cases of lists that somebody named: kept, and thrown away."""

from dataclasses import dataclass

from services.chassis.errors import N_, Conflict, NotFound
from services.chassis.identity import new_id
from services.chassis.records import CONVERTER
from services.chassis.work import Transaction
from services.clients.files.filters import MOST_KEPT, Filters, KeptList
from services.clients.files.store import KEPT_LISTS


@dataclass(frozen=True, kw_only=True)
class KeepList:
    person_id: str
    name: str
    filters: Filters


async def keep_list(tx: Transaction, command: KeepList) -> KeptList:
    """Keep a list under a name. Raises `Conflict` for more than somebody can look through."""
    lists = tx.collection(KEPT_LISTS)
    if await lists.count_documents({"person_id": command.person_id}, session=tx.session) >= MOST_KEPT:
        raise Conflict(N_("You have twenty lists already; throw one away first"))
    kept = KeptList(new_id(tx.now), command.person_id, command.name, command.filters, tx.now)
    document = CONVERTER.unstructure(kept)
    document["_id"] = document.pop("id")
    await lists.insert_one(document, session=tx.session)
    return kept


@dataclass(frozen=True, kw_only=True)
class ForgetList:
    person_id: str
    list_id: str


async def forget_list(tx: Transaction, command: ForgetList) -> None:
    """Throw a list away; the clients on it stay. Raises `NotFound`, also for somebody else's."""
    found = await tx.collection(KEPT_LISTS).delete_one(
        {"_id": command.list_id, "person_id": command.person_id}, session=tx.session
    )
    if found.deleted_count == 0:
        raise NotFound
