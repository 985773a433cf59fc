"""Listings: what is offered, for what price, what became of it; and what nobody may claim."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.chassis.access import Access
from services.chassis.errors import Conflict, Invalid
from services.chassis.organisation.directory import Directory
from services.chassis.testing.plans import no_collection_scan
from services.clients.listings import commands
from services.clients.listings.amounts import minor_of, tenths_of, tenths_written, written
from services.clients.listings.commands import AddListing, Step, TurnListing, turn
from services.clients.listings.features import Facts, Feature
from services.clients.listings.model import (
    Listing,
    Status,
    closed,
    edited,
    offered_again,
    reserved,
    sold,
    unsold,
)
from services.clients.listings.places import near, place_of, with_those_above
from services.clients.listings.store import LISTINGS
from services.clients.listings.views import Filter, listings
from services.clients.matching.finding import query_for, query_of
from services.contracts.clients import (
    DealClosed,
    DealKind,
    DealUndone,
    ListingClosed,
    ListingClosing,
    ListingKind,
)
from services.contracts.recruiting import AgentLeft
from tests.clients.company import Company, received_of
from tests.clients.matching.market import look, offer, reprice
from tests.clients.matching.samples import AT, ESTATE, PLACES, a_home
from tests.clients.samples import CAUSES, NOW

LATER = AT + timedelta(days=1)


async def stored(company: Company, listing_id: str) -> Listing:
    document = await company.mongo.collection(LISTINGS.collection).find_one({"_id": listing_id})
    assert document is not None
    return LISTINGS.stored(document).value


async def closed_deal(company: Company, listing_id: str, deal: str = "deal-1", id_: str = CAUSES[0]) -> None:
    event = DealClosed(
        occurred_at=NOW,
        deal_id=deal,
        client_id="client",
        listing_id=listing_id,
        agent_id="lin",
        org_path=("acme",),
        kind=DealKind.SALE,
        amount=500_000_000,
        commission=0,
        currency="CNY",
        shares=(),
        signed_on=date(2026, 11, 23),
        starts_on=None,
    )
    await company.deliver([received_of(event, deal, 1, id_)])


async def undone_deal(company: Company, deal: str = "deal-1", closed_event_id: str = CAUSES[0]) -> None:
    event = DealUndone(
        occurred_at=NOW,
        deal_id=deal,
        client_id="client",
        agent_id="lin",
        org_path=("acme",),
        closed_event_id=closed_event_id,
        reason="financing",
    )
    await company.deliver([received_of(event, deal, 2, CAUSES[1])])


def test_nobody_claims_a_sale_by_hand() -> None:
    with pytest.raises(Conflict):
        closed(a_home(), ListingClosing.SOLD, "lin", LATER)


def test_a_status_has_a_history() -> None:
    listing = reserved(a_home(), "lin", LATER)
    listing = closed(listing, ListingClosing.WITHDRAWN, "sun", LATER)
    listing = offered_again(listing, "lin", LATER)
    assert [(turned.status, turned.by) for turned in listing.turns] == [
        (Status.OFFERED, "lin"),
        (Status.RESERVED, "lin"),
        (Status.WITHDRAWN, "sun"),
        (Status.OFFERED, "lin"),
    ]


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (Status.RESERVED, reserved),
        (Status.WITHDRAWN, reserved),
        (Status.OFFERED, offered_again),
        (Status.SOLD, offered_again),
    ],
)
def test_what_is_not_possible_as_things_stand(
    status: Status, step: Callable[[Listing, str, datetime], Listing]
) -> None:
    with pytest.raises(Conflict):
        step(replace(a_home(), status=status), "lin", LATER)


def test_another_price_goes_into_the_history_and_the_same_does_not() -> None:
    home = a_home()
    cheaper = replace(home, facts=Facts({**home.facts.figures, Feature.PRICE: 480_000_000}, {}, {}))
    after = edited(home, cheaper, LATER)
    assert [asked.amount for asked in after.prices] == [500_000_000, 480_000_000]
    assert after.changed_by == -20_000_000
    assert edited(after, replace(after, title="静安枫景 3-1202"), LATER).prices == after.prices


def test_only_the_deal_that_sold_it_takes_the_sale_back() -> None:
    home = sold(a_home(), "deal", "system", LATER)
    assert unsold(home, "another", "system", LATER) == home
    assert unsold(home, "deal", "system", LATER).status is Status.OFFERED


@pytest.mark.parametrize(
    "changed",
    [
        {"place": ("上海",)},
        {"rooms": 99},
        {"codes": {Feature.ORIENTATION: "up"}},
        {"codes": {Feature.POLICY_TYPE: "life"}},
        {"age": 30},
    ],
)
def test_a_listing_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        a_home(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("520万", 520_000_000),
        ("５２０万", 520_000_000),
        ("5,200,000", 520_000_000),
        ("1.2亿", 12_000_000_000),
        ("5.2m", 520_000_000),
        ("¥6500", 650_000),
        ("", None),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, minor: int | None) -> None:
    assert minor_of(text) == minor
    assert minor_of(written(minor)) == minor


@pytest.mark.parametrize("text", ["abc", "-5", "0", "1.234", "9" * 16, "1e9"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        minor_of(text)


def test_sizes_keep_their_tenth() -> None:
    assert tenths_of("89.5", "/size") == 895
    assert tenths_written(895) == "89.5"
    assert tenths_written(900) == "90"


def test_places_are_a_tree() -> None:
    assert place_of(" 上海 / 静安／曹家渡 ") == ("上海", "静安", "曹家渡")
    assert with_those_above(("上海", "静安")) == ((), ("上海",), ("上海", "静安"))
    assert near(("上海", "静安", "南京西路"), ("上海", "静安", "曹家渡"))
    assert not near(("杭州",), ("上海",))
    with pytest.raises(Invalid):
        place_of("a/b/c/d/e")


async def test_what_is_really_sold_is_shown_as_sold_and_what_was_not_is_offered_again(
    company: Company,
) -> None:
    listing = await offer(company)
    await closed_deal(company, listing.id)
    await closed_deal(company, listing.id)
    assert (await stored(company, listing.id)).status is Status.SOLD
    await undone_deal(company)
    await undone_deal(company)
    assert (await stored(company, listing.id)).status is Status.OFFERED
    await closed_deal(company, listing.id)
    assert (await stored(company, listing.id)).status is Status.OFFERED, (
        "a sale that came again was void already"
    )
    assert await company.names() == ["listing-added", "listing-closed", "listing-added"]
    reasons = [each.event.reason for each in await company.events() if isinstance(each.event, ListingClosed)]
    assert reasons == [ListingClosing.SOLD]


async def test_a_listing_expires_when_its_last_day_is_over(company: Company) -> None:
    command = AddListing(
        agent_id="zhao",
        kind=ListingKind.SALE,
        title="静安枫景 3-1201",
        currency="CNY",
        place=ESTATE,
        facts=a_home().facts,
        expires_on=date(2026, 11, 25),
    )
    listing = await company.run(commands.add, command)
    company.turn_to(NOW + timedelta(days=2, hours=13))
    await company.fall_due(commands.EXPIRES)
    assert (await stored(company, listing.id)).status is Status.OFFERED
    company.turn_to(NOW + timedelta(days=2, hours=14))
    await company.fall_due(commands.EXPIRES)
    assert (await stored(company, listing.id)).status is Status.EXPIRED


async def test_listings_of_a_leaver_have_another_keeper(company: Company) -> None:
    listing = await offer(company)
    left = AgentLeft(
        occurred_at=NOW,
        person_id="zhao",
        unit_id="team-1",
        org_path=("acme", "east", "jingan", "team-1"),
        last_day=date(2026, 11, 23),
    )
    await company.deliver([received_of(left, "zhao", 9, CAUSES[3])])
    assert (await stored(company, listing.id)).agent_id == "sun"


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(), 5),
        (Filter(place=("上海",)), 4),
        (Filter(place=("上海", "静安", "曹家渡")), 2),
        (Filter(place=ESTATE, trait="3"), 1),
        (Filter(trait="4"), 0),
        (Filter(at_least=500_000_000, at_most=502_000_000), 3),
        (Filter(at_most=501_000_000), 2),
        (Filter(at_least=504_000_000), 1),
        (Filter(kind=ListingKind.RENTAL), 0),
        (Filter(status=Status.WITHDRAWN), 0),
    ],
)
async def test_a_list_is_narrowed_by_the_index(company: Company, wanted: Filter, count: int) -> None:
    for number, place in enumerate(PLACES):
        await offer(company, place=place, price=500_000_000 + number * 1_000_000)
    access = await directory_access(company, "lin")
    async with no_collection_scan(company.mongo):
        rows = await listings(company.mongo, access, wanted)
    assert len(rows.items) == count


async def test_both_questions_read_the_index_in_its_own_order(company: Company) -> None:
    client = await company.register()
    need = (await look(company, client.id)).value
    listing = (await offer(company)).value
    for collection, query in (("listings", query_for(need)), ("needs", query_of(listing))):
        command = {
            "explain": {"find": collection, "filter": query, "sort": {"_id": -1}, "limit": 1001},
            "verbosity": "executionStats",
        }
        said = await company.mongo.database.command(command)
        plan = str(said["queryPlanner"]["winningPlan"])
        assert "'indexName': 'in_buckets'" in plan
        assert "SORT_MERGE" in plan
        assert "'stage': 'SORT'," not in plan
        assert "COLLSCAN" not in plan
        assert said["executionStats"]["totalDocsExamined"] <= 1


async def test_events_say_nothing_of_price_or_owner(company: Company) -> None:
    listing = await reprice(company, await offer(company), 490_000_000)
    await company.run(turn, TurnListing(listing_id=listing.id, step=Step.WITHDRAW))
    said = [each.event for each in await company.events()]
    assert [event.event_name for event in said] == ["listing-added", "listing-closed"]
    assert "490000000" not in "".join(event.model_dump_json() for event in said)


async def directory_access(company: Company, person_id: str) -> Access:
    return await Directory(company.mongo).access(person_id)
