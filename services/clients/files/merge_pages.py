"""Pages on which two files of one client become one."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.chassis.errors import Forbidden
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Work
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import lists, views
from services.clients.files.api import writable
from services.clients.files.forms import birthday_in_words
from services.clients.files.frame import agent_name
from services.clients.files.merge_api import merging
from services.clients.files.merging import UndoMerge, merge, undo_merge
from services.clients.files.sight import may_merge, units_of

router = APIRouter()


@router.get("/clients/{client_id}/merge")
async def choose(
    client_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Which other file is of the same client: those of the same name are offered, others are searched."""
    client = await writable(store, asker, client_id)
    file = await views.file_of(store, personal, asker, client_id)
    found: dict[str, lists.Row] = {}
    for own in (True, False) if units_of(asker.access) else (True,):
        for row in await lists.search(store, personal, asker, q or file.name, own=own):
            if row.client.id != client.id and may_merge(asker.access, [row.client]):
                found.setdefault(row.client.id, row)
    rows = list(found.values())[:20]
    agents = await directory.people(row.client.agent_id or "" for row in rows)
    return page.show(
        "files/merge.html",
        client=client,
        name=file.name,
        rows=rows,
        agents=agents,
        q=q,
        sources=words.SOURCES,
    )


@router.get("/clients/{client_id}/merge/{other_id}")
async def compare(
    client_id: Id,
    other_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
) -> Response:
    """Both files side by side, and which of them stays."""
    await merging(store, asker, client_id, other_id)
    files = [await views.file_of(store, personal, asker, each) for each in (client_id, other_id)]
    sides: list[dict[str, Any]] = []
    for file in files:
        fields = {**file.fields}
        if "birthday" in fields:
            fields["birthday"] = birthday_in_words(page, fields["birthday"])
        sides.append(
            {
                "file": file,
                "fields": fields,
                "agent": await agent_name(directory, file.client),
            }
        )
    known = [name for name in words.FIELDS if any(name in file.fields for file in files)]
    return page.show(
        "files/compare.html",
        sides=sides,
        known=known,
        names=words.FIELDS,
        intents=words.INTENTS,
        sources=words.SOURCES,
    )


@router.post("/clients/{client_id}/merge/{other_id}")
async def merge_files(
    client_id: Id, other_id: Id, page: Page, once: Once, store: Store, asker: Asking
) -> Response:
    """Keep the first, and merge the other into it."""
    command = await merging(store, asker, client_id, other_id)
    return await once.run(
        lambda stored: see(
            f"/clients/clients/{stored.id}", toast=page.say("One file now. It can be undone at its end.")
        ),
        merge,
        command,
    )


@router.post("/clients/{client_id}/merged/{double_id}/undo")
async def undo(client_id: Id, double_id: Id, page: Page, work: Work, store: Store, asker: Asking) -> Response:
    """Make two files of one again."""
    client = await writable(store, asker, client_id)
    if not may_merge(asker.access, [client]):
        raise Forbidden
    await work.run(undo_merge, UndoMerge(kept_id=client_id, double_id=double_id))
    return page.go(f"/clients/clients/{double_id}", toast=page.say("Two files again, as they were"))
