"""The JSON interface: created once, changed with a version, paged, refused in words, and never by scanning."""

import pytest
from fastapi import FastAPI

from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.follow_ups import overdue
from services.contracts.clients import FollowUpRule, Grade
from tests.clients.company import Company

NEW = {"name": "王小明", "phone": "13800138000", "source": "referral", "hours": {"opens": 600, "closes": 720}}
CLIENTS = "/clients/api/clients"


async def test_a_client_that_is_sent_twice_is_registered_once(web: FastAPI, company: Company) -> None:
    async with browser(web, "lin") as asking:
        first = await asking.post(CLIENTS, json=NEW, headers={"Idempotency-Key": "k1"})
        again = await asking.post(CLIENTS, json=NEW, headers={"Idempotency-Key": "k1"})
        other = await asking.post(CLIENTS, json={**NEW, "name": "李红"}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    assert first.headers["Location"] == f"{CLIENTS}/{first.json()['id']}"
    assert await company.names() == ["client-registered"]


async def test_a_known_phone_is_refused_with_its_own_code(web: FastAPI) -> None:
    async with browser(web, "lin") as asking:
        await asking.post(CLIENTS, json=NEW, headers={"Idempotency-Key": "k1"})
        answer = await asking.post(CLIENTS, json=NEW, headers={"Idempotency-Key": "k2"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "client-known"
    assert "王小明" in answer.json()["detail"]


async def test_a_stale_version_changes_nothing(web: FastAPI, company: Company) -> None:
    client = await company.register()
    path = f"{CLIENTS}/{client.id}/grade"
    body = {"grade": "A", "intent": "real", "reason": "comparing"}
    async with browser(web, "lin") as asking:
        first = await asking.put(path, json=body, headers={"If-Match": '"1"'})
        stale = await asking.put(path, json={**body, "grade": "C"}, headers={"If-Match": '"1"'})
        missing = await asking.put(path, json=body)
    assert (first.status_code, stale.status_code, missing.status_code) == (200, 412, 428)
    assert first.headers["ETag"] == '"2"'
    assert (await company.client(client.id)).value.grade is Grade.A


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**NEW, "name": ""}, "#/name"),
        ({**NEW, "phone": "abc"}, "#/phone"),
        ({**NEW, "hours": {"opens": 700, "closes": 600}}, "#/hours"),
        ({**NEW, "income": 1}, "#/income"),
    ],
)
async def test_wrong_input_is_refused_by_field(web: FastAPI, body: dict[str, object], pointer: str) -> None:
    async with browser(web, "lin") as asking:
        answer = await asking.post(CLIENTS, json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_lists_say_where_they_go_on(web: FastAPI, company: Company) -> None:
    for number in "一二三":
        await company.grade((await company.register(f"王{number}")).id, Grade.A)
    await company.hear()
    async with browser(web, "lin") as asking:
        first = await asking.get(f"{CLIENTS}?size=2")
        target = first.headers["Link"].split(">")[0].removeprefix("<")
        rest = await asking.get(target)
        wrong = await asking.get(f"{CLIENTS}?cursor=WzEsMl0")
    assert len(first.json()) == 2
    assert "Link" not in rest.headers
    assert len({row["id"] for row in first.json() + rest.json()}) == 3
    assert wrong.status_code == 422


async def test_the_day_in_json_has_what_is_due_and_where_the_time_goes(
    web: FastAPI, company: Company
) -> None:
    client = await company.register("王小明", "13800138000")
    await company.grade(client.id, Grade.A)
    await company.hear()
    company.turn_to((await company.open_follow_ups(client.id))[FollowUpRule.CADENCE].due_at)
    async with browser(web, "lin") as asking:
        day = (await asking.get("/clients/api/today")).json()
        follow_up = day["tasks"][0]
        path = f"/clients/api/follow-ups/{follow_up['follow_up_id']}/outcome"
        body = {"outcome": "reached", "minutes": 12}
        done = await asking.put(path, json=body, headers={"If-Match": f'"{follow_up["version"]}"'})
        after = (await asking.get("/clients/api/today")).json()
    assert (follow_up["name"], follow_up["phone"]) == ("王小明", "13800138000")
    assert done.status_code == 200
    assert (after["tasks"], after["done"]) == ([], 1)
    assert after["day"]["spent"][0] == {"intent": "real", "minutes": 12, "percent": 100, "target": 70}


async def test_no_page_list_command_or_event_reads_through_a_collection(
    web: FastAPI, company: Company
) -> None:
    clients = [
        await company.register(f"王{number}", f"1380013800{place}") for place, number in enumerate("一二三")
    ]
    paths = [
        "/clients/today",
        "/clients/clients",
        "/clients/clients?grade=A",
        "/clients/clients?state=unplanned",
        "/clients/clients?state=lost",
        "/clients/clients?q=wang",
        "/clients/showings",
        "/clients/showings/new",
        f"/clients/clients/{clients[0].id}",
        f"/clients/api/clients/{clients[0].id}/follow-ups",
        "/clients/api/today",
    ]
    # the outbox is read whole by this test itself, standing in for the relay
    async with no_collection_scan(company.mongo, allowed=["outbox", "due_items"]):
        await company.register("李红", "13900139001")
        for client in clients:
            await company.grade(client.id, Grade.A)
        await company.show(clients[0].id)
        await company.hear()
        for open_ in (await company.open_follow_ups(clients[1].id)).values():
            await company.complete(open_.id)
        await company.hear()
        await company.run(overdue.missed, [])
        for person in ("lin", "manager", "head"):
            async with browser(web, person) as asking:
                for path in paths:
                    assert (await asking.get(path)).status_code == 200, (person, path)


async def test_the_interface_describes_itself(web: FastAPI) -> None:
    async with browser(web, "lin") as asking:
        described = (await asking.get("/clients/api/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert "/clients/api/clients/{client_id}/grade" in described["paths"]
