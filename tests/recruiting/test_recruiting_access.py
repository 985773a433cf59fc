"""Each role on each route: what is not theirs does not exist for them; what they may only see they cannot change."""

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client
from tests.recruiting.conftest import PEOPLE, TO_COMMITMENT, Office

SEES_PIPELINE = {"trainer", "manager", "regional", "head"}
RECRUITS = {"trainer", "manager"}
SEES_TREE = {"trainer", "manager", "supervisor", "regional", "western", "head", "stranger"}
SEES_BRANCH = SEES_TREE - {"supervisor", "western", "stranger"}
EVERYBODY = [person[0] for person in PEOPLE]

CONTRACT = {
    "team_id": "eagles",
    "start_date": "2026-03-03",
    "licence_expires": "2029-01-01",
    "seen": ["identity", "education", "photo", "licence"],
}
NEW = {"name": "赵敏", "phone": "13900139000", "branch_id": "jingan", "source": "walk_in", "consent": True}


async def _answers(app: FastAPI, person: str) -> dict[str, int]:
    async with client(app, person) as asking:
        api = "/recruiting/api"
        calls: list[tuple[str, str, object]] = [
            ("GET", f"{api}/candidates", None),
            ("GET", f"{api}/candidates/c1", None),
            ("GET", f"{api}/candidates/c1/contact", None),
            ("PUT", f"{api}/candidates/c1/stage", {"stage": "contacted"}),
            ("PUT", f"{api}/candidates/c1/lost", {"reason": "family"}),
            ("DELETE", f"{api}/candidates/c1/lost", None),
            ("PUT", f"{api}/candidates/c1/consent", None),
            ("POST", f"{api}/candidates/c2/hire", CONTRACT),
            ("POST", f"{api}/candidates", NEW),
            ("GET", f"{api}/units", None),
            ("GET", f"{api}/units/jingan", None),
            ("PUT", f"{api}/units/jingan/name", {"name": "静安一部"}),
            ("PUT", f"{api}/units/jingan/parent", {"parent_id": "west"}),
            ("POST", f"{api}/units", {"kind": "team", "name": "新队", "parent_id": "jingan"}),
            ("GET", f"{api}/people/agent", None),
            ("POST", f"{api}/people/agent/roles", {"role": "supervisor", "unit_id": "eagles"}),
            ("DELETE", f"{api}/people/agent/roles/supervisor/eagles", None),
            ("POST", f"{api}/people", {"name": "新人", "unit_id": "jingan"}),
            ("GET", "/recruiting/pipeline", None),
            ("GET", "/recruiting/pipeline/new", None),
            ("GET", "/recruiting/candidates/c1", None),
            ("GET", "/recruiting/candidates/c2/hire", None),
            ("GET", "/recruiting/organisation", None),
            ("GET", "/recruiting/organisation/jingan", None),
        ]
        return {
            f"{method} {path}": (
                await asking.request(
                    method, path, json=body, headers={"Idempotency-Key": f"key-{number}", "If-Match": "*"}
                )
            ).status_code
            for number, (method, path, body) in enumerate(calls)
        }


def _expected(person: str) -> dict[str, int]:
    sees, recruits, keeps = person in SEES_PIPELINE, person in RECRUITS, person == "head"
    change = 200 if recruits else 403 if sees else 404
    unit = 200 if keeps else 403 if person in SEES_BRANCH else 404
    # a parent or unit that one does not see cannot be chosen: that is a fault of the input
    below = 403 if person in SEES_BRANCH else 422
    api = "/recruiting/api"
    may_see_agent = person in SEES_BRANCH | {"agent", "supervisor"}
    role = 200 if keeps else 403 if may_see_agent else 404
    pipelines = sees or person in {"western", "stranger"}
    return {
        f"GET {api}/candidates": 200 if pipelines else 404,
        f"GET {api}/candidates/c1": 200 if sees else 404,
        f"GET {api}/candidates/c1/contact": 200 if sees else 404,
        f"PUT {api}/candidates/c1/stage": change,
        f"PUT {api}/candidates/c1/lost": change,
        f"DELETE {api}/candidates/c1/lost": change,
        f"PUT {api}/candidates/c1/consent": change,
        f"POST {api}/candidates/c2/hire": 201 if recruits else 403 if sees else 404,
        f"POST {api}/candidates": 201 if recruits else 422,
        f"GET {api}/units": 200 if person in SEES_TREE else 404,
        f"GET {api}/units/jingan": 200 if person in SEES_BRANCH else 404,
        f"PUT {api}/units/jingan/name": unit,
        f"PUT {api}/units/jingan/parent": unit,
        f"POST {api}/units": 201 if keeps else below if person != "agent" else 404,
        f"GET {api}/people/agent": 200 if may_see_agent else 404,
        f"POST {api}/people/agent/roles": role,
        f"DELETE {api}/people/agent/roles/supervisor/eagles": role,
        f"POST {api}/people": 201 if keeps else below,
        "GET /recruiting/pipeline": 200 if pipelines else 404,
        "GET /recruiting/pipeline/new": 200 if recruits or person == "stranger" else 404,
        "GET /recruiting/candidates/c1": 200 if sees else 404,
        "GET /recruiting/candidates/c2/hire": 200 if recruits else 403 if sees else 404,
        "GET /recruiting/organisation": 200 if person in SEES_TREE else 404,
        "GET /recruiting/organisation/jingan": 200 if person in SEES_BRANCH else 404,
    }


