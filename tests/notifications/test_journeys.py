"""In a real browser: a TV is paired and moves by itself; the inbox fills; every page is open to everybody."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, expect

from services.chassis.clock import utc_now
from services.chassis.processes.definition import Runtime
from services.chassis.testing.browser import Served, chromium, visit
from services.notifications.app import DEFINITION, build_api
from services.notifications.boards.commands import NEWS_EVENTS, tell_news
from services.notifications.inbox import stream as inbox
from services.notifications.leaderboards.commands import count
from tests.notifications.company import Company

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def runtime(mongodb_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MUSTER_DATABASE_PREFIX", f"{database_name}_")
    return DEFINITION.runtime(utc_now)


@pytest.fixture
def served(runtime: Runtime) -> Iterator[Served]:
    app: FastAPI = build_api(runtime)
    with Served(app) as running:
        running.do(lambda: runtime.work.run(Company().enter))
        yield running


def happens(served: Served, runtime: Runtime, *events: Any) -> None:
    """What the worker would do with these events."""
    served.do(lambda: runtime.work.run(count, list(events)))
    news = [one for one in events if isinstance(one.event, NEWS_EVENTS)]
    served.do(lambda: runtime.work.run(tell_news, news))


def now() -> datetime:
    return datetime.now(UTC) - timedelta(milliseconds=5)


def test_a_tv_is_paired_with_a_code_moves_by_itself_and_is_taken_away(
    browser: Browser, served: Served, runtime: Runtime
) -> None:
    company = Company()
    with (
        visit(browser, served, None, size="tv") as tv,
        visit(browser, served, "zhao", language="en") as trainer,
    ):
        tv.open("/notifications/tv")
        code = tv.page.locator(".b-code")
        expect(code).to_be_visible()
        tv.assert_accessible()
        trainer.open("/notifications/boards")
        trainer.page.get_by_label("Code on the TV").fill(code.inner_text().lower())
        trainer.page.get_by_label("Unit").select_option("xuhui")
        trainer.page.get_by_role("button", name="Pair", exact=True).click()
        expect(trainer.page.get_by_text("The TV is paired")).to_be_visible()
        # only one ranking, and a long turn: what moves then moves because something happened
        trainer.page.get_by_label("Seconds for each ranking").fill("120")
        for ranking in ("effort_points:month", "showings:week", "result_points:month"):
            trainer.page.locator(f"input[value='{ranking}']").uncheck(force=True)
        trainer.page.get_by_role("button", name="Show it").click()
        expect(trainer.page.get_by_text("The TV shows it now")).to_be_visible()

        expect(tv.page.get_by_role("heading", name="徐汇营业部")).to_be_visible()
        names = tv.page.locator(".b-row .b-name")
        happens(served, runtime, company.showing("li", now()), company.follow_up("wang", now()))
        expect(names).to_have_text(["梦瑶", "子轩"], timeout=20_000)
        happens(served, runtime, company.showing("wang", now()))
        expect(names).to_have_text(["子轩", "梦瑶"], timeout=20_000)
        tv.assert_accessible()

        # nothing is heard for a minute, and then again
        tv.page.evaluate("""() => {
            window.deaf = true;
            document.addEventListener("htmx:before:swap", (event) => { if (window.deaf) event.preventDefault(); });
            Date.now = ((real) => () => real() + 60000)(Date.now);
        }""")
        expect(tv.page.locator("[data-b-lost]")).to_be_visible()
        tv.page.evaluate("window.deaf = false")
        expect(names).to_have_count(2)
        happens(served, runtime, company.showing("li", now()))
        expect(tv.page.locator("[data-b-lost]")).to_be_hidden(timeout=20_000)
        tv.assert_silent()

        trainer.page.get_by_role("button", name="Take away").click()
        trainer.page.get_by_role("button", name="Continue").click()
        expect(trainer.page.get_by_text("The TV shows nothing of ours any more")).to_be_visible()
        expect(tv.page.locator(".b-code")).to_be_visible(timeout=20_000)
        trainer.assert_silent()


def test_a_score_opens_to_its_events_and_the_board_is_live(
    browser: Browser, served: Served, runtime: Runtime
) -> None:
    company = Company()
    happens(served, runtime, company.showing("li", now()), company.follow_up("li", now()))
    with visit(browser, served, "li", size="phone", language="en") as agent:
        agent.open("/notifications/leaderboards")
        points = agent.page.locator(".n-line-own .n-points")
        expect(points).to_have_text("6")
        happens(served, runtime, company.new_client("li", now()))
        expect(points).to_have_text("9", timeout=20_000)
        agent.assert_fits()
        agent.assert_accessible()
        points.click()
        expect(agent.page.locator(".n-entry")).to_have_count(3)
        expect(agent.page.locator(".n-list").get_by_text("New client")).to_be_visible()
        agent.assert_fits()
        agent.assert_accessible()
        agent.assert_silent()


def test_the_inbox_fills_and_is_read(browser: Browser, served: Served, runtime: Runtime) -> None:
    company = Company()
    with visit(browser, served, "xu", size="phone") as leader:
        leader.open("/notifications/inbox")
        expect(leader.page.get_by_text("暂时没有消息")).to_be_visible()
        hire = company.hire("new", unit="xuhui-2", recruiter="zhao", at=now())
        served.do(lambda: runtime.work.run(inbox.agent_hired, hire))
        expect(leader.page.locator(".n-message-unread")).to_have_count(1, timeout=20_000)
        leader.assert_fits()
        leader.assert_accessible()
        leader.page.get_by_role("button", name="全部标为已读").click()
        expect(leader.page.locator(".n-message-unread")).to_have_count(0)
        expect(leader.page.locator(".n-message")).to_have_count(1)
        leader.assert_silent()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize(
    "path", ["/notifications/leaderboards", "/notifications/boards", "/notifications/inbox"]
)
def test_an_empty_page_says_what_to_do(
    browser: Browser, served: Served, path: str, size: Any, language: Any
) -> None:
    with visit(browser, served, "zhao", size=size, language=language) as trainer:
        trainer.open(path)
        expect(trainer.page.locator(".m-empty").first).to_be_visible()
        trainer.assert_fits()
        trainer.assert_accessible()
        trainer.assert_silent()
