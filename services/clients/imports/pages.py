"""Pages of imports: a file is chosen, its columns are named, what would come of it is shown, and then it is read in."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from services.chassis.errors import N_, Conflict, Invalid, Problem, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.dependencies import Live, Page, Store, Visitor, Work
from services.chassis.web.forms import KEY_FIELD, Form, form_of
from services.chassis.web.once import KeyMissing, usable
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input
from services.clients.dependencies import Id, Personal
from services.clients.files.personal import PersonalData
from services.clients.imports import commands, store, words
from services.clients.imports.api import MappingIn, checking, errors_csv
from services.clients.imports.columns import Column
from services.clients.imports.commands import StepOfImport, require_imports
from services.clients.imports.errors_file import reason_of
from services.clients.imports.model import FOUND, MADE, MOST_BYTES, Import, Outcome, Stage
from services.clients.imports.owners import owners_for
from services.clients.imports.reading import Unreadable

router = APIRouter()

PATH = "/clients/imports"
UPLOADS = {PATH: MOST_BYTES + 100_000}
_SHOWN = 20


class Step(Input):
    """A step that needs nothing but the version that was read."""


class MappingForm(Input):
    """What the columns mean, by their place; empty: nothing of it is taken."""

    columns: dict[str, Column]
    choice: str = "skip"
    owner_id: str = ""


@router.get("/imports")
async def imports(page: Page, visitor: Visitor, mongo: Store, personal: Personal) -> Response:
    """One's imports, and the form for a new one."""
    require_imports(visitor)
    return await _list(page, mongo, personal)


@router.post("/imports")
async def upload(
    request: Request, page: Page, visitor: Visitor, mongo: Store, work: Work, personal: Personal
) -> Response:
    """Take a file; it stays in memory, because a file on the disk would be there in clear."""
    require_imports(visitor)
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=3)
    parser.spool_max_size = MOST_BYTES + 1
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError):
        raise Unreadable from None
    key, file = str(form.get(KEY_FIELD, "")), form.get("file")
    if not usable(key):
        raise KeyMissing
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Unreadable(N_("Choose a file"))
        stored = await commands.upload(work, personal, visitor, file.filename, await file.read(), key)
    except Unreadable as problem:
        return await _list(page, mongo, personal, problem)
    return page.go(f"{PATH}/{stored.id}")


@router.get("/imports/{import_id}")
async def import_(import_id: Id, page: Page, visitor: Visitor, mongo: Store, personal: Personal) -> Response:
    """One import: what is to be done next, or how far it is."""
    stored = await store.import_of(mongo, visitor.person_id, import_id)
    return await _show(page, mongo, personal, stored)


@router.get("/imports/{import_id}/live", response_class=EventSourceResponse)
async def live(
    import_id: Id, page: Page, visitor: Visitor, mongo: Store, changes: Live
) -> AsyncIterator[ServerSentEvent]:
    """How far it is, whenever it gets on."""
    await store.import_of(mongo, visitor.person_id, import_id)
    async for _ in changes.changes("imports", concerns=lambda changed: changed["_id"] == import_id):
        stored = await store.import_of(mongo, visitor.person_id, import_id)
        yield page.event("imports/progress.html", **await _progress(page, mongo, stored))


@router.post("/imports/{import_id}/check")
async def check(
    import_id: Id,
    page: Page,
    visitor: Visitor,
    mongo: Store,
    work: Work,
    personal: Personal,
    form: Annotated[Form[MappingForm], Depends(form_of(MappingForm))],
) -> Response:
    """Check every row under this mapping."""
    stored = await store.import_of(mongo, visitor.person_id, import_id)
    try:
        sent = form.valid()
        chosen = [sent.columns.get(str(place)) for place in range(len(stored.value.columns))]
        body = MappingIn.model_validate({"columns": chosen, "choice": sent.choice, "owner_id": sent.owner_id})
        await work.run(commands.check, await checking(stored, body, personal, form.version or 0))
    except Invalid as problem:
        return await _show(page, mongo, personal, stored, form.with_errors(problem), 422)
    except (StaleVersion, Conflict) as problem:
        return page.go(f"{PATH}/{import_id}", toast=page.language.say_problem(problem))
    return page.go(f"{PATH}/{import_id}")


@router.post("/imports/{import_id}/run")
async def run(
    import_id: Id,
    page: Page,
    visitor: Visitor,
    mongo: Store,
    work: Work,
    form: Annotated[Form[Step], Depends(form_of(Step))],
) -> Response:
    """Read it in."""
    await store.import_of(mongo, visitor.person_id, import_id)
    step = StepOfImport(import_id=import_id, expected_version=form.version or 0)
    return await _stepped(page, import_id, work.run(commands.run, step))