@pytest.mark.parametrize("person", EVERYBODY)
async def test_each_role_on_each_route(person: str, app: FastAPI, office: Office) -> None:
    await office.candidate("c1", "13800138000")
    await office.candidate("c2", "13800138001", stages=TO_COMMITMENT)
    expected = _expected(person)
    if person == "agent":
        expected["POST /recruiting/api/units"] = 422
    async with no_collection_scan(office.mongo):
        answers = await _answers(app, person)
    assert answers == expected


async def test_nobody_comes_in_without_signing_in(app: FastAPI) -> None:
    async with client(app) as asking:
        api = await asking.get("/recruiting/api/candidates")
        page = await asking.get("/recruiting/pipeline", headers={"Accept": "text/html"})
    assert (api.status_code, api.json()["code"]) == (401, "not-signed-in")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Frecruiting%2Fpipeline")


async def test_above_the_branch_names_and_phones_are_masked(app: FastAPI, office: Office) -> None:
    await office.candidate("c1", "13800138000")

    async def contact(person: str) -> httpx.Response:
        async with client(app, person) as asking:
            return await asking.get("/recruiting/api/candidates/c1/contact")

    assert (await contact("trainer")).json() == {"name": "王小明", "phone": "13800138000"}
    masked = (await contact("head")).json()
    assert masked["phone"] == "138****8000"
    assert "小明" not in masked["name"]
    looks = await office.mongo.collection("audit_trail").find().to_list(None)
    assert [(look["who"], look["whose"]) for look in looks] == [("trainer", ["c1"])]


async def test_a_double_click_registers_one_candidate_and_gives_the_first_answer_twice(app: FastAPI) -> None:
    async with client(app, "trainer") as asking:
        headers = {"Idempotency-Key": "one-click"}
        first = await asking.post("/recruiting/api/candidates", json=NEW, headers=headers)
        again = await asking.post("/recruiting/api/candidates", json=NEW, headers=headers)
        other = await asking.post(
            "/recruiting/api/candidates", json={**NEW, "phone": "13900139001"}, headers=headers
        )
        known = await asking.post("/recruiting/api/candidates", json=NEW, headers={"Idempotency-Key": "two"})
    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert (known.status_code, known.json()["code"]) == (409, "conflict")


async def test_a_stale_page_changes_nothing(app: FastAPI, office: Office) -> None:
    await office.candidate("c1", "13800138000")
    async with client(app, "trainer") as asking:
        path = "/recruiting/api/candidates/c1/stage"
        first = await asking.put(path, json={"stage": "contacted"}, headers={"If-Match": '"1"'})
        stale = await asking.put(path, json={"stage": "listed"}, headers={"If-Match": '"1"'})
        unsaid = await asking.put(path, json={"stage": "listed"})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (stale.status_code, unsaid.status_code) == (412, 428)


async def test_candidates_are_found_by_pinyin_initials_and_last_digits(app: FastAPI, office: Office) -> None:
    await office.candidate("c1", "13800138000", name="欧阳静怡")
    await office.candidate("c2", "13800131234", name="王小明")
    async with client(app, "trainer") as asking:
        for typed in ("ouyang", "oyjy", "静怡", "8000"):
            page = await asking.get("/recruiting/pipeline", params={"search": typed})
            assert "欧阳静怡" in page.text, typed
            assert "王小明" not in page.text, typed
