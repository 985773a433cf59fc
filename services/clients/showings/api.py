"""Showings as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from starlette.responses import JSONResponse, Response

from services.chassis.errors import N_, FieldError, Forbidden, Invalid
from services.chassis.mongo import Mongo
from services.chassis.personal_data.masking import Level
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Work
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.personal import PersonalData
from services.clients.files.sight import level_of, may_write
from services.clients.files.views import Asker, client_of, clients_of_ids
from services.clients.listings.views import listing_of, of_ids
from services.clients.showings import views
from services.clients.showings.commands import (
    BookShowing,
    Cancelling,
    CancelShowing,
    ConfirmShowing,
    MoveShowing,
    RecordShowing,
    book,
    cancel,
    confirm,
    move,
    record,
)
from services.clients.showings.model import (
    LEAST_MINUTES_A_HOME,
    LONGEST_LABEL,
    MOST_HOMES,
    MOST_MINUTES,
    MOST_MINUTES_A_HOME,
    USUAL_MINUTES,
    Home,
    Remark,
    Showing,
)

router = APIRouter(tags=["showings"])

Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
Interest = Annotated[int, Field(ge=1, le=5)]


class StopIn(Input):
    """A home on the way: one of our listings, or another by its label."""

    label: Annotated[str, Field(max_length=LONGEST_LABEL, description="By default the listing's title")] = ""
    listing_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    minutes: Annotated[int, Field(ge=LEAST_MINUTES_A_HOME, le=MOST_MINUTES_A_HOME)] = USUAL_MINUTES


Stops = Annotated[list[Label | StopIn], Field(min_length=1, max_length=MOST_HOMES)]


class ShowingIn(Input):
    """A showing that was agreed on. Labels name homes, such as `静安枫景 3-1201`, and nobody."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    starts_at: AwareDatetime
    homes: Stops


class PlanIn(Input):
    """When it takes place, and which way it goes."""

    starts_at: AwareDatetime
    homes: Stops


class CancelIn(Input):
    """Why it does not take place."""

    reason: Cancelling


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
    listing_id: str | None
    minutes: int
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
    ends_at: datetime
    confirmed_at: datetime | None

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
                HomeOut(
                    label=home.label,
                    listing_id=home.listing_id,
                    minutes=home.minutes,
                    interest=home.interest,
                    remarks=list(home.remarks),
                )
                for home in value.homes
            ],
            interest=value.interest,
            minutes=value.minutes,
            done_at=value.done_at,
            ends_at=value.ends_at,
            confirmed_at=value.confirmed_at,
        )


class PlannedOut(ShowingOut):
    """A showing with those of the same agent at the same time."""

    overlaps: list[str]


class SeenOut(Output):
    """A showing of a listing; whose client it was is said only to who may see that client."""

    showing_id: str
    agent_id: str
    client_id: str | None
    starts_at: datetime
    status: str
    interest: int | None
    remarks: list[str]


@router.post("/showings", status_code=201, response_model=ShowingOut)
async def new_showing(body: ShowingIn, once: Once, store: Store, asker: Asking) -> Response:
    """Book a showing of one or more homes."""
    await writable(store, asker, body.client_id)
    homes = await stops_of(store, asker, body.homes)
    command = BookShowing(client_id=body.client_id, starts_at=body.starts_at, homes=homes)
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


@router.get("/showings/{showing_id}", response_model=PlannedOut)
async def showing(showing_id: Id, store: Store, asker: Asking) -> Response:
    """One showing, and which others of the same agent are at the same time."""
    stored = await views.showing_of(store, asker.access, showing_id)
    overlaps = [other.id for other in await views.overlaps(store, stored.value)]
    body = PlannedOut(**ShowingOut.of(stored).model_dump(), overlaps=overlaps)
    return JSONResponse(body.model_dump(mode="json"), headers={"ETag": etag(stored.version)})


@router.put("/showings/{showing_id}/plan", response_model=ShowingOut)
async def plan(
    showing_id: Id, body: PlanIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Put it at another moment, or on another way."""
    await writable_showing(store, asker, showing_id)
    command = MoveShowing(
        showing_id=showing_id,
        starts_at=body.starts_at,
        homes=await stops_of(store, asker, body.homes),
        expected_version=version,
    )
    return _answer(await work.run(move, command))


@router.put("/showings/{showing_id}/confirmation", response_model=ShowingOut)
async def confirmation(
    showing_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """The client said that they come."""
    await writable_showing(store, asker, showing_id)
    command = ConfirmShowing(showing_id=showing_id, expected_version=version)
    return _answer(await work.run(confirm, command))


@router.put("/showings/{showing_id}/cancellation", response_model=ShowingOut)
async def cancellation(
    showing_id: Id, body: CancelIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """It does not take place."""
    await writable_showing(store, asker, showing_id)
    command = CancelShowing(showing_id=showing_id, reason=body.reason, expected_version=version)
    return _answer(await work.run(cancel, command))


@router.get("/listings/{listing_id}/showings", response_model=list[SeenOut])
async def of_listing(listing_id: Id, store: Store, asker: Asking) -> list[SeenOut]:
    """Who saw the listing, and what they said of it."""
    await listing_of(store, asker.access, listing_id)
    found = await views.of_listing(store, listing_id)
    clients = await clients_of_ids(store, [each.value.client_id for each in found])
    seen = []
    for each in found:
        value, client = each.value, clients.get(each.value.client_id)
        home = next(home for home in value.homes if home.listing_id == listing_id)
        visible = client is not None and level_of(asker.access, client) is not Level.NONE
        seen.append(
            SeenOut(
                showing_id=value.id,
                agent_id=value.agent_id,
                client_id=value.client_id if visible else None,
                starts_at=value.starts_at,
                status=value.status,
                interest=home.interest,
                remarks=list(home.remarks),
            )
        )
    return seen


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


async def stops_of(store: Mongo, asker: Asker, stops: Sequence[str | StopIn]) -> tuple[Home, ...]:
    """The homes that were sent; a listing lends its title. Raises `Invalid` for a listing that is not theirs to see."""
    sent = [StopIn(label=stop) if isinstance(stop, str) else stop for stop in stops]
    known = await of_ids(store, [stop.listing_id for stop in sent if stop.listing_id])
    homes = []
    for place, stop in enumerate(sent):
        label = stop.label
        if stop.listing_id:
            listing = known.get(stop.listing_id)
            if listing is None or listing.value.company_id != asker.access.org_path[0]:
                raise Invalid(errors=[FieldError(f"/homes/{place}", N_("There is no such listing"))])
            label = label or listing.value.title
        homes.append(Home(label, listing_id=stop.listing_id, minutes=stop.minutes))
    return tuple(homes)


async def writable_showing(store: Mongo, asker: Asker, showing_id: str) -> Stored[Showing]:
    """The showing, when the asker may record it. Raises `NotFound`, `Forbidden`."""
    stored = await views.showing_of(store, asker.access, showing_id)
    if not may_write(asker.access, stored.value.agent_id, stored.value.org_path):
        raise Forbidden
    return stored


def _answer(stored: Stored[Showing]) -> Response:
    body = ShowingOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
