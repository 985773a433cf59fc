"""Updates as JSON."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Directory, Once, Store, Visitor, Work
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.updates import commands, sight, views
from services.clients.updates.model import LONGEST_TEXT, LONGEST_TITLE, Update
from services.contracts.clients import Grade, UpdateKind

router = APIRouter(tags=["updates"])

Key = Annotated[str, Field(min_length=1, max_length=64)]
PlaceParam = Annotated[str, Query(max_length=40, description="Only who looks for something there")]


class UpdateIn(Input):
    """Something new that agents may send to clients who agreed to get such."""

    unit_id: Key
    kind: UpdateKind
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    link: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    """Where it is from."""
    valid_until: date


class SendingsIn(Input):
    client_ids: Annotated[list[Key], Field(min_length=1, max_length=100)]


class UpdateOut(Output):
    id: str
    version: int
    unit_id: str
    author_id: str
    kind: str
    title: str
    text: str
    link: str
    valid_until: date
    published_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, stored: Stored[Update]) -> Self:
        """The update as others see it."""
        value = stored.value
        fields = {name: getattr(value, name) for name in cls.model_fields if name != "version"}
        return cls(version=stored.version, **fields)


class RecipientOut(Output):
    client_id: str
    name: str
    grade: str | None
    sent_at: datetime | None


class SentOut(Output):
    sent: int
    """How many of them had not got it before."""


@router.post("/updates", status_code=201, response_model=UpdateOut)
async def publish(body: UpdateIn, once: Once, directory: Directory, visitor: Visitor) -> Response:
    """Publish it to a unit: its agents, and those below, may send it."""
    unit = await directory.unit(body.unit_id)
    visitor.require_sight(unit.org_path)
    visitor.require(*sight.WRITERS, at=unit.org_path)
    return await once.run(
        lambda stored: created(
            f"/clients/api/updates/{stored.id}", UpdateOut.of(stored), version=stored.version
        ),
        commands.publish,
        commands.PublishUpdate(**body.model_dump()),
    )


@router.get("/updates", response_model=list[UpdateOut])
async def updates(store: Store, asker: Asking) -> list[UpdateOut]:
    """What was published to where you belong or write for, the newest first."""
    return [UpdateOut.of(stored) for stored in await views.updates(store, asker)]


@router.get("/updates/{update_id}", response_model=UpdateOut)
async def update(update_id: Id, store: Store, asker: Asking) -> Response:
    """One update."""
    return _answer(await views.update_of(store, asker, update_id))


@router.put("/updates/{update_id}/withdrawal", response_model=UpdateOut)
async def withdrawal(
    update_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Take it back: nobody can send it any more."""
    sight.require_pen(asker.access, (await views.update_of(store, asker, update_id)).value)
    command = commands.WithdrawUpdate(update_id=update_id, expected_version=version)
    return _answer(await work.run(commands.withdraw, command))


@router.get("/updates/{update_id}/clients", response_model=list[RecipientOut])
async def recipients(
    update_id: Id,
    store: Store,
    personal: Personal,
    asker: Asking,
    grade: Grade | None = None,
    place: PlaceParam = "",
) -> list[RecipientOut]:
    """Your clients who agreed to get news, who have not got this one first."""
    value = (await views.update_of(store, asker, update_id)).value
    found = await views.recipients(store, personal, asker, value, grade=grade, place=place)
    return [
        RecipientOut(client_id=row.client.id, name=row.name, grade=row.client.grade, sent_at=row.sent_at)
        for row in found
    ]


@router.post("/updates/{update_id}/sendings", response_model=SentOut)
async def sendings(update_id: Id, body: SendingsIn, work: Work, store: Store, asker: Asking) -> SentOut:
    """Say to which of your clients you sent it. To whom it was sent before, it is not counted again."""
    sight.require_sender(asker.access, (await views.update_of(store, asker, update_id)).value)
    command = commands.SendUpdate(
        update_id=update_id, agent_id=asker.access.person_id, client_ids=tuple(dict.fromkeys(body.client_ids))
    )
    return SentOut(sent=await work.run(commands.send, command))


def _answer(stored: Stored[Update]) -> Response:
    body = UpdateOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
