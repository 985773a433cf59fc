"""A complaint in one tap, and its end by who leads the agent."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.errors import Conflict
from services.chassis.web.dependencies import Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.validation import Input
from services.clients.dependencies import Asking, Id
from services.clients.files.api import writable
from services.clients.files.sight import LOOKS_AFTER
from services.clients.follow_ups.cooling_off import LiftCoolingOff, RecordComplaint, lift, record_complaint

router = APIRouter()


class Nothing(Input):
    """A form with only a button."""


@router.post("/clients/{client_id}/complaint")
async def complained(
    client_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    _form: Annotated[Form[Nothing], Depends(form_of(Nothing))],
) -> Response:
    """Leave the client alone for a while."""
    await writable(store, asker, client_id)
    stored = await work.run(record_complaint, RecordComplaint(client_id=client_id))
    until = stored.value.standing.quiet_until
    when = page.formats.day(until) if until else ""
    said = page.say("Nobody calls before %(when)s. What was planned has moved.", when=when)
    return page.go(f"/clients/clients/{client_id}", toast=said)


@router.post("/clients/{client_id}/complaint/end")
async def ended(
    client_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    _form: Annotated[Form[Nothing], Depends(form_of(Nothing))],
) -> Response:
    """Call again from now on."""
    client = await writable(store, asker, client_id)
    asker.access.require(*LOOKS_AFTER, at=client.org_path)
    try:
        await work.run(lift, LiftCoolingOff(client_id=client_id))
    except Conflict as problem:
        return page.go(f"/clients/clients/{client_id}", toast=page.language.say_problem(problem))
    return page.go(f"/clients/clients/{client_id}", toast=page.say("The cooling-off is over"))
