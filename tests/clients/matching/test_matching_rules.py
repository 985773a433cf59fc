"""Matching: hard limits decide, wishes weigh, and every score explains itself."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from services.chassis.errors import Invalid
from services.clients.listings.features import Facts, Feature
from services.clients.listings.model import Listing, settled
from services.clients.listings.places import Place
from services.clients.matching import buckets
from services.clients.matching.finding import offer_of
from services.clients.matching.model import Outcome, Verdict, judge, judge_if_near, shares
from services.clients.needs.model import Condition, Need, Weight, Wish, buckets_to_ask, closed
from services.contracts.clients import ListingKind
from tests.clients.matching.samples import ESTATE, a_home, a_need, between, pairs, wish

FINE = Condition(Feature.DECORATION, one_of=("fine", "luxury"))


def verdict(need: Need, **home: object) -> Verdict:
    judged = judge(need, offer_of(a_home(**home)))  # type: ignore[arg-type]
    assert judged is not None
    return judged


@pytest.mark.parametrize(
    ("home", "broken", "missed_by", "comparable"),
    [
        ({}, None, None, False),
        ({"price": 550_000_000}, None, None, False),
        ({"price": 560_000_000}, Feature.PRICE, 10_000_000, True),
        ({"price": 605_000_000}, Feature.PRICE, 55_000_000, True),
        ({"price": 605_000_001}, Feature.PRICE, 55_000_001, False),
        ({"price": 360_000_000}, Feature.PRICE, -40_000_000, True),
        ({"price": 359_999_999}, Feature.PRICE, -40_000_001, False),
        ({"rooms": 4}, Feature.ROOMS, 1, False),
        ({"rooms": 1}, Feature.ROOMS, -1, False),
        ({"place": ("上海", "徐汇", "田林")}, Feature.PLACE, None, False),
        ({"place": ("上海", "静安")}, None, None, False),
    ],
)
def test_hard_limits_decide_and_a_little_beside_one_is_comparable(
    home: dict[str, object], broken: Feature | None, missed_by: int | None, comparable: bool
) -> None:
    judged = verdict(a_need(), **home)
    assert judged.suits is (broken is None)
    assert [gap.condition.feature for gap in judged.gaps] == ([broken] if broken else [])
    assert [gap.missed_by for gap in judged.gaps] == ([missed_by] if broken else [])
    assert judged.comparable is comparable


def test_two_limits_that_are_broken_a_little_make_nothing_comparable() -> None:
    limits = (between(Feature.PRICE, None, 490_000_000), between(Feature.SIZE, 950))
    judged = verdict(a_need(limits=limits))
    assert len(judged.gaps) == 2
    assert not judged.comparable


def test_what_nobody_wrote_down_does_not_keep_a_hard_limit() -> None:
    assert not verdict(a_need(limits=(between(Feature.LIFT, 1),))).suits
    assert verdict(a_need(limits=(between(Feature.LIFT, 1),)), lift=1).suits


def test_a_place_to_avoid_decides_inside_a_wanted_one() -> None:
    need = a_need(avoid=(ESTATE[:3],))
    assert not verdict(need).suits
    assert verdict(need, place=("上海", "静安", "南京西路")).suits


@pytest.mark.parametrize(
    ("condition", "home", "points", "outcome", "missed_by"),
    [
        (between(Feature.SIZE, 900), {}, 100, Outcome.MET, None),
        (between(Feature.SIZE, 1000), {}, 60, Outcome.PARTLY, -100),
        (between(Feature.SIZE, 1200), {}, 0, Outcome.MISSED, -300),
        (between(Feature.PRICE, None, 450_000_000), {}, 44, Outcome.PARTLY, 50_000_000),
        (between(Feature.ROOMS, 4), {}, 50, Outcome.PARTLY, -1),
        (between(Feature.FLOOR, 5, 12), {}, 0, Outcome.UNKNOWN, None),
        (between(Feature.FLOOR, 5, 12), {"floor": 15}, 50, Outcome.PARTLY, 3),
        (between(Feature.LIFT, 1), {"lift": 0}, 0, Outcome.MISSED, -1),
        (FINE, {}, 0, Outcome.UNKNOWN, None),
        (FINE, {"codes": {Feature.DECORATION: "bare"}}, 0, Outcome.MISSED, None),
        (FINE, {"codes": {Feature.DECORATION: "fine"}}, 100, Outcome.MET, None),
        (Condition(Feature.PLACE, places=(ESTATE[:3],)), {}, 100, Outcome.MET, None),
        (Condition(Feature.PLACE, places=(("上海", "静安", "南京西路"),)), {}, 50, Outcome.PARTLY, None),
        (Condition(Feature.PLACE, places=(("上海", "徐汇"),)), {}, 50, Outcome.PARTLY, None),
        (Condition(Feature.PLACE, places=(("杭州",),)), {}, 0, Outcome.MISSED, None),
    ],
)
def test_a_wish_earns_what_the_listing_leaves_of_it(
    condition: Condition, home: dict[str, object], points: int, outcome: Outcome, missed_by: int | None
) -> None:
    judged = verdict(a_need(wishes=(Wish(condition),)), **home)
    (part,) = judged.parts
    assert (part.points, part.outcome) == (points, outcome)
    if outcome is not Outcome.MET:
        assert part.missed_by == missed_by
    assert judged.score == points


def test_a_score_says_what_each_wish_added() -> None:
    need = a_need(
        wishes=(
            wish(between(Feature.SIZE, 1000), Weight.IMPORTANT),
            wish(Condition(Feature.ORIENTATION, one_of=("south", "north_south")), Weight.VERY_IMPORTANT),
            wish(between(Feature.LIFT, 1), Weight.NICE),
        )
    )
    judged = verdict(need, lift=1, size=935)
    assert [(part.points, part.of) for part in judged.parts] == [(21, 29), (57, 57), (14, 14)]
    assert judged.score == 92


def test_who_wishes_nothing_is_suited_wholly() -> None:
    assert verdict(a_need()).score == 100


@pytest.mark.parametrize("changed", [{"kind": ListingKind.RENTAL}, {"currency": "USD"}])
def test_another_kind_or_currency_is_not_compared(changed: dict[str, object]) -> None:
    assert judge(a_need(), offer_of(a_home(**changed))) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "weights", [[1], [1, 1, 1], [4, 2, 1, 1], [1] * 7, [4, 4, 4, 1, 1, 2, 2, 2, 1, 1, 1, 4]]
)
def test_all_points_are_shared_out(weights: list[int]) -> None:
    assert sum(shares(tuple(weights))) == 100


@given(pairs())
@settings(max_examples=300, deadline=None)
def test_a_score_explains_itself_and_a_broken_limit_never_matches(pair: tuple[Need, Listing]) -> None:
    need, home = pair
    judged = judge(need, offer_of(home))
    assume(judged is not None)
    assert judged is not None
    assert 0 <= judged.score <= 100
    if judged.parts:
        assert judged.score == sum(part.points for part in judged.parts)
        assert sum(part.of for part in judged.parts) == 100
    for part in judged.parts:
        assert 0 <= part.points <= part.of
        assert (part.points == part.of) is (part.outcome is Outcome.MET) or part.of <= 1
        if part.outcome in (Outcome.PARTLY, Outcome.MISSED):
            measured = part.wish.condition.at_least is not None or part.wish.condition.at_most is not None
            assert (part.missed_by is not None) is measured
    assert judged.suits is not bool(judged.gaps)
    assert not (judged.suits and judged.comparable)


@given(pairs())
@settings(max_examples=500, deadline=None)
def test_the_index_never_loses_what_the_rule_finds(pair: tuple[Need, Listing]) -> None:
    need, home = pair
    judged = judge(need, offer_of(home))
    if judged is not None and (judged.suits or judged.comparable):
        assert set(need.keys) & set(home.keys)
        assert set(buckets_to_ask(need)) & set(home.keys)
        assert need.lowest <= home.price <= need.highest
        assert judge_if_near(need, offer_of(home)) == judged
    else:
        assert judge_if_near(need, offer_of(home)) is None


@given(pairs())
@settings(max_examples=100, deadline=None)
def test_a_need_costs_few_entries_and_a_question_stays_in_the_order_of_the_index(
    pair: tuple[Need, Listing],
) -> None:
    need, home = pair
    assert len(need.keys) <= 6 * 3 * buckets.KEPT_BANDS
    assert len(buckets_to_ask(need)) <= buckets.MOST_ASKED
    assert len(home.keys) <= 5 * 2 * 4


def test_bands_grow_with_the_amount() -> None:
    bands = [buckets.band(amount) for amount in range(1, 5000)]
    assert bands == sorted(bands)
    assert len(set(bands[4000:])) < 8


def test_a_closed_need_lies_in_no_bucket() -> None:
    assert closed(a_need()).keys == ()


POLICY = Facts(
    {Feature.PRICE: 500_000, Feature.AGE: 18, Feature.TERM: 20},
    {Feature.POLICY_TYPE: "critical_illness"},
    {Feature.PRICE: 2_000_000, Feature.AGE: 55},
)


@pytest.mark.parametrize(
    ("limits", "suits"),
    [
        ((between(Feature.PRICE, 300_000, 600_000),), True),
        ((between(Feature.PRICE, None, 499_999),), False),
        ((between(Feature.AGE, 40, 40),), True),
        ((between(Feature.AGE, 60, 60),), False),
        ((Condition(Feature.POLICY_TYPE, one_of=("critical_illness", "life")),), True),
        ((Condition(Feature.POLICY_TYPE, one_of=("life",)),), False),
    ],
)
def test_policies_are_matched_by_ranges_that_meet(limits: tuple[Condition, ...], suits: bool) -> None:
    policy = settled(replace(a_home(), kind=ListingKind.POLICY, place=(), facts=POLICY))
    need = a_need(kind=ListingKind.POLICY, places=(), limits=limits)
    judged = judge(need, offer_of(policy))
    assert judged is not None
    assert judged.suits is suits
    if suits:
        assert set(need.keys) & set(policy.keys)


@pytest.mark.parametrize(
    "changed",
    [
        {"limits": (between(Feature.PRICE),)},
        {"limits": (between(Feature.PRICE, 5, 4),)},
        {"limits": (between(Feature.ROOMS, 0, 99),)},
        {"limits": (between(Feature.AGE, 30, 30),)},
        {"limits": (between(Feature.SIZE, 900), between(Feature.SIZE, 950))},
        {"wishes": (Wish(Condition(Feature.ORIENTATION, one_of=("up",))),)},
        {"wishes": (Wish(Condition(Feature.PLACE)),)},
        {"places": tuple((f"{number}",) for number in range(7))},
        {"places": (("a", "b", "c", "d", "e"),)},
        {"kind": ListingKind.POLICY, "limits": ()},
    ],
)
def test_a_need_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        a_need(**changed)  # type: ignore[arg-type]


def test_places_lie_in_those_above() -> None:
    place: Place = ("上海", "静安", "曹家渡")
    assert not verdict(a_need(places=(ESTATE,)), place=place).suits
    assert verdict(a_need(places=(("上海",),)), place=place).suits
