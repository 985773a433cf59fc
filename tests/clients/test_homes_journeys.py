"""Listings, needs, matches and the way of a showing in a real browser: from what a client looks for to the door."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.testing.browser import Size, visit
from services.clients.listings import owner as owners
from services.clients.listings.features import Feature
from services.clients.listings.owner import Owner
from services.clients.matching.commands import GiveFeedback, give_feedback
from services.clients.matching.narrowing import Said
from services.clients.needs.model import Condition, Weight
from services.clients.showings.commands import BookShowing, book
from services.clients.showings.model import Home
from services.contracts.clients import Grade, ListingKind
from tests.clients.company import UNITS
from tests.clients.matching.market import look, looking, need_of, offer, reprice, tell
from tests.clients.matching.samples import PLACES, between, wish
from tests.clients.pages import Site
from tests.clients.samples import NOW

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SHOTS = os.environ.get("MUSTER_SHOTS")
"""A folder for pictures of every page, for whoever wants to look at them."""


def test_a_listing_is_offered_found_repriced_and_withdrawn(browser: Browser, site: Site) -> None:
    served, company = site
    with visit(browser, served, "zhao", size="phone", language="en") as there:
        page = there.open("/clients/listings")
        page.get_by_role("link", name="New listing").first.click()
        page.get_by_label("Title").fill("静安枫景 3-1201")
        page.get_by_label("City").fill("上海")
        page.get_by_role("button", name="Offer").click()
        expect(page.get_by_text("Some fields need your attention")).to_be_visible()
        expect(page.get_by_label("City")).to_have_value("上海")
        there.said.clear()  # a refused form is a 422, which the browser mentions
        page.get_by_label("District").fill("静安")
        page.get_by_label("Price", exact=False).first.fill("520万")
        page.get_by_label("Rooms", exact=True).fill("3")
        page.get_by_label("Size").fill("89.5")
        page.get_by_role("button", name="Offer").click()
        expect(page.get_by_role("heading", name="静安枫景 3-1201")).to_be_visible()
        expect(page.get_by_text("¥5,200,000").first).to_be_visible()
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("Price", exact=False).first.fill("498万")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".h-down")).to_contain_text("¥220,000")
        there.open("/clients/listings?place=上海/静安&trait=3&high=500万")
        expect(page.get_by_role("link", name="静安枫景 3-1201")).to_be_visible()
        there.open("/clients/listings?place=杭州")
        expect(page.get_by_text("Nothing suits these filters")).to_be_visible()
        there.open("/clients/listings?mine=true")
        page.get_by_role("link", name="静安枫景 3-1201").click()
        page.get_by_role("button", name="Status").click()
        page.get_by_role("button", name="The owner withdraws it").click()
        expect(page.get_by_text("Withdrawn").first).to_be_visible()
        there.assert_silent()
    assert served.do(company.names) == ["listing-added", "listing-closed"]


def test_a_need_finds_what_suits_and_what_they_say_narrows_it(browser: Browser, site: Site) -> None:
    served, company = site

    async def market() -> str:
        for number, place in enumerate(PLACES[:3]):
            await offer(company, place=place, title=f"{place[3]} {number}", size=900 + number * 100)
        return (await company.register("王小明", "13800138000")).id

    client_id = served.do(market)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open(f"/clients/clients/{client_id}/needs")
        page.get_by_role("link", name="New need").click()
        page.get_by_label("Place 1").fill("上海/静安")
        page.get_by_label("Price: from").fill("400万")
        page.get_by_label("Price: up to").fill("550万")
        page.get_by_label("Rooms: from", exact=True).fill("2")
        page.get_by_label("Rooms: up to", exact=True).fill("3")
        page.get_by_label("Size: from").fill("100")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("img", name="Suits to 100 percent").first).to_be_visible()
        expect(page.locator(".h-match")).to_have_count(3)
        row = page.locator(".h-match", has_text="静安枫景 0")
        row.get_by_text("Why this score").click()
        expect(row.get_by_text("10 m² too small")).to_be_visible()
        row.get_by_text("What do they say?").click()
        row.locator("label.m-choice", has_text="Too dear").click()
        row.get_by_role("button", name="Not for them").click()
        expect(page.get_by_text("Suggestion: At most ¥4,750,000")).to_be_visible()
        expect(page.locator(".h-match").last).to_contain_text("静安枫景 0")
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Comparable: one limit is missed by a little")).to_be_visible()
        expect(page.get_by_text("¥250,000 above the range").first).to_be_visible()
        there.open(f"/clients/clients/{client_id}/needs")
        expect(page.get_by_text("¥4,000,000 to ¥4,750,000")).to_be_visible()
        page.get_by_role("button", name="Looks no longer").click()
        expect(page.get_by_text("closed", exact=True)).to_be_visible()
        there.assert_silent()


def test_several_homes_are_planned_ordered_by_key_confirmed_moved_and_cancelled(
    browser: Browser, site: Site
) -> None:
    served, company = site

    async def market() -> str:
        for place in PLACES[:2]:
            await offer(company, place=place, title=f"{place[3]} 3-1201")
        client = await looking(company, "王小明", Grade.A)
        other = await company.register("李红")
        starts_at = NOW + timedelta(days=1, hours=5)
        await company.run(book, BookShowing(client_id=other.id, starts_at=starts_at, homes=("a",)))
        return client.id

    client_id = served.do(market)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open(f"/clients/showings/new?client={client_id}")
        page.get_by_label("When").fill("2026-11-24T15:00")
        page.get_by_text("静安枫景 3-1201").click()
        page.get_by_text("达安花园 3-1201").click()
        page.get_by_label("Home 1").fill("中远两湾城 88-602")
        page.get_by_role("button", name="Book", exact=True).click()
        expect(page.get_by_text("There is another showing at this time")).to_be_visible()
        expect(page.get_by_label("Home 1")).to_have_value("中远两湾城 88-602")
        there.said.clear()
        page.get_by_label("Book it anyway").check()
        page.get_by_role("button", name="Book", exact=True).click()
        stops = page.locator(".h-stop")
        expect(stops).to_have_count(3)
        expect(stops.nth(0)).to_contain_text("达安花园")
        expect(stops.nth(2)).to_contain_text("中远两湾城")
        expect(page.get_by_text("Another showing at the same time")).to_be_visible()
        grip = page.get_by_role("button", name="Move 中远两湾城 88-602")
        grip.focus()
        grip.press("ArrowUp")
        grip.press("ArrowUp")
        expect(page.locator("#h-moved")).to_have_text("Now at place 1 of 3")
        page.get_by_label("Minutes for 中远两湾城 88-602").fill("45")
        expect(stops.nth(1).locator("[data-h-time]")).to_have_text("15:45")
        page.get_by_label("When").fill("2026-11-24T09:00")
        page.get_by_role("button", name="Save the way").click()
        expect(stops.nth(0)).to_contain_text("中远两湾城")
        expect(stops.nth(1).locator("[data-h-time]")).to_have_text("09:45")
        expect(page.get_by_text("Another showing at the same time")).to_have_count(0)
        page.get_by_role("button", name="The client comes").click()
        expect(page.get_by_text("Confirmed", exact=True).first).to_be_visible()
        page.get_by_role("button", name="Cancel the showing").click()
        page.get_by_role("button", name="The client cannot come").click()
        expect(page.get_by_text("Showing cancelled")).to_be_visible()
        there.assert_silent()
    said = served.do(company.names)
    assert sorted(name for name in said if name.startswith("showing")) == [
        "showing-booked",
        "showing-booked",
        "showing-cancelled",
        "showing-moved",
    ]


@pytest.mark.parametrize(("size", "language"), [("phone", "zh"), ("desktop", "en"), ("tv", "zh")])
def test_every_page_fits_and_is_open_to_everybody(
    browser: Browser, site: Site, size: Size, language: Literal["zh", "en"]
) -> None:
    served, company = site

    async def filled() -> list[str]:
        owner = Owner("欧阳业主", "13700137000", "上海市静安区延平路98弄3号1201室", "周末可看，平时有租客")
        sealed = await owners.seal(company.personal, owner, UNITS["team-1"][2])
        wishes = (
            wish(between(Feature.SIZE, 1000), Weight.VERY_IMPORTANT),
            wish(Condition(Feature.ORIENTATION, one_of=("south", "north_south"))),
            wish(between(Feature.LIFT, 1), Weight.NICE),
            wish(between(Feature.FLOOR, 5, 15), Weight.NICE),
            wish(Condition(Feature.PLACE, places=(PLACES[2][:3],)), Weight.NICE),
        )
        client = await looking(company, "欧阳明月", Grade.A, wishes=wishes)
        await looking(company, "Alexandra Konstantinopoulos", Grade.C)
        await looking(company, "钱多多", Grade.B, agent_id="qian")
        codes = {
            Feature.ORIENTATION: "north_south",
            Feature.DECORATION: "fine",
            Feature.SCHOOL: "静安区第一中心小学",
        }
        home = await offer(company, "lin", sealed=sealed, codes=codes, lift=1, floor=12, year=2008, parking=1)
        for number, place in enumerate((*PLACES, *PLACES)):
            size, price = 880 + number * 30, 430_000_000 + number * 13_000_000
            await offer(company, place=place, title=f"{place[3]} {number}-301", size=size, price=price)
        await reprice(company, home, 489_000_000)
        await offer(company, "lin", place=(), title="安心重疾险 2026", kind=ListingKind.POLICY)
        await tell(company)
        said = (Said.TOO_SMALL, Said.LIKES_PLACE)
        await company.run(
            give_feedback, GiveFeedback(client_id=client.id, listing_id=home.id, liked=True, said=said)
        )
        await look(company, client.id, places=(("杭州", "西湖"),))
        homes = (
            Home("静安枫景 3-1201", listing_id=home.id),
            Home("中远两湾城 88-602", minutes=45),
        )
        showing = await company.run(
            book, BookShowing(client_id=client.id, starts_at=NOW + timedelta(days=1), homes=homes)
        )
        fresh = await company.register("无求")
        need = await need_of(company, client.id)
        base = f"/clients/clients/{client.id}"
        return [
            "/clients/listings",
            "/clients/listings?kind=policy",
            "/clients/listings?status=sold",
            "/clients/listings?low=abc",
            "/clients/listings/new",
            "/clients/listings/new?kind=policy",
            f"/clients/listings/{home.id}",
            f"/clients/listings/{home.id}/edit",
            f"/clients/listings/{home.id}/matches",
            f"{base}/needs",
            f"{base}/needs/new",
            f"{base}/needs/new?kind=policy",
            f"/clients/needs/{need.id}",
            f"{base}/matches",
            f"/clients/clients/{fresh.id}/needs",
            f"/clients/clients/{fresh.id}/matches",
            f"/clients/showings/new?client={client.id}",
            f"/clients/showings/{showing.id}",
            "/clients/showings",
        ]

    paths = served.do(filled)
    with visit(browser, served, "lin", size=size, language=language) as there:
        for number, path in enumerate(paths):
            page = there.open(path)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{size}-{language}-{number:02}.png")
            for each in page.locator("details").all():
                each.evaluate("element => { element.open = true }")
            there.assert_fits()
            there.assert_accessible()
            there.assert_silent()
