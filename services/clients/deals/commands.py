"""Use cases of deals. Who may do what was decided before: see `sight.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.deals import model
from services.clients.deals.model import Confirming, Deal, Share, Stage, Terms, Undoing
from services.clients.deals.store import DEALS, confirming_at, keep_confirming, recount
from services.clients.files.model import agent_of
from services.clients.files.store import CLIENTS, keep_standing
from services.contracts.clients import DealClosed, DealKind, DealPart, DealProposed, DealShare, DealUndone


@dataclass(frozen=True, kw_only=True)
class ShareOf:
    """Who has how much for what."""

    agent_id: str
    part: DealPart
    basis_points: int


@dataclass(frozen=True, kw_only=True)
class WriteTerms:
    kind: DealKind
    amount: int
    commission: int
    currency: str
    shares: tuple[ShareOf, ...]
    listing_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class OpenDeal:
    client_id: str
    terms: WriteTerms
    deal_id: str | None = None
    """Given by who writes in bulk and wants to know it beforehand."""


async def open_deal(tx: Transaction, command: OpenDeal) -> Stored[Deal]:
    """Write down what is being negotiated. Raises `NotFound`, `Conflict` for a client in the pool, `Invalid`."""
    client = (await CLIENTS.get(tx, command.client_id)).value
    agent_id = agent_of(client)
    terms = model.checked(await _terms(tx, command.terms, client.company_id))
    deal = Deal(
        id=command.deal_id or new_id(tx.now),
        client_id=client.id,
        agent_id=agent_id,
        org_path=client.org_path,
        listing_id=terms.listing_id,
        kind=terms.kind,
        amount=terms.amount,
        commission=terms.commission,
        currency=terms.currency,
        shares=terms.shares,
        people=model.people_of(agent_id, terms.shares),
        opened_at=tx.now,
    )
    return await DEALS.add(tx, deal)


@dataclass(frozen=True, kw_only=True)
class ChangeTerms:
    deal_id: str
    terms: WriteTerms
    expected_version: int | None = None


async def change_terms(tx: Transaction, command: ChangeTerms) -> Stored[Deal]:
    """Put other terms in the place of these. Raises `NotFound`, `StaleVersion`, `Conflict`, `Invalid`."""
    before = await DEALS.get(tx, command.deal_id, command.expected_version)
    terms = await _terms(tx, command.terms, before.value.org_path[0])
    return await DEALS.save(tx, before, model.changed(before.value, terms))


@dataclass(frozen=True, kw_only=True)
class SignDeal:
    deal_id: str
    signed_on: date
    starts_on: date | None = None
    expected_version: int | None = None


async def sign(tx: Transaction, command: SignDeal) -> Stored[Deal]:
    """Write down the signature. The deal counts at once, or when somebody has confirmed the shares.

    Raises `NotFound`, `StaleVersion`, `Conflict`, `Invalid`.
    """
    before = await DEALS.get(tx, command.deal_id, command.expected_version)
    deal = before.value
    said = await confirming_at(tx.mongo, deal.org_path, tx.session)
    after = model.signed(
        deal,
        command.signed_on,
        command.starts_on,
        await _today(tx, deal),
        model.must_be_confirmed(deal.commission, said),
        tx.now,
    )
    client = await CLIENTS.get(tx, deal.client_id)
    await keep_standing(tx, client, client.value.standing.touched(tx.now, client.value.standing.agreed))
    if after.stage is Stage.SIGNED:
        return await _count(tx, before, after)
    event = DealProposed(
        occurred_at=tx.now,
        deal_id=after.id,
        client_id=after.client_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        commission=after.commission,
        currency=after.currency,
    )
    return await DEALS.save(tx, before, after, event)


@dataclass(frozen=True, kw_only=True)
class DealStep:
    """A step that needs nothing but the deal."""

    deal_id: str
    expected_version: int | None = None


async def confirm(tx: Transaction, command: DealStep) -> Stored[Deal]:
    """Confirm the shares: the deal counts. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await DEALS.get(tx, command.deal_id, command.expected_version)
    return await _count(tx, before, model.confirmed(before.value, tx.actor, tx.now))


