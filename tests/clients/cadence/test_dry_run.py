"""The dry run: what the cadence would have asked for, over what really happened."""

from datetime import date, timedelta

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.mongo import Mongo
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.cadence import dry_run_views
from services.clients.cadence.dry_run import History, Load, due_days, summary
from services.clients.cadence.hours import ContactHours, on_every_day
from services.clients.cadence.model import CadencePolicy, next_step
from services.contracts.clients import FollowUpRule, Grade
from tests.clients.company import Company
from tests.clients.samples import NOW, SHANGHAI

MONDAY = date(2026, 11, 2)
FRIDAY = MONDAY + timedelta(days=25)


def played(history: History, policy: CadencePolicy, last: date = FRIDAY) -> list[int]:
    """The days of November on which a call would have been due."""
    return [day.day for day in due_days(history, policy, SHANGHAI.works_on, MONDAY, last)]


@pytest.mark.parametrize(
    ("history", "policy", "days"),
    [
        (History("lin", MONDAY, Grade.B), CadencePolicy(), [9, 16, 23]),
        (History("lin", MONDAY, Grade.B), CadencePolicy(days_b=5), [9, 16, 23]),
        (History("lin", MONDAY, Grade.B), CadencePolicy(days_b=3), [5, 9, 12, 16, 19, 23, 26]),
        (History("lin", MONDAY, None), CadencePolicy(), []),
        # a contact in between starts the clock anew
        (History("lin", MONDAY, Grade.B, contacts=(date(2026, 11, 6),)), CadencePolicy(), [13, 20, 27]),
        # a new grade changes the rhythm, and nothing missed comes in a burst
        (
            History("lin", MONDAY, Grade.C, ((date(2026, 11, 11), Grade.A),)),
            CadencePolicy(),
            [12, 16, 18, 20, 23, 25, 27],
        ),
        # who was left alone for months gets the next step
        (History("lin", MONDAY - timedelta(days=100), Grade.C), CadencePolicy(), [16]),
    ],
)
def test_calls_fall_on_these_days(history: History, policy: CadencePolicy, days: list[int]) -> None:
    assert played(history, policy) == days


@given(ago=st.integers(0, 120), every=st.integers(1, 60))
def test_a_day_is_the_one_that_planning_itself_would_name(ago: int, every: int) -> None:
    policy = CadencePolicy(days_a=every)
    touched = NOW - timedelta(days=ago)
    today = SHANGHAI.local_day(NOW)
    planned = next_step(touched, every, NOW, ContactHours(9 * 60, 20 * 60), SHANGHAI)
    history = History("lin", SHANGHAI.local_day(touched), Grade.A)
    found = next(due_days(history, policy, SHANGHAI.works_on, today, today + timedelta(days=400)))
    assert found == SHANGHAI.local_day(planned)


def test_the_load_of_many_clients_in_figures() -> None:
    load = Load()
    days = [MONDAY + timedelta(days=ahead) for ahead in range(10)]
    for number in range(30):
        load.count("lin", [days[number % 10]])
    load.count("lin", [days[3]], times=7)
    found = summary(load, ["lin"], days)
    assert (found.calls, found.mean, found.p90, found.busiest, found.most) == (37, 3.7, 3, days[3], 10)
    both = summary(load, ["lin", "zhao"], days)
    assert (both.mean, both.p90, both.most) == (1.85, 3, 10)
    assert summary(Load(), [], days).calls == 0


def test_every_day_of_the_week_when_the_policy_says_so() -> None:
    history = History("lin", MONDAY, Grade.B)
    found = list(due_days(history, CadencePolicy(days_b=5), on_every_day, MONDAY, FRIDAY))
    assert [day.day for day in found] == [7, 12, 17, 22, 27]


