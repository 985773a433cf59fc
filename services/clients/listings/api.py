"""Listings as JSON."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Forbidden
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Visitor, Work
from services.chassis.web.paging import CursorParam, SizeParam, decode_cursor, link_header
from services.chassis.web.validation import Input, Integer, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker
from services.clients.listings import owner as owners
from services.clients.listings import views
from services.clients.listings.commands import AddListing, EditListing, Step, TurnListing, add, edit, turn
from services.clients.listings.features import (
    CHOICES,
    FIGURES,
    LARGEST_AMOUNT,
    LONGEST_CODE,
    Decoration,
    Facts,
    Feature,
    Orientation,
    PolicyType,
)
from services.clients.listings.model import LONGEST_TITLE, Listing, Status
from services.clients.listings.owner import Owner
from services.clients.listings.places import LEVELS, LONGEST_NAME, checked, place_of
from services.clients.listings.sight import may_add, require_pen
from services.clients.listings.views import Filter
from services.contracts.clients import ListingKind

router = APIRouter(tags=["listings"])

Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, description="Minor units of the currency")]
PlaceName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^/\x00]+$")]
PlaceIn = Annotated[tuple[PlaceName, ...], Field(max_length=LEVELS)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")]
PlaceParam = Annotated[str, Query(max_length=200, description="Such as `上海/静安`", pattern=r"^[^\x00]*$")]


class OwnerIn(Input):
    """The owner of a home; sealed, and never in an event."""

    name: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=30)] = ""
    address: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=500)] = ""


class DescribedIn(Input):
    """What is known of a listing; what is not given is not known."""

    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    currency: Currency = "CNY"
    place: Annotated[PlaceIn, Field(description="City, district, area, community")] = ()
    price: Amount
    price_to: Annotated[Amount | None, Field(description="Upper end of the premiums of a policy")] = None
    rooms: Integer | None = None
    living_rooms: Integer | None = None
    size: Annotated[Integer | None, Field(description="Tenths of a square metre")] = None
    floor: Integer | None = None
    lift: bool | None = None
    parking: Integer | None = None
    year: Integer | None = None
    orientation: Orientation | None = None
    decoration: Decoration | None = None
    school: Annotated[str, Field(max_length=LONGEST_CODE)] = ""
    policy_type: PolicyType | None = None
    term: Annotated[Integer | None, Field(description="Years")] = None
    age: Annotated[Integer | None, Field(description="Lowest insured age")] = None
    age_to: Annotated[Integer | None, Field(description="Highest insured age")] = None
    exclusive: bool = False
    expires_on: date | None = None
    owner: Annotated[OwnerIn | None, Field(description="Not given on a change: as it is")] = None

    @property
    def facts(self) -> Facts:
        """The figures and codes that are given."""
        figures = {
            feature: int(value) for feature in FIGURES if (value := getattr(self, feature)) is not None
        }
        codes = {feature: str(value) for feature in CHOICES if (value := getattr(self, feature))}
        tops = {
            feature: value
            for feature, value in ((Feature.PRICE, self.price_to), (Feature.AGE, self.age_to))
            if value is not None
        }
        return Facts(figures, codes, tops)

    @property
    def described(self) -> dict[str, Any]:
        """What commands take, without the owner."""
        return {
            "title": self.title,
            "currency": self.currency,
            "place": checked(tuple(name.strip() for name in self.place)),
            "facts": self.facts,
            "exclusive": self.exclusive,
            "expires_on": self.expires_on,
        }


class ListingIn(DescribedIn):
    """A new listing, kept by whoever sends it."""

    kind: ListingKind


class StepIn(Input):
    """What is done with a listing. `sold` is not among it: that comes from a closed deal."""

    step: Step


class AskedOut(Output):
    at: datetime
    amount: int
    top: int | None


class TurnOut(Output):
    at: datetime
    by: str
    status: str
    reason: str


class ListingOut(Output):
    """A listing without its owner."""

    id: str
    version: int
    agent_id: str
    org_path: list[str]
    kind: str
    status: str
    title: str
    currency: str
    place: list[str]
    figures: dict[str, int]
    """`price` in minor units, `size` in tenths of a square metre."""
    figures_to: dict[str, int]
    """The upper ends of those that are a range."""
    codes: dict[str, str]
    exclusive: bool
    expires_on: date | None
    added_at: datetime
    deal_id: str | None

    @classmethod
    def of(cls, stored: Stored[Listing]) -> "ListingOut":
        """The listing as everybody of the company sees it."""
        return cls(**_facts(stored))


class ListingFileOut(ListingOut):
    """A listing with its histories, and of the owner what is yours to see."""

    prices: list[AskedOut]
    history: list[TurnOut]
    owner: dict[str, str]


def _facts(stored: Stored[Listing]) -> dict[str, Any]:
    value = stored.value
    return {
        "id": value.id,
        "version": stored.version,
        "agent_id": value.agent_id,
        "org_path": list(value.org_path),
        "kind": value.kind,
        "status": value.status,
        "title": value.title,
        "currency": value.currency,
        "place": list(value.place),
        "figures": dict(value.facts.figures),
        "figures_to": dict(value.facts.tops),
        "codes": dict(value.facts.codes),
        "exclusive": value.exclusive,
        "expires_on": value.expires_on,
        "added_at": value.added_at,
        "deal_id": value.deal_id,
    }


async def adding(body: ListingIn, visitor: Visitor, personal: PersonalData) -> AddListing:
    """The command that offers it. Raises `Forbidden` for who brings in none, `Invalid`."""
    if not may_add(visitor):
        raise Forbidden
    sealed = await owners.seal(personal, _owner(body), visitor.org_path)
    return AddListing(agent_id=visitor.person_id, kind=body.kind, sealed=sealed, **body.described)


async def changing(
    body: DescribedIn, listing: Listing, personal: PersonalData, version: int | None
) -> EditListing:
    """The command that writes other facts. Raises `Invalid`."""
    sealed = None if body.owner is None else await owners.seal(personal, _owner(body), listing.org_path)
    return EditListing(listing_id=listing.id, sealed=sealed, expected_version=version, **body.described)


def _owner(body: DescribedIn) -> Owner:
    return Owner(**body.owner.model_dump()) if body.owner else Owner()


@router.post("/listings", status_code=201, response_model=ListingOut)
async def new_listing(body: ListingIn, once: Once, visitor: Visitor, personal: Personal) -> Response:
    """Offer a home or a product; whoever sends it keeps it."""
    return await once.run(
        lambda stored: created(
            f"/clients/api/listings/{stored.id}", ListingOut.of(stored), version=stored.version
        ),
        add,
        await adding(body, visitor, personal),
    )


@router.get("/listings", response_model=list[ListingOut])
async def listings(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    kind: ListingKind = ListingKind.SALE,
    status: Status = Status.OFFERED,
    place: PlaceParam = "",
    rooms: Annotated[int | None, Query(ge=0, le=20)] = None,
    policy_type: PolicyType | None = None,
    at_least: Annotated[int | None, Query(ge=1, le=LARGEST_AMOUNT)] = None,
    at_most: Annotated[int | None, Query(ge=1, le=LARGEST_AMOUNT)] = None,
    cursor: CursorParam = "",
    size: SizeParam = 50,
) -> list[ListingOut]:
    """The company's listings of one kind and status, the newest first."""
    trait = policy_type or ("" if rooms is None else str(rooms))
    wanted = Filter(kind, status, place_of(place), trait, at_least, at_most)
    rows = await views.listings(store, visitor, wanted, decode_cursor(cursor, 1), size)
    response.headers.update(link_header(request, rows.next_cursor))
    return [ListingOut.of(stored) for stored in rows.items]


