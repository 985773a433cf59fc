"""A new or changed listing tells the agents of the clients whom it suits: once, the rare first, not too many."""

from datetime import timedelta

import pytest

from services.clients.listings.commands import Step, TurnListing, turn
from services.clients.listings.features import Feature
from services.clients.matching import finding, telling
from services.clients.matching.ranking import A_DAY, KEPT_FOR_RARE, OF_ONE_LISTING, Found, allowed, chosen
from services.clients.needs.commands import CloseNeed, close_need
from services.contracts.clients import Grade, ListingMatched
from tests.clients.company import Company
from tests.clients.matching.market import looking, matches, need_of, offer, reprice, tell
from tests.clients.matching.samples import between, wish


def found(client: str, grade: Grade | None, score: int = 90, **more: object) -> Found:
    return Found(client, f"n-{client}", "lin", grade, score, **more)  # type: ignore[arg-type]


async def told(company: Company) -> list[tuple[str, int, bool]]:
    return [
        (each.event.client_id, each.event.score, each.event.rare)
        for each in await company.events()
        if isinstance(each.event, ListingMatched)
    ]


async def test_a_new_listing_tells_the_agents_of_those_whom_it_suits_once(company: Company) -> None:
    suits = await looking(company, "王一", Grade.A, wishes=(wish(between(Feature.SIZE, 1000)),))
    await looking(company, "王二", Grade.A, places=(("杭州",),))
    listing = await offer(company)
    await tell(company)
    assert await told(company) == [(suits.id, 60, False)]
    event = next(each.event for each in await company.events() if isinstance(each.event, ListingMatched))
    assert (event.listing_id, event.agent_id, event.grade) == (listing.id, "lin", Grade.A)
    await company.deliver(await company.events())
    await tell(company)
    assert len(await told(company)) == 1


async def test_another_price_is_compared_anew_and_tells_only_who_was_not_told(company: Company) -> None:
    first = await looking(company, "王一", Grade.A)
    second = await looking(
        company, "王二", Grade.A, limits=(between(Feature.PRICE, 300_000_000, 450_000_000),)
    )
    listing = await offer(company)
    await tell(company)
    assert [client for client, _, _ in await told(company)] == [first.id]
    await reprice(company, listing, 440_000_000)
    await tell(company)
    assert sorted(client for client, _, _ in await told(company)) == sorted([first.id, second.id])


async def test_a_listing_that_is_no_longer_on_offer_tells_nobody(company: Company) -> None:
    await looking(company, "王一", Grade.A)
    listing = await offer(company)
    await company.run(turn, TurnListing(listing_id=listing.id, step=Step.WITHDRAW))
    await tell(company)
    assert await told(company) == []


async def test_the_log_read_again_tells_nobody_of_old_listings(company: Company) -> None:
    await offer(company)
    await looking(company, "王一", Grade.A)
    company.clock.turn(timedelta(days=8))
    await tell(company)
    assert await told(company) == []


async def test_closed_needs_lost_clients_and_the_pool_are_left_alone(company: Company) -> None:
    closed = await looking(company, "王一", Grade.A)
    await company.run(close_need, CloseNeed(need_id=(await need_of(company, closed.id)).id))
    lost = await looking(company, "王二", Grade.A)
    pooled = await looking(company, "王三", Grade.A)
    clients = company.mongo.collection("clients")
    await clients.update_one({"_id": lost.id}, {"$set": {"standing.lost": True}})
    await clients.update_one({"_id": pooled.id}, {"$set": {"agent_id": None}})
    await offer(company)
    await tell(company)
    assert await told(company) == []


async def test_c_clients_hear_of_what_is_rare_for_them(company: Company) -> None:
    for number in range(5):
        await offer(company, title=f"四方新城 {number}", place=("上海", "静安", "南京西路"))
    wishes = (wish(between(Feature.SIZE, 1100)),)
    choosy = await looking(company, "王一", Grade.C, places=(("上海", "静安", "曹家渡"),), wishes=wishes)
    await looking(company, "王二", Grade.C, wishes=wishes)
    await offer(company)
    await tell(company)
    assert [(client, rare) for client, _, rare in await told(company)] == [(choosy.id, True)]


async def test_b_clients_get_what_is_comparable_and_others_do_not(company: Company) -> None:
    limits = (between(Feature.PRICE, 400_000_000, 480_000_000),)
    await looking(company, "王一", Grade.A, limits=limits)
    comparing = await looking(company, "王二", Grade.B, limits=limits)
    await offer(company)
    await tell(company)
    assert [client for client, _, _ in await told(company)] == [comparing.id]
    assert (await matches(company))[comparing.id].comparable


async def test_nobody_drowns(company: Company) -> None:
    for number in range(8):
        await looking(company, f"王{number}", Grade.A)
    counts = []
    for number in range(3):
        await offer(company, title=f"静安枫景 {number}")
        await tell(company)
        counts.append(len(await told(company)))
    assert counts == [OF_ONE_LISTING, A_DAY - KEPT_FOR_RARE, A_DAY - KEPT_FOR_RARE]
    company.clock.turn(timedelta(days=1))
    await offer(company, title="静安枫景 4")
    await tell(company)
    assert len(await told(company)) == counts[-1] + OF_ONE_LISTING


async def test_all_candidates_are_compared_page_by_page(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)
    monkeypatch.setattr(telling, "PIECE", 2)
    clients = [
        await looking(company, f"王{number}", Grade.A, agent_id=agent)
        for number, agent in enumerate(["lin", "zhao", "sun", "qian", "lin"])
    ]
    await offer(company)
    await tell(company)
    assert {client for client, _, _ in await told(company)} == {client.id for client in clients}


@pytest.mark.parametrize(
    ("some", "order"),
    [
        ([found("c", Grade.C, rare=True), found("a", Grade.A), found("b", Grade.B)], ["c", "a", "b"]),
        ([found("a1", Grade.A, 60), found("a2", Grade.A, 80)], ["a2", "a1"]),
        ([found("b1", Grade.B, 99, comparable=True), found("b2", Grade.B, 60)], ["b2", "b1"]),
        ([found("a", Grade.A, 39), found("b", Grade.B, 54), found("c", Grade.C, 84)], []),
        ([found("a", Grade.A, 99, comparable=True)], []),
        ([found("c", Grade.C, 10, rare=True)], ["c"]),
        ([found("n", None, 90)], ["n"]),
        ([found("a", Grade.A, 50), found("a", Grade.A, 70)], ["a"]),
        ([found(f"a{number}", Grade.A, 90) for number in range(9)], [f"a{number}" for number in range(5)]),
    ],
)
def test_who_is_told_and_in_which_order(some: list[Found], order: list[str]) -> None:
    assert [each.client_id for each in chosen(some)] == order


@pytest.mark.parametrize(
    ("rare", "told_today", "may"),
    [(False, 7, True), (False, 8, False), (True, 8, True), (True, 11, True), (True, 12, False)],
)
def test_the_last_few_of_a_day_are_kept_for_what_is_rare(rare: bool, told_today: int, may: bool) -> None:
    assert allowed(found("c", Grade.C, rare=rare), told_today) is may
