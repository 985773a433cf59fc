"""Birthdays, consent and filters: rules alone."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from services.chassis.personal_data.blind_index import BlindIndex
from services.chassis.personal_data.master_key import MASTER_KEY_BYTES, MasterKey
from services.clients.files.filters import Filters, Order, State
from services.clients.files.inputs import TagsForm, typed_birthday
from services.clients.files.people import (
    Birthday,
    Calendar,
    Channel,
    ConsentGiven,
    agrees,
    every_birthday,
    given,
    last,
    withdrawn,
)
from services.clients.files.personal import birthday_token, birthdays_by_token
from services.contracts.clients import ClientSource, Grade, Intent
from tests.clients.samples import NOW

INDEX = BlindIndex(MasterKey(b"k" * MASTER_KEY_BYTES), "clients")


@pytest.mark.parametrize(
    ("birthday", "text"),
    [
        (Birthday(2, 29), "solar-02-29"),
        (Birthday(3, 12, False, 1985), "solar-03-12/1985"),
        (Birthday(8, 15, True), "lunar-08-15"),
        (Birthday(6, 30, True, 1987, leap=True), "leap-06-30/1987"),
    ],
)
def test_a_birthday_is_read_as_it_was_written(birthday: Birthday, text: str) -> None:
    assert str(birthday) == text
    assert Birthday.parse(text) == birthday
    assert Birthday.of(birthday.calendar, birthday.month, birthday.day, birthday.year) == birthday


@pytest.mark.parametrize(
    "text",
    [
        "",
        "solar",
        "solar-13-01",
        "solar-02-30",
        "solar-04-31",
        "lunar-01-31",
        "moon-01-01",
        "solar-1-x",
        "***",
    ],
)
def test_a_day_that_no_year_has_is_no_birthday(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Birthday.parse(text)
    assert typed_birthday(text) == {"birth_calendar": Calendar.SOLAR}


def test_only_who_holds_the_key_knows_which_day_a_token_means() -> None:
    days = list(every_birthday())
    assert len(days) == len(set(days)) == 366 + 2 * 360
    meant = birthdays_by_token(INDEX)
    assert len(meant) == len(days)
    born = Birthday(8, 15, True, 1985)
    assert meant[birthday_token(INDEX, born)] == replace(born, year=None)
    other = BlindIndex(MasterKey(b"x" * MASTER_KEY_BYTES), "clients")
    assert birthday_token(other, born) not in meant


def test_a_consent_holds_until_it_is_taken_back_and_can_be_given_again() -> None:
    consents = given((), Channel.CALL, ConsentGiven.IN_PERSON, NOW)
    assert agrees(consents, Channel.CALL)
    assert not agrees(consents, Channel.EMAIL)
    assert given(consents, Channel.CALL, ConsentGiven.ONLINE, NOW) == consents
    later = NOW + timedelta(days=1)
    back = withdrawn(consents, Channel.CALL, later)
    assert not agrees(back, Channel.CALL)
    assert withdrawn(back, Channel.CALL, NOW + timedelta(days=2)) == back
    again = given(back, Channel.CALL, ConsentGiven.ONLINE, NOW + timedelta(days=3))
    assert agrees(again, Channel.CALL)
    assert len(again) == 2, "what was said before stays"
    newest = last(again, Channel.CALL)
    assert newest is not None
    assert newest.given is ConsentGiven.ONLINE


def test_every_condition_of_a_list_can_be_said_and_taken_away() -> None:
    full = Filters(State.LOST, Grade.A, Intent.REAL, ClientSource.REFERRAL, True, 15, "学区房")
    assert set(full.query()) == {field.name for field in fields(Filters)}
    assert Filters().query() == {"state": "planned"}
    plain = full
    for field in fields(Filters):
        plain = plain.without(field.name)
    assert plain == Filters()
    assert not plain.narrowed
    assert full.narrowed


@pytest.mark.parametrize(
    ("filters", "order"),
    [
        (Filters(), Order.DUE),
        (Filters(grade=Grade.A, overdue=True), Order.DUE),
        (Filters(State.UNPLANNED), Order.NEWEST),
        (Filters(silent_days=7), Order.SILENT),
        (Filters(tag="x", silent_days=7), Order.NEWEST),
    ],
)
def test_what_stands_first_follows_from_what_is_asked(filters: Filters, order: Order) -> None:
    assert filters.order is order


def test_tags_are_typed_with_either_comma_and_stand_once() -> None:
    assert TagsForm(tags=" 学区房，全款, 学区房 ,, new  home").listed() == ["学区房", "全款", "new home"]
