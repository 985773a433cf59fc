"""Pages of clients in a real browser: an agent's day from a new client to a call that is done, on a phone."""

import random
from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.testing.browser import Size, Visit, visit
from services.clients.showings.commands import BookShowing, book
from services.contracts.clients import FollowUpRule, Grade, Intent
from tests.clients.pages import Site, choose
from tests.clients.samples import NOW

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_an_agent_registers_grades_and_sees_the_follow_up_appear_by_itself(
    browser: Browser, site: Site
) -> None:
    served, company = site
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/clients/new")
        page.get_by_label("Name").fill("王小明")
        page.locator("#f-phone").fill("138 0013 8000")
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("heading", name="How warm is the interest?")).to_be_visible()
        choose(page, "every 2 days")
        choose(page, "Real")
        choose(page, "Wants to buy soon")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The next follow-up is being planned")).to_be_visible()
        served.do(company.hear)
        expect(page.get_by_role("button", name="Done")).to_be_visible()
        expect(page.get_by_text("Regular follow-up").first).to_be_visible()
        there.assert_silent()


def test_a_follow_up_is_done_in_two_taps(browser: Browser, site: Site) -> None:
    served, company = site

    async def due() -> None:
        client = await company.register("王小明", "13800138000")
        await company.grade(client.id, Grade.A)
        await company.hear()
        company.turn_to((await company.open_follow_ups(client.id))[FollowUpRule.CADENCE].due_at)

    served.do(due)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/today")
        expect(page.get_by_role("link", name="Call 王小明")).to_have_attribute("href", "tel:13800138000")
        page.get_by_role("button", name="Done: 王小明").click()
        page.get_by_role("button", name="Reached").click()
        expect(page.get_by_text("All done for today")).to_be_visible()
        served.do(company.hear)
        expect(page.get_by_role("heading", name="The days after")).to_be_visible()
        there.assert_silent()
    assert served.do(company.names).count("follow-up-done") == 1


def test_a_showing_is_recorded_and_the_feedback_call_stands_there_for_tomorrow(
    browser: Browser, site: Site
) -> None:
    served, company = site

    async def booked() -> str:
        client = await company.register("王小明", "13800138000")
        await company.grade(client.id, Grade.C, Intent.LATENT)
        await company.hear()
        starts_at = NOW - timedelta(hours=1)
        homes = ("静安枫景 3-1201", "中远两湾城 88-602")
        showing = await company.run(book, BookShowing(client_id=client.id, starts_at=starts_at, homes=homes))
        return showing.id

    showing_id = served.do(booked)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/showings")
        page.get_by_role("link", name="Record").click()
        first = page.locator(".c-home").nth(0)
        expect(first.get_by_text("Likes the light")).to_be_hidden()
        first.locator("label.m-choice", has_text="Ready").click()
        first.locator("label.m-choice", has_text="Likes the light").click()
        page.get_by_role("button", name="Record").click()
        expect(page.get_by_text("feedback call is being planned")).to_be_visible()
        served.do(company.hear)
        expect(page.get_by_text("Feedback after a showing").first).to_be_visible()
        expect(page.get_by_text("Suggestion: grade A, Real")).to_be_visible()
        page.get_by_role("button", name="Accept").click()
        served.do(company.hear)
        expect(page.get_by_text("Keen at a showing").first).to_be_visible()
        there.open(f"/clients/showings/{showing_id}")
        expect(page.get_by_text("Likes the light")).to_be_visible()
        there.assert_silent()


def test_a_showing_is_booked_from_the_search_for_whom(browser: Browser, site: Site) -> None:
    served, company = site
    served.do(lambda: company.register("欧阳静怡", "13800138000"))
    with visit(browser, served, "lin", size="phone", language="zh") as there:
        page = there.open("/clients/showings/new?q=oyjy")
        page.get_by_role("link", name="欧阳静怡").click()
        page.get_by_label("时间").fill("2026-11-24T15:00")
        page.get_by_label("第1套").fill("静安枫景 3-1201")
        page.get_by_role("button", name="约定").click()
        expect(page.get_by_text("11月24日 15:00").first).to_be_visible()
        there.assert_silent()


