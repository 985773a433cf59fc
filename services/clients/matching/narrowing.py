"""What a client's answer to a listing says about the need (反馈收窄需求). Pure.

Nothing is changed behind anybody's back: each conclusion is a suggestion, which the agent takes with one tap or leaves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.clients.listings.features import Decoration, Feature
from services.clients.matching.model import Offer
from services.clients.needs.model import (
    MOST_CONDITIONS,
    MOST_PLACES,
    Condition,
    Hint,
    Need,
    Suggestion,
    Weight,
    Wish,
    settled,
)

MOST_SUGGESTIONS = 6
_AREA = 3
"""How many names of a place an area has."""
_CHEAPER_PERCENT = 5
_LARGER_PERCENT = 5
_NEWER_YEARS = 5


class Said(StrEnum):
    """What clients say of a listing, in codes that can be counted."""

    LIKES_PLACE = "likes_place"
    LIKES_LAYOUT = "likes_layout"
    LIKES_PRICE = "likes_price"
    TOO_DEAR = "too_dear"
    TOO_SMALL = "too_small"
    TOO_FAR = "too_far"
    NEEDS_WORK = "needs_work"
    TOO_OLD = "too_old"
    NO_LIFT = "no_lift"
    TOO_NOISY = "too_noisy"
    CONDITIONS = "conditions"
    """The clauses of a policy do not suit."""


PRAISE = (Said.LIKES_PLACE, Said.LIKES_LAYOUT, Said.LIKES_PRICE)


@dataclass(frozen=True)
class Feedback:
    liked: bool
    said: tuple[Said, ...]
    at: datetime


def suggested(need: Need, offer: Offer, said: Iterable[Said]) -> Need:
    """The need with what follows from these words; what stands there, or was left before, does not come again."""
    known = {_key(each.hint, each.listing_id) for each in need.suggestions} | set(need.declined)
    fresh = [
        suggestion
        for word in said
        if (suggestion := _follows(need, offer, word)) is not None
        and _key(suggestion.hint, suggestion.listing_id) not in known
    ]
    if not fresh:
        return need
    hints = {each.hint for each in fresh}
    # the latest word on one matter counts
    kept = [each for each in need.suggestions if each.hint not in hints or each.place]
    return replace(need, suggestions=(*kept, *fresh)[-MOST_SUGGESTIONS:])


def taken(need: Need, suggestion: Suggestion) -> Need:
    """The need narrowed by the suggestion. Raises `Invalid` when that makes a need that cannot be."""
    rest = tuple(each for each in need.suggestions if each != suggestion)
    narrowed = replace(need, suggestions=rest)
    match suggestion.hint:
        case Hint.LOWER_PRICE:
            narrowed = _limited(narrowed, Condition(Feature.PRICE, at_most=suggestion.amount))
        case Hint.LARGER:
            narrowed = _limited(narrowed, Condition(Feature.SIZE, at_least=suggestion.amount))
        case Hint.WITH_LIFT:
            narrowed = _limited(narrowed, Condition(Feature.LIFT, at_least=1))
        case Hint.NOT_THERE:
            narrowed = replace(narrowed, avoid=(*narrowed.avoid, suggestion.place)[-MOST_PLACES:])
        case Hint.BETTER_STATE:
            codes = (Decoration.FINE.value, Decoration.LUXURY.value)
            narrowed = _wishing(narrowed, Condition(Feature.DECORATION, one_of=codes))
        case Hint.NEWER:
            narrowed = _wishing(narrowed, Condition(Feature.YEAR, at_least=suggestion.amount))
        case Hint.RATHER_THERE:
            narrowed = _wishing(narrowed, Condition(Feature.PLACE, places=(suggestion.place,)))
    return settled(narrowed)


def left(need: Need, suggestion: Suggestion) -> Need:
    """The need without the suggestion, which does not come again."""
    rest = tuple(each for each in need.suggestions if each != suggestion)
    declined = (*need.declined, _key(suggestion.hint, suggestion.listing_id))[-50:]
    return replace(need, suggestions=rest, declined=declined)


def _follows(need: Need, offer: Offer, word: Said) -> Suggestion | None:
    figures = offer.facts.figures
    match word:
        case Said.TOO_DEAR:
            lower = _rounded(figures[Feature.PRICE] * (100 - _CHEAPER_PERCENT) // 100)
            price = need.limit(Feature.PRICE)
            low, top = (price.at_least, price.at_most) if price else (None, None)
            if (top is not None and top <= lower) or (low is not None and lower < low):
                return None
            return Suggestion(Hint.LOWER_PRICE, offer.id, lower)
        case Said.TOO_SMALL if Feature.SIZE in figures:
            larger = figures[Feature.SIZE] * (100 + _LARGER_PERCENT) // 100
            size = need.limit(Feature.SIZE)
            low, top = (size.at_least, size.at_most) if size else (None, None)
            if (low is not None and low >= larger) or (top is not None and larger > top):
                return None
            return Suggestion(Hint.LARGER, offer.id, larger)
        case Said.TOO_FAR if offer.place:
            area = offer.place[:_AREA]
            if area in need.avoid or area in need.places:
                return None
            return Suggestion(Hint.NOT_THERE, offer.id, place=area)
        case Said.LIKES_PLACE if offer.place:
            area = offer.place[:_AREA]
            wish = _wish(need, Feature.PLACE)
            if area in need.places or (wish is not None and area in wish.condition.places):
                return None
            return Suggestion(Hint.RATHER_THERE, offer.id, place=area)
        case Said.NEEDS_WORK if _wish(need, Feature.DECORATION) is None:
            return Suggestion(Hint.BETTER_STATE, offer.id)
        case Said.NO_LIFT if need.limit(Feature.LIFT) is None:
            return Suggestion(Hint.WITH_LIFT, offer.id)
        case Said.TOO_OLD if Feature.YEAR in figures:
            return Suggestion(Hint.NEWER, offer.id, figures[Feature.YEAR] + _NEWER_YEARS)
        case _:
            return None


def _limited(need: Need, narrower: Condition) -> Need:
    """The need with this end of the limit, whose other end stays."""
    present = need.limit(narrower.feature) or Condition(narrower.feature)
    merged = replace(
        present,
        at_least=narrower.at_least if narrower.at_least is not None else present.at_least,
        at_most=narrower.at_most if narrower.at_most is not None else present.at_most,
    )
    others = tuple(each for each in need.limits if each.feature is not narrower.feature)
    return replace(need, limits=(*others, merged)[:MOST_CONDITIONS])


def _wishing(need: Need, condition: Condition) -> Need:
    """The need with this wish in the place of another on the same feature; of places one more."""
    present = _wish(need, condition.feature)
    if present is not None and condition.feature is Feature.PLACE:
        places = (*present.condition.places, *condition.places)[-MOST_PLACES:]
        condition = replace(condition, places=places)
    others = tuple(each for each in need.wishes if each.condition.feature is not condition.feature)
    weight = present.weight if present is not None else Weight.IMPORTANT
    return replace(need, wishes=(*others, Wish(condition, weight))[-MOST_CONDITIONS:])


def _wish(need: Need, feature: Feature) -> Wish | None:
    return next((wish for wish in need.wishes if wish.condition.feature is feature), None)


def _rounded(amount: int) -> int:
    """Down to three digits that matter: nobody says that 4,655,321 is the most."""
    step: int = 10 ** max(0, len(str(amount)) - 3)
    return max(1, amount // step * step)


def _key(hint: Hint, listing_id: str) -> str:
    return f"{hint}:{listing_id}"
