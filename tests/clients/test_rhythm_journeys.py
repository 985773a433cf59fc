"""The agent's rhythm in a real browser: without a connection, a contact of one's own, a complaint, settings, time."""

from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from services.chassis.testing.browser import Size, visit
from services.clients.follow_ups.commands import LogContact, log_contact
from services.clients.follow_ups.cooling_off import RecordComplaint, record_complaint
from services.clients.follow_ups.model import Outcome
from services.contracts.clients import FollowUpRule, Grade, Intent
from tests.clients.company import Company
from tests.clients.follow_ups.test_occasions_by_events import match
from tests.clients.pages import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def two_due(company: Company) -> list[str]:
    """Two clients whom lin has to call now, with the rare match of a C client among them."""
    clients = []
    for number, (name, letter) in enumerate((("王小明", Grade.A), ("李红", Grade.C))):
        client = await company.register(name, f"1380013800{number}")
        await company.grade(client.id, letter)
        clients.append(client.id)
    await company.hear()
    company.turn_to((await company.open_follow_ups(clients[0]))[FollowUpRule.CADENCE].due_at)
    await company.deliver([match(company, clients[1], rare=True)])
    return clients


def test_without_a_connection_the_day_is_read_and_what_is_tapped_is_sent_later_once(
    browser: Browser, site: Site
) -> None:
    served, company = site
    served.do(lambda: two_due(company))
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/today")
        expect(page.locator(".c-task").first).to_contain_text("李红")
        expect(page.locator("#c-today[data-kept]")).to_be_attached()
        page.context.set_offline(True)
        page.reload()
        expect(page.locator("#c-offline")).to_contain_text("No connection. As of 10:00.")
        expect(page.get_by_text("王小明").first).to_be_visible()
        there.assert_fits()
        page.get_by_role("button", name="Done: 王小明").click()
        expect(page.get_by_text("There is no connection.")).to_be_visible()
        page.locator("#c-offline-sheet label.m-choice", has_text="20").click()
        page.locator("#c-offline-sheet").get_by_role("button", name="Reached").click()
        expect(page.locator("#c-offline")).to_contain_text("1 to be sent when there is one")
        expect(page.locator(".c-waiting").get_by_text("Will be sent")).to_be_visible()
        page.reload()
        expect(page.locator("#c-offline")).to_contain_text("1 to be sent when there is one")
        assert "follow-up-done" not in served.do(company.names)
        page.context.set_offline(False)
        expect(page.get_by_text("Sent: 1")).to_be_visible()
        expect(page.get_by_role("button", name="Done: 王小明")).to_have_count(0)
        expect(page.locator("#c-offline")).to_be_hidden()
        page.reload()
    done = [each.event for each in served.do(company.events) if each.event.event_name == "follow-up-done"]
    assert [(each.outcome, each.minutes) for each in done] == [("reached", 20)]


def test_a_contact_of_ones_own_is_written_down_from_today_in_two_taps(browser: Browser, site: Site) -> None:
    served, company = site
    served.do(lambda: two_due(company))
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open("/clients/today")
        page.get_by_role("link", name="Log contact").click()
        page.get_by_role("searchbox").fill("wxm")
        expect(page.get_by_role("button", name="李红")).to_have_count(0)
        there.assert_accessible()
        page.get_by_role("button", name="王小明").click()
        page.get_by_role("button", name="Reached").click()
        page.wait_for_url("**/clients/today")
        served.do(company.hear)
        expect(page.locator("#c-due").get_by_text("王小明")).to_have_count(0)
        there.assert_silent()
    done = [each.event for each in served.do(company.events) if each.event.event_name == "follow-up-done"]
    assert [each.rule for each in done] == [FollowUpRule.OWN_INITIATIVE]


def test_after_a_complaint_the_file_says_so_and_the_supervisor_ends_it(browser: Browser, site: Site) -> None:
    served, company = site
    client_id = served.do(lambda: two_due(company))[0]
    with visit(browser, served, "lin", size="phone", language="en") as there:
        page = there.open(f"/clients/clients/{client_id}")
        page.get_by_role("button", name="Log contact").click()
        page.get_by_role("button", name="The client complained").click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Cooling-off until").first).to_be_visible()
        expect(page.get_by_role("button", name="End it now")).to_have_count(0)
        there.assert_accessible()
        there.open("/clients/clients")
        expect(page.get_by_text("Cooling-off").first).to_be_visible()
        there.assert_silent()
    with visit(browser, served, "sun", language="en") as there:
        page = there.open(f"/clients/clients/{client_id}")
        page.get_by_role("button", name="End it now").click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Cooling-off until")).to_have_count(0)


async def lived(company: Company) -> str:
    """Some weeks of lin and zhao, with time spent."""
    for number, agent in enumerate(("lin", "lin", "zhao", "zhao", "lin")):
        client = await company.register(f"客户{number}", f"1390013900{number}", agent_id=agent)
        await company.grade(client.id, list(Grade)[number % 3], list(Intent)[number % 3])
        await company.hear()
    mine: str = client.id
    for _ in range(4):
        for document in await company.mongo.collection("clients").find().to_list(None):
            touch = LogContact(client_id=document["_id"], outcome=Outcome.REACHED, minutes=15)
            await company.run(log_contact, touch)
        await company.hear()
        company.clock.turn(timedelta(days=5))
    await company.run(record_complaint, RecordComplaint(client_id=mine))
    return mine


def test_settings_are_tried_before_they_are_saved(browser: Browser, site: Site) -> None:
    served, company = site
    served.do(lambda: lived(company))
    with visit(browser, served, "manager", language="en") as there:
        page = there.open("/clients/cadence?unit=jingan")
        expect(page.get_by_text("See the load before you save")).to_be_visible()
        page.get_by_label("A clients every").fill("1")
        page.get_by_role("button", name="Try it").click()
        table = page.get_by_role("table", name="Load in all")
        expect(table).to_be_visible()
        expect(page.get_by_role("table", name="Load by agent, before and after")).to_contain_text("林晓")
        there.assert_accessible()
        there.assert_silent()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("The open follow-ups are being planned anew")).to_be_visible()
        expect(page.get_by_label("A clients every")).to_have_value("1")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["phone", "desktop", "tv"])
def test_the_pages_fit_and_are_open_to_everybody(
    browser: Browser, site: Site, size: Size, language: Literal["zh", "en"]
) -> None:
    served, company = site
    client_id = served.do(lambda: lived(company))
    looked = {
        "lin": (
            "/clients/reports",
            "/clients/contacts/new",
            f"/clients/clients/{client_id}",
            "/clients/today",
        ),
        "manager": (
            "/clients/reports",
            "/clients/reports?unit=team-1&period=month",
            "/clients/cadence?unit=jingan",
        ),
        "qian": ("/clients/reports?period=day", "/clients/contacts/new"),
    }
    for person, paths in looked.items():
        with visit(browser, served, person, size=size, language=language) as there:
            for path in paths:
                there.open(path)
                there.assert_fits()
                there.assert_accessible()
                there.assert_silent()
