"""Needs as JSON: figures only, and only for who may see the client."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Work
from services.chassis.web.validation import Input, Integer, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id
from services.clients.files.api import writable
from services.clients.files.views import Asker
from services.clients.listings.api import Currency, PlaceIn
from services.clients.listings.features import LONGEST_CODE, Feature
from services.clients.listings.places import checked
from services.clients.matching.views import looking_client
from services.clients.needs import views
from services.clients.needs.commands import (
    AnswerSuggestion,
    ChangeNeed,
    CloseNeed,
    OpenNeed,
    answer,
    change_need,
    close_need,
    open_need,
)
from services.clients.needs.model import (
    MOST_CHOICES,
    MOST_CONDITIONS,
    MOST_PLACES,
    Condition,
    Need,
    Suggestion,
    Weight,
    Wish,
)
from services.contracts.clients import ListingKind

router = APIRouter(tags=["needs"])

Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=r"^[^\x00]+$")]
PlacesIn = Annotated[tuple[PlaceIn, ...], Field(max_length=MOST_PLACES)]


class ConditionIn(Input):
    """What one feature should be: a range (either end may be open), or one of some codes."""

    feature: Feature
    at_least: Integer | None = None
    at_most: Integer | None = None
    one_of: Annotated[tuple[Code, ...], Field(max_length=MOST_CHOICES)] = ()
    places: PlacesIn = ()

    @property
    def condition(self) -> Condition:
        return Condition(
            self.feature,
            self.at_least,
            self.at_most,
            self.one_of,
            tuple(checked(each) for each in self.places),
        )


class WishIn(ConditionIn):
    weight: Weight = Weight.IMPORTANT


class NeedIn(Input):
    """What a client looks for: limits decide, wishes weigh."""

    kind: ListingKind
    currency: Currency = "CNY"
    places: PlacesIn = ()
    avoid: PlacesIn = ()
    limits: Annotated[tuple[ConditionIn, ...], Field(max_length=MOST_CONDITIONS)] = ()
    wishes: Annotated[tuple[WishIn, ...], Field(max_length=MOST_CONDITIONS)] = ()

    @property
    def looking(self) -> dict[str, Any]:
        """What commands take."""
        return {
            "kind": self.kind,
            "currency": self.currency,
            "places": tuple(checked(each) for each in self.places),
            "avoid": tuple(checked(each, "/avoid") for each in self.avoid),
            "limits": tuple(each.condition for each in self.limits),
            "wishes": tuple(Wish(each.condition, each.weight) for each in self.wishes),
        }


class AnswerIn(Input):
    """The suggestion that is answered, by its place in the list, and whether it is taken."""

    suggestion: Annotated[int, Field(ge=0, le=20)]
    accept: bool


class ConditionOut(Output):
    feature: str
    at_least: int | None
    at_most: int | None
    one_of: list[str]
    places: list[list[str]]

    @classmethod
    def of(cls, value: Condition) -> "ConditionOut":
        """The condition as it is sent."""
        return cls(**_said(value))


class WishOut(ConditionOut):
    weight: str


class HintOut(Output):
    hint: str
    listing_id: str
    amount: int | None
    place: list[str]


class NeedOut(Output):
    id: str
    version: int
    client_id: str
    kind: str
    currency: str
    open: bool
    opened_at: datetime | None
    places: list[list[str]]
    avoid: list[list[str]]
    limits: list[ConditionOut]
    wishes: list[WishOut]
    suggestions: list[HintOut]

    @classmethod
    def of(cls, stored: Stored[Need]) -> "NeedOut":
        """The need as who looks after the client sees it."""
        value = stored.value
        return cls(
            id=value.id,
            version=stored.version,
            client_id=value.client_id,
            kind=value.kind,
            currency=value.currency,
            open=value.open,
            opened_at=value.opened_at,
            places=[list(place) for place in value.places],
            avoid=[list(place) for place in value.avoid],
            limits=[ConditionOut.of(each) for each in value.limits],
            wishes=[WishOut(**_said(each.condition), weight=each.weight) for each in value.wishes],
            suggestions=[
                HintOut(
                    hint=each.hint, listing_id=each.listing_id, amount=each.amount, place=list(each.place)
                )
                for each in value.suggestions
            ],
        )


def _said(value: Condition) -> dict[str, Any]:
    return {
        "feature": value.feature,
        "at_least": value.at_least,
        "at_most": value.at_most,
        "one_of": list(value.one_of),
        "places": [list(place) for place in value.places],
    }


@router.get("/clients/{client_id}/needs", response_model=list[NeedOut])
async def needs(client_id: Id, store: Store, asker: Asking) -> list[NeedOut]:
    """What the client looks for, or looked for."""
    await looking_client(store, asker, client_id)
    return [NeedOut.of(stored) for stored in await views.needs_of_client(store, client_id)]


@router.post("/clients/{client_id}/needs", status_code=201, response_model=NeedOut)
async def new_need(client_id: Id, body: NeedIn, once: Once, store: Store, asker: Asking) -> Response:
    """Write down what the client looks for."""
    await writable(store, asker, client_id)
    return await once.run(
        lambda stored: created(f"/clients/api/needs/{stored.id}", NeedOut.of(stored), version=stored.version),
        open_need,
        OpenNeed(client_id=client_id, **body.looking),
    )


@router.get("/needs/{need_id}", response_model=NeedOut)
async def need(need_id: Id, store: Store, asker: Asking) -> Response:
    """One need."""
    stored = await views.need_of(store, asker, need_id)
    await looking_client(store, asker, stored.value.client_id)
    return _answer(stored)


@router.put("/needs/{need_id}", response_model=NeedOut)
async def put_need(
    need_id: Id, body: NeedIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Write it down anew; one that was closed is open again."""
    await writable_need(store, asker, need_id)
    command = ChangeNeed(need_id=need_id, expected_version=version, **body.looking)
    return _answer(await work.run(change_need, command))


@router.delete("/needs/{need_id}", response_model=NeedOut)
async def end_need(
    need_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """The client found something, or no longer looks; it stays in the file, closed."""
    await writable_need(store, asker, need_id)
    return _answer(await work.run(close_need, CloseNeed(need_id=need_id, expected_version=version)))


@router.put("/needs/{need_id}/suggestion", response_model=NeedOut)
async def answer_suggestion(
    need_id: Id, body: AnswerIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Narrow the need as suggested, or leave it."""
    stored = await writable_need(store, asker, need_id)
    command = AnswerSuggestion(
        need_id=need_id,
        suggestion=suggestion_at(stored.value, body.suggestion),
        accept=body.accept,
        expected_version=version,
    )
    return _answer(await work.run(answer, command))


def suggestion_at(need: Need, place: int) -> Suggestion:
    """The suggestion at this place of the list. Raises `NotFound`."""
    if place >= len(need.suggestions):
        raise NotFound
    return need.suggestions[place]


async def writable_need(store: Mongo, asker: Asker, need_id: str) -> Stored[Need]:
    """The need, when the asker may write in the client's file. Raises `NotFound`, `Forbidden`."""
    stored = await views.need_of(store, asker, need_id)
    await writable(store, asker, stored.value.client_id)
    return stored


def _answer(stored: Stored[Need]) -> Response:
    body = NeedOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
