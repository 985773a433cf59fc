"""The list of clients as a file (导出): xlsx or csv, masked or in full, never more than a few rows in memory."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from openpyxl import Workbook

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Forbidden, Invalid
from services.chassis.mongo import Document, Mongo
from services.chassis.personal_data.audit import Did, Look, Viewer, record_looks
from services.chassis.personal_data.disclosure import Sealed
from services.chassis.personal_data.masking import Level
from services.clients import words
from services.clients.files.filters import Filters
from services.clients.files.lists import wanted_by
from services.clients.files.model import Client
from services.clients.files.personal import PHONES, PersonalData
from services.clients.files.sight import level_of, shown_of
from services.clients.files.store import CLIENTS
from services.clients.files.views import Asker
from services.contracts.organisation import Role

BATCH = 200
PIECE = 64 * 1024
MASKED = "masked"
"""What the audit trail says of an export in which nothing personal could be read."""
PERSONAL = ("name", *PHONES[:3], "wechat", "email", "address", "birthday", "note")
DOOR = "export"


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class Why(StrEnum):
    """What an export in full is for."""

    HANDOVER = "handover"
    COMPLAINT = "complaint"
    AUTHORITY = "authority"
    AUDIT = "audit"
    MAILING = "mailing"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What is asked for."""

    filters: Filters
    own: bool
    format: Format
    why: Why | None = None
    """None: masked, whoever asks."""

    def permitted(self, access: Access) -> None:
        """Do nothing when the person may have it. In full is for branch managers. Raises `Forbidden`."""
        if self.why is not None and not access.has(Role.BRANCH_MANAGER):
            raise Forbidden


def reason_required(full: bool, why: Why | None) -> Why | None:
    """The reason, when all is to be read. Raises `Invalid` when there is none."""
    if full and why is None:
        raise Invalid(errors=[FieldError("/why", N_("Say what it is for"))])
    return why if full else None


Say = Callable[[str], str]
Line = list[str]


def header(say: Say) -> Line:
    """The names of the columns."""
    plain = (
        N_("Grade"),
        N_("Interest"),
        N_("Where from"),
        N_("Tags"),
        N_("Agent"),
        N_("Registered on"),
        N_("Last contact"),
        N_("Next follow-up"),
        N_("Number"),
    )
    return [say(words.FIELDS[name]) for name in PERSONAL] + [say(name) for name in plain]


async def lines(
    mongo: Mongo, personal: PersonalData, asker: Asker, export: Export, say: Say
) -> AsyncIterator[list[Line]]:
    """The clients of the list, some at a time, in the order of their files; each time is in the audit trail before."""
    wanted = wanted_by(asker, export.filters, own=export.own)
    cursor = mongo.collection(CLIENTS.collection).find(wanted, batch_size=BATCH)
    some: list[Document] = []
    async for document in cursor:
        some.append(document)
        if len(some) == BATCH:
            yield await _lines(mongo, personal, asker, export, some, say)
            some = []
    if some:
        yield await _lines(mongo, personal, asker, export, some, say)


async def as_csv(
    mongo: Mongo, personal: PersonalData, asker: Asker, export: Export, say: Say
) -> AsyncIterator[bytes]:
    """The file in pieces, in UTF-8 with the mark by which spreadsheets know it."""
    yield "\ufeff".encode() + _written([header(say)])
    async for some in lines(mongo, personal, asker, export, say):
        yield _written(some)


async def as_xlsx(
    mongo: Mongo, personal: PersonalData, asker: Asker, export: Export, say: Say
) -> AsyncIterator[bytes]:
    """The file in pieces; it is put together on disk."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(header(say))
    async for some in lines(mongo, personal, asker, export, say):
        for line in some:
            sheet.append(line)
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(book.save, file)
        file.seek(0)
        for piece in _pieces(file):
            yield piece


async def _lines(
    mongo: Mongo, personal: PersonalData, asker: Asker, export: Export, some: Sequence[Document], say: Say
) -> list[Line]:
    clients = [CLIENTS.stored(document).value for document in some]
    viewer = Viewer(asker.access.person_id, DOOR, export.why or "")
    sealed = []
    for client in clients:
        shown = shown_of(asker.access, client)
        full = export.why is not None and asker.access.may(Role.BRANCH_MANAGER, at=client.org_path)
        level = level_of(asker.access, client)
        fields = {name: shown[name] for name in PERSONAL if name in shown}
        sealed.append(Sealed(client.id, fields, level if full else _at_most_masked(level)))
    masked = [Look(each.whose, (MASKED,)) for each in sealed if each.level is not Level.FULL]
    await record_looks(mongo.database, viewer, masked, asker.now, did=Did.EXPORTED)
    shown_of_each = await personal.disclosure.show(sealed, viewer, asker.now, did=Did.EXPORTED)
    agents = mongo.collection("people").find(
        {"_id": {"$in": list({client.agent_id for client in clients if client.agent_id})}}, {"name": 1}
    )
    names = {person["_id"]: person["name"] for person in await agents.to_list(None)}
    return [
        [_plain(values.get(name, "")) for name in PERSONAL] + _facts(client, names, say)
        for client, values in zip(clients, shown_of_each, strict=True)
    ]


def _facts(client: Client, names: dict[str, Any], say: Say) -> Line:
    upcoming = client.standing.next
    return [
        client.grade or "",
        say(words.INTENTS[client.intent]),
        say(words.SOURCES[client.source]),
        _plain(", ".join(client.tags)),
        _plain(names.get(client.agent_id or "", "")),
        client.registered_at.date().isoformat(),
        client.standing.touched_at.date().isoformat(),
        upcoming.due_at.date().isoformat() if upcoming else "",
        client.id,
    ]


def _at_most_masked(level: Level) -> Level:
    return Level.MASKED if level is Level.FULL else level


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and with nothing in it that a sheet cannot hold."""
    clean = "".join(character for character in text if character.isprintable())
    return f"'{clean}" if clean.startswith(("=", "+", "-", "@")) else clean


def _written(some: Sequence[Line]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(some)
    return text.getvalue().encode()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
