"""Updates: written for a unit, sent once to who agreed to get them, and never after they were withdrawn."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.errors import Conflict, Invalid
from services.chassis.identity import new_id
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.files.family import KeepConsents, keep_consents
from services.clients.files.people import Channel, Consent, ConsentGiven
from services.clients.updates import model
from services.clients.updates.commands import SendUpdate, send
from services.clients.updates.model import Update, letter
from services.contracts.clients import Grade, UpdateKind, UpdateSent
from tests.clients.company import Company
from tests.clients.samples import NOW, a_client

PATH = "/clients/api/updates"
NEW: Mapping[str, Any] = {
    "unit_id": "jingan",
    "kind": "legal",
    "title": "公积金贷款额度上调",
    "text": "自12月1日起，家庭最高贷款额度为160万元。",
    "link": "https://example.com/gjj",
    "valid_until": "2026-12-31",
}
UPDATE = Update(
    id="u",
    unit_id="jingan",
    org_path=("acme", "east", "jingan"),
    author_id="trainer",
    kind=UpdateKind.LEGAL,
    title="T",
    text="X",
    link="",
    valid_until=date(2026, 12, 31),
    published_at=NOW,
)
AGREED = (Consent(Channel.UPDATES, NOW, ConsentGiven.IN_PERSON),)


async def ask(
    web: FastAPI, person: str, method: str, path: str, body: object = None, version: str = "*"
) -> httpx.Response:
    headers = {"If-Match": version, "Idempotency-Key": new_id(), "Accept": "application/json, text/html"}
    async with browser(web, person) as asking:
        return await asking.request(method, path, json=body, headers=headers)


async def published(web: FastAPI, **change: object) -> str:
    answer = await ask(web, "trainer", "POST", PATH, {**NEW, **change})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def who_agrees(company: Company, name: str, phone: str, agent_id: str = "lin") -> str:
    client = await company.register(name, phone, agent_id)
    said = {Channel.UPDATES: ConsentGiven.IN_PERSON}
    await company.run(keep_consents, KeepConsents(client_id=client.id, said=said))
    return client.id


async def sent_events(company: Company) -> list[UpdateSent]:
    return [each.event for each in await company.events() if isinstance(each.event, UpdateSent)]


async def test_an_agent_sends_it_once_to_each_client_who_agreed(web: FastAPI, company: Company) -> None:
    one = await who_agrees(company, "王小明", "13800138000")
    two = await who_agrees(company, "李红", "13800138001")
    silent = (await company.register("不要打扰", "13800138002")).id
    update = await published(web)
    found = await ask(web, "lin", "GET", f"{PATH}/{update}/clients")
    assert {row["client_id"] for row in found.json()} == {one, two}
    first = await ask(web, "lin", "POST", f"{PATH}/{update}/sendings", {"client_ids": [one, two]})
    assert first.json() == {"sent": 2}
    again = await ask(web, "lin", "POST", f"{PATH}/{update}/sendings", {"client_ids": [two, one]})
    assert again.json() == {"sent": 0}
    refused = await ask(web, "lin", "POST", f"{PATH}/{update}/sendings", {"client_ids": [silent]})
    assert refused.status_code == 422
    events = await sent_events(company)
    assert [(event.agent_id, event.clients, event.kind) for event in events] == [("lin", 2, "legal")]
    timeline = await ask(web, "lin", "GET", f"/clients/api/clients/{one}/timeline")
    assert "update-got" in [entry["name"] for entry in timeline.json()]


async def test_sending_is_no_touch(web: FastAPI, company: Company) -> None:
    client = await who_agrees(company, "王小明", "13800138000")
    update = await published(web)
    before = (await company.client(client)).value.standing
    company.turn_to(NOW + timedelta(hours=1))
    await ask(web, "lin", "POST", f"{PATH}/{update}/sendings", {"client_ids": [client]})
    assert (await company.client(client)).value.standing == before


async def test_many_taps_at_the_same_moment_are_one(web: FastAPI, company: Company) -> None:
    clients = [await who_agrees(company, f"客户{n}", f"1380013800{n}") for n in range(4)]
    update = await published(web)
    command = SendUpdate(update_id=update, agent_id="lin", client_ids=(clients[0],))
    counts = await asyncio.gather(*(company.run(send, command) for _ in range(6)))
    assert sum(counts) == 1
    others = [replace(command, client_ids=(client,)) for client in clients[1:]]
    await asyncio.gather(*(company.run(send, each) for each in others))
    assert sum(event.clients for event in await sent_events(company)) == 4


async def test_what_is_withdrawn_or_past_cannot_be_sent(web: FastAPI, company: Company) -> None:
    client = await who_agrees(company, "王小明", "13800138000")
    gone, short = await published(web), await published(web, valid_until="2026-11-24")
    assert (await ask(web, "manager", "PUT", f"{PATH}/{gone}/withdrawal")).json()["withdrawn_at"]
    company.turn_to(NOW + timedelta(days=2))
    for update in (gone, short):
        answer = await ask(web, "lin", "POST", f"{PATH}/{update}/sendings", {"client_ids": [client]})
        assert answer.status_code == 409
        page = await ask(web, "lin", "GET", f"/clients/updates/{update}")
        assert "data-t-letter" not in page.text
    assert await sent_events(company) == []


@pytest.mark.parametrize(
    ("person", "write", "read", "send_"),
    [
        ("lin", 403, 200, 200),
        ("sun", 403, 200, 404),
        ("trainer", 201, 200, 403),
        ("manager", 201, 200, 403),
        ("region", 201, 200, 403),
        ("head", 201, 200, 403),
        ("qian", 404, 404, 404),
        ("other", 404, 404, 404),
        ("ops", 403, 404, 404),
    ],
)
async def test_each_role_on_each_route(
    web: FastAPI, company: Company, person: str, write: int, read: int, send_: int
) -> None:
    client = await who_agrees(company, "王小明", "13800138000")
    update = await published(web)
    written = await ask(web, person, "POST", PATH, NEW)
    assert written.status_code in (write, 404 if write == 403 else write)
    for path in (f"{PATH}/{update}", f"/clients/updates/{update}", f"{PATH}/{update}/clients"):
        assert (await ask(web, person, "GET", path)).status_code == read, path
    body = {"client_ids": [client]}
    answer = await ask(web, person, "POST", f"{PATH}/{update}/sendings", body)
    assert answer.status_code == send_, answer.text
    withdrawn = await ask(web, person, "PUT", f"{PATH}/{update}/withdrawal")
    assert withdrawn.status_code == (200 if write == 201 else 403 if read == 200 else 404)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "#/title"),
        ({"text": "x" * 2001}, "#/text"),
        ({"link": "javascript:alert(1)"}, "#/link"),
        ({"valid_until": "2026-11-22"}, "#/valid_until"),
        ({"valid_until": "2029-01-01"}, "#/valid_until"),
    ],
)
async def test_wrong_updates_are_refused_by_field(
    web: FastAPI, company: Company, change: Mapping[str, object], pointer: str
) -> None:
    answer = await ask(web, "trainer", "POST", PATH, {**NEW, **change})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_who_complained_is_left_in_peace_though_they_agreed() -> None:
    client = replace(a_client(Grade.A), consents=AGREED)
    assert model.may_get(client, NOW)
    quiet = replace(client, standing=replace(client.standing, quiet_until=NOW + timedelta(days=1)))
    lost = replace(client, standing=replace(client.standing, lost=True))
    taken_back = replace(client, consents=(replace(AGREED[0], withdrawn_at=NOW),))
    for each in (quiet, lost, taken_back, a_client(Grade.A)):
        assert not model.may_get(each, NOW)
        with pytest.raises(Invalid):
            model.sendable(UPDATE, [each], NOW.date(), NOW)
    with pytest.raises(Conflict):
        model.sendable(UPDATE, [client], date(2027, 1, 1), NOW)


def test_a_letter_greets_by_name_and_leaves_no_empty_lines() -> None:
    assert letter("王小明，您好！", UPDATE, "林晓") == "王小明，您好！\n\nT\n\nX\n\n林晓"


async def test_lists_read_through_nothing(web: FastAPI, company: Company) -> None:
    client = await who_agrees(company, "王小明", "13800138000")
    update = await published(web)
    async with no_collection_scan(company.mongo, allowed=("outbox", "units")):
        for person in ("lin", "trainer", "head"):
            assert (await ask(web, person, "GET", "/clients/updates")).status_code == 200
            assert (
                await ask(web, person, "GET", f"/clients/updates/{update}?grade=&place=静安")
            ).status_code == 200
        await ask(web, "lin", "POST", f"{PATH}/{update}/sendings", {"client_ids": [client]})
        await ask(web, "lin", "GET", f"{PATH}/{update}/clients?grade=A")
