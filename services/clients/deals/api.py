"""Deals as JSON."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Directory, Once, Store, Visitor, Work
from services.chassis.web.paging import DEFAULT_SIZE, CursorParam, SizeParam, decode_cursor, link_header
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.deals import commands, sight, views
from services.clients.deals.commands import ShareOf, WriteTerms
from services.clients.deals.model import MOST_MONEY, MOST_SHARES, WHOLE, Confirming, Deal, Undoing, amounts_of
from services.clients.deals.store import confirming_at
from services.clients.dependencies import Asking, Id, OwnParam
from services.clients.files.api import writable
from services.clients.files.views import client_of, own_or_all
from services.contracts.clients import DealKind, DealPart
from services.contracts.organisation import Role

router = APIRouter(tags=["deals"])

SETTERS = (Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)

Key = Annotated[str, Field(min_length=1, max_length=64)]
Money = Annotated[int, Field(ge=0, le=MOST_MONEY, description="Minor units")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")]


class ShareIn(Input):
    """What somebody has of the commission for a part."""

    agent_id: Key
    part: DealPart
    basis_points: Annotated[int, Field(ge=1, le=WHOLE)]


class TermsIn(Input):
    """What is agreed on. The shares add up to exactly 10,000 basis points."""

    kind: DealKind
    amount: Money
    commission: Money
    currency: Currency = "CNY"
    listing_id: Annotated[str, Field(max_length=64)] = ""
    shares: Annotated[list[ShareIn], Field(min_length=1, max_length=MOST_SHARES)]

    @property
    def terms(self) -> WriteTerms:
        return WriteTerms(
            kind=self.kind,
            amount=self.amount,
            commission=self.commission,
            currency=self.currency,
            listing_id=self.listing_id or None,
            shares=tuple(
                ShareOf(agent_id=share.agent_id, part=share.part, basis_points=share.basis_points)
                for share in self.shares
            ),
        )


class DealIn(TermsIn):
    """A deal that is being negotiated with a client."""

    client_id: Key


class SignatureIn(Input):
    signed_on: date
    """In the time zone of the agent's unit; today at the latest."""
    starts_on: date | None = None
    """Move-in or start of the policy."""


class ConfirmationIn(Input):
    confirmed: bool
    """False: the agent is to put the shares right."""


class UndoingIn(Input):
    reason: Undoing


class ConfirmingIn(Input):
    """From which commission on shares are confirmed; nothing: none has to be."""

    from_commission: Money | None


class ShareOut(Output):
    agent_id: str
    part: str
    basis_points: int
    commission: int


class DealOut(Output):
    id: str
    version: int
    client_id: str
    agent_id: str
    org_path: list[str]
    listing_id: str | None
    kind: str
    stage: str
    amount: int
    commission: int
    currency: str
    shares: list[ShareOut]
    opened_at: datetime
    signed_on: date | None
    starts_on: date | None
    confirmed_by: str | None
    undone_for: str | None
    undone_at: datetime | None

    @classmethod
    def of(cls, stored: Stored[Deal]) -> Self:
        """The deal as others see it; there is nothing personal in it."""
        deal = stored.value
        shares = [
            ShareOut(
                agent_id=share.agent_id, part=share.part, basis_points=share.basis_points, commission=amount
            )
            for share, amount in zip(deal.shares, amounts_of(deal), strict=True)
        ]
        same = {name: getattr(deal, name) for name in cls.model_fields if hasattr(deal, name)}
        return cls(**{**same, "org_path": list(deal.org_path), "version": stored.version, "shares": shares})


@router.post("/deals", status_code=201, response_model=DealOut)
async def new_deal(body: DealIn, once: Once, store: Store, asker: Asking) -> Response:
    """Write down a deal that is being negotiated."""
    await writable(store, asker, body.client_id)
    command = commands.OpenDeal(client_id=body.client_id, terms=body.terms)
    return await once.run(
        lambda stored: created(f"/clients/api/deals/{stored.id}", DealOut.of(stored), version=stored.version),
        commands.open_deal,
        command,
    )


@router.get("/deals", response_model=list[DealOut])
async def deals(
    request: Request,
    response: Response,
    store: Store,
    asker: Asking,
    state: views.State = views.State.OPEN,
    own: OwnParam = None,
    cursor: CursorParam = "",
    size: SizeParam = DEFAULT_SIZE,
) -> list[DealOut]:
    """Your deals, those you have a share in among them; or those of your units. The newest first."""
    rows = await views.deals(
        store,
        asker.access,
        state,
        own=own_or_all(asker, own),
        position=decode_cursor(cursor, 1),
        size=size,
    )
    response.headers.update(link_header(request, rows.next_cursor))
    return [DealOut.of(stored) for stored in rows.items]


