"""Pages of a client's family, and the small forms for consent and tags."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.errors import Invalid, StaleVersion
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import views
from services.clients.files.api import writable
from services.clients.files.family import (
    KeepConsents,
    RemoveMember,
    Tag,
    keep_consents,
    keep_member,
    remove_member,
    require_member,
    tag,
)
from services.clients.files.family_api import keeping
from services.clients.files.forms import birthday_in_words
from services.clients.files.frame import frame_of
from services.clients.files.inputs import MemberForm, TagsForm, typed_birthday
from services.clients.files.model import Client
from services.clients.files.people import Channel, ConsentGiven, last
from services.clients.files.views import File

router = APIRouter()


class ConsentForm(Input):
    """How the client agreed to each channel; empty where they do not."""

    call: ConsentGiven | None = None
    message: ConsentGiven | None = None
    wechat: ConsentGiven | None = None
    email: ConsentGiven | None = None
    updates: ConsentGiven | None = None

    def said(self) -> dict[Channel, ConsentGiven | None]:
        """The same by channel."""
        return {channel: getattr(self, channel) for channel in Channel}


@router.get("/clients/{client_id}/family")
async def family(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """The tab with the client's family."""
    frame = await frame_of(page, store, directory, personal, asker, client_id, "family")
    file: File = frame["file"]
    members = [
        (member, fields, birthday_in_words(page, fields.get("birthday")))
        for member, fields in zip(file.client.family, file.family, strict=True)
    ]
    return page.show("files/family.html", **frame, members=members, relations=words.RELATIONS)


@router.get("/clients/{client_id}/family/new")
async def new_member(client_id: Id, page: Page, store: Store, asker: Asking) -> Response:
    """The form for somebody of the family."""
    await writable(store, asker, client_id)
    return _show(page, client_id, None, Form.of(MemberForm, {"birth_calendar": "solar"}))


@router.post("/clients/{client_id}/family/new")
async def add_member(
    client_id: Id,
    page: Page,
    once: Once,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[MemberForm], Depends(form_of(MemberForm))],
) -> Response:
    """Write somebody of the family down."""
    client = await writable(store, asker, client_id)
    try:
        typed = form.valid()
        command = await keeping(typed.contact(), typed.relation, client, personal)
        return await once.run(
            lambda stored: see(f"/clients/clients/{stored.id}/family", toast=page.say("Saved")),
            keep_member,
            command,
        )
    except Invalid as problem:
        return _show(page, client_id, None, form.with_errors(problem), 422)


@router.get("/clients/{client_id}/family/{member_id}")
async def member(
    client_id: Id, member_id: Id, page: Page, store: Store, personal: Personal, asker: Asking
) -> Response:
    """The form of a member of the family."""
    await writable(store, asker, client_id)
    file = await views.file_of(store, personal, asker, client_id)
    form = Form.of(MemberForm, _values(file, member_id), version=file.stored.version)
    return _show(page, client_id, member_id, form)


@router.post("/clients/{client_id}/family/{member_id}")
async def save_member(
    client_id: Id,
    member_id: Id,
    page: Page,
    work: Work,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[MemberForm], Depends(form_of(MemberForm))],
) -> Response:
    """Put new data of a member of the family in the place of the old."""
    client = await writable(store, asker, client_id)
    try:
        typed = form.valid()
        command = await keeping(
            typed.contact(),
            typed.relation,
            client,
            personal,
            member_id=member_id,
            version=form.version or 0,
        )
        await work.run(keep_member, command)
        return page.go(f"/clients/clients/{client_id}/family", toast=page.say("Saved"))
    except Invalid as problem:
        return _show(page, client_id, member_id, form.with_errors(problem), 422)
    except StaleVersion:
        file = await views.file_of(store, personal, asker, client_id)
        shown = form.against(_values(file, member_id), version=file.stored.version)
        return _show(page, client_id, member_id, shown, 412)


