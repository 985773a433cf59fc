"""Client files as JSON."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Forbidden
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Visitor, Work
from services.chassis.web.validation import Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.cadence.hours import ContactHours
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import views
from services.clients.files.commands import (
    ClientKnown,
    EditContact,
    RegisterClient,
    edit_contact,
    register,
)
from services.clients.files.inputs import ClientIn, ContactIn
from services.clients.files.model import Client
from services.clients.files.personal import Contact, PersonalData
from services.clients.files.sight import require_pen
from services.clients.files.views import Asker
from services.contracts.clients import ClientSource
from services.contracts.organisation import Role

router = APIRouter(tags=["clients"])


class NextFollowUpOut(Output):
    id: str
    rule: str
    due_at: datetime
    escalated: str | None


class SuggestionOut(Output):
    grade: str
    intent: str
    reason: str


class ClientOut(Output):
    """A client without what is personal."""

    id: str
    version: int
    agent_id: str | None
    """Empty: in the pool of the last unit of `org_path`."""
    org_path: list[str]
    source: str
    registered_at: datetime
    grade: str | None
    intent: str
    graded_by: str | None
    grade_reason: str | None
    suggestion: SuggestionOut | None
    touched_at: datetime
    lost: bool
    next_follow_up: NextFollowUpOut | None
    tags: list[str]
    erased_at: datetime | None

    @classmethod
    def of(cls, client: Client, version: int) -> "ClientOut":
        """The client as others see it."""
        return cls(**facts_of(client, version))


class MemberOut(Output):
    """Somebody of the client's family, as far as yours to see."""

    id: str
    relation: str
    fields: dict[str, str]


class ConsentOut(Output):
    """Which channel the client agreed to, and whether it still holds."""

    channel: str
    given: str
    given_at: datetime
    withdrawn_at: datetime | None


class ClientFileOut(ClientOut):
    """A client with the personal data that are yours to see. The look is written down."""

    fields: dict[str, str]
    level: str
    hours: dict[str, int] | None
    family: list[MemberOut]
    consents: list[ConsentOut]


class HappenedOut(Output):
    """One line of the timeline."""

    id: str
    at: datetime
    name: str
    by: str
    facts: dict[str, Any]


def facts_of(client: Client, version: int) -> dict[str, Any]:
    upcoming, grading, suggestion = client.standing.next, client.grading, client.suggestion
    return {
        "id": client.id,
        "version": version,
        "agent_id": client.agent_id,
        "org_path": list(client.org_path),
        "source": client.source,
        "registered_at": client.registered_at,
        "grade": grading.grade if grading else None,
        "intent": client.intent,
        "graded_by": grading.by if grading else None,
        "grade_reason": grading.reason if grading else None,
        "suggestion": SuggestionOut(
            grade=suggestion.grade, intent=suggestion.intent, reason=suggestion.reason
        )
        if suggestion
        else None,
        "touched_at": client.standing.touched_at,
        "lost": client.standing.lost,
        "tags": list(client.tags),
        "erased_at": client.erased_at,
        "next_follow_up": NextFollowUpOut(
            id=upcoming.id, rule=upcoming.rule, due_at=upcoming.due_at, escalated=upcoming.escalated
        )
        if upcoming
        else None,
    }


async def registration(
    contact: Contact,
    hours: ContactHours | None,
    source: ClientSource,
    visitor: Visitor,
    personal: PersonalData,
) -> RegisterClient:
    """The command that registers a client of the visitor. Raises `Forbidden` for who has no clients, `Invalid`."""
    if not visitor.has(Role.AGENT, Role.SUPERVISOR):
        raise Forbidden
    sealed = await personal.seal(contact, visitor.org_path)
    return RegisterClient(agent_id=visitor.person_id, source=source, contact=sealed, hours=hours)


async def editing(
    contact: Contact, hours: ContactHours | None, client: Client, personal: PersonalData, version: int | None
) -> EditContact:
    """The command that writes new contact data. Raises `Invalid`."""
    return EditContact(
        client_id=client.id,
        contact=await personal.seal(contact, client.org_path, client.sealed),
        hours=hours,
        expected_version=version,
    )


@router.post("/clients", status_code=201, response_model=ClientOut)
async def new_client(
    body: ClientIn, once: Once, visitor: Visitor, store: Store, personal: Personal, asker: Asking
) -> Response:
    """Register a client of yours. A phone that the company knows is refused with 409 `client-known`."""
    hours = body.hours.value if body.hours else None
    command = await registration(body.contact, hours, body.source, visitor, personal)
    try:
        return await once.run(
            lambda stored: created(
                f"/clients/api/clients/{stored.id}",
                ClientOut.of(stored.value, stored.version),
                version=stored.version,
            ),
            register,
            command,
        )
    except ClientKnown as known:
        raise await views.in_words(store, personal, asker, known) from None


@router.get("/clients/{client_id}", response_model=ClientFileOut)
async def client_file(client_id: Id, store: Store, personal: Personal, asker: Asking) -> Response:
    """One file, with the personal data that are yours to see."""
    file = await views.file_of(store, personal, asker, client_id)
    hours = file.client.hours
    body = ClientFileOut(
        **facts_of(file.client, file.stored.version),
        fields=dict(file.fields),
        level=file.level,
        hours={"opens": hours.opens, "closes": hours.closes} if hours else None,
        family=[
            MemberOut(id=member.id, relation=member.relation, fields=dict(fields))
            for member, fields in zip(file.client.family, file.family, strict=True)
        ],
        consents=[
            ConsentOut(
                channel=each.channel,
                given=each.given,
                given_at=each.given_at,
                withdrawn_at=each.withdrawn_at,
            )
            for each in file.client.consents
        ],
    )
    return JSONResponse(body.model_dump(mode="json"), headers={"ETag": etag(file.stored.version)})


@router.put("/clients/{client_id}/contact", response_model=ClientOut)
async def contact(
    client_id: Id,
    body: ContactIn,
    version: ExpectedVersion,
    work: Work,
    store: Store,
    personal: Personal,
    asker: Asking,
) -> Response:
    """Put new contact data in the place of the old."""
    client = await writable(store, asker, client_id)
    hours = body.hours.value if body.hours else None
    command = await editing(body.contact, hours, client, personal, version)
    try:
        return answer(await work.run(edit_contact, command))
    except ClientKnown as known:
        raise await views.in_words(store, personal, asker, known) from None


@router.get("/clients/{client_id}/timeline", response_model=list[HappenedOut])
async def timeline(client_id: Id, store: Store, asker: Asking) -> list[HappenedOut]:
    """What happened with the client, the latest first."""
    await views.client_of(store, asker.access, client_id)
    return [
        HappenedOut(id=entry["_id"], at=entry["at"], name=entry["name"], by=entry["by"], facts=entry["facts"])
        for entry in await views.timeline(store, client_id)
    ]


async def writable(store: Mongo, asker: Asker, client_id: str) -> Client:
    """The client, when the asker may write in the file. Raises `NotFound`, `Forbidden`."""
    client = (await views.client_of(store, asker.access, client_id)).value
    require_pen(asker.access, client)
    return client


def answer(stored: Stored[Client]) -> Response:
    """The client as JSON with its version."""
    body = ClientOut.of(stored.value, stored.version).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
