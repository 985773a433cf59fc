"""Pool, handovers and referrals in a real browser, the way agents and managers go through them."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.clock import TurnedClock
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.testing.browser import Served, Size, Visit, chromium, visit
from services.clients.app import build_api
from services.clients.files.personal import PersonalData
from services.clients.ownership import commands
from services.clients.ownership.commands import ReassignClient, ShareClient, TakeClient
from services.clients.referrals.commands import NameReferrer, name_referrer
from services.contracts.clients import Grade, Reassignment
from tests.clients.company import Company, runtime_on
from tests.clients.ownership.test_changing_hands import leave
from tests.clients.referrals.test_referrals import closed, hear
from tests.clients.samples import CAUSES, NOW

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

Site = tuple[Served, Company]
NAMES = ("王建国", "欧阳明月", "李秀英", "Alexandra Konstantinopoulos", "陈晨")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(mongodb_uri: str, database_name: str) -> Iterator[Site]:
    runtime = runtime_on(mongodb_uri, database_name, TurnedClock(NOW))
    with Served(build_api(runtime)) as served:

        async def opened() -> Company:
            clock = runtime.clock
            assert isinstance(clock, TurnedClock)
            personal = PersonalData.of(runtime.mongo, PersonalDataSettings().key())
            company = Company(runtime.mongo, clock, personal)
            await company.open()
            return company

        yield served, served.do(opened)


async def pooled(company: Company, name: str, grade: Grade = Grade.B) -> str:
    client = await company.register(name, agent_id="zhao")
    await company.grade(client.id, grade)
    away = ReassignClient(client_id=client.id, agent_id=None, reason=Reassignment.GIVEN_UP)
    await company.run(commands.reassign_client, away)
    await company.hear()
    return client.id


def test_two_agents_want_the_same_client(browser: Browser, site: Site) -> None:
    served, company = site

    async def fill() -> tuple[str, str]:
        return await pooled(company, "王建国"), await pooled(company, "李秀英")

    first, second = served.do(fill)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/pool")
        expect(page.get_by_text("10 takes left today")).to_be_visible()

        async def faster() -> None:
            await company.run(commands.take, TakeClient(client_id=first, agent_id="sun"))

        served.do(faster)
        page.get_by_role("button", name="Take 王**").click()
        expect(page.get_by_text("Somebody else was faster")).to_be_visible()
        page.get_by_role("button", name="Take 李**").click()
        expect(page.get_by_role("heading", name="李秀英")).to_be_visible()
        assert page.url.endswith(second)
        there.open("/clients/pool")
        expect(page.get_by_text("9 takes left today")).to_be_visible()
        expect(page.get_by_text("The pool is empty")).to_be_visible()
        there.assert_silent()


def test_a_manager_looks_through_a_handover_and_changes_it(browser: Browser, site: Site) -> None:
    served, company = site

    async def fill() -> None:
        for name in ("王建国", "李秀英", "陈晨"):
            client = await company.register(name, agent_id="zhao")
            await company.grade(client.id, Grade.B)
        await company.hear()
        await leave(company, "zhao")
        await company.hear()

    served.do(fill)
    with visit(browser, served, "manager", language="en") as there:
        page = there.open("/clients/handovers")
        page.get_by_role("link", name="赵强").click()
        expect(page.get_by_text("孙主管").first).to_be_visible()
        page.get_by_label("王建国", exact=True).check()
        page.get_by_label("Agent", exact=True).select_option(label="林晓")
        page.get_by_role("button", name="Give").click()
        expect(page.get_by_text("1 clients have another agent now")).to_be_visible()
        expect(page.locator(".m-item", has_text="王建国").get_by_text("林晓")).to_be_visible()
        page.get_by_role("button", name="Take back", exact=True).click()
        expect(page.get_by_text("Choose the clients first")).to_be_visible()
        page.get_by_label("陈晨", exact=True).check()
        page.get_by_role("button", name="Take back", exact=True).click()
        expect(page.get_by_text("1 clients were taken back")).to_be_visible()
        page.get_by_role("button", name="Take all back").click()
        page.get_by_role("dialog").get_by_role("button", name="Continue").click()
        expect(page.get_by_text("1 clients were taken back")).to_be_visible()
        expect(page.locator(".m-item", has_text="李秀英").get_by_text("In the pool")).to_be_visible()
        expect(page.locator(".m-item", has_text="王建国").get_by_text("林晓")).to_be_visible()
        there.assert_silent()


def test_an_agent_writes_down_who_sent_a_client(browser: Browser, site: Site) -> None:
    served, company = site

    async def fill() -> tuple[str, str]:
        sender, new = await company.register("王建国"), await company.register("李秀英")
        await hear(company, closed(new.id, 1_250_000, "d1"), "d1", 1)
        return sender.id, new.id

    sender, new = served.do(fill)
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open(f"/clients/clients/{new}/referrals")
        page.get_by_role("link", name="Write down who").click()
        page.get_by_label("Search for who brought them").fill("wjg")
        page.get_by_role("button", name="Search", exact=True).click()
        page.get_by_role("button", name="王建国 brought them").click()
        expect(page.get_by_text("A call to say thank you is being planned")).to_be_visible()
        page.get_by_role("link", name="王建国").click()
        expect(page.get_by_role("heading", name="王建国")).to_be_visible()
        expect(page.locator(".c-tree-line", has_text="李秀英")).to_contain_text("¥12,500")
        assert sender in page.url
        there.open("/clients/referrals")
        expect(page.get_by_text("brought 1 client")).to_be_visible()
        there.assert_silent()


async def fill_everything(company: Company) -> list[str]:
    ids = []
    for place, name in enumerate(NAMES):
        client = await company.register(name, f"13800138{place:03}")
        await company.grade(client.id, list(Grade)[place % 3])
        ids.append(client.id)
    await pooled(company, "赵丽颖", Grade.A)
    await pooled(company, "Bartholomew Featherstonehaugh", Grade.C)
    handed = await company.register("钱学森", agent_id="zhao")
    await company.grade(handed.id, Grade.A)
    await company.hear()
    await leave(company, "zhao")
    for brought, by in ((1, 0), (2, 0), (3, 1), (4, 3)):
        named = NameReferrer(client_id=ids[brought], referrer_id=ids[by])
        await company.run(name_referrer, named)
        await hear(company, closed(ids[brought], 1_234_567 * brought, f"d{brought}"), f"d{brought}", 1)
    back = ReassignClient(client_id=ids[0], agent_id="sun")
    await company.run(commands.reassign_client, back)
    await company.run(commands.reassign_client, ReassignClient(client_id=ids[0], agent_id="lin"))
    await company.run(commands.share, ShareClient(client_id=ids[0], agent_ids=("sun",)))
    company.clock.turn(timedelta(days=6))
    await company.hear()
    return [f"/clients/clients/{ids[0]}/{tab}" for tab in ("owner", "referrals", "referrer?q=ly")]


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_and_is_open_to_everybody(
    browser: Browser, site: Site, size: Size, language: Literal["zh", "en"]
) -> None:
    served, company = site
    empty = ("/clients/pool", "/clients/handovers", "/clients/handovers/by-hand", "/clients/referrals")
    with visit(browser, served, "sun", size=size, language=language) as there:
        for path in empty:
            _look(there, path, f"empty-{size}-{language}")
    paths = served.do(lambda: fill_everything(company))
    with visit(browser, served, "lin", size=size, language=language) as there:
        for path in (*paths, "/clients/pool", "/clients/referrals"):
            _look(there, path, f"agent-{size}-{language}")
    handover = f"/clients/handovers/{CAUSES[1]}"
    with visit(browser, served, "manager", size=size, language=language) as there:
        for path in (*paths[:1], "/clients/pool", "/clients/pool/settings", "/clients/handovers", handover):
            _look(there, path, f"manager-{size}-{language}")
        _look(there, "/clients/handovers/by-hand?agent=lin", f"manager-{size}-{language}")


def _look(there: Visit, path: str, name: str) -> None:
    page = there.open(path)
    there.assert_fits()
    there.assert_accessible()
    there.assert_silent()
    if folder := os.environ.get("MUSTER_PICTURES"):
        page.screenshot(
            path=f"{folder}/{path.strip('/').replace('/', '_').partition('?')[0][-40:]}-{name}.png"
        )
