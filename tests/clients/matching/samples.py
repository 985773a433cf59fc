"""Needs and listings that tests of matching use, and Hypothesis strategies for any of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from services.clients.listings import model as listings
from services.clients.listings.features import CHOICES, FIGURES, Facts, Feature, Orientation
from services.clients.listings.model import Listing
from services.clients.listings.places import Place
from services.clients.needs import model as needs
from services.clients.needs.model import Condition, Need, Weight, Wish
from services.contracts.clients import ListingKind

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ESTATE: Place = ("上海", "静安", "曹家渡", "静安枫景")
PLACES: tuple[Place, ...] = (
    ESTATE,
    ("上海", "静安", "曹家渡", "达安花园"),
    ("上海", "静安", "南京西路", "四方新城"),
    ("上海", "徐汇", "田林", "田林新村"),
    ("杭州", "西湖", "文教", "求是村"),
)


def a_home(
    id_: str = "home",
    *,
    place: Place = ESTATE,
    kind: ListingKind = ListingKind.SALE,
    currency: str = "CNY",
    codes: dict[Feature, str] | None = None,
    **figures: int,
) -> Listing:
    """A home of three rooms in Jing'an for 5,000,000."""
    known = {Feature.PRICE: 500_000_000, Feature.ROOMS: 3, Feature.SIZE: 900}
    known.update({Feature(name): value for name, value in figures.items()})
    listing = Listing(
        id=id_,
        agent_id="lin",
        org_path=("acme", "east", "jingan", "team-1"),
        company_id="acme",
        kind=kind,
        title="静安枫景 3-1201",
        currency=currency,
        place=place,
        facts=Facts(
            known, codes if codes is not None else {Feature.ORIENTATION: Orientation.SOUTH.value}, {}
        ),
        added_at=AT,
    )
    return listings.offered(listing, "lin", AT)


def a_need(
    *,
    places: tuple[Place, ...] = (("上海", "静安"),),
    limits: tuple[Condition, ...] | None = None,
    wishes: tuple[Wish, ...] = (),
    **changed: Any,
) -> Need:
    """Somebody who wants two or three rooms in Jing'an for 4,000,000 to 5,500,000."""
    if limits is None:
        limits = (between(Feature.PRICE, 400_000_000, 550_000_000), between(Feature.ROOMS, 2, 3))
    need = Need("need", "client", "acme", ListingKind.SALE, "CNY", places, (), limits, wishes)
    return needs.settled(replace(need, **changed))


def between(feature: Feature, low: int | None = None, high: int | None = None) -> Condition:
    return Condition(feature, low, high)


def wish(condition: Condition, weight: Weight = Weight.IMPORTANT) -> Wish:
    return Wish(condition, weight)


_places = st.sampled_from([place[:level] for place in PLACES for level in range(1, 5)])
_prices = st.integers(1, 10**12) | st.integers(300_000_000, 700_000_000)


def _figure(feature: Feature) -> st.SearchStrategy[int]:
    bounds = FIGURES[feature]
    usual = {Feature.ROOMS: st.integers(0, 6), Feature.SIZE: st.integers(300, 2000), Feature.PRICE: _prices}
    return usual.get(feature, st.integers(bounds.lowest, bounds.highest))


_HOME_FIGURES = (Feature.LIVING_ROOMS, Feature.FLOOR, Feature.LIFT, Feature.PARKING, Feature.YEAR)
_HOME_CODES = (Feature.ORIENTATION, Feature.DECORATION)


@st.composite
def homes(draw: st.DrawFn) -> Listing:
    """Any home."""
    figures = {feature: draw(_figure(feature)) for feature in (Feature.PRICE, Feature.ROOMS, Feature.SIZE)}
    for feature in draw(st.sets(st.sampled_from(_HOME_FIGURES))):
        figures[feature] = draw(_figure(feature))
    codes = {
        feature: draw(st.sampled_from(CHOICES[feature]))
        for feature in draw(st.sets(st.sampled_from(_HOME_CODES)))
    }
    kind = draw(st.sampled_from([ListingKind.SALE, ListingKind.SALE, ListingKind.RENTAL]))
    listing = a_home(place=draw(st.sampled_from(PLACES)), kind=kind)
    return listings.settled(replace(listing, facts=Facts(figures, codes, {})))


@st.composite
def conditions(draw: st.DrawFn, features: tuple[Feature, ...]) -> tuple[Condition, ...]:
    """Conditions on some of these features, one on each."""
    said = []
    for feature in draw(st.lists(st.sampled_from(features), unique=True, max_size=5)):
        if feature is Feature.PLACE:
            said.append(Condition(feature, places=(draw(_places),)))
        elif feature in CHOICES:
            said.append(
                Condition(feature, one_of=tuple(draw(st.sets(st.sampled_from(CHOICES[feature]), min_size=1))))
            )
        else:
            low, high = sorted((draw(_figure(feature)), draw(_figure(feature))))
            ends = draw(st.sampled_from(["both", "low", "high"]))
            said.append(Condition(feature, low if ends != "high" else None, high if ends != "low" else None))
    return tuple(said)


_LIMITED = (Feature.PRICE, Feature.ROOMS, Feature.SIZE, Feature.LIFT, Feature.ORIENTATION)
_WISHED = (*_LIMITED, *_HOME_FIGURES[3:], Feature.DECORATION, Feature.PLACE)


@st.composite
def any_needs(draw: st.DrawFn) -> Need:
    """Any need of a home."""
    wished = draw(conditions(tuple(dict.fromkeys(_WISHED))))
    return a_need(
        places=tuple(draw(st.sets(_places, max_size=3))),
        avoid=tuple(draw(st.sets(_places.filter(lambda place: len(place) > 2), max_size=1))),
        limits=draw(conditions(_LIMITED)),
        wishes=tuple(Wish(each, draw(st.sampled_from(Weight))) for each in wished),
        kind=draw(st.sampled_from([ListingKind.SALE, ListingKind.SALE, ListingKind.RENTAL])),
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Need, Listing]:
    """A need and a listing, of which the one is often like the other."""
    need, home = draw(any_needs()), draw(homes())
    if draw(st.booleans()):
        price, rooms = home.price, home.facts.figures[Feature.ROOMS]
        about = between(
            Feature.PRICE,
            max(1, price - draw(st.integers(0, price // 2))),
            price + draw(st.integers(0, price)),
        )
        need = needs.settled(
            replace(
                need,
                kind=home.kind,
                avoid=(),
                places=(home.place[: draw(st.integers(1, 4))],),
                limits=(about, between(Feature.ROOMS, max(0, rooms - 1), rooms)),
            )
        )
    return need, home
