"""Signing in: as a persona for a trial, by an identity provider for real."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from fastapi import FastAPI

from services.chassis.clock import TurnedClock
from services.chassis.organisation.events import PEOPLE
from services.chassis.testing.web import client, running
from services.chassis.web.settings import WebSettings
from tests.chassis.web.company import company

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
async def with_provider(mongodb_uri: str, database_name: str) -> AsyncIterator[FastAPI]:
    with oidc_provider_mock.run_server_in_thread() as server:
        settings = WebSettings(
            oidc_issuer=f"http://localhost:{server.server_port}",
            oidc_client_id="muster",
            oidc_client_secret="secret",
            public_url="http://muster.test",
        )
        async with running(company(mongodb_uri, database_name, settings=settings)) as app:
            yield app


async def _through_provider(asking: httpx.AsyncClient, subject: str, email: str) -> httpx.Response:
    begun = await asking.get("/sign-in/provider?next=/clients/today")
    assert begun.status_code == 303
    target = begun.headers["location"]
    asked = parse_qs(urlsplit(target).query)
    assert asked["code_challenge_method"] == ["S256"]
    issuer = f"{urlsplit(target).scheme}://{urlsplit(target).netloc}"
    async with httpx.AsyncClient() as browser:
        await browser.put(f"{issuer}/users/{subject}", json={"email": email})
        consented = await browser.post(target, data={"sub": subject})
    back = urlsplit(consented.headers["location"])
    return await asking.get(f"{back.path}?{back.query}", headers=HTML)


async def test_the_provider_says_who_it_is(with_provider: FastAPI) -> None:
    async with client(with_provider) as asking:
        answer = await _through_provider(asking, "mei", "Mei@Example.com")
        assert (answer.status_code, answer.headers["location"]) == (303, "/clients/today")
        page = await asking.get("/clients/today", headers=HTML)
    assert "陈美玲" in page.text


async def test_somebody_unknown_to_the_company_is_told_so(with_provider: FastAPI) -> None:
    async with client(with_provider) as asking:
        answer = await _through_provider(asking, "stranger", "stranger@example.com")
    assert answer.status_code == 403
    assert "not registered here" in answer.text


async def test_an_answer_that_was_not_asked_for_is_refused(with_provider: FastAPI) -> None:
    async with client(with_provider) as asking:
        assert (await asking.get("/sign-in/callback?code=x&state=y")).status_code == 403
        await asking.get("/sign-in/provider")
        assert (await asking.get("/sign-in/callback?code=x&state=y")).status_code == 403


async def test_a_provider_that_is_away_is_said_in_words(mongodb_uri: str, database_name: str) -> None:
    settings = WebSettings(oidc_issuer="http://127.0.0.1:9", oidc_client_id="muster")
    async with running(company(mongodb_uri, database_name, settings=settings)) as app, client(app) as asking:
        answer = await asking.get("/sign-in/provider")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider-unavailable")


async def test_a_persona_signs_in_and_lands_where_the_day_begins(app: FastAPI) -> None:
    async with client(app) as asking:
        page = await asking.get("/sign-in", headers=HTML)
        assert "林志远" in page.text
        assert page.text.index("Agent") < page.text.index("Trainer") < page.text.index("Head office")
        await asking.post("/sign-in/persona", data={"person_id": "p-trainer"})
        assert (await asking.get("/")).headers["location"] == "/training/meetings"
        await asking.post("/sign-out")
        assert (await asking.get("/")).headers["location"] == "/sign-in"


async def test_in_production_there_is_nobody_to_pick(mongodb_uri: str, database_name: str) -> None:
    settings = WebSettings(persona_sign_in=False)
    async with running(company(mongodb_uri, database_name, settings=settings)) as app, client(app) as asking:
        assert "林志远" not in (await asking.get("/sign-in", headers=HTML)).text
        assert (await asking.post("/sign-in/persona", data={"person_id": "p-trainer"})).status_code == 404


async def test_a_session_ends(mongodb_uri: str, database_name: str) -> None:
    clock = TurnedClock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    app = company(mongodb_uri, database_name, settings=WebSettings(session_hours=10), clock=clock)
    async with running(app), client(app, "p-agent") as asking:
        clock.turn(timedelta(hours=9, minutes=59))
        assert (await asking.get("/clients/api/notes")).status_code == 200
        clock.turn(timedelta(minutes=1))
        assert (await asking.get("/clients/api/notes")).status_code == 401


async def test_a_role_that_was_taken_away_is_gone_at_the_next_click(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        assert (await asking.get("/clients/api/notes")).status_code == 200
        await app.state.site.mongo.collection(PEOPLE).update_one({"_id": "p-agent"}, {"$set": {"grants": []}})
        assert (await asking.get("/clients/api/notes")).status_code == 401


async def test_a_session_for_another_purpose_opens_nothing(app: FastAPI) -> None:
    site = app.state.site
    token = site.signer.sign("sign-in", {"sub": "p-agent"}, site.clock(), timedelta(hours=1))
    async with client(app) as asking:
        asking.cookies.set("muster_session", token)
        assert (await asking.get("/clients/api/notes")).status_code == 401


async def test_the_language_is_chosen_and_kept(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        assert 'lang="zh-CN"' in (await asking.get("/clients/today")).text
        chosen = await asking.post("/language", data={"language": "en", "next": "/clients/today"})
        assert chosen.headers["location"] == "/clients/today"
        page = (await asking.get("/clients/today")).text
    assert 'lang="en"' in page
    assert "Leaderboards" in page


async def test_the_menu_is_the_roles(app: FastAPI) -> None:
    async with client(app, "p-agent") as agent, client(app, "p-trainer") as trainer:
        of_agent = (await agent.get("/clients/today")).text
        of_trainer = (await trainer.get("/clients/today")).text
    assert "/recruiting/pipeline" not in of_agent
    assert "/recruiting/pipeline" in of_trainer
