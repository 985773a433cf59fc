"""Pages of the client file in a real browser: a list that is kept, a family, two files that are one and two again."""

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.testing.browser import visit
from services.contracts.clients import Grade
from tests.clients.pages import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_an_agent_narrows_a_list_keeps_it_and_writes_the_family_down(browser: Browser, site: Site) -> None:
    served, company = site

    async def fill() -> str:
        client = await company.register("王小明", "13800138000")
        for each in (client, await company.register("李红", "13900139000")):
            await company.grade(each.id, Grade.A if each.id == client.id else Grade.C)
        await company.hear()
        return client.id

    client = served.do(fill)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/clients")
        expect(page.locator(".c-row")).to_have_count(2)
        page.get_by_role("button", name="Filter").click()
        page.locator("#filter label.m-choice", has_text="A").first.click()
        page.locator("#filter").get_by_role("button", name="Show").click()
        expect(page.locator(".c-row")).to_have_count(1)
        page.get_by_role("button", name="Keep this list").click()
        page.get_by_label("Its name").fill("Hot ones")
        page.get_by_role("button", name="Keep", exact=True).click()
        expect(page.locator(".c-kept a", has_text="Hot ones")).to_have_attribute("aria-current", "true")
        there.assert_fits()
        there.assert_accessible()
        page = there.open(f"/clients/clients/{client}/family")
        page.get_by_role("link", name="Add somebody").click()
        page.locator("label.m-choice", has_text="Spouse").click()
        page.get_by_role("textbox", name="Name").fill("李静")
        page.locator("label.m-choice", has_text="Lunar").first.click()
        page.get_by_role("textbox", name="Month").fill("8")
        page.get_by_role("textbox", name="Day").fill("15")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("lunar 8/15")).to_be_visible()
        there.assert_fits()
        there.assert_accessible()
        there.assert_silent()


def test_two_files_become_one_and_two_again(browser: Browser, site: Site) -> None:
    served, company = site

    async def fill() -> tuple[str, str]:
        kept = await company.register("王小明", "13800138000")
        double = await company.register("王小明", "13900139000", address="延平路98弄")
        return kept.id, double.id

    kept, double = served.do(fill)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open(f"/clients/clients/{kept}/merge")
        page.get_by_role("link", name="王小明").click()
        there.assert_fits()
        there.assert_accessible()
        page.get_by_role("button", name="This file stays").first.click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("link", name="13900139000")).to_be_visible()
        expect(page.get_by_text("延平路98弄")).to_be_visible()
        there.assert_fits()
        there.assert_accessible()
        page = there.open(f"/clients/clients/{double}")
        assert page.url.endswith(kept), "the old address leads to the kept file"
        page.get_by_role("button", name="Undo the merge").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"**/clients/clients/{double}")
        expect(page.get_by_role("link", name="13800138000")).to_have_count(0)
        there.assert_silent()
