"""Forms of deals, and the commands that they become."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.web.validation import Input
from services.clients.deals.commands import ShareOf, WriteTerms
from services.clients.deals.model import MOST_SHARES, Deal, Undoing
from services.clients.deals.money import basis_points, major_units, minor_units, percent
from services.contracts.clients import DealKind, DealPart

ROWS = 4
"""Of shares, in an empty form."""

Typed = Annotated[str, Field(max_length=30)]
Row = Annotated[str, StringConstraints(pattern=r"^[0-9]$")]


class ShareFields(Input):
    """One row of the shares; a row without a person and a share is none."""

    agent_id: Annotated[str, Field(max_length=64)] = ""
    part: DealPart = DealPart.CLOSER
    percent: Typed = ""


class TermsForm(Input):
    """Terms as somebody types them: money in the currency's own units, shares in percent."""

    kind: DealKind
    amount: Typed
    commission: Typed
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    listing_id: Annotated[str, Field(max_length=64)] = ""
    shares: Annotated[dict[Row, ShareFields], Field(max_length=MOST_SHARES)] = Field(default_factory=dict)

    def terms(self) -> WriteTerms:
        """The terms. Raises `Invalid`, saying everything that is wrong."""
        errors: list[FieldError] = []

        def of(read: object, *args: str) -> int:
            try:
                value: int = read(*args)  # type: ignore[operator]
            except Invalid as invalid:
                errors.extend(invalid.errors)
                return 0
            return value

        amount = of(minor_units, self.amount, self.currency, "/amount")
        commission = of(minor_units, self.commission, self.currency, "/commission")
        shares = []
        for row, fields in self.shares.items():
            if not fields.agent_id and not fields.percent:
                continue
            if not fields.agent_id:
                errors.append(FieldError(f"/shares/{row}/agent_id", N_("Choose who has this share")))
            points = of(basis_points, fields.percent, f"/shares/{row}/percent")
            shares.append(ShareOf(agent_id=fields.agent_id, part=fields.part, basis_points=points))
        if errors:
            raise Invalid(errors=errors)
        return WriteTerms(
            kind=self.kind,
            amount=amount,
            commission=commission,
            currency=self.currency,
            listing_id=self.listing_id or None,
            shares=tuple(shares),
        )


class NewDealForm(TermsForm):
    client_id: Annotated[str, Field(min_length=1, max_length=64)]


class SignForm(Input):
    signed_on: date
    starts_on: date | None = None


class UndoForm(Input):
    reason: Undoing


class ConfirmingForm(Input):
    """From which commission on; empty: no deal needs it."""

    unit_id: Annotated[str, Field(min_length=1, max_length=64)]
    from_commission: Typed = ""


def values_of(deal: Deal) -> Mapping[str, object]:
    """What stands in the deal, as the form shows it."""
    return {
        "kind": deal.kind,
        "amount": major_units(deal.amount, deal.currency),
        "commission": major_units(deal.commission, deal.currency),
        "currency": deal.currency,
        "listing_id": deal.listing_id,
        "shares": {
            str(row): {"agent_id": each.agent_id, "part": each.part, "percent": percent(each.basis_points)}
            for row, each in enumerate(deal.shares)
        },
    }


def first_values(client_id: str, agent_id: str, listing_id: str, keeper_id: str = "") -> Mapping[str, object]:
    """A new deal: the client's agent brings it home, and who keeps the listing has a part in it."""
    shares: dict[str, object] = {"0": {"agent_id": agent_id, "part": DealPart.CLOSER, "percent": "100"}}
    if keeper_id and keeper_id != agent_id:
        shares = {
            "0": {"agent_id": agent_id, "part": DealPart.CLOSER, "percent": "60"},
            "1": {"agent_id": keeper_id, "part": DealPart.KEEPER, "percent": "40"},
        }
    return {
        "client_id": client_id,
        "kind": DealKind.SALE,
        "currency": "CNY",
        "listing_id": listing_id,
        "shares": shares,
    }
