"""Handovers as they are kept: one for each time that somebody's clients were given to others, and a line a client."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel, InsertOne
from services.chassis.records import CONVERTER
from services.chassis.work import Transaction
from services.clients.ownership.handover_model import Handover, Line

HANDOVERS = "handovers"
LINES = "handover_lines"

INDEXES: Indexes = {
    HANDOVERS: [
        IndexModel([("org_path", ASCENDING), ("_id", DESCENDING)], name="under_unit"),
        IndexModel([("agent_id", ASCENDING), ("_id", DESCENDING)], name="of_agent"),
    ],
    LINES: [IndexModel([("handover_id", ASCENDING), ("_id", ASCENDING)], name="of_handover")],
}


async def known(tx: Transaction, handover_id: str) -> Handover | None:
    """The handover, or None."""
    document = await tx.collection(HANDOVERS).find_one({"_id": handover_id}, session=tx.session)
    return handover_of(document) if document is not None else None


async def handover(tx: Transaction, handover_id: str) -> Handover:
    """The handover. Raises `NotFound`."""
    found = await known(tx, handover_id)
    if found is None:
        raise NotFound
    return found


async def keep(tx: Transaction, value: Handover) -> None:
    """Keep it in the place of what was there."""
    document = CONVERTER.unstructure(value)
    del document["id"]
    await tx.collection(HANDOVERS).replace_one({"_id": value.id}, document, upsert=True, session=tx.session)


async def add_lines(tx: Transaction, lines: Iterable[Line]) -> None:
    """Keep these new lines."""
    writes: list[InsertOne[Document]] = [InsertOne(_document(line)) for line in lines]
    if writes:
        await tx.collection(LINES).bulk_write(writes, ordered=False, session=tx.session)


async def lines_after(
    tx: Transaction, handover_id: str, after_id: str, limit: int, client_ids: Sequence[str] | None = None
) -> list[Line]:
    """Lines of the handover that were not recalled, in the order of their ids, behind this one."""
    wanted: Document = {"handover_id": handover_id, "_id": {"$gt": after_id}, "recalled_at": None}
    if client_ids is not None:
        wanted["client_id"] = {"$in": list(client_ids)}
    found = tx.collection(LINES).find(wanted, sort=[("_id", ASCENDING)], limit=limit, session=tx.session)
    return [line_of(document) for document in await found.to_list(None)]


async def mark_recalled(tx: Transaction, line_ids: Sequence[str], at: datetime) -> None:
    """Write down that these lines were taken back."""
    await tx.collection(LINES).update_many(
        {"_id": {"$in": list(line_ids)}}, {"$set": {"recalled_at": at}}, session=tx.session
    )


def handover_of(document: Document) -> Handover:
    """The handover that a document holds."""
    return CONVERTER.structure({**document, "id": document["_id"]}, Handover)


def line_of(document: Document) -> Line:
    """The line that a document holds."""
    return CONVERTER.structure({**document, "id": document["_id"]}, Line)


def _document(line: Line) -> Document:
    document: Document = CONVERTER.unstructure(line)
    document["_id"] = document.pop("id")
    return document
