"""Deals, imports and updates in a real browser."""

import csv
import io
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.testing.browser import Size, Visit, visit
from services.clients.deals.commands import DealStep, OpenDeal, ShareOf, SignDeal, WriteTerms, open_deal, sign
from services.clients.deals.commands import confirm as confirm_deal
from services.clients.files.family import KeepConsents, keep_consents
from services.clients.files.people import Channel, ConsentGiven
from services.clients.updates.commands import PublishUpdate, publish
from services.contracts.clients import DealKind, DealPart, Grade, UpdateKind
from tests.clients.company import Company
from tests.clients.imports.work import work_through
from tests.clients.pages import Site, choose
from tests.clients.samples import NOW

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def as_csv(*rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["姓名", "电话", "等级", "登记日期"], *rows])
    return text.getvalue().encode("gb18030")


def test_a_deal_is_written_down_signed_and_confirmed(browser: Browser, site: Site) -> None:
    served, company = site
    client = served.do(lambda: company.register("王小明", "13800138000"))
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open(f"/clients/clients/{client.id}/deals")
        page.get_by_role("link", name="New deal").click()
        page.get_by_label("Price, yearly rent or premium").fill("538万")
        page.get_by_label("Commission", exact=True).fill("107600.01")
        page.get_by_label("Percent, line 1").fill("60")
        expect(page.get_by_text("40 % still to be given")).to_be_visible()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("must add up to exactly 100 %")).to_be_visible()
        there.said.clear()
        page.get_by_label("Who, line 2").select_option(label="赵强")
        page.get_by_label("For what, line 2").select_option(label="Keeper of the listing")
        page.get_by_label("Percent, line 2").fill("40")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("¥43,040")).to_be_visible()
        page.get_by_role("button", name="It is signed").click()
        expect(page.get_by_text("Shares to be confirmed")).to_be_visible()
        there.assert_silent()
    with visit(browser, served, "sun", size="desktop", language="zh") as there:
        page = there.open("/clients/deals")
        page.get_by_role("link", name="王小明").click()
        page.get_by_role("button", name="确认", exact=True).click()
        expect(page.get_by_text("已签约").first).to_be_visible()
        page.get_by_text("没有成", exact=True).click()
        choose(page, "贷款未批")
        page.get_by_role("button", name="作废").click()
        expect(page.get_by_text("作废原因")).to_be_visible()
        there.assert_silent()
    names = served.do(company.names)
    assert [each for each in names if each.startswith("deal-")].count("deal-closed") == 1
    assert "deal-undone" in names


