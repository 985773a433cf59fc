"""The words for listings and needs: codes, figures with their units, conditions. English ids; pages translate them."""

from collections.abc import Mapping

from services.chassis.errors import N_
from services.chassis.web.page import PageWriter
from services.clients.listings.features import (
    CHOICES,
    Decoration,
    Feature,
    Orientation,
    PolicyType,
)
from services.clients.listings.model import Listing, Status
from services.clients.listings.places import Place
from services.clients.matching.narrowing import Said
from services.clients.needs.model import Condition, Hint, Suggestion, Weight
from services.contracts.clients import ListingClosing, ListingKind

KINDS: Mapping[str, str] = {
    ListingKind.SALE: N_("For sale"),
    ListingKind.RENTAL: N_("To let"),
    ListingKind.POLICY: N_("Policies"),
}
LOOKS_FOR: Mapping[str, str] = {
    ListingKind.SALE: N_("Wants to buy"),
    ListingKind.RENTAL: N_("Wants to rent"),
    ListingKind.POLICY: N_("Wants a policy"),
}
STATUSES: Mapping[str, str] = {
    Status.OFFERED: N_("On offer"),
    Status.RESERVED: N_("Reserved"),
    Status.SOLD: N_("Sold"),
    Status.WITHDRAWN: N_("Withdrawn"),
    Status.EXPIRED: N_("Expired"),
}
STATUS_KINDS: Mapping[str, str] = {
    Status.OFFERED: "good",
    Status.RESERVED: "warn",
    Status.SOLD: "info",
    Status.WITHDRAWN: "neutral",
    Status.EXPIRED: "neutral",
}
CLOSINGS: Mapping[str, str] = {
    ListingClosing.SOLD: N_("by a deal of ours"),
    ListingClosing.SOLD_ELSEWHERE: N_("sold by somebody else"),
    ListingClosing.WITHDRAWN: N_("the owner changed their mind"),
    ListingClosing.EXPIRED: N_("the time is over"),
}
FEATURES: Mapping[str, str] = {
    Feature.PRICE: N_("Price"),
    Feature.ROOMS: N_("Rooms"),
    Feature.LIVING_ROOMS: N_("Living rooms"),
    Feature.SIZE: N_("Size"),
    Feature.FLOOR: N_("Floor"),
    Feature.LIFT: N_("Lift"),
    Feature.PARKING: N_("Parking"),
    Feature.YEAR: N_("Year built"),
    Feature.ORIENTATION: N_("Orientation"),
    Feature.DECORATION: N_("Decoration"),
    Feature.SCHOOL: N_("School area"),
    Feature.POLICY_TYPE: N_("Type of policy"),
    Feature.TERM: N_("Term"),
    Feature.AGE: N_("Insured age"),
    Feature.PLACE: N_("Place"),
}
PRICES: Mapping[str, str] = {
    ListingKind.SALE: N_("Price"),
    ListingKind.RENTAL: N_("Monthly rent"),
    ListingKind.POLICY: N_("Yearly premium"),
}
CODES: Mapping[str, str] = {
    Orientation.SOUTH: N_("South"),
    Orientation.NORTH_SOUTH: N_("North and south"),
    Orientation.EAST: N_("East"),
    Orientation.WEST: N_("West"),
    Orientation.NORTH: N_("North"),
    Decoration.BARE: N_("Bare"),
    Decoration.SIMPLE: N_("Simple"),
    Decoration.FINE: N_("Well decorated"),
    Decoration.LUXURY: N_("Luxurious"),
    PolicyType.LIFE: N_("Life"),
    PolicyType.CRITICAL_ILLNESS: N_("Critical illness"),
    PolicyType.MEDICAL: N_("Medical"),
    PolicyType.ACCIDENT: N_("Accident"),
    PolicyType.ANNUITY: N_("Annuity"),
    PolicyType.SAVINGS: N_("Savings"),
}
WEIGHTS: Mapping[str, str] = {
    Weight.NICE: N_("Nice to have"),
    Weight.IMPORTANT: N_("Important"),
    Weight.VERY_IMPORTANT: N_("Very important"),
}
SAID: Mapping[str, str] = {
    Said.LIKES_PLACE: N_("Likes the area"),
    Said.LIKES_LAYOUT: N_("Likes the layout"),
    Said.LIKES_PRICE: N_("Likes the price"),
    Said.TOO_DEAR: N_("Too dear"),
    Said.TOO_SMALL: N_("Too small"),
    Said.TOO_FAR: N_("Too far"),
    Said.NEEDS_WORK: N_("Needs work"),
    Said.TOO_OLD: N_("Too old"),
    Said.NO_LIFT: N_("No lift"),
    Said.TOO_NOISY: N_("Too noisy"),
    Said.CONDITIONS: N_("The conditions do not suit"),
}
SAID_OF: Mapping[str, tuple[Said, ...]] = {
    ListingKind.SALE: tuple(said for said in Said if said is not Said.CONDITIONS),
    ListingKind.RENTAL: tuple(said for said in Said if said is not Said.CONDITIONS),
    ListingKind.POLICY: (Said.LIKES_PRICE, Said.TOO_DEAR, Said.CONDITIONS),
}
_UNITS: Mapping[Feature, tuple[str, str]] = {
    Feature.ROOMS: (N_("%(number)s rooms"), N_("one room")),
    Feature.LIVING_ROOMS: (N_("%(number)s living rooms"), N_("one living room")),
    Feature.PARKING: (N_("%(number)s parking places"), N_("one parking place")),
    Feature.TERM: (N_("%(number)s years"), N_("one year")),
    Feature.AGE: (N_("%(number)s years old"), N_("one year old")),
}
_BESIDE: Mapping[Feature, tuple[str, str]] = {
    Feature.PRICE: (N_("%(much)s below the range"), N_("%(much)s above the range")),
    Feature.SIZE: (N_("%(much)s too small"), N_("%(much)s too large")),
    Feature.YEAR: (N_("%(much)s years too old"), N_("%(much)s years too new")),
    Feature.FLOOR: (N_("%(much)s floors too low"), N_("%(much)s floors too high")),
}


