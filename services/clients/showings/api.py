"""Showings as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Forbidden
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Work
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.personal import PersonalData
from services.clients.files.sight import may_write
from services.clients.files.views import Asker, client_of
from services.clients.showings import views
from services.clients.showings.commands import BookShowing, RecordShowing, book, record
from services.clients.showings.model import LONGEST_LABEL, MOST_HOMES, MOST_MINUTES, Home, Remark, Showing

router = APIRouter(tags=["showings"])

Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
Interest = Annotated[int, Field(ge=1, le=5)]


class ShowingIn(Input):
    """A showing that was agreed on. Labels name homes, such as `静安枫景 3-1201`, and nobody."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    starts_at: AwareDatetime
    homes: Annotated[list[Label], Field(min_length=1, max_length=MOST_HOMES)]


class HomeIn(Input):
    """How a home was received; no interest when it was not seen."""

    label: Label
    interest: Interest | None = None
    remarks: Annotated[tuple[Remark, ...], Field(max_length=len(Remark))] = ()


class RecordIn(Input):
    """How a showing went."""

    homes: Annotated[list[HomeIn], Field(min_length=1, max_length=MOST_HOMES)]
    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)]
    note: Annotated[str, Field(max_length=500)] = ""


class HomeOut(Output):
    label: str
    interest: int | None
    remarks: list[str]


class ShowingOut(Output):
    id: str
    version: int
    client_id: str
    agent_id: str
    starts_at: datetime
    status: str
    homes: list[HomeOut]
    interest: int | None
    minutes: int
    done_at: datetime | None

    @classmethod
    def of(cls, stored: Stored[Showing]) -> "ShowingOut":
        """The showing as others see it; what the client said in their own words stays out."""
        value = stored.value
        return cls(
            id=value.id,
            version=stored.version,
            client_id=value.client_id,
            agent_id=value.agent_id,
            starts_at=value.starts_at,
            status=value.status,
            homes=[
                HomeOut(label=home.label, interest=home.interest, remarks=list(home.remarks))
                for home in value.homes
            ],
            interest=value.interest,
            minutes=value.minutes,
            done_at=value.done_at,
        )


@router.post("/showings", status_code=201, response_model=ShowingOut)
async def new_showing(body: ShowingIn, once: Once, store: Store, asker: Asking) -> Response:
    """Book a showing of one or more homes."""
    await writable(store, asker, body.client_id)
    command = BookShowing(client_id=body.client_id, starts_at=body.starts_at, homes=tuple(body.homes))
    return await once.run(
        lambda stored: created(
            f"/clients/api/showings/{stored.id}", ShowingOut.of(stored), version=stored.version
        ),
        book,
        command,
    )


@router.get("/showings", response_model=list[ShowingOut])
async def showings(store: Store, asker: Asking) -> list[ShowingOut]:
    """Your own showings: those to come and to record, then the last that took place."""
    mine = asker.access.person_id
    found = [*await views.booked(store, mine), *await views.recorded(store, mine)]
    return [ShowingOut.of(stored) for stored in found]


@router.get("/showings/{showing_id}", response_model=ShowingOut)
async def showing(showing_id: Id, store: Store, asker: Asking) -> Response:
    """One showing."""
    return _answer(await views.showing_of(store, asker.access, showing_id))


@router.get("/clients/{client_id}/showings", response_model=list[ShowingOut])
async def of_client(client_id: Id, store: Store, asker: Asking) -> list[ShowingOut]:
    """The client's showings, the latest first."""
    await client_of(store, asker.access, client_id)
    return [ShowingOut.of(stored) for stored in await views.of_client(store, client_id)]


@router.put("/showings/{showing_id}/record", response_model=ShowingOut)
async def took_place(
    showing_id: Id,
    body: RecordIn,
    version: ExpectedVersion,
    work: Work,
    store: Store,
    personal: Personal,
    asker: Asking,
) -> Response:
    """Write down how it went; the feedback call of the next day is planned from it."""
    showing = (await writable_showing(store, asker, showing_id)).value
    command = await recording(body, showing, personal, version)
    return _answer(await work.run(record, command))


async def recording(
    body: RecordIn, showing: Showing, personal: PersonalData, version: int | None
) -> RecordShowing:
    """The command that records the showing."""
    return RecordShowing(
        showing_id=showing.id,
        homes=tuple(Home(home.label, home.interest, home.remarks) for home in body.homes),
        minutes=body.minutes,
        note=await personal.seal_note(body.note, showing.org_path),
        expected_version=version,
    )


async def writable_showing(store: Mongo, asker: Asker, showing_id: str) -> Stored[Showing]:
    """The showing, when the asker may record it. Raises `NotFound`, `Forbidden`."""
    stored = await views.showing_of(store, asker.access, showing_id)
    if not may_write(asker.access, stored.value.agent_id, stored.value.org_path):
        raise Forbidden
    return stored


def _answer(stored: Stored[Showing]) -> Response:
    body = ShowingOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
