"""What a client says of a listing narrows the need: suggested, and taken or left with one tap."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.errors import Conflict
from services.clients.listings.features import Feature
from services.clients.matching.commands import GiveFeedback, give_feedback
from services.clients.matching.finding import offer_of
from services.clients.matching.model import judge
from services.clients.matching.narrowing import Said, left, suggested, taken
from services.clients.matching.views import of_client
from services.clients.needs.commands import AnswerSuggestion, answer
from services.clients.needs.model import Condition, Hint, Need
from services.clients.showings.commands import BookShowing, RecordShowing, book, record
from services.clients.showings.model import Home, Remark
from services.contracts.clients import Grade
from tests.clients.company import Company
from tests.clients.matching.market import looking, matches, need_of, offer
from tests.clients.matching.samples import ESTATE, a_home, a_need, between, wish

AREA = ESTATE[:3]


@pytest.mark.parametrize(
    ("said", "hint", "amount"),
    [
        (Said.TOO_DEAR, Hint.LOWER_PRICE, 475_000_000),
        (Said.TOO_SMALL, Hint.LARGER, 945),
        (Said.TOO_FAR, Hint.NOT_THERE, None),
        (Said.NEEDS_WORK, Hint.BETTER_STATE, None),
        (Said.NO_LIFT, Hint.WITH_LIFT, None),
        (Said.TOO_OLD, Hint.NEWER, 1999),
        (Said.LIKES_PLACE, Hint.RATHER_THERE, None),
    ],
)
def test_each_word_suggests_what_would_have_kept_the_listing_away(
    said: Said, hint: Hint, amount: int | None
) -> None:
    home = a_home(year=1994)
    need = suggested(a_need(), offer_of(home), [said])
    (suggestion,) = need.suggestions
    assert (suggestion.hint, suggestion.amount) == (hint, amount)
    narrowed = taken(need, suggestion)
    assert narrowed.suggestions == ()
    verdict = judge(narrowed, offer_of(home))
    assert verdict is not None
    wished = said in (Said.NEEDS_WORK, Said.TOO_OLD, Said.LIKES_PLACE)
    assert verdict.suits is wished
    if wished:
        assert (verdict.score == 100) is (said is Said.LIKES_PLACE)


@pytest.mark.parametrize("said", [Said.TOO_NOISY, Said.LIKES_LAYOUT, Said.LIKES_PRICE, Said.CONDITIONS])
def test_what_no_feature_says_suggests_nothing(said: Said) -> None:
    assert suggested(a_need(), offer_of(a_home()), [said]).suggestions == ()


@pytest.mark.parametrize(
    ("need", "said"),
    [
        (a_need(limits=(between(Feature.PRICE, None, 470_000_000),)), Said.TOO_DEAR),
        (a_need(limits=(between(Feature.PRICE, 490_000_000, 550_000_000),)), Said.TOO_DEAR),
        (a_need(limits=(between(Feature.SIZE, 1000),)), Said.TOO_SMALL),
        (a_need(avoid=(AREA,)), Said.TOO_FAR),
        (a_need(wishes=(wish(Condition(Feature.PLACE, places=(AREA,))),)), Said.LIKES_PLACE),
        (a_need(limits=(between(Feature.LIFT, 1),)), Said.NO_LIFT),
    ],
)
def test_what_the_need_says_already_is_not_suggested(need: Need, said: Said) -> None:
    assert suggested(need, offer_of(a_home()), [said]).suggestions == ()


def test_a_suggestion_that_was_left_does_not_come_again() -> None:
    home = offer_of(a_home())
    need = suggested(a_need(), home, [Said.TOO_DEAR])
    need = left(need, need.suggestions[0])
    assert suggested(need, home, [Said.TOO_DEAR]).suggestions == ()
    assert suggested(need, replace(home, id="another"), [Said.TOO_DEAR]).suggestions


def test_the_latest_word_on_one_matter_counts() -> None:
    need = suggested(a_need(), offer_of(a_home("one")), [Said.TOO_DEAR])
    need = suggested(need, offer_of(a_home("two", price=450_000_000)), [Said.TOO_DEAR])
    assert [(each.listing_id, each.amount) for each in need.suggestions] == [("two", 427_000_000)]


async def test_feedback_is_kept_on_the_match_and_a_suggestion_is_taken_once(company: Company) -> None:
    client = await looking(company, "王一", Grade.A)
    listing = await offer(company)
    command = GiveFeedback(client_id=client.id, listing_id=listing.id, liked=False, said=(Said.TOO_DEAR,))
    await company.run(give_feedback, command)
    feedback = (await matches(company))[client.id].feedback
    assert feedback is not None
    assert (feedback.liked, feedback.said) == (False, (Said.TOO_DEAR,))
    need = await need_of(company, client.id)
    taking = AnswerSuggestion(need_id=need.id, suggestion=need.value.suggestions[0], accept=True)
    await company.run(answer, taking)
    price = (await need_of(company, client.id)).value.limit(Feature.PRICE)
    assert price is not None
    assert (price.at_least, price.at_most) == (400_000_000, 475_000_000)
    with pytest.raises(Conflict):
        await company.run(answer, taking)
    (found,) = await of_client(company.mongo, client.id)
    assert [row.listing.id for row in found.comparable] == [listing.id]


async def test_what_they_said_no_to_stands_last(company: Company) -> None:
    client = await looking(company, "王一", Grade.A, wishes=(wish(between(Feature.SIZE, 1000)),))
    best = await offer(company, size=1000)
    other = await offer(company, title="静安枫景 5-301", size=900)
    (found,) = await of_client(company.mongo, client.id)
    assert [row.listing.id for row in found.suiting] == [best.id, other.id]
    await company.run(give_feedback, GiveFeedback(client_id=client.id, listing_id=best.id, liked=False))
    (found,) = await of_client(company.mongo, client.id)
    assert [row.listing.id for row in found.suiting] == [other.id, best.id]


async def test_what_was_said_at_a_showing_narrows_the_need_once(company: Company) -> None:
    client = await looking(company, "王一", Grade.A)
    listing = await offer(company)
    homes = (Home(listing.value.title, listing_id=listing.id), Home("中远两湾城 88-602"))
    starts_at = company.clock() - timedelta(hours=1)
    showing = await company.run(book, BookShowing(client_id=client.id, starts_at=starts_at, homes=homes))
    seen = (Home(homes[0].label, 2, (Remark.TOO_SMALL, Remark.TOO_NOISY)), Home(homes[1].label, 4))
    await company.run(record, RecordShowing(showing_id=showing.id, homes=seen, minutes=50))
    await company.hear()
    need = await need_of(company, client.id)
    assert [each.hint for each in need.value.suggestions] == [Hint.LARGER]
    await company.deliver(await company.events())
    assert (await need_of(company, client.id)).version == need.version
    feedback = (await matches(company))[client.id].feedback
    assert feedback is not None
    assert feedback.said == (Said.TOO_SMALL, Said.TOO_NOISY)
