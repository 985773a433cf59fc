"""Imports, the sealed pieces of their files, what came of each row, and remembered mappings; every query and index."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.errors import NotFound
from services.chassis.mongo import (
    ASCENDING,
    DESCENDING,
    Document,
    Indexes,
    IndexModel,
    InsertOne,
    Mongo,
    ReplaceOne,
    UpdateOne,
)
from services.chassis.personal_data.vault import Vault
from services.chassis.records import Records, Stored
from services.chassis.work import Transaction
from services.clients.files.store import CLIENTS
from services.clients.imports.columns import Column
from services.clients.imports.model import Import, Outcome
from services.clients.imports.reading import Row
from services.contracts.clients import CLIENT

IMPORTS: Records[Import] = Records(
    "imports", Import, aggregate=CLIENT, org_path=lambda import_: import_.org_path
)
"""They publish nothing of their own: the clients that come of them do."""
CHUNKS = "import_chunks"
FINDINGS = "import_rows"
MAPPINGS = "import_mappings"

INDEXES: Indexes = {
    IMPORTS.collection: [
        IndexModel([("person_id", ASCENDING), ("_id", DESCENDING)], name="of_person"),
        IndexModel([("person_id", ASCENDING), ("key", ASCENDING)], name="sent_once", unique=True),
    ],
    CHUNKS: [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0, name="forgotten")],
    FINDINGS: [
        IndexModel([("import_id", ASCENDING), ("phones", ASCENDING)], name="doubles"),
        IndexModel([("import_id", ASCENDING), ("outcome", ASCENDING), ("_id", ASCENDING)], name="by_outcome"),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0, name="forgotten"),
    ],
    MAPPINGS: [],
}


@dataclass(frozen=True)
class Finding:
    """What came of one row."""

    row: int
    outcome: Outcome
    phones: tuple[str, ...] = ()
    """Blind indexes."""
    reasons: tuple[tuple[str, str], ...] = ()
    """Column and words for each thing that is wrong, or why the row was skipped."""
    client_id: str | None = None
    version: int = 0
    """Of the client, as the import left it."""
    touched_at: datetime | None = None
    filled: tuple[str, ...] = ()
    """What was filled in the client's file."""


async def import_of(mongo: Mongo, person_id: str, import_id: str) -> Stored[Import]:
    """Somebody's own import. Raises `NotFound`, also for one of somebody else."""
    document = await mongo.collection(IMPORTS.collection).find_one({"_id": import_id})
    if document is None or document["person_id"] != person_id:
        raise NotFound
    return IMPORTS.stored(document)


async def sent_before(mongo: Mongo, person_id: str, key: str) -> Stored[Import] | None:
    """The import that this key brought before."""
    document = await mongo.collection(IMPORTS.collection).find_one({"person_id": person_id, "key": key})
    return IMPORTS.stored(document) if document else None


async def imports_of(mongo: Mongo, person_id: str, limit: int = 50) -> list[Stored[Import]]:
    """Somebody's imports, the newest first."""
    cursor = mongo.collection(IMPORTS.collection).find(
        {"person_id": person_id}, sort=[("_id", DESCENDING)], limit=limit
    )
    return [IMPORTS.stored(document) for document in await cursor.to_list(None)]


async def keep_chunk(
    mongo: Mongo, vault: Vault, branch: str, import_id: str, number: int, rows: Sequence[Row], until: datetime
) -> None:
    """Keep a piece of the file, sealed, until it is forgotten."""
    packed = zlib.compress(json.dumps([[row.number, *row.cells] for row in rows]).encode(), 6)
    sealed = await vault.seal(branch, {"rows": b64encode(packed).decode()})
    await mongo.collection(CHUNKS).insert_one(
        {"_id": _chunk(import_id, number), "sealed": sealed, "expires_at": until}
    )


async def chunk(mongo: Mongo, vault: Vault, import_id: str, number: int) -> list[Row]:
    """A piece of the file; nothing once it was forgotten."""
    document = await mongo.collection(CHUNKS).find_one({"_id": _chunk(import_id, number)})
    if document is None:
        return []
    text = (await vault.open(document["sealed"]))["rows"]
    packed = zlib.decompress(b64decode(text))
    return [Row(number, tuple(cells)) for number, *cells in json.loads(packed)]


async def findings(tx: Transaction, import_id: str, rows: Sequence[int]) -> dict[int, Finding]:
    """What came of these rows so far."""
    ids = [_finding(import_id, row) for row in rows]
    found = tx.collection(FINDINGS).find({"_id": {"$in": ids}}, session=tx.session)
    return {document["row"]: _read(document) for document in await found.to_list(None)}


async def told(mongo: Mongo, import_id: str, rows: Sequence[int]) -> dict[int, Finding]:
    """The same, outside a transaction."""
    ids = [_finding(import_id, row) for row in rows]
    found = await mongo.collection(FINDINGS).find({"_id": {"$in": ids}}).to_list(None)
    return {document["row"]: _read(document) for document in found}


