"""The morning in a real browser: from nothing to minutes, two directors at once, and a phone that scans the code."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.testing.browser import Served, chromium, visit
from services.chassis.work import Cause, UnitOfWork
from services.training.app import build_api
from services.training.drafting.store import HIGHLIGHTS
from services.training.meetings.directing import StartMeeting, start_meeting
from services.training.meetings.model import Meeting
from services.training.meetings.planning import PlanMeeting, plan_meeting
from services.training.meetings.signing_in import SigningIn
from services.training.meetings.store import meeting_of
from services.training.series.commands import CreateSeries, create_series
from tests.training.company import founded
from tests.training.conftest import runtime_on
from tests.training.samples import EIGHT_THIRTY, plan

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def served(mongodb_uri: str, database_name: str, clock: TurnedClock) -> Iterator[Served]:
    runtime = runtime_on(mongodb_uri, database_name, clock)
    with Served(build_api(runtime)) as served:
        served.do(lambda: founded(_mongo(served)))
        yield served


def _mongo(served: Served) -> Mongo:
    mongo: Mongo = served.app.state.site.mongo
    return mongo


def _work(served: Served) -> UnitOfWork:
    site = served.app.state.site
    return UnitOfWork(site.mongo, site.clock, "/muster/training", Cause(actor="trainer"))


def _meeting(served: Served, meeting_id: str) -> Meeting:
    async def read() -> Any:
        return (await meeting_of(_mongo(served), meeting_id)).value

    found: Meeting = served.do(read)
    return found


def _begun(served: Served, clock: TurnedClock) -> None:
    async def begin() -> None:
        work = _work(served)
        await work.run(
            create_series, CreateSeries(series_id="series", unit_id="branch", host_id="trainer", title="早会")
        )
        await work.run(plan_meeting, PlanMeeting(series_id="series", meeting_id="meeting", plan=plan()))
        clock.turn_to(EIGHT_THIRTY)
        await work.run(start_meeting, StartMeeting(meeting_id="meeting"))

    served.do(begin)


def _kinds(page: Page) -> list[str]:
    return [box.input_value() for box in page.locator("#t-segs [data-t-kind]").all()]


def test_from_no_series_to_a_plan_with_one_click_each(
    served: Served, browser: Browser, clock: TurnedClock
) -> None:
    async def praiseworthy() -> None:
        await (
            _mongo(served)
            .collection(HIGHLIGHTS)
            .insert_one(
                {
                    "_id": "event",
                    "kind": "showings_done",
                    "person_id": "wu",
                    "org_path": ["company", "region", "branch", "team"],
                    "at": clock() - timedelta(hours=2),
                }
            )
        )

    served.do(praiseworthy)
    with visit(browser, served, "trainer") as seen:
        page = seen.open("/training/meetings")
        seen.assert_accessible()
        page.get_by_role("button", name="设为常规早会").click()
        expect(page.get_by_role("heading", name="从初稿排早会")).to_be_visible()
        seen.assert_accessible()
        expect(page.get_by_text("吴晓峰 · 带看 1 次")).to_be_visible()
        expect(page.locator(".t-length")).to_contain_text("正好")

        # the keyboard moves the topic up, and the bar follows what is in the form
        grip = page.locator("[data-t-segment]").nth(3).locator("[data-t-grip]")
        grip.press("ArrowUp")
        assert _kinds(page)[2:4] == ["topic", "policy"]
        page.locator("[data-t-segment]").nth(2).locator("input[type=number]").fill("15")
        expect(page.locator(".t-length")).to_contain_text("超出 3 分钟")

        # the mouse moves the last segment above the one before it
        grips = page.locator("#t-segs [data-t-grip]")
        grips.last.scroll_into_view_if_needed()
        start, end = grips.last.bounding_box(), page.locator("[data-t-segment]").nth(4).bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 10, start["y"] + 10)
        page.mouse.down()
        page.mouse.move(start["x"] + 10, start["y"] - 20, steps=4)
        page.mouse.move(start["x"] + 10, end["y"] + 4, steps=8)
        page.mouse.up()
        expect(page.locator("#t-segs [data-t-kind]").nth(4)).to_have_value("targets")

        # what is wrong is said beside the field, and nothing that was typed is lost
        page.get_by_label("口号").fill("开门红")
        page.locator("[data-t-segment]").nth(4).locator("input[type=number]").fill("99")
        page.get_by_role("button", name="排入日历").click()
        expect(page.locator(".m-field-error")).to_be_visible()
        expect(page.get_by_label("口号")).to_have_value("开门红")
        assert _kinds(page) == ["attendance", "results", "topic", "policy", "targets", "drill"]
        seen.assert_accessible()
        page.locator("[data-t-segment]").nth(4).locator("input[type=number]").fill("3")
        page.locator("#t-add").click()
        page.locator("[data-t-segment]").last.locator("input[type=number]").fill("2")
        page.locator("[data-t-segment]").last.locator("[data-t-remove]").click()
        page.get_by_role("button", name="排入日历").click()
        expect(page.get_by_role("heading", name="早会", exact=True)).to_be_visible()
        seen.assert_accessible()
        seen.assert_fits()
        seen.said = [line for line in seen.said if "422" not in line]
        seen.assert_silent()
        planned = _meeting(served, page.url.rsplit("/", 1)[1])
    assert planned.starts_at == EIGHT_THIRTY
    assert [part.kind.value for part in planned.agenda] == [
        "attendance",
        "results",
        "topic",
        "policy",
        "targets",
        "drill",
    ]
    assert (planned.minutes, planned.slogan) == (33, "开门红")
    assert planned.agenda[1].mentions[0].person_id == "wu"


def test_a_meeting_is_directed_by_two_and_seen_by_all(
    served: Served, browser: Browser, clock: TurnedClock
) -> None:
    _begun(served, clock)
    with (
        visit(browser, served, "trainer", size="tv") as first,
        visit(browser, served, "manager", language="en") as second,
        visit(browser, served, "li", size="phone") as phone,
    ):
        one = first.open("/training/meetings/meeting/direct")
        two = second.open("/training/meetings/meeting/direct")
        mine = phone.open("/training/meetings/meeting")
        expect(one.locator(".t-qr")).to_have_count(1)
        for seen in (first, second, phone):
            seen.assert_accessible()
            seen.assert_fits()

        # both tap at the same time, each sees the other's tap
        one.get_by_role("button", name="吴晓峰: 已到").click()
        two.get_by_role("button", name="何雨桐: On leave").click()
        expect(two.locator("#t-p-wu")).to_contain_text("Present")
        expect(one.locator("#t-p-he")).to_contain_text("请假")

        # the agent's own phone
        token = SigningIn(
            served.app.state.site.settings.session_key.get_secret_value().encode(), "", clock()
        ).token("meeting")
        phone.open(f"/training/meetings/meeting/sign-in?token={token}")
        expect(mine.get_by_text("签到成功")).to_be_visible()
        expect(one.locator("#t-p-li")).to_contain_text("已到")

        # the arrow goes on, on every screen, and writing keeps the keys for itself
        one.keyboard.press("ArrowRight")
        expect(two.locator(".t-now-title")).to_have_text("Results and praise")
        expect(mine.locator("[aria-current=step]")).to_contain_text("业绩与表扬")
        notes = one.locator("#t-notes-text")
        notes.fill("今日目标")
        notes.press("End")
        notes.press("Space")
        notes.press("ArrowRight")
        expect(one.locator("#t-notes-state")).to_contain_text("已保存")
        expect(one.locator(".t-now-title")).to_have_text("业绩与表扬")

        # what the other wrote in between is shown, not lost
        two.locator("#t-notes-text").fill("Mine")
        expect(two.locator("#t-notes-state")).to_contain_text("今日目标")
        two.locator("#t-notes-text").fill("Mine too")
        expect(two.locator("#t-notes-state")).to_contain_text("Saved at")

        two.locator("#t-item-text").fill("Call the owner")
        two.locator("#t-item-owner").select_option("li")
        two.locator(".t-item-new button").click()
        expect(one.locator("#t-items")).to_contain_text("Call the owner")

        clock.turn(timedelta(minutes=30))
        one.locator(".t-step").last.click()
        expect(one.locator(".t-now-title")).to_have_text("目标")
        # the fragment with the last segment's buttons may still be on its way when the title is there
        expect(one.get_by_role("button", name="结束", exact=True)).to_be_enabled()
        one.locator(".t-now-title").click()
        one.keyboard.press("PageDown")
        expect(one.locator("#t-close")).to_be_visible()
        first.assert_accessible()
        one.locator("#t-close").get_by_role("button", name="结束早会").click()
        expect(one.get_by_text("Mine too")).to_be_visible()
        expect(one.get_by_text("缺勤", exact=True).first).to_be_visible()
        expect(two.get_by_text("The meeting is closed")).to_be_visible()
        expect(mine.get_by_text("早会已结束。")).to_be_visible()
        phone.open("/training/meetings/meeting")
        expect(mine.get_by_text("Call the owner")).to_be_visible()
        assert "何雨桐" not in mine.content()
        for seen in (first, second, phone):
            seen.assert_accessible()
            seen.assert_fits()
            seen.assert_silent()
    held = _meeting(served, "meeting")
    assert (held.came, held.counted) == (3, 5)  # trainer, wu and li of six, one of whom was on leave


def test_two_who_plan_at_once_see_what_the_other_changed(
    served: Served, browser: Browser, clock: TurnedClock
) -> None:
    async def planned() -> None:
        work = _work(served)
        await work.run(
            create_series, CreateSeries(series_id="series", unit_id="branch", host_id="trainer", title="早会")
        )
        await work.run(plan_meeting, PlanMeeting(series_id="series", meeting_id="meeting", plan=plan()))

    served.do(planned)
    with visit(browser, served, "trainer") as first, visit(browser, served, "manager") as second:
        one = first.open("/training/meetings/meeting/edit")
        two = second.open("/training/meetings/meeting/edit")
        one.get_by_label("口号").fill("甲")
        one.get_by_role("button", name="保存方案").click()
        expect(one).to_have_url(re.compile("/training/meetings/meeting$"))
        two.get_by_label("口号").fill("乙")
        two.get_by_role("button", name="保存方案").click()
        expect(two.locator(".m-field-theirs")).to_contain_text("甲")
        expect(two.get_by_label("口号")).to_have_value("乙")
        second.assert_accessible()
        two.get_by_role("button", name="保存方案").click()
        expect(two).to_have_url(re.compile("/training/meetings/meeting$"))
    assert _meeting(served, "meeting").slogan == "乙"


@pytest.mark.parametrize("person", ["trainer", "li"])
def test_pages_of_a_company_that_has_not_begun_say_what_to_do(
    served: Served, browser: Browser, person: str
) -> None:
    with visit(browser, served, person, size="phone", language="en") as seen:
        page = seen.open("/training/meetings")
        hint = "has no morning meeting yet" if person == "trainer" else "Your trainer puts the next one here."
        expect(page.get_by_text(hint)).to_be_visible()
        seen.assert_accessible()
        seen.assert_fits()
        seen.assert_silent()
