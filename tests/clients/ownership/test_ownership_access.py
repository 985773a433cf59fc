"""Each role on each route of ownership and referrals: what is not theirs does not exist, or cannot be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.ownership import commands
from services.clients.ownership.commands import ReassignClient, ShareClient
from services.contracts.clients import Grade, Reassignment
from tests.clients.company import PEOPLE, Company
from tests.clients.ownership.test_changing_hands import leave
from tests.clients.samples import CAUSES

NAME, PHONE = "王小明", "13800138000"
SEES = ("lin", "sun", "manager", "trainer", "region", "head")
LEADS = ("sun", "manager")
READS = (
    "/clients/api/clients/{client}/owners",
    "/clients/api/clients/{client}/referrals",
    "/clients/clients/{client}/owner",
    "/clients/clients/{client}/referrals",
)
API = "/clients/api"


@dataclass
class There:
    """A client of lin's, one in the pool, and a handover of zhao's."""

    web: FastAPI
    company: Company
    ids: Mapping[str, str]

    async def ask(self, person: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"If-Match": "*", "Idempotency-Key": new_id(), "Accept": "text/html, application/json"}
        async with browser(self.web, person) as asking:
            return await asking.request(method, path.format(**self.ids), json=body, headers=headers)

    async def statuses(self, method: str, path: str, body: Any = None) -> dict[str, int]:
        return {person: (await self.ask(person, method, path, body)).status_code for person in PEOPLE}


@pytest.fixture
async def there(web: FastAPI, company: Company) -> There:
    client = await company.register(NAME, PHONE)
    pooled = await company.register("李红", "13800138001", agent_id="sun")
    await company.grade(pooled.id, Grade.B)
    away = ReassignClient(client_id=pooled.id, agent_id=None, reason=Reassignment.GIVEN_UP)
    await company.run(commands.reassign_client, away)
    left = await company.register("陈晨", "13800138002", agent_id="zhao")
    await leave(company, "zhao", successor_id="sun")
    await company.hear()
    ids = {"client": client.id, "pooled": pooled.id, "left": left.id, "handover": CAUSES[1]}
    return There(web, company, ids)


def only(*allowed: str, otherwise: Mapping[str, int], ok: int = 200) -> dict[str, int]:
    return {person: ok if person in allowed else otherwise.get(person, 404) for person in PEOPLE}


GONE = {"zhao": 401}
"""Who left is not signed in any more."""
DECIDE = ("manager", "region", "head")
OTHERS_AGENT = {"sun": 422, "manager": 422}
LOOKS_ON = {"trainer": 403, "region": 403, "head": 403}


@pytest.mark.parametrize("path", READS)
async def test_who_sees_the_client_sees_whose_they_are(there: There, path: str) -> None:
    gone = 401 if "/api/" in path else 303
    async with no_collection_scan(there.company.mongo):
        found = await there.statuses("GET", path)
    assert found == only(*SEES, otherwise={"zhao": gone})


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed", "otherwise"),
    [
        ("PUT", "/clients/{client}/owner", {"agent_id": "sun"}, LEADS, {**LOOKS_ON, "lin": 403}),
        ("PUT", "/clients/{client}/owner", {"agent_id": "qian"}, (), {**LOOKS_ON, "lin": 403, **OTHERS_AGENT}),
        ("POST", "/reassignments", {"client_ids": ["{client}"], "agent_id": "sun"}, LEADS, {**LOOKS_ON, "lin": 403}),
        ("PUT", "/clients/{client}/sharing", {"agent_ids": ["sun"]}, ("lin", *LEADS), LOOKS_ON),
        ("PUT", "/clients/{client}/referrer", {"client_id": None}, ("lin", *LEADS), LOOKS_ON),
        ("GET", "/handovers", None, (*LEADS, "other", "region", "head"), {}),
        ("GET", "/handovers/{handover}/clients", None, (*LEADS, "region", "head"), {}),
        ("POST", "/handovers/{handover}/recall", {}, ("manager",), {"sun": 403, "region": 403, "head": 403}),
        ("GET", "/units/jingan/ownership", None, (*SEES, "ops"), {}),
        ("PUT", "/units/jingan/ownership", {"idle_days_a": 9}, DECIDE, {"trainer": 403, "ops": 403}),
    ],
)  # fmt: skip
async def test_what_each_role_may_do(
    there: There,
    method: str,
    path: str,
    body: Any,
    allowed: tuple[str, ...],
    otherwise: dict[str, int],
) -> None:
    if body and "client_ids" in body:
        body = {**body, "client_ids": [there.ids["client"]]}
    async with no_collection_scan(there.company.mongo):
        found = await there.statuses(method, API + path, body)
    assert found == only(*allowed, otherwise={**GONE, **otherwise})


async def test_the_pool_is_the_branchs(there: There) -> None:
    for person in PEOPLE:
        answer = await there.ask(person, "GET", f"{API}/pool")
        page = await there.ask(person, "GET", "/clients/pool")
        if person in ("zhao", "ops"):
            assert (answer.status_code, page.status_code) == ((401, 303) if person == "zhao" else (404, 404))
            continue
        assert (answer.status_code, page.status_code) == (200, 200), person
        names = [row["name"] for row in answer.json()]
        full, none = person in LEADS, person in ("qian", "other")
        assert names == ([] if none else ["李红"] if full else ["李*"]), person
        assert "13800138001" not in answer.text + page.text
        assert "138****8001" not in answer.text + page.text
        if not full:
            assert "李红" not in page.text


async def test_an_agent_sees_a_masked_name_of_who_can_be_taken_and_no_phone_at_all(there: There) -> None:
    page = await there.ask("lin", "GET", "/clients/clients/{pooled}")
    file = await there.ask("lin", "GET", f"{API}/clients/{{pooled}}")
    assert (page.status_code, file.status_code) == (200, 200)
    assert file.json()["fields"] == {"name": "李*"}
    assert "8001" not in page.text
    for method, path, body in (
        ("PUT", f"{API}/clients/{{pooled}}/grade", {"grade": "B", "intent": "real", "reason": "comparing"}),
        ("PUT", f"{API}/clients/{{pooled}}/owner", {"agent_id": "lin"}),
        ("PUT", f"{API}/clients/{{pooled}}/sharing", {"agent_ids": ["lin"]}),
    ):
        assert (await there.ask("lin", method, path, body)).status_code == 403, path


async def test_taking_is_for_agents_of_the_branch(there: There) -> None:
    refused = dict.fromkeys(("manager", "trainer", "region", "head"), 403)
    for person in PEOPLE:
        if person not in ("lin", "sun"):
            answer = await there.ask(person, "POST", f"{API}/pool/{{pooled}}/take")
            assert answer.status_code == {**GONE, **refused}.get(person, 404), person
    assert (await there.ask("sun", "POST", f"{API}/pool/{{pooled}}/take")).status_code == 409
    assert (await there.ask("lin", "POST", f"{API}/pool/{{pooled}}/take")).status_code == 200
    again = await there.ask("sun", "POST", f"{API}/pool/{{pooled}}/take")
    assert (again.status_code, again.json()["code"]) == (409, "client-taken")


async def test_whom_a_client_is_shared_with_sees_and_writes_and_gives_nothing_away(there: There) -> None:
    path = f"{API}/clients/{{client}}"
    assert (await there.ask("qian", "GET", path)).status_code == 404
    share = ShareClient(client_id=there.ids["client"], agent_ids=("qian",))
    await there.company.run(commands.share, share)
    file = await there.ask("qian", "GET", path)
    assert (file.status_code, file.json()["fields"]["phone"]) == (200, PHONE)
    grade = {"grade": "A", "intent": "real", "reason": "comparing"}
    assert (await there.ask("qian", "PUT", f"{path}/grade", grade)).status_code == 200
    for method, end, body in (
        ("PUT", "/owner", {"agent_id": None}),
        ("PUT", "/owner", {"agent_id": "qian"}),
        ("PUT", "/sharing", {"agent_ids": []}),
    ):
        assert (await there.ask("qian", method, path + end, body)).status_code == 403, (end, body)


async def test_a_referrer_has_to_be_a_client_one_sees(there: There) -> None:
    theirs = await there.company.register("钱二", agent_id="qian")
    path = f"{API}/clients/{{client}}/referrer"
    assert (await there.ask("lin", "PUT", path, {"client_id": theirs.id})).status_code == 422
    assert (await there.ask("lin", "PUT", path, {"client_id": there.ids["client"]})).status_code == 422
    mine = await there.company.register("王二")
    assert (await there.ask("lin", "PUT", path, {"client_id": mine.id})).status_code == 200
    tree = (await there.ask("lin", "GET", f"{API}/clients/{mine.id}/referrals")).json()
    assert (tree["brought"], tree["tree"][0]["client_id"]) == (1, there.ids["client"])


async def test_the_pages_of_who_leads(there: There) -> None:
    for path in ("/clients/handovers", "/clients/handovers/{handover}", "/clients/handovers/by-hand"):
        for person in LEADS:
            assert (await there.ask(person, "GET", path)).status_code == 200, (path, person)
        assert (await there.ask("lin", "GET", path)).status_code in (403, 404), path
    for person, status in {"manager": 200, "region": 200, "head": 200, "lin": 404, "sun": 404}.items():
        assert (await there.ask(person, "GET", "/clients/pool/settings")).status_code == status, person
    for person in SEES:
        assert (await there.ask(person, "GET", "/clients/referrals")).status_code == 200, person
