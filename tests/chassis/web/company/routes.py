"""Routes of the sample, written as a capability writes them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Invalid, NotFound, StaleVersion
from services.chassis.web.answers import created, etag, see
from services.chassis.web.dependencies import Live, Once, Page, PublicPage, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.paging import CursorParam, Rows, SizeParam, after, decode_cursor, link_header
from services.chassis.web.validation import Input, Line, Output
from services.chassis.web.versions import ExpectedVersion
from tests.chassis.web.company import commands

api = APIRouter()
pages = APIRouter()

TITLES = ("陈晓雯", "李建国", "王思远", "Zhou Min", "欧阳静怡", "赵磊")


class NoteIn(Input):
    title: Line
    minutes: int


class NoteOut(Output):
    id: str
    title: str
    minutes: int


@api.post("/notes", status_code=201, response_model=NoteOut)
async def write(body: NoteIn, once: Once) -> Response:
    return await once.run(
        lambda note: created(
            f"/clients/api/notes/{note.id}",
            NoteOut(id=note.id, title=note.value.title, minutes=note.value.minutes),
            version=note.version,
        ),
        commands.write,
        body.title,
        body.minutes,
    )


@api.put("/notes/{note_id}", response_model=NoteOut)
async def rewrite(note_id: str, body: NoteIn, version: ExpectedVersion, work: Work) -> Response:
    note = await work.run(commands.rewrite, note_id, version, body.title, body.minutes)
    out = NoteOut(id=note.id, title=note.value.title, minutes=note.value.minutes)
    return JSONResponse(out.model_dump(mode="json"), headers={"ETag": etag(note.version)})


@api.get("/notes")
async def notes(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    cursor: CursorParam = "",
    size: SizeParam = 50,
    minutes: int = 0,
) -> list[NoteOut]:
    position = decode_cursor(cursor, 2)
    order = (("title", 1), ("_id", 1))
    query = {"$and": [visitor.scope(), after(order, position), {"minutes": {"$gte": minutes}}]}
    found = await store.collection("notes").find(query).sort(list(order)).limit(size + 1).to_list(None)
    rows = Rows.of(found, size, lambda note: (note["title"], note["_id"]))
    response.headers.update(link_header(request, rows.next_cursor))
    return [NoteOut(id=n["_id"], title=n["title"], minutes=n["minutes"]) for n in rows.items]


@api.get("/broken")
async def broken(visitor: Visitor) -> None:
    raise RuntimeError(f"a bug about {visitor.name}")


@api.get("/slow")
async def slow() -> None:
    await asyncio.Event().wait()


@pages.get("/broken")
async def broken_page(page: Page) -> Response:
    raise RuntimeError("a bug")


@pages.get("/notes/new")
async def new(page: Page) -> Response:
    return page.show("demo/new.html", form=Form.of(NoteIn))


@pages.post("/notes/new")
async def create(page: Page, once: Once, form: Annotated[Form[NoteIn], Depends(form_of(NoteIn))]) -> Response:
    try:
        note = form.valid()
        return await once.run(
            lambda made: see(
                f"/clients/notes/{made.id}", toast=page.say("Saved: %(title)s", title=note.title)
            ),
            commands.write,
            note.title,
            note.minutes,
        )
    except Invalid as problem:
        return page.show("demo/new.html", status=422, form=form.with_errors(problem))


async def _note(store: Any, note_id: str) -> Any:
    found = await store.collection("notes").find_one({"_id": note_id})
    if found is None:
        raise NotFound
    return found


@pages.get("/notes/{note_id}")
async def edit(note_id: str, page: Page, store: Store) -> Response:
    note = await _note(store, note_id)
    values = {"title": note["title"], "minutes": note["minutes"]}
    form = Form.of(NoteIn, values, version=note["version"])
    return page.show("demo/edit.html", form=form, note_id=note_id)


@pages.post("/notes/{note_id}")
async def change(
    note_id: str,
    page: Page,
    store: Store,
    once: Once,
    form: Annotated[Form[NoteIn], Depends(form_of(NoteIn))],
) -> Response:
    try:
        note = form.valid()
        return await once.run(
            lambda _: see(f"/clients/notes/{note_id}", toast=page.say("Saved")),
            commands.rewrite,
            note_id,
            form.version,
            note.title,
            note.minutes,
        )
    except Invalid as problem:
        return page.show("demo/edit.html", status=422, form=form.with_errors(problem), note_id=note_id)
    except StaleVersion:
        now = await _note(store, note_id)
        values = {"title": now["title"], "minutes": now["minutes"]}
        again = form.against(values, version=now["version"])
        return page.show("demo/edit.html", status=412, form=again, note_id=note_id)


@pages.get("/today")
async def today(page: Page, store: Store) -> Response:
    """Something of everything, with data that looks real."""
    calls = [
        {
            "id": f"c{index}",
            "name": name,
            "grade": "AABBC"[index % 5],
            "why": why,
            "due": page.now + timedelta(minutes=-30 + 55 * index),
        }
        for index, (name, why) in enumerate(
            zip(
                TITLES,
                ("看房后回访", "意向确认", "保单周年", "New listing matches", "带看反馈", "介绍新房源"),
                strict=True,
            )
        )
    ]
    return page.show(
        "demo/today.html", calls=calls, notes=await _titles(store), then=page.now - timedelta(hours=3)
    )


async def _titles(store: Any) -> list[str]:
    found = await store.collection("notes").find({}).sort("title", 1).to_list(None)
    return [note["title"] for note in found]


@pages.get("/today/live", response_class=EventSourceResponse)
async def live_today(page: Page, store: Store, live: Live) -> AsyncIterator[ServerSentEvent]:
    async for _ in live.changes("notes"):
        yield page.event("demo/today.html", "notes", notes=await _titles(store))


@pages.get("/board")
async def board(page: PublicPage) -> Response:
    return page.show("demo/board.html")


@pages.get("/nothing")
async def nothing(page: Page) -> Response:
    return page.show("demo/empty.html")
