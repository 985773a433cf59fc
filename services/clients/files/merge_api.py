"""Merging of two files as JSON."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import Forbidden
from services.chassis.mongo import Mongo
from services.chassis.web.answers import done
from services.chassis.web.dependencies import Once, Store, Work
from services.chassis.web.validation import Input
from services.clients.dependencies import Asking, Id
from services.clients.files import views
from services.clients.files.api import ClientOut, answer, writable
from services.clients.files.merging import MergeClients, UndoMerge, merge, undo_merge
from services.clients.files.sight import may_merge
from services.clients.files.views import Asker

router = APIRouter(tags=["clients"])


class DoubleIn(Input):
    """The other file, which is merged into this one."""

    double_id: Annotated[str, Field(min_length=1, max_length=64)]


async def merging(store: Mongo, asker: Asker, kept_id: str, double_id: str) -> MergeClients:
    """The command that merges two files. Raises `NotFound` for what is not theirs, `Forbidden`."""
    both = [
        (await views.client_of(store, asker.access, client_id)).value for client_id in (kept_id, double_id)
    ]
    if not may_merge(asker.access, both):
        raise Forbidden
    return MergeClients(kept_id=kept_id, double_id=double_id)


@router.post("/clients/{client_id}/merged", response_model=ClientOut)
async def merge_files(client_id: Id, body: DoubleIn, once: Once, store: Store, asker: Asking) -> Response:
    """Merge another file of the same client into this one."""
    command = await merging(store, asker, client_id, body.double_id)
    return await once.run(
        lambda stored: done(ClientOut.of(stored.value, stored.version), version=stored.version),
        merge,
        command,
    )


@router.delete("/clients/{client_id}/merged/{double_id}", response_model=ClientOut)
async def undo(client_id: Id, double_id: Id, work: Work, store: Store, asker: Asking) -> Response:
    """Make two files of one again."""
    client = await writable(store, asker, client_id)
    if not may_merge(asker.access, [client]):
        raise Forbidden
    return answer(await work.run(undo_merge, UndoMerge(kept_id=client_id, double_id=double_id)))
