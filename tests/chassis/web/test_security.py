"""What protects a session: cookies, origins, the content security policy, and settings that production refuses."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from services.chassis.settings import EnvironmentName
from services.chassis.testing.web import HOST, client, running
from services.chassis.web import templating
from services.chassis.web.settings import DEVELOPMENT_KEY, WebSettings
from services.chassis.web.shell import local_path
from tests.chassis.web.company import company

CHASSIS_TEMPLATES = Path(templating.__file__).parent / "templates"
SAFE = {
    "environment": EnvironmentName.PRODUCTION,
    "session_key": "0123456789abcdef0123456789abcdef",
    "oidc_issuer": "https://login.example.com",
}


async def test_the_policy_allows_nothing_unsafe(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.get("/clients/today")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    for directive in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in answer.headers


async def test_no_page_needs_what_the_policy_forbids() -> None:
    for path in [
        *CHASSIS_TEMPLATES.rglob("*.html"),
        *CHASSIS_TEMPLATES.parents[2].glob("*/templates/**/*.html"),
    ]:
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son\w+=|hx-on|<style|<script(?![^>]*\ssrc=)|js:", text), path


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HOST}, False),
        ({"Origin": HOST}, True),
        ({"Origin": "http://127.0.0.1:8080"}, True),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://[bad"}, False),
        ({}, True),
    ],
)
async def test_another_site_cannot_act_for_somebody(
    app: FastAPI, headers: dict[str, str], passes: bool
) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.post(
            "/clients/api/notes",
            json={"title": "a", "minutes": 1},
            headers={"Idempotency-Key": "k", **headers},
        )
    assert answer.status_code == (201 if passes else 403)
    if not passes:
        assert answer.json()["code"] == "cross-origin"


async def test_reading_is_possible_from_a_link_elsewhere(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.get("/clients/today", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


async def test_over_tls_the_session_travels_over_tls_alone(mongodb_uri: str, database_name: str) -> None:
    settings = WebSettings(public_url="https://muster.example")
    async with running(company(mongodb_uri, database_name, settings=settings)) as app, client(app) as asking:
        answer = await asking.post("/sign-in/persona", data={"person_id": "p-agent"})
    cookie = answer.headers["set-cookie"]
    for flag in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert flag in cookie
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    "broken",
    [
        {"session_key": DEVELOPMENT_KEY},
        {"session_key": "short"},
        {"persona_sign_in": True},
        {"oidc_issuer": ""},
    ],
)
def test_production_refuses_what_is_only_for_trying_out(broken: dict[str, object]) -> None:
    assert not WebSettings(**SAFE).personas  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        WebSettings(**{**SAFE, **broken})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/clients/today?a=1", "/clients/today?a=1"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_a_way_back_never_leads_away(path: str, leads_to: str) -> None:
    assert local_path(path) == leads_to


async def test_assets_are_kept_for_ever_and_pages_are_not_kept(app: FastAPI) -> None:
    url = app.state.site.assets.url("muster.css")
    async with client(app, "p-agent") as asking:
        asset = await asking.get(url)
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert asset.headers["content-encoding"] == "gzip"
        assert (await asking.get(url, headers={"If-None-Match": asset.headers["etag"]})).status_code == 304
        older = await asking.get(url.replace(url.split("/")[2], "0" * 12))
        assert older.headers["cache-control"] == "no-cache"
        page = await asking.get("/clients/today")
    assert "private" in page.headers["cache-control"]
    assert page.headers["content-encoding"] == "gzip"


async def test_the_site_can_be_installed(app: FastAPI) -> None:
    async with client(app) as asking:
        manifest = (await asking.get("/manifest.webmanifest")).json()
        assert manifest["start_url"] == "/"
        for icon in manifest["icons"]:
            assert (await asking.get(icon["src"])).status_code == 200
        worker = await asking.get("/service-worker.js")
        assert worker.headers["content-type"].startswith("text/javascript")
        for url in re.findall(r'"(/[^"]+)"', worker.text.split("addAll(")[1].split(")")[0]):
            assert (await asking.get(url)).status_code == 200
