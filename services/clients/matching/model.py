"""Whether a listing suits a need, how well, and why (匹配). Pure; the same rule both ways.

Hard limits decide. Wishes share 100 points by their weight; each part says what it earned, of how much, and by how
much the listing lies beside it. The parts add up to the score, so nobody has to take it on trust.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from services.clients.listings.features import CHOICES, FIGURES, Facts, Feature
from services.clients.listings.places import Place, lies_in, near
from services.clients.needs.model import STRETCH_PERCENT, WEIGHTS, Condition, Need, Wish
from services.contracts.clients import ListingKind

WHOLE = 100
_STRETCHED = frozenset({Feature.PRICE, Feature.SIZE})
"""Limits beside which a listing may lie a little and still be comparable."""


class Outcome(StrEnum):
    MET = "met"
    PARTLY = "partly"
    MISSED = "missed"
    UNKNOWN = "unknown"
    """Nobody wrote it down."""


@dataclass(frozen=True)
class Offer:
    """A listing as matching sees it."""

    id: str
    company_id: str
    kind: ListingKind
    currency: str
    place: Place
    facts: Facts


@dataclass(frozen=True)
class Part:
    """One wish: what it earned, of how much, and how far beside it the listing lies."""

    wish: Wish
    points: int
    of: int
    outcome: Outcome
    missed_by: int | None = None
    """In the feature's own unit: below the lower end is negative."""


@dataclass(frozen=True)
class Gap:
    """A hard limit that the listing breaks."""

    condition: Condition
    missed_by: int | None
    """In the feature's own unit: below the lower end is negative; None where there is no measure."""
    slight: bool
    """Little enough to be comparable."""


@dataclass(frozen=True)
class Verdict:
    score: int
    """The sum of the parts' points; 100 when there are no wishes."""
    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def suits(self) -> bool:
        """No hard limit is broken."""
        return not self.gaps

    @property
    def comparable(self) -> bool:
        """One limit is broken, by a little."""
        return len(self.gaps) == 1 and self.gaps[0].slight


def judge(need: Need, offer: Offer) -> Verdict | None:
    """How the listing suits the need, its broken limits included; None for another kind, currency or company."""
    gaps = _gaps(need, offer)
    return None if gaps is None else _verdict(need, offer, gaps)


def judge_if_near(need: Need, offer: Offer) -> Verdict | None:
    """The same, and None as well for what neither suits nor is comparable: of many, most are dropped early."""
    gaps = _gaps(need, offer)
    if gaps is None or len(gaps) > 1 or (gaps and not gaps[0].slight):
        return None
    return _verdict(need, offer, gaps)


def _gaps(need: Need, offer: Offer) -> tuple[Gap, ...] | None:
    if (need.kind, need.currency, need.company_id) != (offer.kind, offer.currency, offer.company_id):
        return None
    gaps = []
    if need.places and not any(lies_in(offer.place, place) for place in need.places):
        gaps.append(Gap(Condition(Feature.PLACE, places=need.places), None, False))
    elif any(lies_in(offer.place, place) for place in need.avoid):
        gaps.append(Gap(Condition(Feature.PLACE, places=need.avoid), None, False))
    gaps.extend(gap for limit in need.limits if (gap := _gap(limit, offer)) is not None)
    return tuple(gaps)


def _verdict(need: Need, offer: Offer, gaps: tuple[Gap, ...]) -> Verdict:
    parts = _parts(need.wishes, offer)
    return Verdict(sum(part.points for part in parts) if parts else WHOLE, parts, gaps)


@lru_cache(maxsize=10_000)
def shares(weights: tuple[int, ...]) -> tuple[int, ...]:
    """100 points shared by weight, to the last one; what is left over goes to the largest remainders."""
    total = sum(weights)
    whole = [WHOLE * weight // total for weight in weights]
    rest = sorted(range(len(weights)), key=lambda place: (-(WHOLE * weights[place] % total), place))
    for place in rest[: WHOLE - sum(whole)]:
        whole[place] += 1
    return tuple(whole)


def distance(condition: Condition, facts: Facts) -> int | None:
    """How far the figure lies beside the range: 0 within, negative below it; None when it is not known."""
    low = facts.figures.get(condition.feature)
    if low is None:
        return None
    high = facts.top(condition.feature)
    if condition.at_least is not None and high < condition.at_least:
        return high - condition.at_least
    if condition.at_most is not None and low > condition.at_most:
        return low - condition.at_most
    return 0


def _gap(limit: Condition, offer: Offer) -> Gap | None:
    """What is not known does not keep a hard limit."""
    feature = limit.feature
    if feature is Feature.PLACE:
        inside = any(lies_in(offer.place, place) for place in limit.places)
        return None if inside else Gap(limit, None, False)
    if feature in CHOICES:
        return None if offer.facts.codes.get(feature) in limit.one_of else Gap(limit, None, False)
    missed_by = distance(limit, offer.facts)
    if missed_by == 0:
        return None
    if missed_by is None or feature not in _STRETCHED:
        return Gap(limit, missed_by, False)
    bound = limit.at_least if missed_by < 0 else limit.at_most
    return Gap(limit, missed_by, abs(missed_by) * 100 <= abs(bound or 0) * STRETCH_PERCENT)


def _parts(wishes: Sequence[Wish], offer: Offer) -> tuple[Part, ...]:
    if not wishes:
        return ()
    worth = shares(tuple(WEIGHTS[wish.weight] for wish in wishes))
    return tuple(_part(wish, of, offer) for wish, of in zip(wishes, worth, strict=True))


def _part(wish: Wish, of: int, offer: Offer) -> Part:
    condition, facts = wish.condition, offer.facts
    if condition.feature is Feature.PLACE:
        if any(lies_in(offer.place, place) for place in condition.places):
            return Part(wish, of, of, Outcome.MET)
        if any(near(offer.place, place) for place in condition.places):
            return Part(wish, of // 2, of, Outcome.PARTLY)
        return Part(wish, 0, of, Outcome.MISSED)
    if condition.feature in CHOICES:
        code = facts.codes.get(condition.feature)
        if code is None:
            return Part(wish, 0, of, Outcome.UNKNOWN)
        met = code in condition.one_of
        return Part(wish, of if met else 0, of, Outcome.MET if met else Outcome.MISSED)
    missed_by = distance(condition, facts)
    if missed_by is None:
        return Part(wish, 0, of, Outcome.UNKNOWN)
    if missed_by == 0:
        return Part(wish, of, of, Outcome.MET)
    bound = condition.at_least if missed_by < 0 else condition.at_most
    slack = FIGURES[condition.feature].slack_of(bound or 0)
    points = of * max(0, slack - abs(missed_by)) // slack
    return Part(wish, points, of, Outcome.PARTLY if points else Outcome.MISSED, missed_by)