@router.post("/imports/{import_id}/undo")
async def undo(
    import_id: Id,
    page: Page,
    visitor: Visitor,
    mongo: Store,
    work: Work,
    form: Annotated[Form[Step], Depends(form_of(Step))],
) -> Response:
    """Take it back."""
    await store.import_of(mongo, visitor.person_id, import_id)
    step = StepOfImport(import_id=import_id, expected_version=form.version or 0)
    return await _stepped(page, import_id, work.run(commands.undo, step))


@router.get("/imports/{import_id}/errors.csv")
async def errors(
    import_id: Id, request: Request, visitor: Visitor, mongo: Store, personal: Personal
) -> Response:
    """What was not read in, to be put right and sent again."""
    return await errors_csv(import_id, request, visitor.person_id, mongo, personal)


async def _stepped(page: PageWriter, import_id: str, done: Any) -> Response:
    try:
        await done
    except (StaleVersion, Conflict) as problem:
        return page.go(f"{PATH}/{import_id}", toast=page.language.say_problem(problem))
    return page.go(f"{PATH}/{import_id}")


async def _list(
    page: PageWriter, mongo: Mongo, personal: PersonalData, problem: Problem | None = None
) -> Response:
    assert page.visitor is not None  # noqa: S101 - the page asks for a visitor
    found = await store.imports_of(mongo, page.visitor.person_id)
    names = [(await commands.preview(personal, stored.value)).name for stored in found]
    return page.show(
        "imports/list.html",
        status=problem.status if problem else 200,
        imports=list(zip(found, names, strict=True)),
        stages=words.STAGES,
        outcomes=words.OUTCOMES,
        made=MADE,
        problem=page.language.say_problem(problem) if problem else "",
    )


async def _show(
    page: PageWriter,
    mongo: Mongo,
    personal: PersonalData,
    stored: Stored[Import],
    form: Form[MappingForm] | None = None,
    status: int = 200,
) -> Response:
    value = stored.value
    shown = await commands.preview(personal, value)
    owners = await owners_for(mongo, value.person_id)
    if form is None:
        said = {str(place): column for place, column in enumerate(value.columns) if column is not None}
        values = {"columns": said, "choice": value.choice, "owner_id": value.owner_id}
        form = Form.of(MappingForm, values, version=stored.version)
    columns = [
        (heading or page.say(N_("Column %(number)s")) % {"number": place + 1}, samples)
        for place, (heading, samples) in enumerate(
            zip(shown.headings, zip(*shown.sample, strict=True), strict=True)
        )
    ]
    return page.show(
        "imports/import.html",
        status=status,
        name=shown.name,
        form=form,
        columns=columns,
        meanings=[(code, page.say(said)) for code, said in words.COLUMNS.items()],
        choices=[(code, page.say(said)) for code, said in words.CHOICES.items()],
        owners=sorted(((id_, person.name) for id_, person in owners.by_id.items()), key=lambda each: each[1]),
        alone=set(owners.by_id) == {value.person_id},
        maps=value.stage in (Stage.UPLOADED, Stage.CHECKED) and page.now < value.expires_at,
        **await _progress(page, mongo, stored),
    )


async def _progress(page: PageWriter, mongo: Mongo, stored: Stored[Import]) -> dict[str, Any]:
    value = stored.value
    wrong = await store.some(mongo, value.findings, (Outcome.WRONG, Outcome.DOUBLE, Outcome.KEPT), _SHOWN)
    order = (*MADE, Outcome.SKIPPED, Outcome.DOUBLE, Outcome.WRONG, Outcome.REMOVED, Outcome.KEPT)
    shown = FOUND if value.stage in (Stage.CHECKING, Stage.CHECKED) else order
    return {
        "import_": value,
        "version": stored.version,
        "counts": [
            (words.OUTCOMES[outcome], value.count(outcome), words.TONES.get(outcome, "good"))
            for outcome in shown
            if value.count(outcome)
        ],
        "wrong": [(finding.row, reason_of(finding, page.say)) for finding in wrong],
        "left_out": value.count(*_LEFT),
        "may_undo": value.may_be_undone(page.now),
        "stages": words.STAGES,
    }


_LEFT = (Outcome.WRONG, Outcome.DOUBLE, Outcome.KNOWN, Outcome.SKIPPED, Outcome.KEPT)
