"""Use cases of imports that somebody asks for; the work itself is done chunk by chunk: see `working.py`."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Forbidden, Invalid
from services.chassis.identity import new_id
from services.chassis.mongo import DuplicateKeyError, Mongo
from services.chassis.records import Stored
from services.chassis.schedule.items import plan
from services.chassis.work import Transaction, UnitOfWork
from services.clients.files.personal import PersonalData, branch_in
from services.clients.imports import model, reading, store
from services.clients.imports.columns import Column, guessed, plain
from services.clients.imports.model import FILE_KEPT, ROWS_A_CHUNK, Choice, Import
from services.clients.imports.owners import owners_for
from services.clients.imports.reading import Row
from services.clients.imports.store import IMPORTS
from services.contracts.organisation import Role

WORK = "imports.work"
MAY_IMPORT = (Role.AGENT, Role.SUPERVISOR, Role.BRANCH_MANAGER)
_SAMPLE = 5
_LONGEST_NAME = 120


def require_imports(access: Access) -> None:
    """Do nothing for who has clients, or leads who has. Raises `Forbidden`."""
    if not access.has(*MAY_IMPORT):
        raise Forbidden


async def upload(
    work: UnitOfWork, personal: PersonalData, access: Access, name: str, data: bytes, key: str
) -> Stored[Import]:
    """Keep a file, sealed, with what its columns seem to mean. The same key again gives the same import.

    Raises `Forbidden`, `Unreadable`. What was kept of a file that breaks off is forgotten by itself.
    """
    require_imports(access)
    mongo, now = work.mongo, work.clock()
    if (before := await store.sent_before(mongo, access.person_id, key)) is not None:
        return before
    table = await asyncio.to_thread(reading.opened, data)
    import_id, branch = new_id(now), branch_in(access.org_path)
    sample: list[Row] = []
    rows = chunks = 0
    while some := await asyncio.to_thread(lambda: list(islice(table.rows, ROWS_A_CHUNK))):
        sample += some[: _SAMPLE - len(sample)]
        await store.keep_chunk(mongo, personal.vault, branch, import_id, chunks, some, now + FILE_KEPT)
        rows, chunks = rows + len(some), chunks + 1
    if not rows:
        raise reading.Unreadable(N_("There are headings in this file, and no rows"))
    columns = await _meanings(mongo, personal, access.person_id, table.headings)
    sealed = await personal.vault.seal(
        branch,
        {
            "name": name[-_LONGEST_NAME:] or "–",
            "headings": json.dumps(table.headings),
            "sample": json.dumps([row.cells for row in sample]),
        },
    )
    import_ = Import(
        id=import_id,
        person_id=access.person_id,
        org_path=access.org_path,
        sealed=sealed,
        rows=rows,
        chunks=chunks,
        uploaded_at=now,
        expires_at=now + FILE_KEPT,
        columns=columns,
        key=key,
        encoding=table.encoding,
        owner_id=access.person_id if access.has(Role.AGENT, Role.SUPERVISOR) else "",
    )
    try:
        return await work.run(IMPORTS.add, import_)
    except DuplicateKeyError:
        return await store.sent_before(mongo, access.person_id, key) or await _again()


async def _again() -> Stored[Import]:
    raise Invalid(errors=[FieldError("/", N_("Send the file again"))])


@dataclass(frozen=True)
class Preview:
    """What a file looks like, in clear."""

    name: str
    headings: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]


async def preview(personal: PersonalData, import_: Import) -> Preview:
    """The file's name, headings and first rows."""
    clear = await personal.vault.open(import_.sealed)
    return Preview(
        clear["name"],
        tuple(json.loads(clear["headings"])),
        tuple(tuple(cells) for cells in json.loads(clear["sample"])),
    )


@dataclass(frozen=True, kw_only=True)
class CheckImport:
    import_id: str
    columns: tuple[Column | None, ...]
    choice: Choice
    owner_id: str
    headings: tuple[str, ...]
    """Keyed digests of the headings, by which the mapping is remembered."""
    expected_version: int | None = None


async def check(tx: Transaction, command: CheckImport) -> Stored[Import]:
    """Begin to check the file under this mapping. Raises `NotFound`, `StaleVersion`, `Conflict`, `Invalid`."""
    before = await IMPORTS.get(tx, command.import_id, command.expected_version)
    import_ = before.value
    owners = await owners_for(tx.mongo, import_.person_id, tx.session)
    if command.owner_id and command.owner_id not in owners.by_id:
        raise Invalid(errors=[FieldError("/owner_id", N_("Choose an agent who works here"))])
    after = model.checking(import_, command.columns, command.choice, command.owner_id, tx.now)
    if not command.owner_id and Column.OWNER not in command.columns:
        raise Invalid(errors=[FieldError("/owner_id", N_("Say whose clients they are"))])
    await store.remember(
        tx,
        import_.person_id,
        "|".join(sorted(command.headings)),
        dict(zip(command.headings, command.columns, strict=False)),
    )
    await go_on(tx, after)
    return await IMPORTS.save(tx, before, after)


@dataclass(frozen=True, kw_only=True)
class StepOfImport:
    import_id: str
    expected_version: int | None = None


async def run(tx: Transaction, command: StepOfImport) -> Stored[Import]:
    """Begin to read it in. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await IMPORTS.get(tx, command.import_id, command.expected_version)
    after = model.running(before.value, tx.now)
    await go_on(tx, after)
    return await IMPORTS.save(tx, before, after)


async def undo(tx: Transaction, command: StepOfImport) -> Stored[Import]:
    """Begin to take it back. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await IMPORTS.get(tx, command.import_id, command.expected_version)
    after = model.undoing(before.value, tx.now)
    await go_on(tx, after)
    return await IMPORTS.save(tx, before, after)


async def go_on(tx: Transaction, import_: Import) -> None:
    """Have the next chunk done, by whichever worker is there: a restart in between loses nothing."""
    key = f"import|{import_.id}|{import_.attempt}|{import_.position}"
    await plan(
        tx,
        key,
        WORK,
        tx.now,
        {"import_id": import_.id, "attempt": import_.attempt, "position": import_.position},
    )


async def digests(personal: PersonalData, headings: Sequence[str]) -> tuple[str, ...]:
    """By what headings are remembered: a file without headings has people where headings belong."""
    return tuple(personal.index.word("heading", plain(heading)) for heading in headings)


async def _meanings(
    mongo: Mongo, personal: PersonalData, person_id: str, headings: Sequence[str]
) -> tuple[Column | None, ...]:
    keyed = await digests(personal, headings)
    known = await store.remembered(mongo, person_id, "|".join(sorted(keyed)))
    if known is None:
        return guessed(headings)
    return tuple(known.get(each) for each in keyed)


def moment_of(import_: Import) -> datetime:
    """When something last happened with it."""
    return import_.finished_at or import_.uploaded_at
