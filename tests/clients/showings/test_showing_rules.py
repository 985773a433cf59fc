"""Showings: several homes in one outing."""

from datetime import timedelta

import pytest

from services.chassis.errors import Conflict, Invalid
from services.clients.showings.model import Home, Remark, Showing, Status, labels_of, recorded
from services.contracts.clients import Intent
from tests.clients.samples import NOW, a_client

HOMES = labels_of(("静安枫景 3-1201", "  中远两湾城   88-602 "))


def a_showing() -> Showing:
    client = a_client()
    return Showing("s", client.id, client.agent_id, client.org_path, NOW, HOMES)


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
