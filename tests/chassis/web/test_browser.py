"""The shell in a real browser: for everybody, in silence, and quick fingers do no harm."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.mongo import Mongo
from services.chassis.testing.browser import Served, Size, chromium, visit
from tests.chassis.web.company import company

pytestmark = pytest.mark.browser

SIZES: tuple[Size, ...] = ("desktop", "phone", "tv")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def served(mongodb_uri: str, database_name: str) -> Iterator[Served]:
    with Served(company(mongodb_uri, database_name)) as served:
        yield served


def _count(served: Served) -> int:
    mongo: Mongo = served.app.state.site.mongo

    async def count() -> Any:
        return await mongo.collection("notes").count_documents({})

    found: int = served.do(count)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_for_everybody_and_fit(
    served: Served, browser: Browser, size: Size, language: Literal["zh", "en"]
) -> None:
    with visit(browser, served, "p-agent", size=size, language=language) as seen:
        for path in ("/clients/today", "/clients/notes/new", "/clients/nothing", "/clients/board"):
            seen.open(path)
            seen.assert_accessible()
            seen.assert_fits()
        seen.assert_silent()
    with visit(browser, served, None, size=size, language=language) as seen:
        seen.open("/sign-in")
        seen.assert_accessible()
        seen.assert_fits()
        seen.assert_silent()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_menus_and_dialogs_open_by_keyboard_and_are_for_everybody(
    served: Served, browser: Browser, size: Size
) -> None:
    with visit(browser, served, "p-trainer", size=size) as seen:
        page = seen.open("/clients/today")
        for target in ("m-person-menu", "m-add-menu"):
            opener = page.locator(f"[popovertarget={target}]:visible")
            opener.focus()
            page.keyboard.press("Enter")
            expect(page.locator(f"#{target}")).to_be_visible()
            seen.assert_accessible()
            page.keyboard.press("Escape")
            expect(page.locator(f"#{target}")).to_be_hidden()
        page.locator("[data-m-open]").press("Enter")
        expect(page.locator("#plan")).to_be_visible()
        seen.assert_accessible()
        page.locator("#plan [data-m-close]").click()
        expect(page.locator("#plan")).to_be_hidden()
        seen.assert_silent()


def test_a_double_clicked_button_acts_once(served: Served, browser: Browser) -> None:
    with visit(browser, served, "p-agent") as seen:
        page = seen.open("/clients/notes/new")
        page.fill("[name=title]", "陈晓雯")
        page.fill("[name=minutes]", "20")
        page.locator(".m-form button[type=submit]").dblclick()
        page.wait_for_url(re.compile("/clients/notes/[0-9a-f-]{36}"))
        expect(page.locator(".m-toast")).to_contain_text("陈晓雯")
        assert _count(served) == 1
        page.reload()
        expect(page.locator(".m-toast")).to_have_count(0)


def test_without_scripts_a_double_sent_form_acts_once_too(served: Served, browser: Browser) -> None:
    """The page's guard is a courtesy; the server's is the promise: the same form is sent twice past the script."""
    with visit(browser, served, "p-agent") as seen:
        page = seen.open("/clients/notes/new")
        places = page.evaluate(
            """async () => {
              const sent = new URLSearchParams(new FormData(document.querySelector(".m-form")));
              sent.set("title", "Zhou Min"); sent.set("minutes", "5");
              ["source", "remark"].forEach((name) => sent.delete(name));
              const send = () => fetch("/clients/notes/new", {method: "POST", body: sent}).then((a) => a.url);
              return Promise.all([send(), send()]);
            }"""
        )
        assert places[0] == places[1]
        assert "/clients/notes/" in places[0]
        assert _count(served) == 1


def test_a_change_appears_on_an_open_page_and_keeps_what_is_focused(served: Served, browser: Browser) -> None:
    with visit(browser, served, "p-agent", still=False) as seen:
        page = seen.open("/clients/today")
        page.evaluate("() => { window.untouched = true; }")
        expect(page.locator("#notes li")).to_have_text(["–"])
        mongo: Mongo = served.app.state.site.mongo

        async def insert() -> None:
            await mongo.collection("notes").insert_one({"title": "新的一条", "agent_id": "p-agent"})

        served.do(insert)
        expect(page.locator("#notes li")).to_have_text(["新的一条"], timeout=3000)
        assert page.evaluate("() => window.untouched")
        seen.assert_silent()


def test_an_error_of_a_button_is_said_and_the_page_stays(served: Served, browser: Browser) -> None:
    with visit(browser, served, "p-agent", language="en") as seen:
        page = seen.open("/clients/today")
        page.evaluate(
            """() => {
              const button = document.createElement("button");
              button.id = "trouble"; button.textContent = "?";
              button.setAttribute("hx-get", "/clients/broken");
              button.setAttribute("hx-target", "#content");
              document.querySelector("#content").append(button);
              htmx.process(button);
            }"""
        )
        page.click("#trouble")
        expect(page.locator(".m-toast-error")).to_contain_text("Something went wrong on our side")
        expect(page.locator("h1")).to_have_text("Today")


def test_a_question_is_asked_before_it_is_sent(served: Served, browser: Browser) -> None:
    with visit(browser, served, "p-agent", language="en") as seen:
        page = seen.open("/clients/today")
        page.locator("[data-m-open]").click()
        page.locator("#plan form button").click()
        expect(page.locator("#m-confirm")).to_contain_text("Clear?")
        page.get_by_role("button", name="Cancel").click()
        expect(page).to_have_url(re.compile("/clients/today$"))
        page.locator("#plan form button").click()
        page.get_by_role("button", name="Continue").click()
        expect(page).to_have_url(re.compile("/clients/notes/new$"))


def test_signing_in_as_a_persona(served: Served, browser: Browser) -> None:
    with visit(browser, served, None) as seen:
        page = seen.open("/clients/today")
        assert "/sign-in?next=" in page.url
        page.get_by_role("button", name="陈美玲").click()
        expect(page).to_have_url(re.compile("/clients/today$"))
        expect(page.locator(".m-me-name")).to_have_text("陈美玲")
        page.locator(".m-me").click()
        page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text("Today")
        seen.assert_silent()


def test_todays_page_can_be_read_without_a_connection(served: Served, browser: Browser) -> None:
    with visit(browser, served, "p-agent") as seen:
        page = seen.open("/clients/today")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        seen.open("/clients/today")
        page.context.set_offline(True)
        page.goto(served.url + "/clients/today")
        expect(page.locator("h1")).to_have_text("今日")
        page.goto(served.url + "/clients/nothing")
        expect(page.locator("h1")).to_have_text("网络已断开")
