"""The demo's deals, as the service's own."""

from dataclasses import replace
from datetime import timedelta

from deploy.demo import commands as demo
from services.chassis.work import Transaction
from services.clients.deals.commands import (
    DealStep,
    OpenDeal,
    ShareOf,
    SignDeal,
    WriteTerms,
    confirm,
    open_deal,
    sign,
)
from services.clients.deals.model import WHOLE, Stage
from services.contracts.clients import DealKind, DealPart

CURRENCY = "CNY"
_KEEPERS_PART = 4_000
_CONFIRMED_AFTER = timedelta(minutes=50)


async def close_deal(tx: Transaction, command: demo.CloseDeal) -> None:
    """Write down the deal, its signature, and the word of who leads the agent."""
    shares = [ShareOf(agent_id=command.by, part=DealPart.CLOSER, basis_points=WHOLE)]
    if command.keeper_id is not None:
        shares = [
            ShareOf(agent_id=command.by, part=DealPart.CLOSER, basis_points=WHOLE - _KEEPERS_PART),
            ShareOf(agent_id=command.keeper_id, part=DealPart.KEEPER, basis_points=_KEEPERS_PART),
        ]
    terms = WriteTerms(
        kind=DealKind.SALE,
        amount=command.price,
        commission=command.commission,
        currency=CURRENCY,
        shares=tuple(shares),
    )
    deal = await open_deal(tx, OpenDeal(client_id=command.client_id, terms=terms, deal_id=command.deal_id))
    signed = await sign(
        tx, SignDeal(deal_id=deal.id, signed_on=command.signed_on, starts_on=command.moves_in_on)
    )
    if signed.value.stage is Stage.PROPOSED and command.confirmed_by is not None:
        later = replace(tx, now=tx.now + _CONFIRMED_AFTER, actor=command.confirmed_by)
        await confirm(later, DealStep(deal_id=deal.id))