async def some(mongo: Mongo, import_id: str, outcomes: Sequence[Outcome], limit: int) -> list[Finding]:
    """The first rows with one of these outcomes."""
    rows: list[Finding] = []
    for outcome in outcomes:
        cursor = mongo.collection(FINDINGS).find(
            {"import_id": import_id, "outcome": outcome.value}, sort=[("_id", ASCENDING)], limit=limit
        )
        rows += [_read(document) for document in await cursor.to_list(None)]
    return sorted(rows, key=lambda finding: finding.row)[:limit]


async def keep_findings(
    tx: Transaction, import_: Import, some: Iterable[Finding], *, first: bool = False
) -> None:
    """Put these in the place of what was known of the rows; `first` when nothing can be known yet."""
    writes: list[InsertOne[Document] | ReplaceOne[Document]] = []
    for finding in some:
        document: Document = {
            "_id": _finding(import_.findings, finding.row),
            "import_id": import_.findings,
            "row": finding.row,
            "outcome": finding.outcome.value,
            "phones": list(finding.phones),
            "reasons": [list(reason) for reason in finding.reasons],
            "client_id": finding.client_id,
            "version": finding.version,
            "touched_at": finding.touched_at,
            "filled": list(finding.filled),
            "expires_at": import_.expires_at,
        }
        writes.append(
            InsertOne(document) if first else ReplaceOne({"_id": document["_id"]}, document, upsert=True)
        )
    if writes:
        await tx.collection(FINDINGS).bulk_write(writes, ordered=False, session=tx.session)


async def rows_above(tx: Transaction, import_id: str, phones: Sequence[str], row: int) -> dict[str, int]:
    """For each of these phones that stands further up in the file: the first row in which it does."""
    found = tx.collection(FINDINGS).find(
        {"import_id": import_id, "phones": {"$in": list(phones)}, "row": {"$lt": row}},
        {"phones": 1, "row": 1},
        session=tx.session,
    )
    first: dict[str, int] = {}
    for document in await found.to_list(None):
        for phone in document["phones"]:
            first[phone] = min(first.get(phone, document["row"]), document["row"])
    return first


async def made(tx: Transaction, import_id: str, outcomes: Sequence[Outcome], limit: int) -> list[Finding]:
    """Some of the rows with one of these outcomes."""
    found = tx.collection(FINDINGS).find(
        {"import_id": import_id, "outcome": {"$in": [outcome.value for outcome in outcomes]}},
        session=tx.session,
        limit=limit,
    )
    return [_read(document) for document in await found.to_list(None)]


async def set_outcomes(tx: Transaction, import_id: str, outcomes: dict[int, tuple[Outcome, str]]) -> None:
    """Write down what became of these rows when the import was taken back, and why."""
    writes = [
        UpdateOne(
            {"_id": _finding(import_id, row)},
            {"$set": {"outcome": outcome.value, "reasons": [["", why]] if why else []}},
        )
        for row, (outcome, why) in outcomes.items()
    ]
    if writes:
        await tx.collection(FINDINGS).bulk_write(writes, ordered=False, session=tx.session)


async def known_by_phones(tx: Transaction, company_id: str, phones: Sequence[str]) -> dict[str, str]:
    """The clients of the company with these phones: client by phone."""
    if not phones:
        return {}
    found = tx.collection(CLIENTS.collection).find(
        {"company_id": company_id, "phone_indexes": {"$in": list(phones)}},
        {"phone_indexes": 1},
        session=tx.session,
    )
    return {
        phone: document["_id"]
        for document in await found.to_list(None)
        for phone in document["phone_indexes"]
    }


async def forget(mongo: Mongo, import_: Import) -> None:
    """Delete the pieces of the file now."""
    ids = [_chunk(import_.id, number) for number in range(import_.chunks)]
    await mongo.collection(CHUNKS).delete_many({"_id": {"$in": ids}})


async def remembered(mongo: Mongo, person_id: str, headings: str) -> dict[str, Column | None] | None:
    """What this person said of a file with these headings (a keyed digest): column by the digest of its heading."""
    document = await mongo.collection(MAPPINGS).find_one({"_id": f"{person_id}|{headings}"})
    if document is None:
        return None
    known: dict[str, Any] = dict(document["columns"])
    return {heading: Column(column) if column else None for heading, column in known.items()}


async def remember(tx: Transaction, person_id: str, headings: str, columns: dict[str, Column | None]) -> None:
    """Keep it for the next file."""
    said = [[heading, column.value if column else None] for heading, column in columns.items()]
    await tx.collection(MAPPINGS).replace_one(
        {"_id": f"{person_id}|{headings}"}, {"columns": said, "at": tx.now}, upsert=True, session=tx.session
    )


def _chunk(import_id: str, number: int) -> str:
    return f"{import_id}|{number:04}"


def _finding(import_id: str, row: int) -> str:
    return f"{import_id}|{row:07}"


def _read(document: Document) -> Finding:
    return Finding(
        row=document["row"],
        outcome=Outcome(document["outcome"]),
        phones=tuple(document["phones"]),
        reasons=tuple((column, words) for column, words in document["reasons"]),
        client_id=document["client_id"],
        version=document["version"],
        touched_at=document["touched_at"],
        filled=tuple(document["filled"]),
    )
