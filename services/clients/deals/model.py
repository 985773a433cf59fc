"""Deals (成交): from the first offer to money paid, and who has which share of the commission. Pure.

Money is in minor units of the deal's currency, a share in basis points (万分比) of its commission.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.contracts.clients import DealKind, DealPart

WHOLE = 10_000
"""Basis points of everything."""
MOST_SHARES = 8
MOST_MONEY = 10**15
"""Minor units; more than any home costs, and still a number that every reader of JSON keeps exactly."""
LONGEST_BACK = timedelta(days=366 * 3)
LONGEST_AHEAD = timedelta(days=366 * 2)


class Stage(StrEnum):
    """How far a deal has come (阶段)."""

    NEGOTIATING = "negotiating"
    PROPOSED = "proposed"
    """Signed with the client; the shares wait for whoever leads the agents."""
    SIGNED = "signed"
    """It counts."""
    IN_FORCE = "in_force"
    """Paid, or the policy is in force."""
    VOID = "void"


COUNTS = (Stage.SIGNED, Stage.IN_FORCE)


class Undoing(StrEnum):
    """Why a deal is void after all."""

    FINANCING = "financing"
    WITHDRAWN = "withdrawn"
    COOLING_OFF = "cooling_off"
    ERROR = "error"
    OTHER = "other"


@dataclass(frozen=True)
class Share:
    """What one person has of the commission for one part."""

    agent_id: str
    org_path: tuple[str, ...]
    """Where they stood when it was signed; until then, where they stood when it was written down."""
    part: DealPart
    basis_points: int


@dataclass(frozen=True)
class Deal:
    id: str
    client_id: str
    agent_id: str
    """The client's agent."""
    org_path: tuple[str, ...]
    listing_id: str | None
    kind: DealKind
    amount: int
    """Price, yearly rent or yearly premium."""
    commission: int
    currency: str
    """ISO 4217."""
    shares: tuple[Share, ...]
    people: tuple[str, ...]
    """Whose deal it is: the agent, and everybody with a share; each finds it among their own."""
    opened_at: datetime
    stage: Stage = Stage.NEGOTIATING
    signed_on: date | None = None
    """In the time zone of the agent's unit."""
    starts_on: date | None = None
    """Move-in or start of the policy, where it is known."""
    confirmed_by: str | None = None
    """Who confirmed the shares; None where nobody has to."""
    counted_at: datetime | None = None
    """Since when it counts."""
    undone_for: Undoing | None = None
    undone_at: datetime | None = None
    came_with: str | None = None
    """The file that this deal was in before it was merged into the client's."""

    @property
    def counts(self) -> bool:
        """Whether it was signed and still holds."""
        return self.stage in COUNTS


