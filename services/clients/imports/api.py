"""Imports as JSON: a file is uploaded, checked and read in; each step answers 202 and is looked after at its place."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from services.chassis.errors import FieldError, Invalid
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import etag
from services.chassis.web.dependencies import Store, Visitor, Work
from services.chassis.web.once import KeyMissing, KeyUnusable, usable
from services.chassis.web.site import site_of
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Id, Personal
from services.clients.files.personal import PersonalData
from services.clients.imports import commands, errors_file, store
from services.clients.imports.columns import Column
from services.clients.imports.commands import CheckImport, StepOfImport, require_imports
from services.clients.imports.model import MOST_BYTES, MOST_ROWS, Choice, Import, Stage
from services.clients.imports.reading import MOST_COLUMNS

router = APIRouter(tags=["imports"])

PATH = "/clients/api/imports"
UPLOADS = {PATH: MOST_BYTES}


class MappingIn(Input):
    """What the columns mean, in their order, and what is done with clients who are known."""

    columns: Annotated[list[Column | None], Field(min_length=1, max_length=MOST_COLUMNS)]
    choice: Choice = Choice.SKIP
    owner_id: Annotated[str, Field(max_length=64)] = ""
    """Whose clients they become where the file does not say it."""


class ImportOut(Output):
    """A file and how far it has come."""

    id: str
    version: int
    name: str
    stage: Stage
    rows: Annotated[int, Field(le=MOST_ROWS)]
    encoding: str
    headings: list[str]
    columns: list[Column | None]
    sample: list[list[str]]
    choice: Choice
    owner_id: str
    done: int
    """Rows that the present stage has done."""
    total: int
    counts: dict[str, int]
    """Rows by outcome."""
    uploaded_at: datetime
    finished_at: datetime | None
    expires_at: datetime

    @classmethod
    async def of(cls, stored: Stored[Import], personal: PersonalData) -> Self:
        """The import as who began it sees it."""
        value = stored.value
        shown = await commands.preview(personal, value)
        return cls(
            id=value.id,
            version=stored.version,
            name=shown.name,
            stage=value.stage,
            rows=value.rows,
            encoding=value.encoding,
            headings=list(shown.headings),
            columns=list(value.columns),
            sample=[list(cells) for cells in shown.sample],
            choice=value.choice,
            owner_id=value.owner_id,
            done=value.worked,
            total=value.total,
            counts=value.counts,
            uploaded_at=value.uploaded_at,
            finished_at=value.finished_at,
            expires_at=value.expires_at,
        )


@router.post(
    "/imports",
    status_code=201,
    response_model=ImportOut,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(
    request: Request,
    visitor: Visitor,
    work: Work,
    personal: Personal,
    name: Annotated[str, Query(max_length=200)] = "",
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Send the file itself as the body: xlsx, xls, or csv in UTF-8 or GB18030. Nothing is read in yet."""
    require_imports(visitor)
    if idempotency_key is None:
        raise KeyMissing
    if not usable(idempotency_key):
        raise KeyUnusable
    data = await request.body()
    if "\x00" in name:
        raise Invalid(errors=[FieldError("/name", "")])
    stored = await commands.upload(work, personal, visitor, name, data, idempotency_key)
    return await _answer(stored, personal, 201, {"Location": f"{PATH}/{stored.id}"})


@router.get("/imports", response_model=list[ImportOut])
async def imports(visitor: Visitor, store_: Store, personal: Personal) -> list[ImportOut]:
    """Your imports, the newest first."""
    found = await store.imports_of(store_, visitor.person_id)
    return [await ImportOut.of(stored, personal) for stored in found]


@router.get("/imports/{import_id}", response_model=ImportOut)
async def import_(import_id: Id, visitor: Visitor, store_: Store, personal: Personal) -> Response:
    """One import: where to look for progress."""
    return await _answer(await store.import_of(store_, visitor.person_id, import_id), personal)


@router.put("/imports/{import_id}/mapping", status_code=202, response_model=ImportOut)
async def mapping(
    import_id: Id,
    body: MappingIn,
    version: ExpectedVersion,
    visitor: Visitor,
    store_: Store,
    work: Work,
    personal: Personal,
) -> Response:
    """Say what the columns mean. Every row is checked, and nothing is written."""
    stored = await store.import_of(store_, visitor.person_id, import_id)
    command = await checking(stored, body, personal, version)
    return await _accepted(await work.run(commands.check, command), personal)


@router.put("/imports/{import_id}/run", status_code=202, response_model=ImportOut)
async def run(
    import_id: Id, version: ExpectedVersion, visitor: Visitor, store_: Store, work: Work, personal: Personal
) -> Response:
    """Read in what was checked."""
    await store.import_of(store_, visitor.person_id, import_id)
    step = StepOfImport(import_id=import_id, expected_version=version)
    return await _accepted(await work.run(commands.run, step), personal)


@router.put("/imports/{import_id}/undoing", status_code=202, response_model=ImportOut)
async def undoing(
    import_id: Id, version: ExpectedVersion, visitor: Visitor, store_: Store, work: Work, personal: Personal
) -> Response:
    """Take it back, within a week: what nobody has worked with since."""
    await store.import_of(store_, visitor.person_id, import_id)
    step = StepOfImport(import_id=import_id, expected_version=version)
    return await _accepted(await work.run(commands.undo, step), personal)


@router.get("/imports/{import_id}/errors", response_class=StreamingResponse)
async def errors(
    import_id: Id, request: Request, visitor: Visitor, store_: Store, personal: Personal
) -> Response:
    """What was not read in, as csv, with the reason at the end of each line."""
    return await errors_csv(import_id, request, visitor.person_id, store_, personal)


async def errors_csv(
    import_id: str, request: Request, person_id: str, mongo: Mongo, personal: PersonalData
) -> Response:
    """The file of errors as a download. Raises `NotFound`."""
    stored = await store.import_of(mongo, person_id, import_id)
    shown = await commands.preview(personal, stored.value)
    say = site_of(request).language_of(request).say

    async def pieces() -> AsyncIterator[str]:
        async for piece in errors_file.lines(mongo, personal.vault, stored.value, shown.headings, say):
            yield piece

    headers = {
        "Content-Disposition": 'attachment; filename="errors.csv"',
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


async def checking(
    stored: Stored[Import], body: MappingIn, personal: PersonalData, version: int | None
) -> CheckImport:
    """The command that checks the file under this mapping."""
    shown = await commands.preview(personal, stored.value)
    return CheckImport(
        import_id=stored.id,
        columns=tuple(body.columns),
        choice=body.choice,
        owner_id=body.owner_id,
        headings=await commands.digests(personal, shown.headings),
        expected_version=version,
    )


async def _accepted(stored: Stored[Import], personal: PersonalData) -> Response:
    return await _answer(stored, personal, 202, {"Location": f"{PATH}/{stored.id}"})


async def _answer(
    stored: Stored[Import],
    personal: PersonalData,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    body = (await ImportOut.of(stored, personal)).model_dump(mode="json")
    return JSONResponse(body, status, {"ETag": etag(stored.version), **(headers or {})})
