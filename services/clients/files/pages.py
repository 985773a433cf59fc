"""Pages of the client file: lists, the file itself, the forms."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.chassis.errors import FieldError, Forbidden, Invalid, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Live, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import people, views
from services.clients.files.api import editing, registration, writable
from services.clients.files.commands import ClientKnown, edit_contact, register
from services.clients.files.erasure_pages import may_erase
from services.clients.files.forms import birthday_in_words, hours_in_words, values_of
from services.clients.files.frame import frame_of
from services.clients.files.happenings import happenings, people_in
from services.clients.files.inputs import ContactForm, NewClientForm
from services.clients.files.merge_store import merged_files
from services.clients.files.model import Client
from services.clients.files.people import Calendar
from services.clients.files.personal import PHONES
from services.clients.files.sight import may_merge, may_write
from services.clients.files.views import Asker
from services.clients.follow_ups import views as follow_ups
from services.clients.showings import views as showings
from services.contracts.clients import ClientSource
from services.contracts.organisation import Role

router = APIRouter()


@router.get("/clients/new")
async def new_client(page: Page, visitor: Visitor) -> Response:
    """The form for a new client."""
    if not visitor.has(Role.AGENT, Role.SUPERVISOR):
        raise Forbidden
    form = Form.of(NewClientForm, {"source": ClientSource.REFERRAL, "birth_calendar": Calendar.SOLAR})
    return page.show("files/new.html", form=form, sources=_sources(page), calendars=_calendars(page))


@router.post("/clients/new")
async def register_client(
    page: Page,
    once: Once,
    visitor: Visitor,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[NewClientForm], Depends(form_of(NewClientForm))],
) -> Response:
    """Open a file; the grade is asked for next."""
    try:
        typed = form.valid()
        command = await registration(typed.contact(), typed.hours(), typed.source, visitor, personal)
        return await once.run(
            lambda stored: see(
                f"/clients/clients/{stored.id}/grade",
                toast=page.say("The client is registered. How warm is the interest?"),
            ),
            register,
            command,
        )
    except Invalid as problem:
        shown = form.with_errors(problem)
    except ClientKnown as known:
        shown = form.with_errors(await _beside_the_phone(page, store, personal, asker, known))
    return page.show(
        "files/new.html", status=422, form=shown, sources=_sources(page), calendars=_calendars(page)
    )


@router.get("/clients/{client_id}")
async def client_file(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """One client: what is next, what happened, how to reach them."""
    frame = await frame_of(page, store, directory, personal, asker, client_id, "")
    hours = frame["client"].hours
    present = await _present(page, store, directory, asker, client_id)
    file: views.File = frame["file"]
    about: dict[str, Any] = {
        "hours": hours_in_words(hours) if hours else "",
        "birthday": birthday_in_words(page, file.fields.get("birthday")),
        "names": words.FIELDS,
        "phones": PHONES,
        "consents": [
            (channel, page.say(said), people.last(file.client.consents, channel))
            for channel, said in words.CHANNELS.items()
        ],
        "ways": words.CONSENTS,
    }
    about["doubles"], about["actions"] = [], []
    if may_merge(asker.access, [file.client]) and file.client.erased_at is None:
        about["doubles"] = await merged_files(store, file.client.id)
        about["actions"] = [
            (f"/clients/clients/{file.client.id}/merge", "git-merge", page.say("Merge with another file"))
        ]
    if may_erase(asker.access, file.client):
        path = f"/clients/clients/{file.client.id}/erase"
        about["actions"].append((path, "eraser", page.say("Erase on the client's request")))
    return page.show("files/file.html", **{**frame, **present, **about})


@router.get("/clients/{client_id}/live", response_class=EventSourceResponse)
async def client_live(
    client_id: Id, page: Page, store: Store, directory: Directory, asker: Asking, live: Live
) -> AsyncIterator[ServerSentEvent]:
    """The part of the file that workers write in, whenever they do."""
    await views.client_of(store, asker.access, client_id)
    async for _ in live.changes(
        "clients",
        "follow_ups",
        concerns=lambda changed: client_id in (changed["_id"], changed.get("client_id")),
    ):
        context = await _present(page, store, directory, asker, client_id)
        yield page.event("files/present.html", **context)


@router.get("/clients/{client_id}/edit")
async def edit(client_id: Id, page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """The form for contact data."""
    await writable(store, asker, client_id)
    file = await views.file_of(store, personal, asker, client_id)
    form = Form.of(ContactForm, values_of(file), version=file.stored.version)
    return page.show("files/edit.html", form=form, client=file.client, calendars=_calendars(page))


@router.post("/clients/{client_id}/edit")
async def save(
    client_id: Id,
    page: Page,
    store: Store,
    work: Work,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[ContactForm], Depends(form_of(ContactForm))],
) -> Response:
    """Write contact data; what somebody else changed in the meantime is shown, not overwritten."""
    client = await writable(store, asker, client_id)
    status = 422
    try:
        typed = form.valid()
        command = await editing(typed.contact(), typed.hours(), client, personal, form.version or 0)
        await work.run(edit_contact, command)
        return page.go(f"/clients/clients/{client_id}", toast=page.say("Saved"))
    except Invalid as problem:
        shown = form.with_errors(problem)
    except ClientKnown as known:
        shown = form.with_errors(await _beside_the_phone(page, store, personal, asker, known))
    except StaleVersion:
        file = await views.file_of(store, personal, asker, client_id)
        shown, status = form.against(values_of(file), version=file.stored.version), 412
    return page.show("files/edit.html", status=status, form=shown, client=client, calendars=_calendars(page))


def _sources(page: PageWriter) -> list[tuple[str, str]]:
    """What somebody can choose; an import says so itself."""
    return [(code, page.say(said)) for code, said in words.SOURCES.items() if code != ClientSource.IMPORT]


def _calendars(page: PageWriter) -> list[tuple[str, str]]:
    return [(code, page.say(said)) for code, said in words.CALENDARS.items()]


async def _present(
    page: PageWriter, store: Mongo, directory: Any, asker: Asker, client_id: str
) -> dict[str, Any]:
    """What the live part of the file shows; nothing in it is personal."""
    stored = await views.client_of(store, asker.access, client_id)
    client: Client = stored.value
    entries = await views.timeline(store, client_id)
    known = await directory.people(people_in(entries))
    names = {} if client.erased_at else {person_id: person.name for person_id, person in known.items()}
    return {
        "client": client,
        "version": stored.version,
        "open_follow_ups": await follow_ups.open_of_client(store, client_id),
        "booked": [
            each for each in await showings.of_client(store, client_id) if each.value.status == "booked"
        ],
        "happenings": happenings(page, entries, names),
        "may_write": client.erased_at is None
        and may_write(asker.access, client.agent_id, client.org_path, client.shared_with),
        "rules": words.RULES,
        "intents": words.INTENTS,
        "reasons": words.REASONS,
        "levels": words.LEVELS,
    }


async def _beside_the_phone(
    page: PageWriter, store: Mongo, personal: Any, asker: Asker, known: ClientKnown
) -> Invalid:
    """The refusal as an error of the phone field, in words."""
    told = await views.in_words(store, personal, asker, known)
    return Invalid(errors=[FieldError("/phone", page.language.say_problem(told))])