def amounts(commission: int, basis_points: Sequence[int]) -> tuple[int, ...]:
    """The commission in parts of so many basis points, to the last cent: they always add up to it.

    By largest remainder: each gets what is certainly theirs, and the few cents that are left go to those who lost
    most by rounding; among equals to who stands first. Raises ValueError when the parts are not the whole.
    """
    if commission < 0 or any(points < 0 for points in basis_points) or sum(basis_points) != WHOLE:
        raise ValueError("shares of a commission are parts of the whole")
    floors = [commission * points // WHOLE for points in basis_points]
    left = commission - sum(floors)
    by_loss = sorted(
        range(len(floors)), key=lambda place: (-(commission * basis_points[place] % WHOLE), place)
    )
    for place in by_loss[:left]:
        floors[place] += 1
    return tuple(floors)


def amounts_of(deal: Deal) -> tuple[int, ...]:
    """What each share comes to, in their order."""
    return amounts(deal.commission, [share.basis_points for share in deal.shares])


@dataclass(frozen=True)
class Terms:
    """What is agreed on, and how the commission is shared."""

    listing_id: str | None
    kind: DealKind
    amount: int
    commission: int
    currency: str
    shares: tuple[Share, ...]


def checked(terms: Terms) -> Terms:
    """The terms as they are. Raises `Invalid`, saying everything that is wrong."""
    errors = [
        FieldError(f"/{name}", N_("This is not an amount of money"))
        for name, value in (("amount", terms.amount), ("commission", terms.commission))
        if not 0 <= value <= MOST_MONEY
    ]
    if not 1 <= len(terms.shares) <= MOST_SHARES:
        errors.append(FieldError("/shares", N_("A deal has one to eight shares")))
    if any(not 1 <= share.basis_points <= WHOLE for share in terms.shares):
        errors.append(FieldError("/shares", N_("Each share is more than nothing and at most the whole")))
    elif terms.shares and sum(share.basis_points for share in terms.shares) != WHOLE:
        errors.append(FieldError("/shares", N_("The shares must add up to exactly 100 %")))
    doubles = {(share.agent_id, share.part) for share in terms.shares}
    if len(doubles) != len(terms.shares):
        errors.append(FieldError("/shares", N_("Somebody has the same part twice")))
    if errors:
        raise Invalid(errors=errors)
    return terms


def people_of(agent_id: str, shares: Sequence[Share]) -> tuple[str, ...]:
    """Whose deal it is, each once."""
    return tuple(dict.fromkeys((agent_id, *(share.agent_id for share in shares))))


def changed(deal: Deal, terms: Terms) -> Deal:
    """The deal on other terms. Raises `Conflict` once it is signed, `Invalid`."""
    if deal.stage is not Stage.NEGOTIATING:
        raise Conflict(N_("What is signed is not changed any more; undo it and write down a new one"))
    terms = checked(terms)
    return replace(
        deal,
        listing_id=terms.listing_id,
        kind=terms.kind,
        amount=terms.amount,
        commission=terms.commission,
        currency=terms.currency,
        shares=terms.shares,
        people=people_of(deal.agent_id, terms.shares),
    )


def signed(
    deal: Deal, signed_on: date, starts_on: date | None, today: date, needs_confirming: bool, at: datetime
) -> Deal:
    """The deal after the signature; it counts at once, or when its shares are confirmed.

    Raises `Conflict` when it was signed already, `Invalid` for a day that cannot be.
    """
    if deal.stage is not Stage.NEGOTIATING:
        raise Conflict(N_("This deal is signed already, or void"))
    errors = []
    if not today - LONGEST_BACK <= signed_on <= today:
        errors.append(FieldError("/signed_on", N_("Choose the day of the signature, today at the latest")))
    if starts_on is not None and not today - LONGEST_BACK <= starts_on <= today + LONGEST_AHEAD:
        errors.append(FieldError("/starts_on", N_("This day is too far away")))
    if errors:
        raise Invalid(errors=errors)
    after = replace(deal, signed_on=signed_on, starts_on=starts_on)
    if needs_confirming:
        return replace(after, stage=Stage.PROPOSED)
    return replace(after, stage=Stage.SIGNED, counted_at=at)


def confirmed(deal: Deal, by: str, at: datetime) -> Deal:
    """The deal with its shares confirmed: from now on it counts. Raises `Conflict` when it does not wait for that."""
    if deal.stage is not Stage.PROPOSED:
        raise Conflict(N_("There is nothing to confirm"))
    return replace(deal, stage=Stage.SIGNED, confirmed_by=by, counted_at=at)


def sent_back(deal: Deal) -> Deal:
    """The deal as it was before the signature, for the agent to put right. Raises `Conflict`."""
    if deal.stage is not Stage.PROPOSED:
        raise Conflict(N_("There is nothing to send back"))
    return replace(deal, stage=Stage.NEGOTIATING, signed_on=None, starts_on=None)


def in_force(deal: Deal) -> Deal:
    """The deal after the money came, or the policy began. Raises `Conflict` when it is not signed."""
    if deal.stage is not Stage.SIGNED:
        raise Conflict(N_("Only a signed deal can be paid"))
    return replace(deal, stage=Stage.IN_FORCE)


def undone(deal: Deal, reason: Undoing, at: datetime) -> Deal:
    """The deal that came to nothing, before or after the signature. Raises `Conflict` when it is void already."""
    if deal.stage is Stage.VOID:
        raise Conflict(N_("This deal is void already"))
    return replace(deal, stage=Stage.VOID, undone_for=reason, undone_at=at)


def moved(deal: Deal, agent_id: str, org_path: tuple[str, ...]) -> Deal:
    """The deal with the client's new agent, as long as nothing is signed; the shares stay as they were agreed on."""
    if deal.stage is not Stage.NEGOTIATING:
        return deal
    return replace(deal, agent_id=agent_id, org_path=org_path, people=people_of(agent_id, deal.shares))


@dataclass(frozen=True)
class Confirming:
    """From which commission on somebody confirms the shares, as one unit says."""

    id: str
    """The unit's id."""
    from_commission: int | None = None
    """Minor units; None: no deal needs it."""


def must_be_confirmed(commission: int, chain: Sequence[Confirming]) -> bool:
    """Whether the shares need somebody's word; `chain` is what the units say, from the company down.

    The nearest unit decides. Where no unit says anything, every deal is confirmed.
    """
    if not chain:
        return True
    limit = chain[-1].from_commission
    return limit is not None and commission >= limit
