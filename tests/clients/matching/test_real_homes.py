"""Matching on houses that were really sold: what invented ones would not have shown."""

from collections import Counter
from statistics import median

import pytest

from services.chassis.mongo import Mongo
from services.chassis.records import CONVERTER
from services.clients.listings.features import Feature
from services.clients.listings.model import Listing
from services.clients.listings.store import LISTINGS
from services.clients.matching.finding import listings_for, needs_for, offer_of
from services.clients.matching.model import judge
from services.clients.matching.ranking import RARE_AT_MOST
from services.clients.needs.model import Condition, Need, Weight, Wish
from services.clients.needs.store import NEEDS
from tests.clients.matching.samples import a_need, between, wish
from tests.clients.matching.windsor import houses

HOUSES = tuple(houses())
PREFERRED = Condition(Feature.PLACE, places=(("Windsor", "preferred"),))


def buyer(house: Listing, number: int) -> Need:
    """Somebody who would have bought this house: around its price, so many rooms, and wishes of their own."""
    rooms, size = house.facts.figures[Feature.ROOMS], house.facts.figures[Feature.SIZE]
    return a_need(
        id=f"need-{number:03}",
        client_id=f"client-{number:03}",
        currency="CAD",
        places=(("Windsor",),),
        limits=(
            between(Feature.PRICE, house.price * 85 // 100, house.price * 110 // 100),
            between(Feature.ROOMS, rooms, rooms + 1),
        ),
        wishes=(
            wish(between(Feature.SIZE, size), Weight.IMPORTANT),
            wish(between(Feature.PARKING, 1), Weight.NICE),
            Wish(PREFERRED, Weight.NICE),
        ),
    )


BUYERS = tuple(buyer(house, number) for number, house in enumerate(HOUSES))


def test_they_are_all_there() -> None:
    assert len(HOUSES) == 546
    assert (min(each.price for each in HOUSES), max(each.price for each in HOUSES)) == (2_500_000, 19_000_000)
    assert Counter(each.facts.figures[Feature.ROOMS] for each in HOUSES)[3] == 301


def test_the_house_that_somebody_bought_suits_them() -> None:
    for need, house in zip(BUYERS, HOUSES, strict=True):
        verdict = judge(need, offer_of(house))
        assert verdict is not None
        assert verdict.suits
        assert set(need.keys) & set(house.keys)


def test_the_index_finds_in_a_real_market_all_that_the_rule_finds() -> None:
    for need in BUYERS[::7]:
        for house in HOUSES:
            verdict = judge(need, offer_of(house))
            assert verdict is not None
            if verdict.suits or verdict.comparable:
                assert set(need.keys) & set(house.keys)


def test_scores_tell_real_houses_apart() -> None:
    """Not all the same, and few perfect: otherwise an order by score would be no order."""
    for need in BUYERS[::25]:
        scores = [
            verdict.score
            for house in HOUSES
            if (verdict := judge(need, offer_of(house))) is not None and verdict.suits
        ]
        if len(scores) > 10:
            assert len(set(scores)) >= 5
            assert sum(score == 100 for score in scores) <= len(scores) / 2


def test_whole_markets_are_neither_rare_nor_flooded() -> None:
    """Of houses at the edges little suits; in the middle there is plenty. Rare is not the rule."""
    counts = []
    for need in BUYERS[::5]:
        verdicts = [judge(need, offer_of(house)) for house in HOUSES]
        counts.append(sum(verdict is not None and verdict.suits for verdict in verdicts))
    assert 20 <= median(counts) <= 200
    rare = sum(count <= RARE_AT_MOST + 1 for count in counts)
    assert 0 < rare < len(counts) / 5


@pytest.fixture
async def market(mongo: Mongo) -> Mongo:
    """The houses and their buyers, as the store keeps them."""

    def kept(value: Listing | Need) -> dict[str, object]:
        document = CONVERTER.unstructure(value)
        return {"_id": document.pop("id"), "version": 1, "sequence": 0, "last_event_id": "", **document}

    await mongo.collection(LISTINGS.collection).insert_many([kept(house) for house in HOUSES])
    await mongo.collection(NEEDS.collection).insert_many([kept(need) for need in BUYERS])
    return mongo


async def test_both_ways_agree_house_by_house(market: Mongo) -> None:
    suited = {
        (need.id, row.offer.id): row.verdict
        for need in BUYERS[::20]
        for row in (await listings_for(market, need)).suiting
    }
    assert suited
    for house in HOUSES[::3]:
        back = {row.need.id: row.verdict for row in (await needs_for(market, house)).suiting}
        for need in BUYERS[::20]:
            assert back.get(need.id) == suited.get((need.id, house.id))