@router.get("/places", response_model=list[str])
async def places(visitor: Visitor, store: Store) -> list[str]:
    """The places that are known, such as `上海/静安`."""
    return await views.places(store, visitor)


@router.get("/listings/{listing_id}", response_model=ListingFileOut)
async def listing(listing_id: Id, store: Store, personal: Personal, asker: Asking) -> Response:
    """One listing with its histories; the look at its owner is written down."""
    stored = await views.listing_of(store, asker.access, listing_id)
    value = stored.value
    body = ListingFileOut(
        **_facts(stored),
        prices=[AskedOut(at=each.at, amount=each.amount, top=each.top) for each in value.prices],
        history=[
            TurnOut(at=each.at, by=each.by, status=each.status, reason=each.reason) for each in value.turns
        ],
        owner=await owners.show(personal, asker, value),
    )
    return JSONResponse(body.model_dump(mode="json"), headers={"ETag": etag(stored.version)})


@router.put("/listings/{listing_id}", response_model=ListingOut)
async def change(
    listing_id: Id,
    body: DescribedIn,
    version: ExpectedVersion,
    work: Work,
    store: Store,
    personal: Personal,
    asker: Asking,
) -> Response:
    """Put other facts in the place of these; another price is remembered."""
    present = (await writable_listing(store, asker, listing_id)).value
    return _answer(await work.run(edit, await changing(body, present, personal, version)))


@router.put("/listings/{listing_id}/status", response_model=ListingOut)
async def status(
    listing_id: Id, body: StepIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Reserve it, offer it again, or close it."""
    await writable_listing(store, asker, listing_id)
    command = TurnListing(listing_id=listing_id, step=body.step, expected_version=version)
    return _answer(await work.run(turn, command))


async def writable_listing(store: Mongo, asker: Asker, listing_id: str) -> Stored[Listing]:
    """The listing, when the asker may change it. Raises `NotFound`, `Forbidden`."""
    stored = await views.listing_of(store, asker.access, listing_id)
    require_pen(asker.access, stored.value)
    return stored


def _answer(stored: Stored[Listing]) -> Response:
    body = ListingOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
