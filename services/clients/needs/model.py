"""What a client looks for (需求): hard limits that decide, and wishes that weigh. Pure; figures only, no words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import N_, FieldError, Invalid
from services.clients.listings.features import (
    CHOICES,
    FEATURES,
    FIGURES,
    LARGEST_AMOUNT,
    LONGEST_CODE,
    Feature,
)
from services.clients.listings.places import Place, checked
from services.clients.matching import buckets
from services.contracts.clients import ListingKind

MOST_PLACES = 6
MOST_CONDITIONS = 12
MOST_CHOICES = 12
MOST_NEEDS = 8
"""Open ones of one client."""
STRETCH_PERCENT = 10
"""How far a comparable listing may lie beside one limit of price or size."""


class Weight(StrEnum):
    """How much a wish counts beside the others."""

    NICE = "nice"
    IMPORTANT = "important"
    VERY_IMPORTANT = "very_important"


WEIGHTS: Mapping[Weight, int] = {Weight.NICE: 1, Weight.IMPORTANT: 2, Weight.VERY_IMPORTANT: 4}


@dataclass(frozen=True)
class Condition:
    """What one feature should be: in a range (either end may be open), or one of some codes."""

    feature: Feature
    at_least: int | None = None
    at_most: int | None = None
    one_of: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    """For the feature `place` alone."""


@dataclass(frozen=True)
class Wish:
    condition: Condition
    weight: Weight = Weight.IMPORTANT


class Hint(StrEnum):
    """What a client's answer to a listing says about the need."""

    LOWER_PRICE = "lower_price"
    LARGER = "larger"
    NOT_THERE = "not_there"
    BETTER_STATE = "better_state"
    WITH_LIFT = "with_lift"
    NEWER = "newer"
    RATHER_THERE = "rather_there"


@dataclass(frozen=True)
class Suggestion:
    """A change of the need that follows from what the client said; somebody takes it with one tap, or leaves it."""

    hint: Hint
    listing_id: str
    amount: int | None = None
    """The new bound, in the feature's unit."""
    place: Place = ()


@dataclass(frozen=True)
class Need:
    id: str
    client_id: str
    company_id: str
    kind: ListingKind
    currency: str
    """ISO 4217; of the prices in it."""
    places: tuple[Place, ...] = ()
    """One of these, at any level; none is everywhere."""
    avoid: tuple[Place, ...] = ()
    limits: tuple[Condition, ...] = ()
    wishes: tuple[Wish, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    declined: tuple[str, ...] = ()
    """Hints with their listing that were left: they do not come again."""
    came_with: str | None = None
    """The client in whose file it was before two files were merged."""
    open: bool = True
    opened_at: datetime | None = None
    keys: tuple[int, ...] = field(default=(), repr=False)
    """The buckets in which suitable listings lie; none while it is closed."""
    lowest: int = 0
    highest: int = LARGEST_AMOUNT
    """Between these lies the price of everything that suits or is comparable."""

    def limit(self, feature: Feature) -> Condition | None:
        """The hard limit on this feature, if there is one."""
        return next((each for each in self.limits if each.feature is feature), None)


def settled(need: Need) -> Need:
    """The need with everything checked and its buckets. Raises `Invalid`, for everything that is wrong."""
    errors: list[FieldError] = []
    if len(need.places) > MOST_PLACES:
        errors.append(FieldError("/places", N_("At most six places, please")))
    if need.kind is ListingKind.POLICY and (need.places or need.avoid):
        errors.append(FieldError("/places", N_("A policy has no place")))
    if len(need.limits) > MOST_CONDITIONS or len(need.wishes) > MOST_CONDITIONS:
        errors.append(FieldError("/wishes", N_("At most twelve limits and twelve wishes, please")))
    for name, conditions in (
        ("limits", need.limits),
        ("wishes", tuple(wish.condition for wish in need.wishes)),
    ):
        if len({each.feature for each in conditions}) != len(conditions):
            errors.append(FieldError(f"/{name}", N_("The same feature stands there twice")))
        for place, condition in enumerate(conditions):
            errors.extend(_wrong(condition, need.kind, f"/{name}/{place}"))
    if errors:
        raise Invalid(errors=errors)
    for number, where in enumerate((*need.places, *need.avoid)):
        checked(where, f"/places/{number}")
    low, high = _prices(need)
    return replace(
        need,
        keys=_keys(need) if need.open else (),
        lowest=low or 0,
        highest=LARGEST_AMOUNT if high is None else min(high, LARGEST_AMOUNT),
    )


def closed(need: Need) -> Need:
    """The need after the client found something, or no longer looks."""
    return replace(need, open=False, keys=(), suggestions=())


def _wrong(condition: Condition, kind: ListingKind, pointer: str) -> Iterable[FieldError]:
    feature = condition.feature
    if feature not in FEATURES[kind]:
        yield FieldError(pointer, N_("Listings of this kind have no such feature"))
    elif feature is Feature.PLACE:
        if not 0 < len(condition.places) <= MOST_PLACES:
            yield FieldError(pointer, N_("Name a place"))
        for place in condition.places:
            checked(place, pointer)
    elif feature in CHOICES:
        codes, known = condition.one_of, CHOICES[feature]
        right = 0 < len(codes) <= MOST_CHOICES and all(0 < len(code) <= LONGEST_CODE for code in codes)
        if not right or (known and not set(codes) <= set(known)):
            yield FieldError(pointer, N_("Please choose one of the list"))
    else:
        low, high, bounds = condition.at_least, condition.at_most, FIGURES[feature]
        if low is None and high is None:
            yield FieldError(pointer, N_("Give a lower or an upper end"))
        elif any(end is not None and not bounds.lowest <= end <= bounds.highest for end in (low, high)):
            yield FieldError(pointer, N_("This number cannot be"))
        elif low is not None and high is not None and low > high:
            yield FieldError(pointer, N_("The upper end is below the lower one"))


def buckets_to_ask(need: Need) -> tuple[int, ...]:
    """The buckets to look for listings in: closer to the need than those it is kept under."""
    return _keys(need, asked=True)


def stretched(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """The range with what a comparable listing may lie beside it."""
    return (
        None if low is None else low - low * STRETCH_PERCENT // 100,
        None if high is None else high + high * STRETCH_PERCENT // 100,
    )


def _keys(need: Need, *, asked: bool = False) -> tuple[int, ...]:
    low, high = _prices(need)
    return buckets.of_need(need.company_id, need.kind, need.places, _traits(need), low, high, asked=asked)


def _prices(need: Need) -> tuple[int | None, int | None]:
    price = need.limit(Feature.PRICE)
    return stretched(price.at_least, price.at_most) if price else (None, None)


def _traits(need: Need) -> tuple[str, ...]:
    if need.kind is ListingKind.POLICY:
        types = need.limit(Feature.POLICY_TYPE)
        return types.one_of if types else ()
    rooms = need.limit(Feature.ROOMS)
    if rooms is None or rooms.at_least is None or rooms.at_most is None:
        return ()
    return tuple(str(number) for number in range(rooms.at_least, rooms.at_most + 1))
