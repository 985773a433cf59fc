"""Each role on each route: what is not theirs is not shown, not even that it exists."""

from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.mongo import Mongo
from services.chassis.testing.web import client
from tests.training.samples import EIGHT_THIRTY

PLAN: dict[str, Any] = {
    "starts_at": EIGHT_THIRTY.isoformat(),
    "title": "早会",
    "host_id": "trainer",
    "segments": [{"id": "s1", "kind": "topic", "minutes": 12}],
}
SEES = (
    ("GET", "/training/api/meetings/meeting"),
    ("GET", "/training/meetings/meeting"),
    ("GET", "/training/api/series/series"),
)
DIRECTS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/training/meetings/meeting/direct", None),
    ("GET", "/training/meetings/meeting/edit", None),
    ("GET", "/training/meetings/meeting/code", None),
    ("GET", "/training/series/series/edit", None),
    ("GET", "/training/api/series/series/draft", None),
    ("PUT", "/training/api/series/series", {"title": "早会", "host_id": "trainer"}),
    ("POST", "/training/api/series", {"title": "早会", "host_id": "trainer", "unit_id": "branch"}),
    ("POST", "/training/api/meetings", {**PLAN, "series_id": "series"}),
    ("POST", "/training/api/meetings/from-draft", {"series_id": "series"}),
    ("PUT", "/training/api/meetings/meeting", PLAN),
    ("PUT", "/training/api/meetings/meeting/marks/li", {"status": "late"}),
    ("POST", "/training/api/meetings/meeting/marks/li/sign-in", None),
    ("POST", "/training/api/meetings/meeting/start", None),
    ("PUT", "/training/api/meetings/meeting/segment", {"segment_id": "s2"}),
    ("PUT", "/training/api/meetings/meeting/notes", {"notes": "纪要"}),
    ("POST", "/training/api/meetings/meeting/action-items", {"text": "打电话"}),
    ("PUT", "/training/api/meetings/meeting/action-items/i", {"done": True}),
    ("POST", "/training/api/meetings/meeting/close", None),
    ("POST", "/training/api/meetings/meeting/cancel", None),
)
PAGES_DIRECT: tuple[tuple[str, dict[str, str]], ...] = (
    ("start", {}),
    ("go-to", {"segment_id": "s1"}),
    ("mark", {"person_id": "li", "tap": "here"}),
    ("notes", {"notes": "纪要"}),
    ("items", {"text": "打电话"}),
    ("items/settle", {"item_id": "i", "done": "true"}),
    ("close", {}),
    ("cancel", {}),
)
OTHERS = ("trainer2", "zhao", "stranger")
LOOKING = ("li", "he", "supervisor", "regional", "head")
DIRECTING = ("trainer", "manager")


async def ask(app: FastAPI, person: str | None, method: str, path: str, body: Any = None) -> int:
    headers = {"Idempotency-Key": f"key-{person}-{path}", "If-Match": "*"}
    async with client(app, person) as asking:
        kind = {"data": body} if isinstance(body, dict) and "/api/" not in path else {"json": body}
        answer = await asking.request(method, path, headers=headers, **(kind if body is not None else {}))
    return answer.status_code


@pytest.mark.parametrize("person", OTHERS)
async def test_for_others_nothing_exists(app: FastAPI, meeting_planned: str, person: str) -> None:
    for method, path, *body in (*SEES, *DIRECTS):
        assert await ask(app, person, method, path, *body) == 404, path
    for action, form in PAGES_DIRECT:
        path = f"/training/meetings/meeting/{action}"
        assert await ask(app, person, "POST", path, {"_key": "k", **form}) == 404, path


@pytest.mark.parametrize("person", LOOKING)
async def test_who_belongs_to_the_unit_or_looks_after_it_sees_and_does_not_direct(
    app: FastAPI, meeting_planned: str, person: str
) -> None:
    for method, path in SEES:
        assert await ask(app, person, method, path) == 200, path
    for method, path, body in DIRECTS:
        assert await ask(app, person, method, path, body) == 403, path
    for action, form in PAGES_DIRECT:
        path = f"/training/meetings/meeting/{action}"
        assert await ask(app, person, "POST", path, {"_key": "k", **form}) == 403, path


@pytest.mark.parametrize("person", DIRECTING)
async def test_trainer_and_branch_manager_plan_and_direct(
    app: FastAPI, meeting_planned: str, person: str
) -> None:
    for method, path in SEES:
        assert await ask(app, person, method, path) == 200, path
    for method, path, body in DIRECTS:
        # some come too late or twice, but none is refused for who asks
        assert await ask(app, person, method, path, body) in (200, 201, 303, 409), path


async def test_nobody_signed_in_gets_nothing(app: FastAPI, meeting_planned: str) -> None:
    for method, path, *body in (*SEES, *DIRECTS):
        if "/api/" in path:
            assert await ask(app, None, method, path, *body) == 401, path


async def test_lists_hold_what_is_in_sight_alone(app: FastAPI, meeting_planned: str) -> None:
    for person, count in (
        ("li", 1),
        ("trainer", 1),
        ("head", 1),
        ("zhao", 0),
        ("stranger", 0),
        ("trainer2", 0),
    ):
        async with client(app, person) as asking:
            for path in ("/training/api/meetings", "/training/api/series"):
                assert len((await asking.get(path)).json()) == count, (person, path)


async def test_a_team_does_not_see_the_meeting_of_another_team(app: FastAPI, meeting_planned: str) -> None:
    body = {"title": "组早会", "host_id": "supervisor", "unit_id": "team"}
    async with client(app, "trainer") as asking:
        made = await asking.post("/training/api/series", json=body, headers={"Idempotency-Key": "team"})
        path = made.headers["location"]
        assert (await asking.get(path)).status_code == 200
    assert await ask(app, "li", "GET", path) == 200
    assert await ask(app, "he", "GET", path) == 404


async def test_only_who_leads_the_unit_reads_others_attendance(
    app: FastAPI, meeting_planned: str, mongo: Mongo
) -> None:
    async with client(app, "trainer") as asking:
        for path, status in (("li", "leave"), ("he", "late")):
            answer = await asking.put(f"/training/api/meetings/meeting/marks/{path}", json={"status": status})
            assert answer.status_code == 200
        await asking.post("/training/api/meetings/meeting/start", headers={"Idempotency-Key": "start"})
    for stage in ("running", "held"):
        for person, seen in (("li", {"li"}), ("supervisor", {"supervisor"} if stage == "held" else set())):
            async with client(app, person) as asking:
                answer = (await asking.get("/training/api/meetings/meeting")).json()
                assert (answer["status"], set(answer["marks"])) == (stage, seen)
                page = (await asking.get("/training/meetings/meeting")).text
                assert "何雨桐" not in page
        async with client(app, "regional") as asking:
            answer = (await asking.get("/training/api/meetings/meeting")).json()
            assert {"li", "he", "trainer"} <= set(answer["marks"])
        async with client(app, "trainer") as asking:
            await asking.post("/training/api/meetings/meeting/close", headers={"Idempotency-Key": "close"})
