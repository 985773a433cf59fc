"""Who saw and changed what is personal of a client (X3), for those who answer for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import DESCENDING, Mongo
from services.chassis.personal_data.audit import AUDIT_TRAIL, Did
from services.chassis.web.dependencies import Directory, Page, Store
from services.chassis.web.paging import (
    DEFAULT_SIZE,
    CursorParam,
    Rows,
    SizeParam,
    after,
    decode_cursor,
    link_header,
)
from services.chassis.web.validation import Output
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import views
from services.clients.files.frame import frame_of
from services.clients.files.model import Client
from services.contracts.organisation import Role

router = APIRouter()
api = APIRouter(tags=["clients"])

READERS = (Role.BRANCH_MANAGER, Role.HEAD_OFFICE)
_ORDER = [("at", DESCENDING), ("_id", DESCENDING)]
DID: Mapping[str, str] = {
    Did.SAW: N_("saw"),
    Did.CHANGED: N_("changed"),
    Did.EXPORTED: N_("exported"),
    Did.MERGED: N_("merged"),
    Did.ERASED: N_("erased"),
}
ICONS: Mapping[str, str] = {
    Did.SAW: "eye",
    Did.CHANGED: "edit",
    Did.EXPORTED: "download",
    Did.MERGED: "git-merge",
    Did.ERASED: "eraser",
}
_FILE = "/clients/{client_id}"
DOORS: tuple[tuple[str, str], ...] = (
    (_FILE + "/merge", N_("when merging")),
    (_FILE, N_("in the file")),
    ("/clients", N_("in the list of clients")),
    ("/today", N_("in today's list")),
    ("/follow-ups", N_("with a follow-up")),
    ("/showings", N_("with a showing")),
    ("/deals", N_("with a deal")),
    ("/pool", N_("in the pool")),
)
"""The usual doors in words, by how their path begins; another one is shown as it is."""


@dataclass(frozen=True)
class Entry:
    """One entry of the audit trail about a client."""

    id: str
    at: datetime
    who: str
    did: str
    fields: tuple[str, ...]
    door: str
    reason: str
    others: int
    """Of how many more people the same was done at once."""


class EntryOut(Output):
    """Somebody saw or changed personal data of the client, or took them out."""

    id: str
    at: datetime
    who: str
    did: str
    fields: list[str]
    door: str
    reason: str
    others: Annotated[int, Field(description="Of how many more clients the same was done at once")]


def door_in_words(door: str) -> str:
    """Where somebody did it, still to be translated; empty when the deed says it all."""
    _, space, path = door.partition(" ")
    if not space:
        return ""
    return next((said for begins, said in DOORS if path.startswith(begins)), door)


def require_reader(access: Access, client: Client) -> None:
    """Do nothing for who answers for the client's data. Raises `Forbidden`."""
    access.require(*READERS, at=client.org_path)


async def entries(
    store: Mongo, client: Client, position: tuple[Any, ...] | None = None, size: int = DEFAULT_SIZE
) -> Rows[Entry]:
    """Who did what with this client's data and those of the files merged into it, the latest first."""
    wanted = {"whose": {"$in": [client.id, *client.merged_ids]}}
    query = {"$and": [wanted, after(_ORDER, _place(position))]} if position else wanted
    cursor = store.collection(AUDIT_TRAIL).find(query, sort=_ORDER, limit=size + 1)
    found = [
        Entry(
            document["_id"],
            document["at"],
            document["who"],
            document.get("did", Did.SAW),
            tuple(document["fields"]),
            document["route"],
            document["reason"],
            len(document["whose"]) - 1 if isinstance(document["whose"], list) else 0,
        )
        for document in await cursor.to_list(None)
    ]
    return Rows.of(found, size, lambda entry: (entry.at.isoformat(), entry.id))


@router.get("/clients/{client_id}/audit")
async def audit(
    client_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    cursor: CursorParam = "",
) -> Response:
    """The tab that says who looked."""
    client = (await views.client_of(store, asker.access, client_id)).value
    require_reader(asker.access, client)
    rows = await entries(store, client, decode_cursor(cursor, 2), 40)
    frame = await frame_of(page, store, directory, personal, asker, client_id, "audit")
    people = await directory.people(entry.who for entry in rows.items)
    return page.show(
        "files/audit.html",
        **frame,
        rows=rows.items,
        next_cursor=rows.next_cursor,
        people={person_id: person.name for person_id, person in people.items()},
        did=DID,
        icons=ICONS,
        door_in_words=door_in_words,
        names=words.FIELDS,
    )


@api.get("/clients/{client_id}/audit", response_model=list[EntryOut])
async def audit_json(
    client_id: Id,
    request: Request,
    response: Response,
    store: Store,
    asker: Asking,
    cursor: CursorParam = "",
    size: SizeParam = DEFAULT_SIZE,
) -> list[EntryOut]:
    """Who saw and changed personal data of the client, the latest first; for branch manager and head office."""
    client = (await views.client_of(store, asker.access, client_id)).value
    require_reader(asker.access, client)
    rows = await entries(store, client, decode_cursor(cursor, 2), size)
    response.headers.update(link_header(request, rows.next_cursor))
    return [EntryOut(**{**vars(entry), "fields": list(entry.fields)}) for entry in rows.items]


def _place(position: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        moment = datetime.fromisoformat(position[0])
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    return moment, position[1]
