"""Pages of updates: what is new, writing it, and sending it to one client after another."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import Forbidden, Invalid
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as Organisation
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker
from services.clients.updates import commands, sight, store, views
from services.clients.updates.api import PlaceParam, UpdateIn
from services.clients.updates.model import Update, letter
from services.clients.updates.views import Recipient
from services.contracts.clients import Grade, UpdateKind

router = APIRouter()


class Step(Input):
    """A step that needs nothing but the version that was read."""


@router.get("/updates")
async def updates(page: Page, mongo: Store, directory: Directory, asker: Asking) -> Response:
    """What is new, with how many clients got it."""
    found = await views.updates(mongo, asker)
    writes = asker.access.has(*sight.WRITERS)
    ids = [stored.id for stored in found]
    units = await directory.units({stored.value.unit_id for stored in found})
    return page.show(
        "updates/list.html",
        updates=found,
        counts=await store.counts(mongo, ids, None if writes else asker.access.person_id),
        writes=writes,
        units=units,
        today=page.formats.today,
        kinds=words.UPDATE_KINDS,
    )


@router.get("/updates/new")
async def new_update(page: Page, directory: Directory, asker: Asking) -> Response:
    """The form."""
    values = {"kind": UpdateKind.MARKET, "valid_until": page.formats.today + timedelta(days=30)}
    return await _form(page, directory, asker.access, Form.of(UpdateIn, values))


@router.post("/updates/new")
async def publish(
    page: Page,
    once: Once,
    directory: Directory,
    asker: Asking,
    form: Annotated[Form[UpdateIn], Depends(form_of(UpdateIn))],
) -> Response:
    """Publish it."""
    units = dict(await _units(directory, asker.access))
    try:
        body = form.valid()
        if body.unit_id not in units:
            raise Forbidden
        return await once.run(
            lambda stored: see(f"/clients/updates/{stored.id}", toast=page.say("Published")),
            commands.publish,
            commands.PublishUpdate(**body.model_dump()),
        )
    except Invalid as problem:
        return await _form(page, directory, asker.access, form.with_errors(problem), 422)


@router.get("/updates/{update_id}")
async def update(
    update_id: Id,
    page: Page,
    mongo: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    grade: Annotated[str, Query(pattern="^[ABC]?$")] = "",
    place: PlaceParam = "",
) -> Response:
    """The text, and for agents the clients to send it to."""
    letter_ = Grade(grade) if grade else None
    stored = await views.update_of(mongo, asker, update_id)
    value = stored.value
    people = await directory.people([value.author_id])
    sends = asker.access.has(*sight.SENDERS) and value.unit_id in asker.access.org_path
    sendable = value.may_be_sent(page.formats.today)
    found = (
        await views.recipients(mongo, personal, asker, value, grade=letter_, place=place.strip())
        if sends
        else []
    )
    return page.show(
        "updates/update.html",
        update=value,
        version=stored.version,
        author=people[value.author_id].name if value.author_id in people else "",
        rows=[_row(page, asker, value, each) for each in found],
        sends=sends,
        sendable=sendable,
        grade=grade,
        place=place,
        total=(await store.counts(mongo, [value.id])).get(value.id, 0),
        may_withdraw=sight.may_write(asker.access, value) and value.withdrawn_at is None,
        kinds=words.UPDATE_KINDS,
    )


@router.post("/updates/{update_id}/sendings/{client_id}")
async def sent(
    update_id: Id,
    client_id: Id,
    page: Page,
    mongo: Store,
    work: Work,
    personal: Personal,
    asker: Asking,
) -> Response:
    """The agent sent it to this client; a second tap changes nothing."""
    value = (await views.update_of(mongo, asker, update_id)).value
    sight.require_sender(asker.access, value)
    await work.run(
        commands.send,
        commands.SendUpdate(update_id=update_id, agent_id=asker.access.person_id, client_ids=(client_id,)),
    )
    if not page.by_htmx:
        return page.go(f"/clients/updates/{update_id}")
    return await _recipient(page, mongo, personal, asker, value, client_id)


@router.post("/updates/{update_id}/withdrawal")
async def withdraw(
    update_id: Id,
    page: Page,
    mongo: Store,
    work: Work,
    asker: Asking,
    form: Annotated[Form[Step], Depends(form_of(Step))],
) -> Response:
    """Take it back."""
    sight.require_pen(asker.access, (await views.update_of(mongo, asker, update_id)).value)
    command = commands.WithdrawUpdate(update_id=update_id, expected_version=form.version or 0)
    await work.run(commands.withdraw, command)
    return page.go(f"/clients/updates/{update_id}", toast=page.say("Withdrawn: nobody can send it any more"))


async def _recipient(
    page: PageWriter,
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    value: Update,
    client_id: str,
) -> Response:
    row = await views.recipient_of(mongo, personal, asker, value, client_id)
    return page.block("updates/recipient.html", "recipient", row=_row(page, asker, value, row), update=value)


def _row(page: PageWriter, asker: Asker, value: Update, row: Recipient) -> dict[str, Any]:
    greeting = page.say("Hello %(name)s,", name=row.name)
    sender = "" if row.sent_at else asker.access.name
    return {
        "client": row.client,
        "name": row.name,
        "sent_at": row.sent_at,
        "letter": letter(greeting, value, sender),
    }


async def _units(directory: Organisation, access: Access) -> list[tuple[str, str]]:
    """The units for which the person may write. Raises `Forbidden` for none."""
    led = [grant.unit_id for grant in access.grants if grant.role in sight.WRITERS]
    if not led:
        raise Forbidden
    return [(unit.id, unit.name) for unit in await directory.subtree(*led)]


async def _form(
    page: PageWriter, directory: Organisation, access: Access, form: Form[UpdateIn], status: int = 200
) -> Response:
    return page.show(
        "updates/new.html",
        status=status,
        form=form,
        units=await _units(directory, access),
        kinds=[(code, page.say(said)) for code, said in words.UPDATE_KINDS.items()],
    )
