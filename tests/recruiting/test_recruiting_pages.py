"""The pages of recruiting in a real browser: a trainer moves a candidate and hires; every page is open to everybody."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.clock import TurnedClock
from services.chassis.personal_data import PersonalDataSettings, Vault
from services.chassis.testing.browser import Served, Size, chromium, visit
from services.chassis.testing.delivery import deliver
from services.recruiting.app import build_api, subscription
from services.recruiting.candidates.personal import CandidateFiles
from services.recruiting.organisation.commands import OpenUnit, open_unit
from tests.recruiting.conftest import MONDAY, TO_COMMITMENT, Office, runtime_on

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NAMES = ("王小明", "赵敏", "欧阳静怡", "刘洋", "陈思思")


async def _fill(office: Office) -> None:
    await office.open()
    for number, name in enumerate(NAMES):
        stages = TO_COMMITMENT[: number % 4]
        await office.candidate(f"c{number}", f"1990000100{number}", name=name, stages=stages)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def served(mongodb_uri: str, database_name: str) -> Iterator[tuple[Served, Office]]:
    runtime = runtime_on(mongodb_uri, database_name, TurnedClock(MONDAY))
    with Served(build_api(runtime)) as served:

        async def fill() -> Office:
            key = PersonalDataSettings().key()
            files = CandidateFiles(Vault(runtime.mongo, key), key, runtime.mongo.database)
            office = Office(runtime.mongo, runtime.work, TurnedClock(MONDAY), files, runtime)
            await _fill(office)
            return office

        yield served, served.do(fill)


def test_a_trainer_registers_moves_and_hires(browser: Browser, served: tuple[Served, Office]) -> None:
    site, office = served
    with visit(browser, site, "trainer", language="en") as there:
        page = there.open("/recruiting/pipeline")
        page.get_by_role("link", name="New candidate").first.click()
        page.get_by_label("Name").fill("高远")
        page.get_by_label("Phone").fill("199 0000 7777")
        page.locator("label.m-choice", has_text="Walk-in").click()
        page.get_by_label("Agrees to our keeping this file").check()
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("heading", name="高远")).to_be_visible()
        for stage in ("Contacted", "First interview", "Commitment"):
            page.get_by_role("button", name=stage, exact=True).click()
            expect(page.locator('[aria-current="step"]')).to_have_text(stage)
        page.get_by_role("link", name="Hire").click()
        page.get_by_role("button", name="Hire").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        there.said.clear()  # the browser itself reports the 422 of the incomplete contract
        for item in ("Identity card", "Education certificate", "Photo", "Licence"):
            page.locator("label.m-choice", has_text=item).click()
        page.get_by_label("Licence valid until").fill("2029-01-01")
        page.get_by_label("Team").select_option(label="飞鹰队")
        page.get_by_label("Mentor").select_option(label="孙丽")
        page.get_by_role("button", name="Hire").click()
        expect(page.get_by_text("高远 is one of us now")).to_be_visible()
        there.assert_silent()

    async def hired() -> int:
        return await office.mongo.collection("outbox").count_documents({"type": {"$regex": "agent-hired"}})

    assert site.do(hired) == 1


def test_a_card_is_dragged_and_another_window_sees_it(
    browser: Browser, served: tuple[Served, Office]
) -> None:
    site, _ = served
    with visit(browser, site, "trainer") as mine, visit(browser, site, "manager") as other:
        watching = other.open("/recruiting/pipeline")
        page = mine.open("/recruiting/pipeline")
        card, column = page.locator("#card-c1"), page.locator('[data-r-stage="first_interview"]')
        mine.drag(card, column, held=".r-ghost")
        expect(column.locator("#card-c1")).to_be_visible()
        expect(watching.locator('[data-r-stage="first_interview"] #card-c1')).to_be_visible()
        # two required stages further is not allowed: the card goes back, and the page says why
        mine.drag(page.locator("#card-c0"), column, held=".r-ghost")
        expect(page.get_by_text("不能跳过必经阶段")).to_be_visible()
        expect(page.locator('[data-r-stage="listed"] #card-c0')).to_be_visible()
        mine.assert_silent()
        other.assert_silent()


PAGES = (
    "/recruiting/pipeline",
    "/recruiting/pipeline?search=nobody",
    "/recruiting/pipeline/new",
    "/recruiting/candidates/c0",
    "/recruiting/candidates/c3/hire",
    "/recruiting/organisation",
    "/recruiting/organisation/jingan",
    "/recruiting/people/agent",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_accessible_silent_and_fits(
    browser: Browser, served: tuple[Served, Office], language: Literal["zh", "en"]
) -> None:
    site, _ = served
    sizes: tuple[Size, ...] = ("tv", "desktop", "phone")
    for size in sizes:
        with visit(browser, site, "trainer", size=size, language=language) as there:
            for path in PAGES:
                there.open(path)
                there.assert_fits()
                if size != "tv":
                    there.assert_accessible()
            there.assert_silent()


def test_head_office_opens_renames_and_moves_units(browser: Browser, served: tuple[Served, Office]) -> None:
    site, _ = served
    with visit(browser, site, "head", language="en") as there:
        page = there.open("/recruiting/organisation/jingan")
        page.get_by_role("button", name="Open a unit below").click()
        page.locator("#r-open").get_by_label("Name").fill("晨光队")
        page.locator("#r-open").get_by_role("button", name="Open").click()
        expect(page.get_by_role("heading", name="晨光队")).to_be_visible()
        page.get_by_role("button", name="Rename").click()
        page.locator("#r-rename").get_by_label("Name").fill("朝阳队")
        page.locator("#r-rename").get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="朝阳队")).to_be_visible()
        there.assert_silent()


def test_a_manager_moves_an_agent_and_lets_another_go(
    browser: Browser, served: tuple[Served, Office]
) -> None:
    site, office = served

    async def second_team() -> None:
        new = OpenUnit(unit_id="hawks", kind="team", name="雄鹰队", parent_id="jingan")
        await office.work.run(open_unit, new)
        await deliver(office.work, subscription(office.runtime))

    site.do(second_team)
    with visit(browser, site, "manager", size="phone", language="en") as there:
        page = there.open("/recruiting/organisation/jingan")
        page.get_by_role("link", name="李娜").click()
        page.get_by_role("button", name="Move to another team").click()
        page.locator("#r-move").get_by_label("Team").select_option(label="静安营业部 › 雄鹰队")
        there.assert_accessible()
        page.locator("#r-move").get_by_role("button", name="Move").click()
        expect(page.get_by_text("李娜 has moved")).to_be_visible()
        expect(page.locator("dd", has_text="雄鹰队").first).to_be_visible()
        page.get_by_role("button", name="Leaves the company").click()
        page.locator("#r-leave").get_by_role("button", name="Write it down").click()
        expect(page.get_by_text("Some fields need your attention").first).to_be_visible()
        page.locator("main").get_by_label("李娜 can no longer sign in").first.check()
        page.locator("main").get_by_role("button", name="Write it down").first.click()
        expect(page.get_by_text("Left on 2 Mar").first).to_be_visible()
        there.assert_accessible()
        there.assert_fits()