def test_a_file_of_old_clients_is_checked_read_in_and_taken_back(browser: Browser, site: Site) -> None:
    served, company = site
    rows = [[f"客户{n}", f"1380000{n:04}", "B", "2024-05-06"] for n in range(30)]
    data = as_csv(*rows, ["坏行", "12", "Z", "明天"], ["重复", "13800000003", "", ""])
    file: Any = {"name": "老客户.csv", "mimeType": "text/csv", "buffer": data}
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/imports")
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_label("姓名")).to_have_value("name")
        expect(page.get_by_text("客户0 · 客户1").first).to_be_visible()
        there.assert_accessible()
        page.get_by_role("button", name="Check all rows").click()
        expect(page.get_by_text("You can leave this page")).to_be_visible()
        served.do(lambda: work_through(company))
        expect(page.get_by_role("button", name="Read it in")).to_be_visible()
        expect(page.get_by_text("Grade: The grade is A, B or C")).to_be_visible()
        expect(page.get_by_text("The same phone stands in row 5")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Rows that stay out").click()
        assert download.value.suggested_filename == "errors.csv"
        page.get_by_role("button", name="Read it in").click()
        served.do(lambda: work_through(company))
        expect(page.get_by_role("button", name="Take it back")).to_be_visible()
        assert served.do(company.names).count("client-registered") == 30
        page.get_by_role("button", name="Take it back").click()
        page.locator("dialog[open]").get_by_role("button").last.click()
        served.do(lambda: work_through(company))
        expect(page.get_by_role("heading", name="Taken back")).to_be_visible()
        there.assert_silent()


def test_an_update_is_sent_with_one_tap_each(browser: Browser, site: Site) -> None:
    served, company = site

    async def written() -> None:
        client = await company.register("王小明", "13800138000")
        said = {Channel.UPDATES: ConsentGiven.IN_PERSON}
        await company.run(keep_consents, KeepConsents(client_id=client.id, said=said))

    served.do(written)
    with visit(browser, served, "trainer", size="desktop", language="zh") as there:
        page = there.open("/clients/updates/new")
        choose(page, "法规政策")
        page.get_by_label("标题").fill("公积金贷款额度上调")
        page.get_by_label("正文").fill("自12月1日起，家庭最高贷款额度为160万元。")
        page.get_by_label("发布范围").select_option(label="静安营业部")
        page.get_by_role("button", name="发布").click()
        expect(page.get_by_role("heading", name="公积金贷款额度上调")).to_be_visible()
        there.assert_silent()
    with visit(browser, served, "lin", size="phone", language="en") as there:
        there.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = there.open("/clients/updates")
        page.get_by_role("link", name="公积金贷款额度上调").click()
        page.get_by_role("button", name="Send to 王小明").click()
        expect(page.get_by_text("Copied: paste it into the chat")).to_be_visible()
        expect(page.get_by_role("button", name="Send to 王小明")).to_have_count(0)
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied.startswith("Hello 王小明,\n\n公积金贷款额度上调")
        there.assert_silent()
    assert served.do(company.names).count("update-sent") == 1


@pytest.mark.parametrize(("size", "language"), [("phone", "zh"), ("phone", "en"), ("tv", "zh")])
def test_every_page_fits_and_is_open_to_everybody(
    browser: Browser, site: Site, size: Size, language: Literal["zh", "en"]
) -> None:
    served, company = site
    ids = served.do(lambda: filled(company))
    with visit(browser, served, "lin", size=size, language=language) as there:
        for path in (
            "/clients/deals",
            "/clients/deals?state=closed",
            "/clients/deals?state=void",
            f"/clients/deals/{ids['open']}",
            f"/clients/deals/{ids['open']}/edit",
            f"/clients/deals/{ids['signed']}",
            f"/clients/clients/{ids['client']}/deals",
            f"/clients/clients/{ids['other']}/deals",
            "/clients/imports",
            "/clients/updates",
            f"/clients/updates/{ids['update']}",
            f"/clients/updates/{ids['update']}?grade=C",
        ):
            look(there, path)
    with visit(browser, served, "manager", size=size, language=language) as there:
        for path in (
            "/clients/deals",
            f"/clients/deals/{ids['proposed']}",
            "/clients/deals/settings",
            "/clients/imports",
            "/clients/updates",
            "/clients/updates/new",
            f"/clients/updates/{ids['update']}",
        ):
            look(there, path)


async def filled(company: Company) -> dict[str, str]:
    """Deals of all stages, and an update; their ids."""
    one = await company.register("欧阳静怡", "13800138000", address="上海市静安区延平路98弄3号")
    other = await company.register("Alexandra Konstantinopoulos", "13800138001")
    await company.grade(one.id, Grade.A)
    said = {Channel.UPDATES: ConsentGiven.IN_PERSON}
    await company.run(keep_consents, KeepConsents(client_id=one.id, said=said))
    await company.run(keep_consents, KeepConsents(client_id=other.id, said=said))
    shares = (
        ShareOf(agent_id="lin", part=DealPart.CLOSER, basis_points=3_333),
        ShareOf(agent_id="zhao", part=DealPart.KEEPER, basis_points=3_333),
        ShareOf(agent_id="sun", part=DealPart.HELPER, basis_points=3_334),
    )
    terms = WriteTerms(
        kind=DealKind.SALE, amount=1_538_000_000, commission=30_760_001, currency="CNY", shares=shares
    )
    ids = {"client": one.id, "other": other.id}
    for name in ("open", "proposed", "signed"):
        ids[name] = (await company.run(open_deal, OpenDeal(client_id=one.id, terms=terms))).id
    for name in ("proposed", "signed"):
        await company.run(sign, SignDeal(deal_id=ids[name], signed_on=NOW.date(), starts_on=NOW.date()))
    await company.run(confirm_deal, DealStep(deal_id=ids["signed"]))
    update = await company.run(
        publish,
        PublishUpdate(
            unit_id="jingan",
            kind=UpdateKind.LEGAL,
            title="公积金贷款额度上调，家庭最高可贷一百六十万元",
            text="自12月1日起，家庭最高贷款额度为160万元。\n\n首套房首付比例不变。",
            link="https://example.com/" + "a" * 80,
            valid_until=NOW.date(),
        ),
    )
    return {**ids, "update": update.id}


def look(there: Visit, path: str) -> None:
    there.open(path)
    there.assert_fits()
    there.assert_accessible()
    there.assert_silent()