@router.get("/deals/{deal_id}", response_model=DealOut)
async def deal(deal_id: Id, store: Store, asker: Asking) -> Response:
    """One deal."""
    return _answer(await views.deal_of(store, asker.access, deal_id))


@router.get("/clients/{client_id}/deals", response_model=list[DealOut])
async def of_client(client_id: Id, store: Store, asker: Asking) -> list[DealOut]:
    """The client's deals, the newest first."""
    await client_of(store, asker.access, client_id)
    return [DealOut.of(stored) for stored in await views.of_client(store, client_id)]


@router.put("/deals/{deal_id}/terms", response_model=DealOut)
async def terms(
    deal_id: Id, body: TermsIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Put other terms in the place of these, before the signature."""
    await writable_deal(store, asker.access, deal_id)
    command = commands.ChangeTerms(deal_id=deal_id, terms=body.terms, expected_version=version)
    return _answer(await work.run(commands.change_terms, command))


@router.put("/deals/{deal_id}/signature", response_model=DealOut)
async def signature(
    deal_id: Id, body: SignatureIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """It is signed. It counts at once, or when the shares are confirmed."""
    await writable_deal(store, asker.access, deal_id)
    command = commands.SignDeal(
        deal_id=deal_id, signed_on=body.signed_on, starts_on=body.starts_on, expected_version=version
    )
    return _answer(await work.run(commands.sign, command))


@router.put("/deals/{deal_id}/confirmation", response_model=DealOut)
async def confirmation(
    deal_id: Id, body: ConfirmationIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Confirm the shares, or send them back."""
    found = (await views.deal_of(store, asker.access, deal_id)).value
    sight.require(sight.may_confirm(asker.access, found), asker.access, found)
    step = commands.DealStep(deal_id=deal_id, expected_version=version)
    return _answer(await work.run(commands.confirm if body.confirmed else commands.send_back, step))


@router.put("/deals/{deal_id}/payment", response_model=DealOut)
async def payment(deal_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking) -> Response:
    """The money came, or the policy is in force."""
    await writable_deal(store, asker.access, deal_id)
    step = commands.DealStep(deal_id=deal_id, expected_version=version)
    return _answer(await work.run(commands.put_in_force, step))


@router.put("/deals/{deal_id}/undoing", response_model=DealOut)
async def undoing(
    deal_id: Id, body: UndoingIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """It is void. What it counted for no longer counts, on any board."""
    found = (await views.deal_of(store, asker.access, deal_id)).value
    sight.require(sight.may_undo(asker.access, found), asker.access, found)
    command = commands.UndoDeal(deal_id=deal_id, reason=body.reason, expected_version=version)
    return _answer(await work.run(commands.undo, command))


@router.get("/units/{unit_id}/deal-confirming", response_model=ConfirmingIn)
async def confirming(unit_id: Id, store: Store, directory: Directory, visitor: Visitor) -> ConfirmingIn:
    """From which commission on shares are confirmed in this unit; it may say so itself, or a unit above it."""
    unit = await directory.unit(unit_id)
    if unit_id not in visitor.org_path and not visitor.sees(unit.org_path):
        raise NotFound
    said = await confirming_at(store, unit.org_path)
    return ConfirmingIn(from_commission=said[-1].from_commission if said else 0)


@router.put("/units/{unit_id}/deal-confirming", response_model=ConfirmingIn)
async def set_confirming(
    unit_id: Id, body: ConfirmingIn, directory: Directory, visitor: Visitor, work: Work
) -> ConfirmingIn:
    """Say from which commission on."""
    unit = await directory.unit(unit_id)
    visitor.require_sight(unit.org_path)
    visitor.require(*SETTERS, at=unit.org_path)
    await work.run(commands.set_confirming, Confirming(unit_id, body.from_commission))
    return body


async def writable_deal(store: Mongo, access: Access, deal_id: str) -> Stored[Deal]:
    """The deal, when the person may write it down. Raises `NotFound`, `Forbidden`."""
    stored = await views.deal_of(store, access, deal_id)
    sight.require(sight.may_write(access, stored.value), access, stored.value)
    return stored


def _answer(stored: Stored[Deal]) -> Response:
    body = DealOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