async def lived(company: Company, weeks: int = 4) -> None:
    """A few weeks of two agents, each of whose calls is made on its day."""
    clients = [await company.register(agent_id=agent) for agent in ("lin", "lin", "zhao")]
    for client, letter in zip(clients, (Grade.A, Grade.B, Grade.C), strict=True):
        await company.grade(client.id, letter)
    await company.hear()
    end = NOW + timedelta(weeks=weeks)
    while True:
        open_ = [
            each
            for client in clients
            for rule, each in (await company.open_follow_ups(client.id)).items()
            if rule is FollowUpRule.CADENCE
        ]
        first = min(open_, key=lambda each: each.due_at)
        if first.due_at > end:
            break
        company.turn_to(first.due_at)
        await company.complete(first.id)
        await company.hear()
    company.turn_to(end + timedelta(days=1))


async def test_before_is_what_really_happened_and_after_what_would_have(
    web: FastAPI, company: Company, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run_views, "_BATCH", 2)
    await lived(company)
    done = (await company.names()).count("follow-up-done")
    path = "/clients/api/units/jingan/cadence/dry-run"
    async with browser(web, "manager") as asking, no_collection_scan(mongo):
        same = (await asking.post(path, json={"settings": {}, "weeks": 5})).json()
        calmer = (await asking.post(path, json={"settings": {"days_a": 7}, "weeks": 5})).json()
        wrong = await asking.post(path, json={"settings": {"share_real": 90}, "weeks": 5})
    assert same["clients"] == 3
    assert same["before"] == same["after"]
    assert same["before"]["calls"] == done
    assert calmer["before"] == same["before"]
    assert calmer["after"]["calls"] < done
    assert {each["agent_id"] for each in same["agents"]} == {"lin", "zhao"}
    assert sum(each["after"] for each in calmer["days"]) == calmer["after"]["calls"]
    assert wrong.status_code == 422
    assert await company.mongo.collection("cadence_settings").count_documents({}) == 0


async def test_of_many_clients_a_part_stands_for_all(
    web: FastAPI, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run_views, "MOST_CLIENTS", 2)
    await lived(company, 1)
    async with browser(web, "head") as asking:
        found = (await asking.post("/clients/api/units/acme/cadence/dry-run", json={"settings": {}})).json()
    assert found["one_in"] == 2


@pytest.mark.parametrize(
    ("person", "status"), [("manager", 200), ("head", 200), ("sun", 404), ("lin", 404), ("other", 404)]
)
async def test_who_may_set_may_try(web: FastAPI, company: Company, person: str, status: int) -> None:
    async with browser(web, person) as asking:
        path = "/clients/api/units/jingan/cadence/dry-run"
        assert (await asking.post(path, json={"settings": {}})).status_code == status
        page = await asking.get("/clients/cadence?unit=jingan")
        assert page.status_code == (200 if status == 200 else 404)


async def test_the_page_says_what_is_own_and_what_is_inherited_and_forgets_it(
    web: FastAPI, company: Company
) -> None:
    async with browser(web, "head") as asking:
        await asking.post("/clients/cadence?unit=east", data={"days_b": "5"})
        saved = await asking.post("/clients/cadence?unit=jingan", data={"days_a": "3", "closes": "00:00"})
        assert saved.status_code == 303
        page = (await asking.get("/clients/cadence?unit=jingan")).text
        assert 'name="days_a" value="3"' in page
        assert 'name="days_b" value="" placeholder="5"' in page
        policy = (await asking.get("/clients/api/units/jingan/cadence")).json()
        assert (policy["days_a"], policy["days_b"], policy["closes"]) == (3, 5, 1440)
        await asking.post("/clients/cadence?unit=jingan", data={})
        assert (await asking.get("/clients/api/units/jingan/cadence")).json()["days_a"] == 2
        wrong = await asking.post("/clients/cadence?unit=jingan", data={"days_a": "0"})
        assert wrong.status_code == 422
        tried = await asking.post(
            "/clients/cadence/try?unit=jingan", data={"days_a": "9"}, headers={"HX-Request": "true"}
        )
        assert tried.status_code == 200
