"""Erasing a client on request: the page that asks once more, and the same as JSON."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.dependencies import Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.validation import Input
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import views
from services.clients.files.api import ClientOut, answer
from services.clients.files.erasure import EraseClient, erase
from services.clients.files.model import Client
from services.clients.files.views import Asker
from services.contracts.organisation import Role

router = APIRouter()
api = APIRouter(tags=["clients"])

ERASERS = (Role.BRANCH_MANAGER, Role.HEAD_OFFICE)


class Confirmed(Input):
    """That it is meant."""

    confirmed: bool = False


def may_erase(access: Access, client: Client) -> bool:
    """Whether the person may erase the client."""
    return client.erased_at is None and access.may(*ERASERS, at=client.org_path)


@router.get("/clients/{client_id}/erase")
async def ask(client_id: Id, page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """What will be gone, and what stays."""
    stored = await _erasable(store, asker, client_id)
    name = (await views.fields_of(personal, asker, [stored.value], "name"))[0].get("name", "")
    form = Form.of(Confirmed, version=stored.version)
    return page.show("files/erase.html", form=form, client=stored.value, name=name)


@router.post("/clients/{client_id}/erase")
async def erase_client(
    client_id: Id,
    page: Page,
    store: Store,
    work: Work,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[Confirmed], Depends(form_of(Confirmed))],
) -> Response:
    """Erase the client."""
    stored = await _erasable(store, asker, client_id)
    if not form.valid().confirmed:
        problem = Invalid(errors=[FieldError("/confirmed", N_("Confirm that this is meant"))])
        name = (await views.fields_of(personal, asker, [stored.value], "name"))[0].get("name", "")
        shown = form.with_errors(problem)
        return page.show("files/erase.html", status=422, form=shown, client=stored.value, name=name)
    await work.run(erase, EraseClient(client_id=client_id, expected_version=form.version))
    return page.go(
        f"/clients/clients/{client_id}", toast=page.say("Erased; nothing personal can be read any more")
    )


@api.delete("/clients/{client_id}", response_model=ClientOut)
async def erase_json(
    client_id: Id, version: ExpectedVersion, store: Store, work: Work, asker: Asking
) -> Response:
    """Erase everything personal of a client who asks for it; for branch manager and head office."""
    await _erasable(store, asker, client_id)
    return answer(await work.run(erase, EraseClient(client_id=client_id, expected_version=version)))


async def _erasable(store: Mongo, asker: Asker, client_id: str) -> Stored[Client]:
    stored = await views.client_of(store, asker.access, client_id)
    asker.access.require(*ERASERS, at=stored.value.org_path)
    return stored