async def send_back(tx: Transaction, command: DealStep) -> Stored[Deal]:
    """Let the agent put the shares right. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await DEALS.get(tx, command.deal_id, command.expected_version)
    return await DEALS.save(tx, before, model.sent_back(before.value))


async def put_in_force(tx: Transaction, command: DealStep) -> Stored[Deal]:
    """The money came, or the policy began. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await DEALS.get(tx, command.deal_id, command.expected_version)
    return await DEALS.save(tx, before, model.in_force(before.value))


@dataclass(frozen=True, kw_only=True)
class UndoDeal:
    deal_id: str
    reason: Undoing
    expected_version: int | None = None


async def undo(tx: Transaction, command: UndoDeal) -> Stored[Deal]:
    """The deal is void; what it counted for no longer counts. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await DEALS.get(tx, command.deal_id, command.expected_version)
    after = model.undone(before.value, command.reason, tx.now)
    if not before.value.counts:
        return await DEALS.save(tx, before, after)
    event = DealUndone(
        occurred_at=tx.now,
        deal_id=after.id,
        client_id=after.client_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        # a deal that counts published nothing after it began to
        closed_event_id=before.last_event_id,
        reason=command.reason,
    )
    saved = await DEALS.save(tx, before, after, event)
    await recount(tx, after.client_id)
    return saved


async def set_confirming(tx: Transaction, says: Confirming) -> None:
    """Keep what the unit says. Raises `NotFound` for an unknown unit, `Invalid`."""
    await Directory(tx.mongo, tx.session).unit(says.id)
    if says.from_commission is not None and not 0 <= says.from_commission <= model.MOST_MONEY:
        raise Invalid(errors=[FieldError("/from_commission", N_("This is not an amount of money"))])
    await keep_confirming(tx, says)


async def _count(tx: Transaction, before: Stored[Deal], after: Deal) -> Stored[Deal]:
    """Keep a deal that counts from now on; each share belongs to where its owner stands today."""
    people = await Directory(tx.mongo, tx.session).people(share.agent_id for share in after.shares)
    shares = tuple(
        replace(share, org_path=people[share.agent_id].org_path) if share.agent_id in people else share
        for share in after.shares
    )
    after = replace(after, shares=shares)
    if after.signed_on is None:
        raise Conflict(N_("This deal has no day of signature"))
    event = DealClosed(
        occurred_at=tx.now,
        deal_id=after.id,
        client_id=after.client_id,
        listing_id=after.listing_id,
        agent_id=after.agent_id,
        org_path=after.org_path,
        kind=after.kind,
        amount=after.amount,
        commission=after.commission,
        currency=after.currency,
        shares=tuple(
            DealShare(agent_id=share.agent_id, org_path=share.org_path, part=share.part, commission=amount)
            for share, amount in zip(shares, model.amounts_of(after), strict=True)
        ),
        signed_on=after.signed_on,
        starts_on=after.starts_on,
    )
    saved = await DEALS.save(tx, before, after, event)
    await recount(tx, after.client_id)
    return saved


async def _terms(tx: Transaction, said: WriteTerms, company_id: str) -> Terms:
    """The terms with the place of each person. Raises `Invalid` for somebody of another company, or nobody."""
    return Terms(
        listing_id=said.listing_id or None,
        kind=said.kind,
        amount=said.amount,
        commission=said.commission,
        currency=said.currency,
        shares=await _shares(tx, said.shares, company_id),
    )


async def _shares(tx: Transaction, said: Sequence[ShareOf], company_id: str) -> tuple[Share, ...]:
    people = await Directory(tx.mongo, tx.session).people(share.agent_id for share in said)
    known = {id_: person for id_, person in people.items() if company_id in person.org_path}
    errors = [
        FieldError(f"/shares/{place}/agent_id", N_("Nobody of this company is called so"))
        for place, share in enumerate(said)
        if share.agent_id not in known
    ]
    if errors:
        raise Invalid(errors=errors)
    return tuple(
        Share(share.agent_id, known[share.agent_id].org_path, share.part, share.basis_points)
        for share in said
    )


async def _today(tx: Transaction, deal: Deal) -> date:
    zone = await Directory(tx.mongo, tx.session).time_zone(deal.org_path[-1])
    return tx.now.astimezone(ZoneInfo(zone)).date()
