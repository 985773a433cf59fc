"""Shares to the last cent, the stages of a deal, and money as people type it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.access import Access, Grant
from services.chassis.errors import Conflict, Invalid
from services.clients.deals import model, sight
from services.clients.deals.forms import ShareFields, TermsForm
from services.clients.deals.model import (
    MOST_MONEY,
    WHOLE,
    Confirming,
    Deal,
    Share,
    Stage,
    Terms,
    Undoing,
    amounts,
)
from services.clients.deals.money import basis_points, major_units, minor_units, percent
from services.contracts.clients import DealKind, DealPart
from services.contracts.organisation import Role
from tests.clients.samples import NOW

TEAM = ("acme", "east", "jingan", "team-1")
TODAY = date(2026, 11, 23)
LIN = Share("lin", TEAM, DealPart.CLOSER, 6_000)
ZHAO = Share("zhao", TEAM, DealPart.KEEPER, 4_000)
DEAL = Deal(
    id="deal",
    client_id="client",
    agent_id="lin",
    org_path=TEAM,
    listing_id=None,
    kind=DealKind.SALE,
    amount=538_000_000,
    commission=10_760_001,
    currency="CNY",
    shares=(LIN, ZHAO),
    people=("lin", "zhao"),
    opened_at=NOW,
)


def terms(*shares: Share, amount: int = 100, commission: int = 10) -> Terms:
    return Terms(None, DealKind.SALE, amount, commission, "CNY", shares)


@pytest.mark.parametrize(
    ("commission", "points", "expected"),
    [
        (10_760_001, (6_000, 4_000), (6_456_001, 4_304_000)),
        (100, (3_333, 3_333, 3_334), (33, 33, 34)),
        (1, (5_000, 5_000), (1, 0)),
        (1, (4_000, 6_000), (0, 1)),
        (2, (3_333, 3_333, 3_334), (1, 0, 1)),
        (0, (5_000, 5_000), (0, 0)),
        (7, (10_000,), (7,)),
        (10, (2_500, 2_500, 2_500, 2_500), (3, 3, 2, 2)),
        (MOST_MONEY, (1, 9_999), (10**11, MOST_MONEY - 10**11)),
    ],
)
def test_a_commission_is_shared_to_the_last_cent(
    commission: int, points: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert amounts(commission, points) == expected


@st.composite
def whole(draw: st.DrawFn) -> list[int]:
    cuts = draw(st.lists(st.integers(1, WHOLE - 1), max_size=7, unique=True))
    edges = [0, *sorted(cuts), WHOLE]
    return [b - a for a, b in pairwise(edges)]


@given(st.integers(0, MOST_MONEY), whole())
def test_shares_always_add_up_and_nobody_is_a_cent_away_from_what_is_theirs(
    commission: int, points: list[int]
) -> None:
    parts = amounts(commission, points)
    assert sum(parts) == commission
    assert all(
        abs(part * WHOLE - commission * point) < WHOLE for part, point in zip(parts, points, strict=True)
    )


@given(st.integers(0, MOST_MONEY), whole(), st.randoms())
def test_who_has_more_of_the_whole_never_gets_less(
    commission: int, points: list[int], chance: object
) -> None:
    parts = amounts(commission, points)
    for one, mine in zip(points, parts, strict=True):
        for other, theirs in zip(points, parts, strict=True):
            assert one <= other or mine >= theirs


@pytest.mark.parametrize("points", [(5_000, 4_999), (5_000, 5_001), (), (-1, 10_001)])
def test_parts_that_are_not_the_whole_share_nothing(points: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="whole"):
        amounts(100, points)


@pytest.mark.parametrize(
    "wrong",
    [
        terms(),
        terms(replace(LIN, basis_points=5_999), ZHAO),
        terms(replace(LIN, basis_points=6_001), ZHAO),
        terms(LIN, replace(LIN, basis_points=4_000)),
        terms(replace(LIN, basis_points=10_000), replace(ZHAO, basis_points=0)),
        terms(*(replace(LIN, agent_id=str(n), basis_points=1_111 + (n == 0)) for n in range(9))),
        terms(LIN, ZHAO, amount=-1),
        terms(LIN, ZHAO, commission=MOST_MONEY + 1),
    ],
)
def test_terms_that_do_not_add_up_are_refused(wrong: Terms) -> None:
    with pytest.raises(Invalid):
        model.checked(wrong)


def test_one_person_may_have_two_parts() -> None:
    both = terms(LIN, replace(LIN, part=DealPart.FINDER, basis_points=4_000))
    assert model.checked(both) == both


def test_a_deal_goes_from_offer_to_payment() -> None:
    deal = model.signed(DEAL, TODAY, None, TODAY, needs_confirming=True, at=NOW)
    assert (deal.stage, deal.counts) == (Stage.PROPOSED, False)
    deal = model.confirmed(deal, "sun", NOW)
    assert (deal.stage, deal.counts, deal.confirmed_by) == (Stage.SIGNED, True, "sun")
    assert model.in_force(deal).counts
    assert not model.undone(deal, Undoing.FINANCING, NOW).counts


def test_a_deal_that_needs_no_word_counts_with_the_signature() -> None:
    deal = model.signed(DEAL, TODAY, None, TODAY, needs_confirming=False, at=NOW)
    assert (deal.stage, deal.counted_at) == (Stage.SIGNED, NOW)


def test_what_is_sent_back_can_be_changed_and_signed_again() -> None:
    deal = model.sent_back(model.signed(DEAL, TODAY, TODAY, TODAY, needs_confirming=True, at=NOW))
    assert (deal.stage, deal.signed_on) == (Stage.NEGOTIATING, None)
    changed = model.changed(deal, terms(replace(LIN, basis_points=10_000)))
    assert changed.people == ("lin",)


SIGNED = model.signed(DEAL, TODAY, None, TODAY, needs_confirming=False, at=NOW)
VOID = model.undone(SIGNED, Undoing.OTHER, NOW)


@pytest.mark.parametrize(
    "step",
    [
        lambda: model.changed(SIGNED, terms(LIN, ZHAO)),
        lambda: model.signed(SIGNED, TODAY, None, TODAY, needs_confirming=False, at=NOW),
        lambda: model.confirmed(SIGNED, "sun", NOW),
        lambda: model.confirmed(DEAL, "sun", NOW),
        lambda: model.sent_back(SIGNED),
        lambda: model.in_force(DEAL),
        lambda: model.in_force(VOID),
        lambda: model.undone(VOID, Undoing.OTHER, NOW),
        lambda: model.signed(VOID, TODAY, None, TODAY, needs_confirming=False, at=NOW),
    ],
)
def test_no_step_is_taken_out_of_turn(step: object) -> None:
    with pytest.raises(Conflict):
        step()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("signed_on", "starts_on"),
    [
        (TODAY + timedelta(days=1), None),
        (TODAY - timedelta(days=2000), None),
        (TODAY, TODAY + timedelta(days=2000)),
    ],
)
def test_a_signature_is_of_today_or_before(signed_on: date, starts_on: date | None) -> None:
    with pytest.raises(Invalid):
        model.signed(DEAL, signed_on, starts_on, TODAY, needs_confirming=False, at=NOW)


def test_only_what_is_not_signed_goes_to_a_new_agent() -> None:
    assert model.moved(DEAL, "qian", TEAM).people == ("qian", "lin", "zhao")
    assert model.moved(SIGNED, "qian", TEAM) == SIGNED


@pytest.mark.parametrize(
    ("chain", "commission", "expected"),
    [
        ([], 1, True),
        ([Confirming("acme", 1000)], 999, False),
        ([Confirming("acme", 1000)], 1000, True),
        ([Confirming("acme", 1000), Confirming("jingan", None)], 10**9, False),
        ([Confirming("acme", None), Confirming("jingan", 0)], 0, True),
    ],
)
def test_the_nearest_unit_says_from_when_on_shares_are_confirmed(
    chain: list[Confirming], commission: int, expected: bool
) -> None:
    assert model.must_be_confirmed(commission, chain) is expected


def access(person: str, *roles: Role, unit: tuple[str, ...] = TEAM) -> Access:
    grants = tuple(Grant(role, unit[-1], unit) for role in roles)
    return Access(person, person, grants, unit[-1], unit)


@pytest.mark.parametrize(
    ("who", "sees", "writes", "confirms"),
    [
        (access("lin", Role.AGENT), True, True, False),
        (access("zhao", Role.AGENT), True, False, False),
        (access("wang", Role.AGENT), False, False, False),
        (access("sun", Role.SUPERVISOR), True, True, True),
        (access("manager", Role.BRANCH_MANAGER, unit=TEAM[:3]), True, True, True),
        (access("trainer", Role.TRAINER, unit=TEAM[:3]), True, False, False),
        (access("head", Role.HEAD_OFFICE, unit=TEAM[:1]), True, False, False),
        (access("ops", Role.OPERATIONS, unit=TEAM[:1]), False, False, False),
        (access("other", Role.BRANCH_MANAGER, unit=("acme", "east", "pudong")), False, False, False),
    ],
)
def test_who_sees_writes_and_confirms(who: Access, sees: bool, writes: bool, confirms: bool) -> None:
    assert (sight.sees(who, DEAL), sight.may_write(who, DEAL), sight.may_confirm(who, DEAL)) == (
        sees,
        writes,
        confirms,
    )


def test_a_supervisor_does_not_confirm_a_share_of_their_own() -> None:
    own = replace(DEAL, people=("lin", "zhao", "sun"))
    assert not sight.may_confirm(access("sun", Role.SUPERVISOR), own)
    assert sight.may_confirm(access("manager", Role.BRANCH_MANAGER, unit=TEAM[:3]), own)


def test_the_agent_undoes_an_offer_and_not_what_counts() -> None:
    agent = access("lin", Role.AGENT)
    assert sight.may_undo(agent, DEAL)
    assert not sight.may_undo(agent, SIGNED)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("5380000", "CNY", 538_000_000),
        ("5,380,000.01", "CNY", 538_000_001),
        ("538万", "CNY", 538_000_000),
        ("￥1.5 亿", "CNY", 15_000_000_000),
        ("1200", "JPY", 1200),
        ("0", "EUR", 0),
    ],
)
def test_money_as_people_type_it(typed: str, currency: str, minor: int) -> None:
    assert minor_units(typed, currency, "/amount") == minor


@pytest.mark.parametrize(
    "typed", ["", "-1", "1.001", "1e9", "abc", "万", "٣", "9" * 25, "1.2.3", "100000000000000000"]
)
def test_what_is_no_money(typed: str) -> None:
    with pytest.raises(Invalid):
        minor_units(typed, "CNY", "/amount")


@given(st.integers(0, MOST_MONEY))
def test_money_in_a_form_comes_back_as_it_was(minor: int) -> None:
    for currency in ("CNY", "JPY"):
        assert minor_units(major_units(minor, currency), currency, "/amount") == minor


@given(st.integers(1, WHOLE))
def test_a_share_in_a_form_comes_back_as_it_was(points: int) -> None:
    assert basis_points(percent(points), "/shares/0/percent") == points


def test_a_form_says_everything_that_is_wrong_at_once_and_leaves_out_empty_rows() -> None:
    shares = {
        "0": ShareFields(agent_id="lin", percent="abc"),
        "1": ShareFields(),
        "2": ShareFields(percent="50"),
    }
    form = TermsForm(kind=DealKind.SALE, amount="x", commission="1", shares=shares)
    with pytest.raises(Invalid) as refused:
        form.terms()
    assert [error.pointer for error in refused.value.errors] == [
        "/amount",
        "/shares/0/percent",
        "/shares/2/agent_id",
    ]
