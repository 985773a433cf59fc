"""What the JSON interface promises: repeated requests act once, stale ones are refused, lists go on."""

import re
from datetime import timedelta

from fastapi import FastAPI

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.processes.definition import ServiceDefinition
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client
from services.chassis.work import UnitOfWork
from services.contracts.catalogue import BY_TYPE
from services.training.app import DEFINITION
from services.training.meetings.signing_in import GOOD_FOR, SHOWN, SigningIn
from tests.training.conftest import runtime_on
from tests.training.samples import EIGHT_THIRTY


async def test_a_double_click_plans_one_meeting(app: FastAPI, meeting_planned: str) -> None:
    async with client(app, "trainer") as asking:
        answers = [
            await asking.post(
                "/training/api/meetings/from-draft",
                json={"series_id": "series"},
                headers={"Idempotency-Key": "once"},
            )
            for _ in range(2)
        ]
        other = await asking.post(
            "/training/api/meetings/from-draft",
            json={"series_id": "series", "day": "2026-12-01"},
            headers={"Idempotency-Key": "once"},
        )
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422
    assert answers[0].json()["day"] == "2026-11-25"


async def test_a_stale_plan_is_refused_and_a_missing_version_too(app: FastAPI, meeting_planned: str) -> None:
    async with client(app, "trainer") as asking:
        read = await asking.get("/training/api/meetings/meeting")
        body = {
            **{key: read.json()[key] for key in ("starts_at", "title", "host_id")},
            "slogan": "冲刺",
            "segments": read.json()["agenda"],
        }
        tag = read.headers["etag"]
        path = "/training/api/meetings/meeting"
        assert (await asking.put(path, json=body)).status_code == 428
        assert (await asking.put(path, json=body, headers={"If-Match": tag})).status_code == 200
        stale = await asking.put(path, json={**body, "slogan": "开张"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")


async def test_a_wrong_plan_says_where(app: FastAPI, meeting_planned: str) -> None:
    body = {
        "starts_at": EIGHT_THIRTY.isoformat(),
        "title": "早会",
        "host_id": "nobody",
        "segments": [{"id": "s1", "kind": "topic", "minutes": 12}],
    }
    async with client(app, "trainer") as asking:
        path = "/training/api/meetings/meeting"
        unknown = await asking.put(path, json=body, headers={"If-Match": "*"})
        body["segments"] = [{"id": "s1", "kind": "topic", "minutes": 61}]
        long = await asking.put(path, json=body, headers={"If-Match": "*"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/host_id")
    assert (long.status_code, long.json()["errors"][0]["pointer"]) == (422, "#/segments/0/minutes")


async def test_lists_go_on_where_they_ended(app: FastAPI, meeting_planned: str) -> None:
    async with client(app, "trainer") as asking:
        for number in range(4):
            await asking.post(
                "/training/api/meetings/from-draft",
                json={"series_id": "series"},
                headers={"Idempotency-Key": f"n{number}"},
            )
        days: list[str] = []
        path = "/training/api/meetings?size=2"
        for _ in range(3):
            page = await asking.get(path)
            days += [one["day"] for one in page.json()]
            following = re.match(r"<(.+)>; rel=\"next\"", page.headers.get("link", ""))
            path = following[1] if following else ""
    assert days == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"]
    assert path == ""


async def test_the_code_in_the_room_signs_in_and_is_soon_worth_nothing(
    app: FastAPI, meeting_planned: str, clock: TurnedClock
) -> None:
    async with client(app, "trainer") as asking:
        await asking.post("/training/api/meetings/meeting/start", headers={"Idempotency-Key": "start"})
        shown = await asking.get("/training/meetings/meeting/code")
    assert "<svg" in shown.text
    site = app.state.site
    token = SigningIn(site.settings.session_key.get_secret_value().encode(), "", clock()).token("meeting")
    other = SigningIn(b"another", "", clock()).token("meeting")
    clock.turn(SHOWN)
    path = "/training/api/meetings/meeting/sign-in"
    async with client(app, "li") as asking:
        forged = await asking.post(path, json={"token": other}, headers={"Idempotency-Key": "1"})
        good = await asking.post(path, json={"token": token}, headers={"Idempotency-Key": "2"})
    clock.turn((GOOD_FOR + 1) * SHOWN)
    async with client(app, "he") as asking:
        late = await asking.post(path, json={"token": token}, headers={"Idempotency-Key": "3"})
        page = await asking.get("/training/meetings/meeting/sign-in", params={"token": token})
    assert (forged.status_code, late.status_code, page.status_code) == (409, 409, 409)
    assert late.json()["code"] == "sign-in-code-expired"
    assert good.json()["marks"]["li"]["status"] == "present"


async def test_a_token_of_one_meeting_is_worth_nothing_at_another() -> None:
    now = EIGHT_THIRTY
    assert SigningIn(b"key", "", now).token("meeting") != SigningIn(b"key", "", now).token("other")
    assert SigningIn(b"key", "", now).token("meeting") != SigningIn(b"key", "", now + SHOWN).token("meeting")


async def test_no_question_reads_a_whole_collection(
    app: FastAPI, meeting_planned: str, mongo: Mongo, work: UnitOfWork, clock: TurnedClock
) -> None:
    async with no_collection_scan(mongo), client(app, "trainer") as asking:
        for path in (
            "/training/meetings",
            "/training/meetings?month=2026-10",
            "/training/meetings/new",
            "/training/meetings/meeting",
            "/training/meetings/meeting/edit",
            "/training/meetings/meeting/direct",
            "/training/series",
            "/training/series/series/edit",
            "/training/api/meetings",
            "/training/api/series",
            "/training/api/series/series/draft",
            "/training/api/attendance/mine",
        ):
            assert (await asking.get(path)).status_code == 200, path
        clock.turn_to(EIGHT_THIRTY)
        for action in ("start", "close"):
            answer = await asking.post(
                f"/training/api/meetings/meeting/{action}", headers={"Idempotency-Key": action}
            )
            assert answer.status_code == 200
            clock.turn(timedelta(minutes=30))
        assert (await asking.get("/training/meetings/meeting")).status_code == 200
        assert (await asking.get("/training/api/meetings/meeting")).status_code == 200
    async with no_collection_scan(mongo), client(app, "li") as asking:
        assert (await asking.get("/training/meetings")).status_code == 200


def test_the_service_reads_events_that_exist_and_names_its_topics(
    mongodb_uri: str, clock: TurnedClock
) -> None:
    definition: ServiceDefinition = DEFINITION
    assert definition.subscription is not None
    reads = definition.subscription(runtime_on(mongodb_uri, "none", clock))
    assert reads.group == "muster.training"
    assert set(reads.types) <= set(BY_TYPE)
    assert {
        "muster.clients.client",
        "muster.clients.follow-up",
        "muster.clients.showing",
        "muster.recruiting.person",
    } <= set(reads.topics)
