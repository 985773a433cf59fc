"""Showings: several homes in one outing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.errors import Conflict, Invalid
from services.clients.showings.model import (
    Home,
    Remark,
    Showing,
    Status,
    by_place,
    cancelled,
    confirmed,
    labels_of,
    moved,
    overlapping,
    recorded,
    route_of,
)
from services.contracts.clients import Intent
from tests.clients.samples import NOW, a_client

HOMES = labels_of(("静安枫景 3-1201", "  中远两湾城   88-602 "))


def a_showing() -> Showing:
    client = a_client()
    return Showing("s", client.id, "lin", client.org_path, NOW, HOMES)


def test_labels_are_cleaned() -> None:
    assert HOMES[1].label == "中远两湾城 88-602"


@pytest.mark.parametrize("labels", [(), ("",), ("x" * 61,), ("a", "a"), tuple(str(n) for n in range(13))])
def test_labels_are_few_short_and_different(labels: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        labels_of(labels)


def test_the_interest_of_a_showing_is_that_in_the_home_they_liked_best() -> None:
    seen = (Home(HOMES[0].label, 4, (Remark.LIKES_LIGHT,)), Home(HOMES[1].label, 2))
    done = recorded(a_showing(), seen, 50, None, Intent.REAL, NOW + timedelta(hours=1))
    assert (done.status, done.interest, done.minutes) == (Status.DONE, 4, 50)


def test_a_home_that_was_skipped_has_no_interest() -> None:
    seen = (Home(HOMES[0].label), Home(HOMES[1].label, 2))
    assert recorded(a_showing(), seen, 50, None, Intent.REAL, NOW).interest == 2


@pytest.mark.parametrize(
    "seen",
    [
        (Home(HOMES[0].label), Home(HOMES[1].label)),
        (Home(HOMES[0].label, 6), Home(HOMES[1].label)),
        (Home("another", 3), Home(HOMES[1].label)),
        (Home(HOMES[0].label, 3),),
    ],
)
def test_a_record_names_the_homes_and_says_how_much_they_were_liked(seen: tuple[Home, ...]) -> None:
    with pytest.raises(Invalid):
        recorded(a_showing(), seen, 50, None, Intent.REAL, NOW)


def test_a_showing_is_recorded_once_and_not_ahead_of_time() -> None:
    seen = (Home(HOMES[0].label, 3), Home(HOMES[1].label))
    with pytest.raises(Invalid):
        recorded(a_showing(), seen, 50, None, Intent.REAL, NOW - timedelta(minutes=1))
    done = recorded(a_showing(), seen, 50, None, Intent.REAL, NOW)
    with pytest.raises(Conflict):
        recorded(done, seen, 50, None, Intent.REAL, NOW)


def test_the_way_has_its_times() -> None:
    homes = (Home("a", minutes=20), Home("b", minutes=45))
    showing = replace(a_showing(), homes=homes)
    assert [begins for begins, _ in showing.stops] == [NOW, NOW + timedelta(minutes=20)]
    assert showing.ends_at == NOW + timedelta(minutes=65)


def test_a_first_order_keeps_together_what_lies_together() -> None:
    far, near, close = Home("far"), Home("near"), Home("close")
    asked = (
        ((), Home("by name")),
        (("上海", "徐汇"), far),
        (("上海", "静安", "a"), near),
        (("上海", "静安"), close),
    )
    assert [home.label for home in by_place(asked)] == ["far", "close", "near", "by name"]


@pytest.mark.parametrize("minutes", [4, 241])
def test_a_home_takes_minutes_that_can_be(minutes: int) -> None:
    with pytest.raises(Invalid):
        route_of((Home("a", minutes=minutes),))


@pytest.mark.parametrize(
    ("begins", "clashes"), [(-30, False), (-29, True), (0, True), (59, True), (60, False), (-500, False)]
)
def test_showings_at_the_same_time_overlap_and_those_that_meet_do_not(begins: int, clashes: bool) -> None:
    other = replace(a_showing(), id="other", starts_at=NOW + timedelta(minutes=begins), homes=(Home("a"),))
    assert bool(overlapping(a_showing(), (other,))) is clashes
    assert overlapping(a_showing(), (cancelled(other), a_showing())) == ()


def test_what_was_confirmed_for_another_moment_is_confirmed_anew() -> None:
    showing = confirmed(a_showing(), NOW)
    assert moved(showing, NOW, (Home("a"),)).confirmed_at == NOW
    assert moved(showing, NOW + timedelta(hours=1), showing.homes).confirmed_at is None


def test_what_is_over_is_neither_moved_nor_confirmed_nor_cancelled() -> None:
    over = cancelled(a_showing())
    for change in (cancelled, lambda it: confirmed(it, NOW), lambda it: moved(it, NOW, HOMES)):
        with pytest.raises(Conflict):
            change(over)


def test_a_record_keeps_which_listing_it_was_and_how_long_was_planned() -> None:
    planned = replace(a_showing(), homes=(Home("a", listing_id="listing", minutes=45),))
    done = recorded(planned, (Home("a", 4, (Remark.LIKES_LIGHT,)),), 50, None, Intent.REAL, NOW)
    assert done.homes == (Home("a", 4, (Remark.LIKES_LIGHT,), "listing", 45),)
