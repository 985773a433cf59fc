"""One day in the branch, through the gateway and all four services, up to the TV on the wall."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from services.chassis.clock import utc_now
from services.chassis.testing.eventually import assert_eventually
from services.clients.cadence.public_holidays import works_in
from tests.journeys.people import PATIENCE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.fault, pytest.mark.timeout(420)]

HERE = ZoneInfo("Asia/Shanghai")
HIRING_STAGES = ("contacted", "first_interview", "commitment")
CHECKLIST = ["identity", "education", "photo", "licence"]
ADVANCED, ATTENDED, REGISTERED, DONE, SHOWN = 2, 1, 3, 1, 5
"""Points of effort for one of each."""


async def test_what_happens_in_the_branch_moves_the_board(site: str, chromium: Browser) -> None:
    trainer = await Visitor.arrive(chromium, site, "desktop")
    await trainer.sign_in("chen")
    tv = await Visitor.arrive(chromium, site, "tv")
    await a_tv_is_paired(trainer, tv)

    await somebody_is_hired(trainer)
    chen = ADVANCED * (len(HIRING_STAGES) + 1)
    await board_says(tv, "chen", chen)
    await expect(tv.page.locator(".b-news")).to_contain_text("小云", timeout=PATIENCE)

    await a_meeting_is_held(trainer, ["lin", "zhao"])
    lin = ATTENDED
    await board_says(tv, "chen", chen + ATTENDED)
    await board_says(tv, "zhao", ATTENDED)

    agent = await Visitor.arrive(chromium, site, "phone")
    await agent.sign_in("lin")
    client = await a_client_is_registered(agent)
    lin += REGISTERED
    await board_says(tv, "lin", lin)

    await graded(agent, client, "A", "buying_soon")
    planned = await open_follow_ups(agent, client, {"cadence"})
    await done_in_two_taps(agent)
    lin += DONE
    await board_says(tv, "lin", lin)
    again = await open_follow_ups(agent, client, {"cadence"})
    assert again["cadence"]["id"] != planned["cadence"]["id"], "after the call comes the next one"

    await a_showing_is_recorded(agent, client)
    lin += SHOWN
    await board_says(tv, "lin", lin)
    after = await open_follow_ups(agent, client, {"cadence", "showing_feedback"})
    assert day_of(after["showing_feedback"]["due_at"]) == next_working_day()

    await every_point_opens(trainer, "lin", lin, events=4)
    await regrading_replans(agent, client, after["cadence"])
    # a grade gives no points
    await board_says(tv, "lin", lin)


async def a_tv_is_paired(trainer: Visitor, tv: Visitor) -> None:
    """The TV shows a code; the trainer enters it; the TV goes on by itself, with one ranking."""
    await tv.open("/notifications/tv")
    code = await tv.page.locator(".b-code").get_attribute("aria-label")
    assert code is not None
    board = await trainer.post(
        "/notifications/api/boards", {"code": code.replace(" ", ""), "unit_id": "jingan"}
    )
    await expect(tv.page.locator(".b-screen")).to_be_visible(timeout=PATIENCE)
    await trainer.open(f"/notifications/boards/{board['id']}")
    ticked = trainer.page.locator('input[name="rankings"]:checked')
    while await ticked.count():
        await ticked.first.uncheck(force=True)
    await trainer.page.locator('input[name="rankings"][value="effort_points:month"]').check(force=True)
    await trainer.page.locator("main form.m-form button.btn-primary").click()
    await expect(tv.page.locator(".b-none")).to_be_visible(timeout=PATIENCE)


async def board_says(tv: Visitor, person_id: str, points: int) -> None:
    await expect(tv.page.locator(f"#b-{person_id} .b-points")).to_have_text(str(points), timeout=PATIENCE)


async def somebody_is_hired(trainer: Visitor) -> None:
    """A candidate goes through the pipeline and signs the contract."""
    new = {
        "name": "吴小云",
        "phone": "13800138000",
        "branch_id": "jingan",
        "source": "walk_in",
        "consent": True,
    }
    candidate = await trainer.post("/recruiting/api/candidates", new)
    path = f"/recruiting/api/candidates/{candidate['id']}"
    for stage in HIRING_STAGES:
        await trainer.put(f"{path}/stage", {"stage": stage})
    today = datetime.now(HERE).date()
    contract = {
        "team_id": "eagles",
        "mentor_id": "lin",
        "start_date": today.isoformat(),
        "licence_expires": (today + timedelta(days=700)).isoformat(),
        "seen": CHECKLIST,
    }
    hired = await trainer.post(f"{path}/hire", contract, **{"If-Match": "*"})
    assert hired["unit_id"] == "eagles"


async def a_meeting_is_held(trainer: Visitor, present: list[str]) -> None:
    """The next meeting is planned from its draft, directed, and closed."""
    series = await trainer.post(
        "/training/api/series", {"title": "早会", "host_id": "chen", "unit_id": "jingan"}
    )
    meeting = await trainer.post("/training/api/meetings/from-draft", {"series_id": series["id"]})
    path = f"/training/api/meetings/{meeting['id']}"
    await trainer.post(f"{path}/start")
    await trainer.open(f"/training/meetings/{meeting['id']}/direct")
    for person_id in present:
        await trainer.put(f"{path}/marks/{person_id}", {"status": "present"})
    closed = await trainer.post(f"{path}/close")
    assert closed["status"] == "held"


async def a_client_is_registered(agent: Visitor) -> str:
    """The client's id."""
    await agent.open("/clients/clients/new")
    await agent.page.locator('input[name="name"]').fill("王小明")
    await agent.choose("source", "walk_in")
    await agent.submit()
    [client] = await agent.get("/clients/api/clients?state=unplanned")
    return str(client["id"])


