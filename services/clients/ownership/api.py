"""Who has which client, as JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Forbidden, Invalid, NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.web.answers import done
from services.chassis.web.dependencies import Directory, Once, Store, Visitor, Work
from services.chassis.web.paging import DEFAULT_SIZE, CursorParam, SizeParam, decode_cursor, link_header
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import ClientOut, answer
from services.clients.files.model import Client
from services.clients.files.views import client_of
from services.clients.ownership import commands, views
from services.clients.ownership.commands import (
    MOST_AT_ONCE,
    MOST_SHARED,
    ReassignClient,
    ReassignClients,
    ShareClient,
    TakeClient,
)
from services.clients.ownership.handover import Recall, recall
from services.clients.ownership.handover_model import Handover
from services.clients.ownership.model import holding_of
from services.clients.ownership.settings import (
    LONGEST_DAYS,
    MOST_TAKES,
    Following,
    HandoverRule,
    OwnershipPolicy,
    OwnershipSettings,
)
from services.clients.ownership.sight import DECIDES, leads, may_get, require_lead, require_owner
from services.clients.ownership.store import policy_at
from services.contracts.clients import Grade, Reassignment
from services.contracts.organisation import Role

router = APIRouter(tags=["ownership"])

Key = Annotated[str, Field(min_length=1, max_length=64)]
Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
SomeDays = Annotated[int, Field(ge=0, le=LONGEST_DAYS)]


class PoolRowOut(Output):
    """A client in the pool; of the name only what this reader may see."""

    id: str
    name: str
    grade: str | None
    intent: str
    source: str
    pooled_at: datetime
    touched_at: datetime
    takeable_in_days: int


class TenureOut(Output):
    agent_id: str | None
    since: datetime
    until: datetime | None
    ended: str | None


class OwnerIn(Input):
    agent_id: Key | None
    """Empty: into the pool."""


class ManyIn(Input):
    """Many clients for one agent."""

    client_ids: Annotated[list[Key], Field(min_length=1, max_length=MOST_AT_ONCE)]
    agent_id: Key


class CountOut(Output):
    clients: int
    """How many changed hands."""


class SharingIn(Input):
    """With whom the file is shared from now on; nobody: it is private."""

    agent_ids: Annotated[list[Key], Field(max_length=MOST_SHARED)]


class HandoverOut(Output):
    id: str
    agent_id: str
    org_path: list[str]
    why: str
    how: str
    at: datetime
    clients: int
    recalled: int

    @classmethod
    def of(cls, handover: Handover) -> "HandoverOut":
        """The handover as others see it."""
        return cls(**{**asdict(handover), "org_path": list(handover.org_path)})


class LineOut(Output):
    client_id: str
    name: str
    to_agent_id: str | None
    untouched: bool
    recalled_at: datetime | None


class RecallIn(Input):
    client_ids: Annotated[list[Key], Field(min_length=1, max_length=MOST_AT_ONCE)] | None = None
    """Empty: all of it."""


class OwnershipIn(Input):
    """What the unit says itself; what is left out is as in the unit above."""

    idle_days_a: Days | None = None
    idle_days_b: Days | None = None
    idle_days_c: Days | None = None
    warning_days: SomeDays | None = None
    takes_a_day: Annotated[int, Field(ge=0, le=MOST_TAKES)] | None = None
    cooling_off_days: SomeDays | None = None
    protection_days: SomeDays | None = None
    handover: HandoverRule | None = None
    following: Following | None = None


class OwnershipOut(Output):
    """What holds in the unit, its own settings and those from above together."""

    idle_days_a: int
    idle_days_b: int
    idle_days_c: int
    warning_days: int
    takes_a_day: int
    cooling_off_days: int
    protection_days: int
    handover: str
    following: str

    @classmethod
    def of(cls, policy: OwnershipPolicy) -> "OwnershipOut":
        """The policy as others see it."""
        return cls(**asdict(policy))


@router.get("/pool", response_model=list[PoolRowOut])
async def pool(
    request: Request,
    response: Response,
    store: Store,
    personal: Personal,
    asker: Asking,
    grade: Grade | None = None,
    cursor: CursorParam = "",
    size: SizeParam = DEFAULT_SIZE,
) -> list[PoolRowOut]:
    """The clients in the pool of your branch, or of your units."""
    rows = await views.pool(store, personal, asker, grade=grade, position=decode_cursor(cursor, 2), size=size)
    response.headers.update(link_header(request, rows.next_cursor))
    return [
        PoolRowOut(
            id=row.client.id,
            name=row.name,
            grade=row.client.grade,
            intent=row.client.intent,
            source=row.client.source,
            pooled_at=row.pooled_at,
            touched_at=row.client.standing.touched_at,
            takeable_in_days=row.days,
        )
        for row in rows.items
    ]


@router.post("/pool/{client_id}/take", response_model=ClientOut)
async def take(client_id: Id, once: Once, visitor: Visitor, store: Store) -> Response:
    """Take a client out of the pool. 409 `client-taken` when somebody else was faster."""
    await takeable(store, visitor, client_id)
    return await once.run(
        lambda stored: done(ClientOut.of(stored.value, stored.version), version=stored.version),
        commands.take,
        TakeClient(client_id=client_id, agent_id=visitor.person_id),
    )


@router.get("/clients/{client_id}/owners", response_model=list[TenureOut])
async def owners(client_id: Id, store: Store, visitor: Visitor) -> list[TenureOut]:
    """Who has had the client, the present owner last."""
    client = (await client_of(store, visitor, client_id)).value
    holding = holding_of(client)
    earlier = [
        TenureOut(agent_id=each.agent_id, since=each.since, until=each.until, ended=each.ended)
        for each in holding.earlier
    ]
    return [*earlier, TenureOut(agent_id=client.agent_id, since=holding.since, until=None, ended=None)]


@router.put("/clients/{client_id}/owner", response_model=ClientOut)
async def owner(
    client_id: Id,
    body: OwnerIn,
    version: ExpectedVersion,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
) -> Response:
    """Give a client to another agent, or into the pool."""
    client = (await client_of(store, visitor, client_id)).value
    command = await reassigning(visitor, directory, client, body.agent_id, version)
    return answer(await work.run(commands.reassign_client, command))


@router.post("/reassignments", response_model=CountOut)
async def reassignments(
    body: ManyIn, once: Once, store: Store, directory: Directory, visitor: Visitor
) -> Response:
    """Give many clients to one agent."""
    command = await reassigning_many(store, directory, visitor, body.client_ids, body.agent_id)
    return await once.run(lambda count: done(CountOut(clients=count)), commands.reassign_clients, command)


@router.put("/clients/{client_id}/sharing", response_model=ClientOut)
async def sharing(
    client_id: Id, body: SharingIn, version: ExpectedVersion, store: Store, visitor: Visitor, work: Work
) -> Response:
    """Share a client with other agents, who then see the file and write in it; follow-ups stay yours."""
    client = (await client_of(store, visitor, client_id)).value
    require_owner(visitor, client)
    command = ShareClient(client_id=client_id, agent_ids=tuple(body.agent_ids), expected_version=version)
    return answer(await work.run(commands.share, command))


@router.get("/handovers", response_model=list[HandoverOut])
async def handovers(
    request: Request, response: Response, store: Store, visitor: Visitor, cursor: CursorParam = ""
) -> list[HandoverOut]:
    """Whose clients were handed over in your units."""
    rows = await views.handovers(store, visitor, decode_cursor(cursor, 1))
    response.headers.update(link_header(request, rows.next_cursor))
    return [HandoverOut.of(row) for row in rows.items]


@router.get("/handovers/{handover_id}/clients", response_model=list[LineOut])
async def handed_over(
    handover_id: Id,
    request: Request,
    response: Response,
    store: Store,
    personal: Personal,
    asker: Asking,
    cursor: CursorParam = "",
) -> list[LineOut]:
    """Which client went to whom."""
    await views.handover(store, asker.access, handover_id)
    rows = await views.lines(store, personal, asker, handover_id, decode_cursor(cursor, 1))
    response.headers.update(link_header(request, rows.next_cursor))
    return [
        LineOut(
            client_id=row.client.id,
            name=row.name,
            to_agent_id=row.line.to_agent_id,
            untouched=row.untouched,
            recalled_at=row.line.recalled_at,
        )
        for row in rows.items
    ]


@router.post("/handovers/{handover_id}/recall", response_model=CountOut)
async def recall_handover(
    handover_id: Id, body: RecallIn, once: Once, store: Store, visitor: Visitor
) -> Response:
    """Take a handover back, or some clients of it; what was touched since stays."""
    await recallable(store, visitor, handover_id)
    client_ids = tuple(body.client_ids) if body.client_ids is not None else None
    command = Recall(handover_id=handover_id, client_ids=client_ids)
    return await once.run(lambda count: done(CountOut(clients=count)), recall, command)


@router.get("/units/{unit_id}/ownership", response_model=OwnershipOut)
async def policy(unit_id: Id, store: Store, directory: Directory, visitor: Visitor) -> OwnershipOut:
    """By what clients change hands in a unit: of your own units, and of those you look after."""
    unit = await directory.unit(unit_id)
    if unit_id not in visitor.org_path and not visitor.sees(unit.org_path):
        raise NotFound
    return OwnershipOut.of(await policy_at(store, unit.org_path))


@router.put("/units/{unit_id}/ownership", response_model=OwnershipOut)
async def set_policy(
    unit_id: Id, body: OwnershipIn, directory: Directory, visitor: Visitor, work: Work
) -> OwnershipOut:
    """Say what the unit does otherwise."""
    unit = await directory.unit(unit_id)
    visitor.require_sight(unit.org_path)
    visitor.require(*DECIDES, at=unit.org_path)
    settings = OwnershipSettings(id=unit_id, **body.model_dump())
    return OwnershipOut.of(await work.run(commands.set_ownership, settings))


async def takeable(store: Mongo, access: Access, client_id: str) -> None:
    """Do nothing for who may take clients out of pools. Raises `Forbidden`; `NotFound` for what is not theirs."""
    if not access.has(Role.AGENT, Role.SUPERVISOR):
        await client_of(store, access, client_id)
        raise Forbidden


async def reassigning(
    access: Access,
    directory: OrganisationDirectory,
    client: Client,
    agent_id: str | None,
    version: int | None,
) -> ReassignClient:
    """The command that gives the client away. Raises `Forbidden`; `Invalid` for somebody of other units.

    An agent can put their own client into the pool and nothing else; who leads them can give the client to others.
    """
    reason = Reassignment.BY_HAND
    if agent_id is None:
        require_owner(access, client)
        reason = Reassignment.GIVEN_UP
    else:
        require_lead(access, client)
        await _require_within(access, directory, agent_id)
    return ReassignClient(client_id=client.id, agent_id=agent_id, reason=reason, expected_version=version)


async def reassigning_many(
    store: Mongo, directory: OrganisationDirectory, access: Access, client_ids: list[str], agent_id: str
) -> ReassignClients:
    """The command. Raises `NotFound` when one of them is not theirs, `Forbidden`, `Invalid`."""
    for client in await views.open_clients(store, client_ids):
        require_lead(access, client)
    await _require_within(access, directory, agent_id)
    return ReassignClients(client_ids=tuple(client_ids), agent_id=agent_id)


async def recallable(store: Mongo, access: Access, handover_id: str) -> Handover:
    """The handover, when the person may take it back. Raises `NotFound`, `Forbidden`."""
    handover = await views.handover(store, access, handover_id)
    access.require(Role.BRANCH_MANAGER, at=handover.org_path)
    return handover


def may_recall(access: Access, handover: Handover) -> bool:
    """Whether the person may take it back."""
    return access.may(Role.BRANCH_MANAGER, at=handover.org_path)


def may_give(access: Access, client: Client) -> bool:
    """Whether the person may give the client to somebody else."""
    return leads(access, client)


async def _require_within(access: Access, directory: OrganisationDirectory, agent_id: str) -> None:
    person = (await directory.people([agent_id])).get(agent_id)
    if person is None or not may_get(access, person.org_path):
        raise Invalid(errors=[FieldError("/agent_id", N_("Choose an agent of the units you look after"))])
