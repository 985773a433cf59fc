"""Files that were merged into others: kept aside as they were, and what led to them leads to the other one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.mongo import ASCENDING, Document, Indexes, IndexModel, Mongo, Session
from services.chassis.work import Transaction
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.matching.store import MATCHES
from services.clients.needs.store import NEEDS
from services.clients.showings.store import SHOWINGS

MERGED = "merged_clients"
INDEXES: Indexes = {MERGED: [IndexModel([("into", ASCENDING)], name="into")]}

LED: tuple[str, ...] = (
    FOLLOW_UPS.collection,
    SHOWINGS.collection,
    NEEDS.collection,
)
"""Collections whose documents name their client in `client_id`. Deals, referrals and occasions hear of the merge."""


@dataclass(frozen=True)
class MergedFile:
    """A file that was merged into another, with both as they were before."""

    id: str
    into: str
    at: datetime
    by: str
    double: Document
    """The file itself; empty when it was erased."""
    kept: Document
    """The kept one as it was before."""
    led: Mapping[str, Sequence[str]]
    """By collection, the ids of what leads to the kept one since."""


async def keep_aside(tx: Transaction, merged: MergedFile) -> None:
    """Keep a merged file."""
    document = {
        "_id": merged.id,
        "into": merged.into,
        "at": merged.at,
        "by": merged.by,
        "double": merged.double,
        "kept": merged.kept,
        "led": {name: list(ids) for name, ids in merged.led.items()},
    }
    await tx.collection(MERGED).insert_one(document, session=tx.session)


async def kept_aside(tx: Transaction, client_id: str) -> MergedFile | None:
    """The merged file, or None."""
    found = await tx.collection(MERGED).find_one({"_id": client_id}, session=tx.session)
    return _merged(found) if found is not None else None


async def take_back(tx: Transaction, client_id: str) -> None:
    """Forget that the file was merged."""
    await tx.collection(MERGED).delete_one({"_id": client_id}, session=tx.session)


async def forget_contents(tx: Transaction, client_ids: Sequence[str]) -> None:
    """Erase what the merged files said; their addresses still lead to the kept one."""
    await tx.collection(MERGED).update_many(
        {"$or": [{"_id": {"$in": list(client_ids)}}, {"into": {"$in": list(client_ids)}}]},
        {"$set": {"double": {}, "kept": {}, "led": {}}},
        session=tx.session,
    )


async def merged_into(mongo: Mongo, client_id: str, session: Session | None = None) -> str | None:
    """The file that this one was merged into, however often that one was merged again; None when it was not."""
    target: str | None = None
    wanted = client_id
    while True:
        found = await mongo.collection(MERGED).find_one({"_id": wanted}, {"into": 1}, session=session)
        if found is None:
            return target
        target = wanted = found["into"]


async def merged_files(mongo: Mongo, kept_id: str) -> list[MergedFile]:
    """The files that were merged into this one and can be taken out again, the earliest first."""
    found = mongo.collection(MERGED).find({"into": kept_id, "double._id": {"$exists": True}})
    return sorted((_merged(document) for document in await found.to_list(None)), key=lambda each: each.at)


async def lead(tx: Transaction, double_id: str, kept_id: str) -> dict[str, list[str]]:
    """Let all that names the one file name the other; the ids of it, by collection."""
    led: dict[str, list[str]] = {}
    for name in LED:
        led[name] = await _ids(tx, name, {"client_id": double_id})
    known = tx.collection(MATCHES.collection).find(
        {"client_id": kept_id}, {"listing_id": 1}, session=tx.session
    )
    listings = [document["listing_id"] for document in await known.to_list(None)]
    led[MATCHES.collection] = await _ids(
        tx, MATCHES.collection, {"client_id": double_id, "listing_id": {"$nin": listings}}
    )
    await lead_back(tx, led, double_id, kept_id)
    return led


async def lead_back(tx: Transaction, led: Mapping[str, Sequence[str]], from_id: str, to_id: str) -> None:
    """Let those of these documents that still name the one file name the other."""
    for name, ids in led.items():
        if ids:
            await tx.collection(name).update_many(
                {"_id": {"$in": list(ids)}, "client_id": from_id},
                {"$set": {"client_id": to_id}},
                session=tx.session,
            )


async def _ids(tx: Transaction, name: str, wanted: Document) -> list[str]:
    found = await tx.collection(name).find(wanted, {"_id": 1}, session=tx.session).to_list(None)
    return [document["_id"] for document in found]


def _merged(document: Document) -> MergedFile:
    return MergedFile(
        **{**{name: document[name] for name in document if name != "_id"}, "id": document["_id"]}
    )