@router.post("/clients/{client_id}/family/{member_id}/remove")
async def drop_member(
    client_id: Id, member_id: Id, page: Page, work: Work, store: Store, asker: Asking
) -> Response:
    """Take a member of the family out of the file."""
    await writable(store, asker, client_id)
    await work.run(remove_member, RemoveMember(client_id=client_id, member_id=member_id))
    return page.go(f"/clients/clients/{client_id}/family", toast=page.say("Taken out of the file"))


@router.get("/clients/{client_id}/consent")
async def consent(client_id: Id, page: Page, store: Store, asker: Asking) -> Response:
    """The form for what the client agreed to."""
    await writable(store, asker, client_id)
    stored = await views.client_of(store, asker.access, client_id)
    form = Form.of(ConsentForm, _consents(stored.value), version=stored.version)
    return _show_consent(page, client_id, form)


@router.post("/clients/{client_id}/consent")
async def save_consent(
    client_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    form: Annotated[Form[ConsentForm], Depends(form_of(ConsentForm))],
) -> Response:
    """Write down what the client agreed to."""
    await writable(store, asker, client_id)
    try:
        said = form.valid().said()
        command = KeepConsents(client_id=client_id, said=said, expected_version=form.version or 0)
        await work.run(keep_consents, command)
        return page.go(f"/clients/clients/{client_id}", toast=page.say("Saved"))
    except Invalid as problem:
        return _show_consent(page, client_id, form.with_errors(problem), 422)
    except StaleVersion:
        stored = await views.client_of(store, asker.access, client_id)
        shown = form.against(_consents(stored.value), version=stored.version)
        return _show_consent(page, client_id, shown, 412)


@router.get("/clients/{client_id}/tags")
async def tags(client_id: Id, page: Page, store: Store, asker: Asking) -> Response:
    """The form for tags."""
    await writable(store, asker, client_id)
    stored = await views.client_of(store, asker.access, client_id)
    form = Form.of(TagsForm, {"tags": ", ".join(stored.value.tags)}, version=stored.version)
    return page.show("files/tags.html", form=form, client=stored.value)


@router.post("/clients/{client_id}/tags")
async def save_tags(
    client_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    form: Annotated[Form[TagsForm], Depends(form_of(TagsForm))],
) -> Response:
    """Put these tags in the place of those that were."""
    client = await writable(store, asker, client_id)
    try:
        wanted = form.valid().listed()
        await work.run(tag, Tag(client_id=client_id, tags=wanted, expected_version=form.version or 0))
        return page.go(f"/clients/clients/{client_id}", toast=page.say("Saved"))
    except Invalid as problem:
        return page.show("files/tags.html", status=422, form=form.with_errors(problem), client=client)
    except StaleVersion:
        stored = await views.client_of(store, asker.access, client_id)
        shown = form.against({"tags": ", ".join(stored.value.tags)}, version=stored.version)
        return page.show("files/tags.html", status=412, form=shown, client=client)


def _consents(client: Client) -> dict[str, object]:
    said = {channel: last(client.consents, channel) for channel in Channel}
    return {channel: each.given if each and each.holds else "" for channel, each in said.items()}


def _show_consent(page: PageWriter, client_id: str, form: Form[ConsentForm], status: int = 200) -> Response:
    return page.show(
        "files/consent.html",
        status=status,
        form=form,
        client_id=client_id,
        channels=words.CHANNELS,
        ways=[(way, page.say(said)) for way, said in words.CONSENTS.items()],
    )


def _values(file: File, member_id: str) -> dict[str, object]:
    member = require_member(file.client, member_id)
    fields = file.family[file.client.family.index(member)]
    return {
        "relation": member.relation,
        **{name: text for name, text in fields.items() if name != "birthday"},
        **typed_birthday(fields.get("birthday")),
    }


def _show(
    page: PageWriter, client_id: str, member_id: str | None, form: Form[MemberForm], status: int = 200
) -> Response:
    return page.show(
        "files/member.html",
        status=status,
        form=form,
        client_id=client_id,
        member_id=member_id,
        relations=[(code, page.say(said)) for code, said in words.RELATIONS.items()],
        calendars=[(code, page.say(said)) for code, said in words.CALENDARS.items()],
    )
