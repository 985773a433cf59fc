"""Follow-ups as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Forbidden
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web import answers
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Work
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id
from services.clients.files.api import writable
from services.clients.files.sight import may_write
from services.clients.files.views import Asker, client_of
from services.clients.follow_ups import views
from services.clients.follow_ups.commands import (
    CompleteFollowUp,
    LogContact,
    NextStep,
    SnoozeFollowUp,
    complete,
    log_contact,
    snooze,
)
from services.clients.follow_ups.model import LONGEST_AHEAD, LONGEST_SNOOZE, MOST_MINUTES, FollowUp, Outcome

router = APIRouter(tags=["follow-ups"])


class NextStepIn(Input):
    """A moment, or so many days from now at a suitable hour; neither leaves it to the cadence."""

    at: AwareDatetime | None = None
    days: Annotated[int, Field(ge=1, le=LONGEST_AHEAD.days)] | None = None

    @property
    def value(self) -> NextStep:
        return NextStep(at=self.at, days=self.days)


class ContactDoneIn(Input):
    """What came of a contact."""

    outcome: Outcome
    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)]
    next_step: NextStepIn = NextStepIn()
    at: AwareDatetime | None = None
    """When it took place, at most a week ago; left out: now."""


class SnoozeIn(Input):
    days: Annotated[int, Field(ge=1, le=LONGEST_SNOOZE.days)]


class FollowUpOut(Output):
    id: str
    version: int
    client_id: str
    agent_id: str
    rule: str
    cause_id: str
    status: str
    due_at: datetime
    planned_at: datetime
    escalated: str | None
    snoozes: int
    done_at: datetime | None
    outcome: str | None
    minutes: int

    @classmethod
    def of(cls, stored: Stored[FollowUp]) -> "FollowUpOut":
        """The follow-up as others see it."""
        value = stored.value
        return cls(
            id=value.id,
            version=stored.version,
            client_id=value.client_id,
            agent_id=value.agent_id,
            rule=value.rule,
            cause_id=value.cause_id,
            status=value.status,
            due_at=value.due_at,
            planned_at=value.planned_at,
            escalated=value.escalated,
            snoozes=value.snoozes,
            done_at=value.done_at,
            outcome=value.outcome,
            minutes=value.minutes,
        )


@router.get("/clients/{client_id}/follow-ups", response_model=list[FollowUpOut])
async def of_client(client_id: Id, store: Store, asker: Asking) -> list[FollowUpOut]:
    """The client's follow-ups, open and closed, the latest planned first."""
    await client_of(store, asker.access, client_id)
    return [FollowUpOut.of(stored) for stored in await views.of_client(store, client_id)]


@router.post("/clients/{client_id}/contacts", status_code=201, response_model=FollowUpOut)
async def new_contact(
    client_id: Id, body: ContactDoneIn, once: Once, store: Store, asker: Asking
) -> Response:
    """Write down a contact that was not planned; the clock of the cadence starts anew."""
    await writable(store, asker, client_id)
    command = LogContact(
        client_id=client_id,
        outcome=body.outcome,
        minutes=body.minutes,
        next_step=body.next_step.value,
        at=body.at,
    )
    return await once.run(
        lambda stored: created(
            f"/clients/api/follow-ups/{stored.id}", FollowUpOut.of(stored), version=stored.version
        ),
        log_contact,
        command,
    )


@router.get("/follow-ups/{follow_up_id}", response_model=FollowUpOut)
async def follow_up(follow_up_id: Id, store: Store, asker: Asking) -> Response:
    """One follow-up."""
    return _answer(await views.follow_up_of(store, asker.access, follow_up_id))


@router.put("/follow-ups/{follow_up_id}/outcome", response_model=FollowUpOut)
async def done(
    follow_up_id: Id,
    body: ContactDoneIn,
    version: ExpectedVersion,
    work: Work,
    store: Store,
    asker: Asking,
) -> Response:
    """Close it with what came of it."""
    await writable_follow_up(store, asker, follow_up_id)
    command = CompleteFollowUp(
        follow_up_id=follow_up_id,
        outcome=body.outcome,
        minutes=body.minutes,
        next_step=body.next_step.value,
        at=body.at,
        expected_version=version,
    )
    return _answer(await work.run(complete, command))


@router.post("/follow-ups/{follow_up_id}/outcome", response_model=FollowUpOut)
async def done_later(
    follow_up_id: Id, body: ContactDoneIn, once: Once, store: Store, asker: Asking
) -> Response:
    """The same for who had no connection: sent later, as often as need be, it acts once."""
    await writable_follow_up(store, asker, follow_up_id)
    command = CompleteFollowUp(
        follow_up_id=follow_up_id,
        outcome=body.outcome,
        minutes=body.minutes,
        next_step=body.next_step.value,
        at=body.at,
    )
    return await once.run(
        lambda stored: answers.done(FollowUpOut.of(stored), version=stored.version), complete, command
    )


@router.put("/follow-ups/{follow_up_id}/snooze", response_model=FollowUpOut)
async def put_off(
    follow_up_id: Id, body: SnoozeIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Put it off by some days."""
    await writable_follow_up(store, asker, follow_up_id)
    command = SnoozeFollowUp(follow_up_id=follow_up_id, days=body.days, expected_version=version)
    return _answer(await work.run(snooze, command))


async def writable_follow_up(store: Mongo, asker: Asker, follow_up_id: str) -> Stored[FollowUp]:
    """The follow-up, when the asker may do it. Raises `NotFound`, `Forbidden`."""
    stored = await views.follow_up_of(store, asker.access, follow_up_id)
    if not may_write(asker.access, stored.value.agent_id, stored.value.org_path):
        raise Forbidden
    return stored


def _answer(stored: Stored[FollowUp]) -> Response:
    body = FollowUpOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
