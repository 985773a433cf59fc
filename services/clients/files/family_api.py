"""Family, consent and tags of a client as JSON."""

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.records import Stored
from services.chassis.web.answers import Answer, created
from services.chassis.web.dependencies import Once, Store, Work
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import ClientOut, answer, writable
from services.clients.files.family import (
    KeepConsents,
    KeepMember,
    RemoveMember,
    Tag,
    keep_consents,
    keep_member,
    remove_member,
    require_member,
    tag,
)
from services.clients.files.inputs import ConsentIn, MemberIn, TagsIn
from services.clients.files.model import Client
from services.clients.files.people import Channel, Relation
from services.clients.files.personal import Contact, PersonalData

router = APIRouter(tags=["clients"])


async def keeping(
    contact: Contact,
    relation: Relation,
    client: Client,
    personal: PersonalData,
    *,
    member_id: str | None = None,
    version: int | None = None,
) -> KeepMember:
    """The command that writes somebody of the family down. Raises `Invalid`; `NotFound` for no such member."""
    kept = require_member(client, member_id).sealed if member_id is not None else {}
    return KeepMember(
        client_id=client.id,
        relation=relation,
        contact=await personal.seal(contact, client.org_path, kept),
        member_id=member_id,
        expected_version=version,
    )


@router.post("/clients/{client_id}/family", status_code=201, response_model=ClientOut)
async def new_member(
    client_id: Id, body: MemberIn, once: Once, store: Store, personal: Personal, asker: Asking
) -> Response:
    """Write somebody of the family down."""
    client = await writable(store, asker, client_id)
    command = await keeping(body.contact, body.relation, client, personal)

    def says(stored: Stored[Client]) -> Answer:
        out = ClientOut.of(stored.value, stored.version)
        return created(f"/clients/api/clients/{stored.id}", out, version=stored.version)

    return await once.run(says, keep_member, command)


@router.put("/clients/{client_id}/family/{member_id}", response_model=ClientOut)
async def change_member(
    client_id: Id,
    member_id: Id,
    body: MemberIn,
    version: ExpectedVersion,
    work: Work,
    store: Store,
    personal: Personal,
    asker: Asking,
) -> Response:
    """Put new data of a member of the family in the place of the old."""
    client = await writable(store, asker, client_id)
    command = await keeping(
        body.contact, body.relation, client, personal, member_id=member_id, version=version
    )
    return answer(await work.run(keep_member, command))


@router.delete("/clients/{client_id}/family/{member_id}", response_model=ClientOut)
async def drop_member(
    client_id: Id, member_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Take a member of the family out of the file."""
    await writable(store, asker, client_id)
    command = RemoveMember(client_id=client_id, member_id=member_id, expected_version=version)
    return answer(await work.run(remove_member, command))


@router.put("/clients/{client_id}/consents/{channel}", response_model=ClientOut)
async def consent(
    client_id: Id, channel: Channel, body: ConsentIn, work: Work, store: Store, asker: Asking
) -> Response:
    """Write down that the client agreed to be reached by this channel."""
    await writable(store, asker, client_id)
    command = KeepConsents(client_id=client_id, said={channel: body.given})
    return answer(await work.run(keep_consents, command))


@router.delete("/clients/{client_id}/consents/{channel}", response_model=ClientOut)
async def no_consent(client_id: Id, channel: Channel, work: Work, store: Store, asker: Asking) -> Response:
    """Write down that the client took the consent back."""
    await writable(store, asker, client_id)
    return answer(await work.run(keep_consents, KeepConsents(client_id=client_id, said={channel: None})))


@router.put("/clients/{client_id}/tags", response_model=ClientOut)
async def tags(
    client_id: Id, body: TagsIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Put these tags in the place of those that were."""
    await writable(store, asker, client_id)
    return answer(await work.run(tag, Tag(client_id=client_id, tags=body.tags, expected_version=version)))