def figure(page: PageWriter, feature: Feature, value: int, currency: str = "CNY") -> str:
    """A figure with its unit: ¥3,500,000, 89.5 m², 3 rooms."""
    formats = page.formats
    if feature is Feature.PRICE:
        return formats.money(value, currency)
    if feature is Feature.SIZE:
        return page.say(N_("%(number)s m²"), number=formats.number(value / 10, int(value % 10 != 0)))
    if feature is Feature.LIFT:
        return page.say(N_("with lift")) if value else page.say(N_("without lift"))
    if feature is Feature.FLOOR:
        return page.say(N_("floor %(number)s"), number=value)
    if feature is Feature.YEAR:
        return page.say(N_("built in %(year)s"), year=value)
    many, one = _UNITS[feature]
    return page.say(one) if value == 1 else page.say(many, number=value)


def code(page: PageWriter, feature: Feature, value: str) -> str:
    """A choice in words; a name that somebody gave stays as it is."""
    return page.say(CODES[value]) if CHOICES.get(feature) and value in CODES else value


def place(where: Place) -> str:
    """静安 · 曹家渡 · 静安枫景: without the city when there is more to say."""
    return " · ".join(where[1:] if len(where) > 1 else where)


def condition(page: PageWriter, asked: Condition, currency: str = "CNY") -> str:
    """What is asked of a feature: from 3 rooms, up to ¥5,000,000, South or East."""
    feature = asked.feature
    if feature is Feature.PLACE:
        return page.say(N_(" or ")).join(place(each) for each in asked.places)
    if asked.one_of:
        return page.say(N_(" or ")).join(code(page, feature, each) for each in asked.one_of)
    if feature is Feature.LIFT:
        return figure(page, feature, asked.at_least or 0)
    low, high = asked.at_least, asked.at_most
    if low is not None and high is not None:
        if low == high:
            return figure(page, feature, low, currency)
        return page.say(
            N_("%(low)s to %(high)s"),
            low=str(low) if feature in _UNITS else figure(page, feature, low, currency),
            high=figure(page, feature, high, currency),
        )
    if low is not None:
        return page.say(N_("from %(low)s"), low=figure(page, feature, low, currency))
    return page.say(N_("up to %(high)s"), high=figure(page, feature, high or 0, currency))


def beside(page: PageWriter, feature: Feature, missed_by: int | None, currency: str = "CNY") -> str:
    """By how much a listing lies beside what is asked: ¥200,000 above the range; empty where there is no measure."""
    if missed_by is None or feature is Feature.LIFT:
        return ""
    if feature in (Feature.PRICE, Feature.SIZE):
        much = figure(page, feature, abs(missed_by), currency)
    else:
        much = page.formats.number(abs(missed_by))
    too_little, too_much = _BESIDE.get(feature, (N_("%(much)s too few"), N_("%(much)s too many")))
    return page.say(too_little if missed_by < 0 else too_much, much=much)


def suggestion(page: PageWriter, hint: Suggestion, currency: str = "CNY") -> str:
    """The change of a need, as one tap would make it."""
    amount = hint.amount or 0
    match hint.hint:
        case Hint.LOWER_PRICE:
            return page.say(N_("At most %(price)s"), price=figure(page, Feature.PRICE, amount, currency))
        case Hint.LARGER:
            return page.say(N_("At least %(size)s"), size=figure(page, Feature.SIZE, amount))
        case Hint.NOT_THERE:
            return page.say(N_("Not in %(place)s"), place=place(hint.place))
        case Hint.RATHER_THERE:
            return page.say(N_("Rather in %(place)s"), place=place(hint.place))
        case Hint.BETTER_STATE:
            return page.say(N_("Well decorated"))
        case Hint.WITH_LIFT:
            return page.say(N_("With lift"))
        case Hint.NEWER:
            return page.say(N_("Built in %(year)s or later"), year=amount)


def price(page: PageWriter, listing: Listing) -> str:
    """The price, or the range of premiums."""
    low, high = listing.price, listing.facts.top(Feature.PRICE)
    said = page.formats.money(low, listing.currency)
    return said if high == low else f"{said} – {page.formats.money(high, listing.currency)}"


def in_short(page: PageWriter, listing: Listing) -> str:
    """The figures that everybody asks for first: 3 rooms · 89.5 m² · floor 12."""
    facts = listing.facts
    said = [
        figure(page, feature, facts.figures[feature])
        for feature in (Feature.ROOMS, Feature.SIZE, Feature.FLOOR)
        if feature in facts.figures
    ]
    said += [
        code(page, feature, facts.codes[feature])
        for feature in (Feature.ORIENTATION, Feature.POLICY_TYPE)
        if feature in facts.codes
    ]
    if Feature.TERM in facts.figures:
        said.append(figure(page, Feature.TERM, facts.figures[Feature.TERM]))
    return " · ".join(said)
