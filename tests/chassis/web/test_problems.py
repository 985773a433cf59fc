"""Errors: problem+json for programs, words for people, and never a 5xx for a hostile input."""

import pytest
from fastapi import FastAPI

from services.chassis.testing.web import client, running
from services.chassis.web.settings import WebSettings
from tests.chassis.web.company import company

HTML = {"Accept": "text/html"}
KEY = {"Idempotency-Key": "k-12345678"}


async def test_a_problem_says_everything_rfc_9457_asks_for(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.post(
            "/clients/api/notes",
            json={"title": "", "minutes": "x", "more": 1},
            headers={**KEY, "Accept-Language": "en"},
        )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"].endswith("/invalid")
    assert (body["status"], body["code"], body["instance"]) == (422, "invalid", "/clients/api/notes")
    assert body["title"] == body["detail"] == "Some fields need your attention"
    assert {(e["pointer"], e["detail"]) for e in body["errors"]} == {
        ("#/title", "At least 1 characters, please"),
        ("#/minutes", "Please give a whole number"),
        ("#/more", "There is no such field"),
    }


async def test_it_speaks_the_readers_language(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.get(
            "/clients/api/none", headers={"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.3"}
        )
    assert answer.json()["title"] == "内容不存在，或您无权查看"


async def test_nobody_gets_401_from_the_api_and_the_sign_in_from_a_page(app: FastAPI) -> None:
    async with client(app) as asking:
        answer = await asking.get("/clients/api/notes")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
        page = await asking.get("/clients/today?day=1", headers=HTML)
        assert (page.status_code, page.headers["location"]) == (
            303,
            "/sign-in?next=%2Fclients%2Ftoday%3Fday%3D1",
        )
        fragment = await asking.get("/clients/today", headers={**HTML, "HX-Request": "true"})
        assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/sign-in")


async def test_a_bug_says_nothing_about_itself(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.get("/clients/api/broken")
        assert answer.status_code == 500
        assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]
        page = await asking.get("/clients/broken", headers=HTML)
        assert page.status_code == 500
        assert page.headers["x-correlation-id"] in page.text
    for text in (answer.text, page.text):
        assert "a bug" not in text
        assert "Traceback" not in text
    assert "default-src" in page.headers["content-security-policy"]


async def test_htmx_shows_an_error_beside_the_page_and_swaps_nothing(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.get("/clients/broken", headers={**HTML, "HX-Request": "true"})
    assert answer.headers["hx-reswap"] == "none"
    assert "muster:toast" in answer.headers["hx-trigger"]
    assert answer.content == b""


async def test_a_page_that_is_not_there_stands_in_the_readers_shell(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.get("/clients/zzz", headers=HTML)
    assert answer.status_code == 404
    assert "陈美玲" in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"title": "a", "minutes": 99999999999999999999}', "application/json"),
        (b'{"title": "a", "minutes": 9' + b"9" * 5000 + b"}", "application/json"),
        (b'{"title": "a", "minutes": NaN}', "application/json"),
        (b'{"title": "\\ud800", "minutes": 1}', "application/json"),
        (b'{"title": "a\\u0000b", "minutes": 1}', "application/json"),
        (b"null", "application/json"),
        (b"[]", "application/json"),
        (b"", "application/json"),
        (b"title=a&minutes=1", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"a", "\xe9/\xe9"),
    ],
)
async def test_a_malformed_body_is_the_senders_fault(app: FastAPI, content: bytes, kind: str) -> None:
    async with client(app, "p-agent") as asking:
        for path in ("/clients/api/notes", "/clients/notes/new"):
            answer = await asking.post(
                path,
                content=content,
                headers=[(b"Content-Type", kind.encode("latin-1")), (b"Idempotency-Key", b"k1")],
            )
            assert answer.status_code < 500, (path, answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "/clients/api/notes?minutes=99999999999999999999",
        "/clients/api/notes?cursor=%00%FF",
        "/clients/api/notes?cursor=W10",
        "/clients/api/notes?cursor=W3t9LHt9XQ",
        "/clients/api/notes?cursor=W251bGwsbnVsbF0",
        "/clients/api/notes?size=-1",
        "/clients/api/%FF%00",
        "/clients/notes/%00",
        "/clients/notes/%ED%A0%80",
        "/assets/x/..%2f..%2fapp.py",
        "/assets/x/%00",
        "/clients/assets/x/y.css",
        "/sign-in?next=%00",
        "/sign-in/callback?code=%00&state=%ED%A0%80",
    ],
)
async def test_a_malformed_address_is_the_senders_fault(app: FastAPI, path: str) -> None:
    async with client(app, "p-agent") as asking:
        for headers in (HTML, {"Accept": "application/json"}):
            answer = await asking.get(path, headers=headers)
            assert answer.status_code < 500, answer.text


async def test_odd_cookies_and_headers_do_no_harm(app: FastAPI) -> None:
    async with client(app) as asking:
        for cookie in ("a.b.c", "..", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwLWFnZW50In0.", "é"):
            answer = await asking.get(
                "/clients/api/notes", headers=[(b"Cookie", b"muster_session=" + cookie.encode())]
            )
            assert answer.status_code == 401


async def test_too_large_a_body_is_refused(mongodb_uri: str, database_name: str) -> None:
    app = company(mongodb_uri, database_name, settings=WebSettings(largest_body=100))
    async with running(app), client(app, "p-agent") as asking:
        answer = await asking.post("/clients/api/notes", content=b"x" * 101, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_what_takes_too_long_is_given_up_in_words(mongodb_uri: str, database_name: str) -> None:
    app = company(mongodb_uri, database_name, settings=WebSettings(request_seconds=0.2))
    async with running(app), client(app, "p-agent") as asking:
        answer = await asking.get("/clients/api/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_without_its_database_it_says_so_and_when_to_come_back() -> None:
    nowhere = "mongodb://127.0.0.1:9/?directConnection=true"
    app = company(nowhere, "none", server_selection_seconds=0.2)
    async with running(app), client(app, "p-agent") as asking:
        answer = await asking.get("/clients/api/notes")
        assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
        assert int(answer.headers["retry-after"]) > 0
        page = await asking.get("/clients/today", headers={**HTML, "Accept-Language": "en"})
        assert page.status_code == 503
        assert "Saving is not possible at the moment" in page.text
        assert (await asking.get("/livez")).status_code == 200
        ready = await asking.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]) == (503, {"mongodb": "unavailable"})


async def test_with_its_database_it_is_ready(app: FastAPI) -> None:
    async with client(app) as asking:
        assert (await asking.get("/readyz")).status_code == 200


async def test_requests_are_counted_by_route_not_by_path(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        await asking.get("/clients/notes/a-secret-id")
        metrics = (await asking.get("/metrics")).text
    assert 'route="/clients/notes/{note_id}"' in metrics
    assert "a-secret-id" not in metrics
