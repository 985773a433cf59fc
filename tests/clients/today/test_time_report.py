"""Where the time went: by day, week and month, for who may see it, and the same however often events come."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.mongo import Mongo
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.follow_ups.commands import LogContact, log_contact
from services.clients.follow_ups.model import Outcome
from services.clients.today.figures import TIME_SPENT
from services.clients.today.report import Period, span_of
from services.contracts.clients import Grade, Intent
from tests.clients.company import Company

PATH = "/clients/api/reports/time"


@pytest.mark.parametrize(
    ("period", "day", "starts_on", "first", "last"),
    [
        (Period.DAY, date(2026, 11, 23), 1, date(2026, 11, 23), date(2026, 11, 23)),
        (Period.WEEK, date(2026, 11, 29), 1, date(2026, 11, 23), date(2026, 11, 29)),
        (Period.MONTH, date(2026, 11, 23), 1, date(2026, 11, 1), date(2026, 11, 30)),
        (Period.MONTH, date(2026, 11, 23), 26, date(2026, 10, 26), date(2026, 11, 25)),
        (Period.MONTH, date(2026, 12, 26), 26, date(2026, 12, 26), date(2027, 1, 25)),
        (Period.MONTH, date(2027, 1, 3), 26, date(2026, 12, 26), date(2027, 1, 25)),
    ],
)
def test_periods(period: Period, day: date, starts_on: int, first: date, last: date) -> None:
    span = span_of(period, day, starts_on)
    assert (span.first, span.last) == (first, last)
    assert span_of(period, span.before, starts_on).last == span.before
    assert span_of(period, span.after, starts_on).first == span.after


async def lived(company: Company) -> None:
    """Lin speaks with two clients and shows homes, Zhao and Qian with one each; a day later Lin again."""
    for agent, intent, minutes in (
        ("lin", Intent.REAL, 30),
        ("lin", Intent.LATENT, 10),
        ("zhao", Intent.POTENTIAL, 20),
        ("qian", Intent.REAL, 60),
    ):
        client = await company.register(agent_id=agent)
        await company.grade(client.id, Grade.B, intent)
        await company.hear()
        touch = LogContact(client_id=client.id, outcome=Outcome.REACHED, minutes=minutes)
        await company.run(log_contact, touch)
    await company.show(client.id)
    await company.hear()
    company.clock.turn(timedelta(days=1))
    own = await company.mongo.collection("clients").find_one({"agent_id": "lin"})
    assert own is not None
    await company.run(log_contact, LogContact(client_id=own["_id"], outcome=Outcome.REACHED, minutes=5))
    await company.hear()


async def asked(web: FastAPI, person: str, **params: str) -> Any:
    async with browser(web, person) as asking:
        answer = await asking.get(PATH, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_an_agent_a_team_and_a_branch(web: FastAPI, company: Company, mongo: Mongo) -> None:
    await lived(company)
    async with no_collection_scan(mongo):
        own = await asked(web, "lin", period="day", on="2026-11-23")
        week = await asked(web, "lin")
        team = await asked(web, "sun", unit="team-1")
        branch = await asked(web, "manager")
        region = await asked(web, "region", period="month")
    assert [share["minutes"] for share in own["total"]["shares"]] == [30, 0, 10]
    assert [share["percent"] for share in own["total"]["shares"]] == [75, 0, 25]
    assert (week["total"]["minutes"], week["total"]["calls"]) == (45, 3)
    assert {line["id"]: line["minutes"] for line in team["lines"]} == {"lin": 45, "zhao": 20}
    assert [(line["id"], line["minutes"]) for line in branch["lines"]] == [("team-1", 65)]
    assert region["total"]["minutes"] == 65 + 60 + 50
    assert region["total"]["showings"] == 1


async def test_events_that_come_again_change_no_figure(company: Company) -> None:
    await lived(company)
    before = await company.mongo.collection(TIME_SPENT).find(sort=[("_id", 1)]).to_list(None)
    assert len(before) == 4
    everything = await company.events()
    await company.deliver(everything)
    await company.deliver(list(reversed(everything)))
    assert await company.mongo.collection(TIME_SPENT).find(sort=[("_id", 1)]).to_list(None) == before
    await company.mongo.collection(TIME_SPENT).delete_many({})
    await company.deliver(everything)
    assert await company.mongo.collection(TIME_SPENT).find(sort=[("_id", 1)]).to_list(None) == before


@pytest.mark.parametrize(
    ("person", "params", "status"),
    [
        ("lin", {"agent": "lin"}, 200),
        ("lin", {"agent": "zhao"}, 404),
        ("lin", {"unit": "team-1"}, 404),
        ("sun", {"agent": "lin"}, 200),
        ("sun", {"unit": "jingan"}, 404),
        ("trainer", {"unit": "jingan"}, 200),
        ("other", {"unit": "jingan"}, 404),
        ("head", {"unit": "pudong"}, 200),
        ("head", {"unit": "nowhere"}, 404),
        ("lin", {"on": "9999-12-31"}, 422),
    ],
)
async def test_whose_time_somebody_sees(
    web: FastAPI, company: Company, person: str, params: dict[str, str], status: int
) -> None:
    async with browser(web, person) as asking:
        assert (await asking.get(PATH, params=params)).status_code == status
        page = await asking.get("/clients/reports", params=params, headers={"Accept": "text/html"})
        assert page.status_code == status
