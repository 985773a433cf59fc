"""Two files become one, and two again: rules alone."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.clients.cadence.hours import ContactHours
from services.clients.files.merge_model import merged, unmerged
from services.clients.files.model import Client, Standing
from services.clients.files.people import (
    Channel,
    Consent,
    ConsentGiven,
    FamilyMember,
    KeptBirthday,
    Relation,
    agrees,
)
from services.clients.files.personal import PHONES
from services.contracts.clients import Grade
from tests.clients.samples import NOW, a_client

_DAYS = st.integers(0, 60).map(lambda days: NOW - timedelta(days=days))
_LEFT, _RIGHT = "left", "right"


def _consents() -> st.SearchStrategy[tuple[Consent, ...]]:
    one = st.builds(
        Consent,
        channel=st.sampled_from(Channel),
        given_at=_DAYS,
        given=st.sampled_from(ConsentGiven),
        withdrawn_at=st.none() | _DAYS,
    )
    return st.lists(one, max_size=3, unique=True).map(tuple)


@st.composite
def _clients(draw: st.DrawFn, side: str) -> Client:
    """Files whose phones, family and id are their own; names and tags may be shared."""
    names = st.sampled_from(["name", "address", "income", *PHONES])
    sealed = {
        name: side.encode() + value
        for name, value in draw(st.dictionaries(names, st.sampled_from([b"x", b"y"]), max_size=6)).items()
    }
    members = st.builds(
        FamilyMember,
        id=st.sampled_from([f"{side}-{number}" for number in range(3)]),
        relation=st.sampled_from(Relation),
        sealed=st.just({"name": side.encode()}),
    )
    family = tuple({each.id: each for each in draw(st.lists(members, max_size=3))}.values())
    tags = draw(st.lists(st.sampled_from("abc"), max_size=3, unique=True))
    touched = draw(_DAYS)
    return replace(
        a_client(draw(st.none() | st.sampled_from(Grade)), touched, id_=side),
        sealed=sealed,
        phone_indexes=tuple(f"{side}-{name}" for name in sealed if name in PHONES),
        tokens=tuple(sorted(tags)),
        birthdays=tuple(KeptBirthday(each.id, "day") for each in family),
        family=family,
        consents=draw(_consents()),
        tags=tuple(tags),
        standing=Standing(touched_at=touched, tries=draw(st.integers(0, 3)), lost=draw(st.booleans())),
        deals=draw(st.integers(0, 3)),
        hours=draw(st.none() | st.just(ContactHours(540, 600))),
    )


@given(_clients(_LEFT), _clients(_RIGHT))
@settings(max_examples=200, deadline=None)
def test_a_merge_that_is_undone_leaves_the_file_as_it_was(kept: Client, double: Client) -> None:
    assert unmerged(merged(kept, double), kept, double) == kept


@given(_clients(_LEFT), _clients(_RIGHT))
@settings(max_examples=100, deadline=None)
def test_a_merge_loses_nothing_and_never_adds_a_consent(kept: Client, double: Client) -> None:
    one = merged(kept, double)
    assert set(one.phone_indexes) == {*kept.phone_indexes, *double.phone_indexes}
    assert {each.id for each in one.family} == {each.id for each in (*kept.family, *double.family)}
    assert one.sealed.items() >= kept.sealed.items()
    assert one.deals == kept.deals + double.deals
    assert set(one.tokens) == {*kept.tokens, *double.tokens}
    for channel in Channel:
        if agrees(one.consents, channel):
            assert agrees(kept.consents, channel) or agrees(double.consents, channel)


@given(_clients(_LEFT), _clients(_RIGHT))
@settings(max_examples=100, deadline=None)
def test_what_was_changed_since_stays_when_the_merge_is_undone(kept: Client, double: Client) -> None:
    one = merged(kept, double)
    since = replace(one, sealed={**one.sealed, "name": b"since"}, tags=(*one.tags, "since"))
    back = unmerged(since, kept, double)
    assert back.sealed["name"] == b"since"
    assert "since" in back.tags
    assert back.phone_indexes == kept.phone_indexes
    assert {each.id for each in back.family} == {each.id for each in kept.family}


def test_the_phones_of_both_find_places_and_the_first_stays_the_first() -> None:
    kept = replace(a_client(), sealed={"name": b"n", "phone": b"1", "phone_3": b"3"})
    double = replace(a_client(id_="other"), sealed={"name": b"m", "phone": b"4", "phone_2": b"5"})
    one = merged(kept, double)
    assert one.sealed["phone"] == b"1"
    assert sorted(one.sealed[name] for name in PHONES if name in one.sealed) == [b"1", b"3", b"4", b"5"]
    assert one.sealed["name"] == b"n"


def test_a_consent_taken_back_in_one_file_is_taken_back_in_both() -> None:
    earlier, later = NOW - timedelta(days=9), NOW - timedelta(days=2)
    agreed = Consent(Channel.CALL, earlier, ConsentGiven.IN_PERSON)
    back = Consent(Channel.CALL, earlier, ConsentGiven.BY_PHONE, withdrawn_at=later)
    again = Consent(Channel.CALL, NOW, ConsentGiven.IN_WRITING)
    kept, double = replace(a_client(), consents=(agreed,)), replace(a_client(id_="b"), consents=(back,))
    assert not agrees(merged(kept, double).consents, Channel.CALL)
    assert not agrees(merged(double, kept).consents, Channel.CALL)
    assert agrees(merged(kept, replace(double, consents=(back, again))).consents, Channel.CALL)


def test_the_longer_cooling_off_holds_after_a_merge() -> None:
    kept, double = a_client(), a_client(id_="b")
    until = NOW + timedelta(days=7)
    quiet = replace(double, standing=replace(double.standing, quiet_until=until))
    assert merged(kept, quiet).standing.quiet_until == until
