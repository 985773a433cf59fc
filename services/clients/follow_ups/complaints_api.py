"""Complaints and the cooling-off after them, as JSON."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.chassis.records import Stored
from services.chassis.web.answers import etag
from services.chassis.web.dependencies import Store, Work
from services.chassis.web.validation import Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id
from services.clients.files.api import writable
from services.clients.files.model import Client
from services.clients.files.sight import LOOKS_AFTER
from services.clients.follow_ups.cooling_off import LiftCoolingOff, RecordComplaint, lift, record_complaint

router = APIRouter(tags=["complaints"])


class CoolingOffOut(Output):
    """Until when nobody calls the client of their own accord; empty: no complaint, or it is over."""

    client_id: str
    until: datetime | None


@router.put("/clients/{client_id}/cooling-off", response_model=CoolingOffOut)
async def begin(client_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking) -> Response:
    """The client complained: all that is planned moves behind the unit's cooling-off."""
    await writable(store, asker, client_id)
    command = RecordComplaint(client_id=client_id, expected_version=version)
    return _answer(await work.run(record_complaint, command))


@router.delete("/clients/{client_id}/cooling-off", response_model=CoolingOffOut)
async def end(client_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking) -> Response:
    """End it before its time; for who leads the client's agent."""
    client = await writable(store, asker, client_id)
    asker.access.require(*LOOKS_AFTER, at=client.org_path)
    return _answer(await work.run(lift, LiftCoolingOff(client_id=client_id, expected_version=version)))


def _answer(stored: Stored[Client]) -> Response:
    body = CoolingOffOut(client_id=stored.id, until=stored.value.standing.quiet_until).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