async def graded(agent: Visitor, client: str, grade: str, reason: str) -> None:
    await agent.open(f"/clients/clients/{client}/grade")
    await agent.choose("grade", grade)
    await agent.choose("intent", "real")
    await agent.choose("reason", reason)
    await agent.submit()


async def open_follow_ups(agent: Visitor, client: str, rules: set[str]) -> dict[str, Any]:
    """The open follow-ups by rule, as soon as there are those of these rules and no other."""
    found: dict[str, Any] = {}

    async def are_planned() -> None:
        follow_ups = await agent.get(f"/clients/api/clients/{client}/follow-ups")
        open_ = [each for each in follow_ups if each["status"] == "open"]
        assert sorted(each["rule"] for each in open_) == sorted(rules)
        found.update({each["rule"]: each for each in open_})

    await assert_eventually(are_planned, within=PATIENCE / 1000, every=0.1)
    return found


async def done_in_two_taps(agent: Visitor) -> None:
    await agent.open("/clients/today")
    await agent.page.locator("[id^=task-] button").first.tap()
    await agent.page.locator('#sheet button[name="outcome"][value="reached"]').tap()
    await expect(agent.page.locator("#sheet")).to_be_hidden(timeout=PATIENCE)


async def a_showing_is_recorded(agent: Visitor, client: str) -> None:
    booked = {
        "client_id": client,
        "starts_at": (utc_now() - timedelta(hours=1)).isoformat(),
        "homes": ["静安枫景 3-1201"],
    }
    showing = await agent.post("/clients/api/showings", booked)
    await agent.open(f"/clients/showings/{showing['id']}")
    await agent.choose("interest-0", "4")
    await agent.page.locator('input[name="minutes"]').fill("40")
    await agent.page.locator('textarea[name="note"]').fill("采光好，价格再谈")
    await agent.submit()


async def every_point_opens(trainer: Visitor, person_id: str, points: int, events: int) -> None:
    """From the score on the leaderboard to the events that made it."""
    await trainer.open("/notifications/leaderboards?metric=effort_points&unit=jingan")
    month = trainer.page.locator('a[href*="period=month"]').first
    await month.click()
    score = trainer.page.locator(f'a.n-points[href*="/people/{person_id}"]')
    await expect(score).to_contain_text(str(points), timeout=PATIENCE)
    await score.click()
    lines = trainer.page.locator(".n-entry .n-entry-points")
    await expect(lines).to_have_count(events, timeout=PATIENCE)
    assert sum(int(text) for text in await lines.all_inner_texts()) == points


async def regrading_replans(agent: Visitor, client: str, before: dict[str, Any]) -> None:
    """A to C: the open follow-up moves to the other cadence, at once, and no other is added."""
    count = len(await agent.get(f"/clients/api/clients/{client}/follow-ups"))
    await graded(agent, client, "C", "just_looking")

    async def is_replanned() -> None:
        follow_ups = await agent.get(f"/clients/api/clients/{client}/follow-ups")
        assert len(follow_ups) == count
        cadence = next(each for each in follow_ups if each["id"] == before["id"])
        assert cadence["status"] == "open"
        assert moment_of(cadence["due_at"]) > moment_of(before["due_at"]) + timedelta(days=5)

    await assert_eventually(is_replanned, within=PATIENCE / 1000, every=0.1)


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def day_of(text: str) -> date:
    return moment_of(text).astimezone(HERE).date()


def next_working_day() -> date:
    works = works_in(HERE.key)
    day = datetime.now(HERE).date() + timedelta(days=1)
    while not works(day):
        day += timedelta(days=1)
    return day