def test_a_known_phone_is_said_beside_the_field_and_nothing_typed_is_lost(
    browser: Browser, site: Site
) -> None:
    served, company = site
    served.do(lambda: company.register("王小明", "13800138000"))
    with visit(browser, served, "lin", size="phone", language="zh") as there:
        page = there.open("/clients/clients/new")
        page.get_by_label("姓名").fill("小王")
        page.get_by_label("电话", exact=False).first.fill("13800138000")
        page.get_by_role("button", name="建档").click()
        expect(page.get_by_text("是您的客户王小明")).to_be_visible()
        expect(page.get_by_label("姓名")).to_have_value("小王")
        there.assert_accessible()


def test_a_stale_form_keeps_what_was_typed_and_shows_what_others_wrote(browser: Browser, site: Site) -> None:
    served, company = site
    client = served.do(lambda: company.register("王小明", "13800138000", address="延平路98弄"))
    path = f"/clients/clients/{client.id}/edit"
    with (
        visit(browser, served, "lin", language="en") as agent,
        visit(browser, served, "sun", language="en") as supervisor,
    ):
        mine, theirs = agent.open(path), supervisor.open(path)
        theirs.locator("#f-address").fill("康定路1号")
        theirs.get_by_role("button", name="Save").click()
        expect(theirs.get_by_text("康定路1号")).to_be_visible()
        mine.locator("#f-address").fill("武定路2号")
        mine.get_by_role("button", name="Save").click()
        expect(mine.get_by_text("Now: 康定路1号")).to_be_visible()
        expect(mine.locator("#f-address")).to_have_value("武定路2号")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["phone", "desktop", "tv"])
def test_every_page_fits_and_is_open_to_everybody(
    browser: Browser, site: Site, size: Size, language: Literal["zh", "en"]
) -> None:
    served, company = site

    async def filled() -> list[str]:
        chance = random.Random(1)
        clients = [
            await company.register(name, f"13800138{number:03}", address="上海市静安区延平路98弄3号")
            for number, name in enumerate(("王建国", "欧阳明月", "李秀英", "Alexandra Konstantinopoulos"))
        ]
        for client in clients[:3]:
            await company.grade(client.id, chance.choice(list(Grade)))
        await company.show(clients[0].id, 5)
        await company.hear()
        company.clock.turn(timedelta(days=6))
        await company.fall_due()
        homes = ("静安枫景 3-1201", "中远两湾城 88-602")
        showing = await company.run(
            book, BookShowing(client_id=clients[1].id, starts_at=company.clock(), homes=homes)
        )
        follow_up = (await company.open_follow_ups(clients[0].id))[FollowUpRule.SHOWING_FEEDBACK]
        one, last = clients[0].id, clients[3].id
        return [
            "/clients/today",
            "/clients/clients",
            "/clients/clients?state=unplanned",
            "/clients/clients?state=lost",
            "/clients/clients?q=nobody",
            "/clients/clients/new",
            f"/clients/clients/{one}",
            f"/clients/clients/{last}",
            f"/clients/clients/{one}/edit",
            f"/clients/clients/{one}/grade",
            f"/clients/clients/{one}/contact",
            f"/clients/follow-ups/{follow_up.id}",
            "/clients/showings",
            "/clients/showings/new",
            f"/clients/showings/new?client={one}",
            f"/clients/showings/{showing.id}",
        ]

    paths = served.do(filled)
    with visit(browser, served, "lin", size=size, language=language) as there:
        for path in paths:
            _look(there, path)
    for person in ("manager", "head", "qian"):
        with visit(browser, served, person, size=size, language=language) as there:
            _look(there, "/clients/clients")
            _look(there, "/clients/today")


def _look(there: Visit, path: str) -> None:
    there.open(path)
    there.assert_fits()
    there.assert_accessible()
    there.assert_silent()
