"""Each role on each route: what is not theirs is not shown, not even that it is there."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.testing.web import client, running
from services.chassis.work import UnitOfWork
from services.notifications.app import DEFINITION, build_api
from services.notifications.boards.commands import offer, pair
from services.notifications.boards.model import Pairing
from services.notifications.leaderboards.commands import count
from tests.notifications.company import Company

API = "/notifications/api"


@pytest.fixture
async def app(
    mongo: Mongo,
    work: UnitOfWork,
    company: Company,
    clock: TurnedClock,
    mongodb_uri: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[FastAPI]:
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MUSTER_DATABASE_PREFIX", mongo.database.name)
    runtime = DEFINITION.runtime(clock)
    await runtime.mongo.prepare({})
    people = ["li", "wang", "zhou", "sun", "qian", "xu", "zhao", "chen", "wu", "he"]
    elsewhere = UnitOfWork(runtime.mongo, clock, "/muster/notifications")
    await runtime.prepare(runtime.mongo)
    await elsewhere.run(company.enter)
    await elsewhere.run(
        count, [company.showing(who) for place, who in enumerate(people) for _ in range(10 - place)]
    )
    async with running(build_api(runtime)) as started:
        yield started
    await mongo.client.drop_database(runtime.mongo.database.name)


async def board_of(app: FastAPI, person: str) -> str:
    """A board of the branch 徐汇, paired by somebody."""
    site = app.state.site
    work = UnitOfWork(site.mongo, site.clock, site.source)
    await work.run(offer, Pairing("ABC234", "token"))
    return (await work.run(pair, "ABC234", await Directory(site.mongo).unit("xuhui"))).id


@pytest.mark.parametrize(
    ("person", "unit", "lines", "whole"),
    [
        # an agent: the best of where they belong, all the way up, and nothing beside it
        ("li", "xuhui-1", 2, False),
        ("li", "xuhui", 4, False),
        ("li", "co", 7, False),
        ("li", "xuhui-2", None, None),
        ("li", "pudong", None, None),
        # who leads sees everybody they lead
        ("zhou", "xuhui-1", 3, True),
        ("zhou", "xuhui-2", None, None),
        ("zhou", "xuhui", 4, False),
        ("zhao", "xuhui", 8, True),
        ("zhao", "xuhui-2", 3, True),
        ("zhao", "pudong", None, None),
        ("zhao", "east", 6, False),
        ("chen", "xuhui", 8, True),
        ("feng", "east", 9, True),
        ("feng", "south", None, None),
        ("jiang", "co", 10, True),
        ("jiang", "nowhere", None, None),
    ],
)
async def test_a_board_shows_what_the_reader_may_see(
    app: FastAPI, person: str, unit: str, lines: int | None, whole: bool | None
) -> None:
    async with client(app, person) as asking:
        answer = await asking.get(f"{API}/leaderboards", params={"metric": "showings", "unit": unit})
        page = await asking.get("/notifications/leaderboards", params={"metric": "showings", "unit": unit})
    if lines is None:
        assert (answer.status_code, answer.json()["code"], page.status_code) == (404, "not-found", 404)
    else:
        assert (len(answer.json()["lines"]), answer.json()["whole"]) == (lines, whole)
        assert page.status_code == 200


@pytest.mark.parametrize(
    ("person", "whose", "unit", "status"),
    [
        ("li", "li", "xuhui", 200),
        ("li", "wang", "xuhui", 404),
        ("li", "li", "pudong", 404),
        ("zhou", "wang", "xuhui-1", 200),
        ("zhou", "sun", "xuhui", 404),
        ("zhao", "sun", "xuhui", 200),
        ("zhao", "wu", "xuhui", 200),
        ("feng", "wu", "east", 200),
        ("jiang", "nobody", "co", 404),
    ],
)
async def test_a_score_opens_to_oneself_and_to_who_leads(
    app: FastAPI, person: str, whose: str, unit: str, status: int
) -> None:
    query = {"metric": "showings", "unit": unit}
    async with client(app, person) as asking:
        answer = await asking.get(f"{API}/leaderboards/people/{whose}/entries", params=query)
        page = await asking.get(f"/notifications/leaderboards/people/{whose}", params=query)
    assert (answer.status_code, page.status_code) == (status, status)
    if whose == "wu" and unit == "xuhui":
        # somebody of another branch has nothing in this one
        assert answer.json()["points"] == 0


async def test_the_own_place_is_told_even_where_the_list_is_not(app: FastAPI) -> None:
    async with client(app, "qian") as asking:
        board = (
            await asking.get(f"{API}/leaderboards", params={"metric": "showings", "unit": "xuhui"})
        ).json()
    assert "qian" not in {line["person_id"] for line in board["lines"]}
    assert board["own"] == {"rank": 5, "points": 6, "exact": True, "to_next": 1}


@pytest.mark.parametrize(
    ("person", "status"),
    [("li", 404), ("zhou", 404), ("zhao", 200), ("chen", 200), ("zheng", 404), ("feng", 200), ("jiang", 200)],
)
async def test_boards_are_for_who_looks_after_them(app: FastAPI, person: str, status: int) -> None:
    id_ = await board_of(app, "zhao")
    async with client(app, person) as asking:
        for path in (
            f"{API}/boards/{id_}",
            f"/notifications/boards/{id_}",
            f"/notifications/boards/{id_}/preview",
        ):
            assert (await asking.get(path)).status_code == status
        listed = await asking.get(f"{API}/boards")
        assert [each["id"] for each in listed.json()] == [id_] if status == 200 else True
        gone = await asking.delete(f"{API}/boards/{id_}", headers={"Idempotency-Key": "k"})
        assert gone.status_code == (204 if status == 200 else 404)


@pytest.mark.parametrize(
    "path",
    [
        "/leaderboards?period=era:1",
        "/leaderboards?metric=money",
        "/leaderboards?period=month:2026-13",
        "/leaderboards/people/li/entries?cursor=abc",
        "/leaderboards/people/li/entries?as_of=yesterday",
        "/inbox?cursor=WzEsMl0",
        "/inbox?size=0",
    ],
)
async def test_what_cannot_be_read_is_said_as_a_problem(app: FastAPI, path: str) -> None:
    async with client(app, "li") as asking:
        answer = await asking.get(API + path)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "path", ["/leaderboards", "/leaderboards/people/li/entries", "/inbox", "/inbox/unread", "/boards"]
)
async def test_nobody_sees_anything_without_signing_in(app: FastAPI, path: str) -> None:
    async with client(app) as asking:
        assert (await asking.get(API + path)).status_code == 401


async def test_the_list_behind_a_score_goes_on_by_cursor(app: FastAPI) -> None:
    async with client(app, "li") as asking:
        seen: list[str] = []
        path: str | None = f"{API}/leaderboards/people/li/entries?metric=showings&unit=xuhui&size=3"
        while path:
            answer = await asking.get(path)
            assert answer.json()["points"] == 10
            seen += [entry["id"] for entry in answer.json()["entries"]]
            path = answer.links["next"]["url"] if "next" in answer.links else None
    assert len(seen) == len(set(seen)) == 10
