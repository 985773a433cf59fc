"""Doing a follow-up in two taps: one opens the sheet, one says what came of it."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Once, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.cadence.store import rhythm_of
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import lists
from services.clients.files.api import writable
from services.clients.files.model import Client
from services.clients.files.views import client_of, fields_of
from services.clients.follow_ups.api import writable_follow_up
from services.clients.follow_ups.commands import (
    CompleteFollowUp,
    LogContact,
    NextStep,
    SnoozeFollowUp,
    complete,
    log_contact,
    snooze,
)
from services.clients.follow_ups.model import MOST_MINUTES, MOST_SNOOZES, FollowUp, Outcome, Status
from services.clients.today.model import PLANNED_MINUTES
from services.contracts.clients import FollowUpRule

router = APIRouter()


class Then(StrEnum):
    """What comes next, as the sheet offers it."""

    CADENCE = "cadence"
    TOMORROW = "tomorrow"
    THREE_DAYS = "three_days"
    WEEK = "week"
    DAY = "day"


THEN_WORDS = {
    Then.CADENCE: N_("By cadence"),
    Then.TOMORROW: N_("Tomorrow"),
    Then.THREE_DAYS: N_("In 3 days"),
    Then.WEEK: N_("In a week"),
    Then.DAY: N_("On a day"),
}
_DAYS = {Then.TOMORROW: 1, Then.THREE_DAYS: 3, Then.WEEK: 7}
MINUTES = (5, 10, 15, 20, 30, 45)


class Sheet(Input):
    """What came of a contact."""

    outcome: Outcome
    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)] = 10
    then: Then = Then.CADENCE
    day: date | None = None
    at: time | None = None
    back: Annotated[str, Field(max_length=20)] = ""

    def next_step(self, zone: str) -> NextStep:
        """The step agreed on. Raises `Invalid` when a day was chosen but not said."""
        if self.then is not Then.DAY:
            return NextStep(days=_DAYS.get(self.then))
        if self.day is None:
            raise Invalid(errors=[FieldError("/day", N_("Choose the day"))])
        return NextStep(at=datetime.combine(self.day, self.at or time(10), ZoneInfo(zone)))


class Later(Input):
    days: Annotated[int, Field(ge=1, le=7)]
    back: Annotated[str, Field(max_length=20)] = ""


@router.get("/follow-ups/{follow_up_id}")
async def sheet(
    follow_up_id: Id, page: Page, store: Store, personal: Personal, asker: Asking, back: str = ""
) -> Response:
    """The sheet of one follow-up; as a fragment when a dialog asks for it."""
    stored = await writable_follow_up(store, asker, follow_up_id)
    client = (await client_of(store, asker.access, stored.value.client_id)).value
    form = _fresh(stored.value, stored.version, back)
    return await _show(page, store, personal, asker, client, form, stored.value)


@router.post("/follow-ups/{follow_up_id}/done")
async def done(
    follow_up_id: Id,
    page: Page,
    once: Once,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[Sheet], Depends(form_of(Sheet))],
) -> Response:
    """Close it with what came of it."""
    stored = await writable_follow_up(store, asker, follow_up_id)
    client = (await client_of(store, asker.access, stored.value.client_id)).value
    try:
        sent = form.valid()
        command = CompleteFollowUp(
            follow_up_id=follow_up_id,
            outcome=sent.outcome,
            minutes=sent.minutes,
            next_step=sent.next_step(asker.access.time_zone),
            expected_version=form.version,
        )
        target = _target(sent.back, client)
        return await once.run(
            lambda closed: see(target, toast=page.say(words.OUTCOMES[sent.outcome]) + " ✓"),
            complete,
            command,
        )
    except Invalid as problem:
        return await _show(
            page, store, personal, asker, client, form.with_errors(problem), stored.value, status=422
        )


@router.post("/follow-ups/{follow_up_id}/later")
async def later(
    follow_up_id: Id,
    page: Page,
    work: Work,
    store: Store,
    asker: Asking,
    form: Annotated[Form[Later], Depends(form_of(Later))],
) -> Response:
    """Put it off."""
    stored = await writable_follow_up(store, asker, follow_up_id)
    client = (await client_of(store, asker.access, stored.value.client_id)).value
    sent = form.valid()
    command = SnoozeFollowUp(follow_up_id=follow_up_id, days=sent.days, expected_version=form.version)
    moved = await work.run(snooze, command)
    when = page.formats.moment(moved.value.due_at)
    return page.go(_target(sent.back, client), toast=page.say("Put off until %(when)s", when=when))


@router.get("/contacts/new")
async def with_whom(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """With whom was the contact that was not planned? Who was spoken to lately stands first."""
    if q:
        rows = await lists.search(store, personal, asker, q, own=True)
    else:
        rows = list((await lists.clients(store, personal, asker, own=True, size=20)).items)
    template = "follow_ups/found.html" if page.by_htmx else "follow_ups/with_whom.html"
    return page.show(template, q=q, rows=rows)


@router.get("/clients/{client_id}/contact")
async def contact_sheet(
    client_id: Id,
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    back: Annotated[str, Query(max_length=20)] = "client",
) -> Response:
    """The sheet for a contact that was not planned."""
    client = await writable(store, asker, client_id)
    return await _show(page, store, personal, asker, client, _fresh(None, None, back), None)


@router.post("/clients/{client_id}/contact")
async def contact(
    client_id: Id,
    page: Page,
    once: Once,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[Sheet], Depends(form_of(Sheet))],
) -> Response:
    """Write down a contact."""
    client = await writable(store, asker, client_id)
    try:
        sent = form.valid()
        command = LogContact(
            client_id=client_id,
            outcome=sent.outcome,
            minutes=sent.minutes,
            next_step=sent.next_step(asker.access.time_zone),
        )
        target = _target(sent.back, client)
        return await once.run(
            lambda closed: see(target, toast=page.say(words.OUTCOMES[sent.outcome]) + " ✓"),
            log_contact,
            command,
        )
    except Invalid as problem:
        return await _show(page, store, personal, asker, client, form.with_errors(problem), None, status=422)


def _fresh(follow_up: FollowUp | None, version: int | None, back: str) -> Form[Sheet]:
    usual = PLANNED_MINUTES[follow_up.rule] if follow_up else 10
    values = {"minutes": usual, "then": Then.CADENCE, "back": back[:20]}
    return Form.of(Sheet, values, version=version)


def _target(back: str, client: Client) -> str:
    return f"/clients/clients/{client.id}" if back == "client" else "/clients/today"


async def _show(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    client: Client,
    form: Form[Sheet],
    follow_up: FollowUp | None,
    status: int = 200,
) -> Response:
    fields = (await fields_of(personal, asker, [client], "name", "phone"))[0]
    zone = ZoneInfo(asker.access.time_zone)
    context: dict[str, Any] = {
        "form": form,
        "client": client,
        "name": fields.get("name", ""),
        "phone": fields.get("phone", ""),
        "follow_up": follow_up,
        "is_open": follow_up is None or follow_up.status is Status.OPEN,
        "may_snooze": follow_up is not None
        and follow_up.snoozes < MOST_SNOOZES
        and follow_up.rule is not FollowUpRule.BIRTHDAY,
        "tomorrow": (asker.now.astimezone(zone).date() + timedelta(days=1)).isoformat(),
        "outcomes": words.OUTCOMES,
        "outcome_icons": words.OUTCOME_ICONS,
        "thens": THEN_WORDS,
        "minutes": MINUTES,
        "cooling_off_days": (await rhythm_of(store, client.org_path)).policy.cooling_off_days,
        "rules": words.RULES,
    }
    template = "follow_ups/sheet.html" if page.by_htmx else "follow_ups/page.html"
    return page.show(template, status=status, **context)
