"""Each role on each route: what is not theirs does not exist, what they may only look at they cannot change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.testing.web import client as browser
from services.clients.showings.commands import BookShowing, book
from services.contracts.clients import FollowUpRule, Grade
from tests.clients.company import Company
from tests.clients.samples import NOW

OWNER, LEADERS, LOOKERS = ("lin",), ("sun", "manager"), ("trainer", "region", "head")
STRANGERS = ("zhao", "qian", "other", "ops")
CONTACT = {"name": "王小明", "phone": "13800138000"}
DONE = {"outcome": "reached", "minutes": 10}
HOME = "静安枫景 3-1201"
SEEN = {"homes": [{"label": HOME, "interest": 4}], "minutes": 30}
READS = (
    "/clients/api/clients/{client}",
    "/clients/api/clients/{client}/timeline",
    "/clients/api/clients/{client}/follow-ups",
    "/clients/api/clients/{client}/showings",
    "/clients/api/follow-ups/{follow_up}",
    "/clients/api/showings/{showing}",
    "/clients/clients/{client}",
    "/clients/showings/{showing}",
    "/clients/clients/{client}/family",
)
WRITES: tuple[tuple[str, str, Mapping[str, Any] | None], ...] = (
    ("PUT", "/clients/api/clients/{client}/contact", CONTACT),
    ("PUT", "/clients/api/clients/{client}/grade", {"grade": "B", "intent": "real", "reason": "comparing"}),
    ("DELETE", "/clients/api/clients/{client}/suggestion", None),
    ("POST", "/clients/api/clients/{client}/contacts", DONE),
    ("PUT", "/clients/api/follow-ups/{follow_up}/outcome", DONE),
    ("POST", "/clients/api/follow-ups/{follow_up}/outcome", DONE),
    ("PUT", "/clients/api/clients/{client}/cooling-off", None),
    ("POST", "/clients/api/clients/{client}/family", {"relation": "spouse", "name": "李静"}),
    ("PUT", "/clients/api/clients/{client}/consents/call", {"given": "by_phone"}),
    ("DELETE", "/clients/api/clients/{client}/consents/call", None),
    ("PUT", "/clients/api/clients/{client}/tags", {"tags": ["学区房"]}),
    ("PUT", "/clients/api/follow-ups/{follow_up}/snooze", {"days": 1}),
    ("PUT", "/clients/api/showings/{showing}/record", SEEN),
    (
        "POST",
        "/clients/api/showings",
        {"client_id": "{client}", "starts_at": NOW.isoformat(), "homes": [HOME]},
    ),
)
WRITING_PAGES = (
    "/clients/clients/{client}/edit",
    "/clients/clients/{client}/grade",
    "/clients/clients/{client}/contact",
    "/clients/clients/{client}/family/new",
    "/clients/clients/{client}/consent",
    "/clients/clients/{client}/tags",
    "/clients/clients/{client}/merge",
    "/clients/follow-ups/{follow_up}",
    "/clients/showings/new?client={client}",
)


@dataclass
class There:
    """A client of lin's with a follow-up and a showing, and who asks about them."""

    web: FastAPI
    company: Company
    ids: Mapping[str, str]

    async def ask(
        self, person: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        headers = {"If-Match": "*", "Idempotency-Key": new_id(), "Accept": "text/html, application/json"}
        filled = {
            key: value.format(**self.ids) if key == "client_id" else value
            for key, value in (body or {}).items()
        }
        async with browser(self.web, person) as asking:
            return await asking.request(
                method, path.format(**self.ids), json=filled if body is not None else None, headers=headers
            )


async def a_client(company: Company, phone: str = CONTACT["phone"]) -> dict[str, str]:
    """The ids of a client of lin's, with a follow-up and a showing."""
    client = await company.register(CONTACT["name"], phone)
    await company.grade(client.id, Grade.A)
    await company.hear()
    follow_up = (await company.open_follow_ups(client.id))[FollowUpRule.CADENCE]
    showing = await company.run(book, BookShowing(client_id=client.id, starts_at=NOW, homes=(HOME,)))
    return {"client": client.id, "follow_up": follow_up.id, "showing": showing.id}


@pytest.fixture
async def there(web: FastAPI, company: Company) -> There:
    return There(web, company, await a_client(company))


@pytest.mark.parametrize("person", [*OWNER, *LEADERS, *LOOKERS])
async def test_who_may_see_the_client_reads_every_route(there: There, person: str) -> None:
    answers = {path: (await there.ask(person, "GET", path)).status_code for path in READS}
    assert answers == dict.fromkeys(READS, 200)


@pytest.mark.parametrize("person", STRANGERS)
async def test_for_others_nothing_of_it_exists(there: There, person: str) -> None:
    events = await there.company.names()
    answers = {path: (await there.ask(person, "GET", path)).status_code for path in (*READS, *WRITING_PAGES)}
    assert set(answers.values()) == {404}, answers
    for method, path, body in WRITES:
        assert (await there.ask(person, method, path, body)).status_code == 404, path
    assert await there.company.names() == events


@pytest.mark.parametrize("person", LOOKERS)
async def test_who_only_looks_on_changes_nothing(there: There, person: str) -> None:
    events = await there.company.names()
    for method, path, body in WRITES:
        assert (await there.ask(person, method, path, body)).status_code == 403, path
    for path in WRITING_PAGES:
        assert (await there.ask(person, "GET", path)).status_code == 403, path
    assert await there.company.names() == events


@pytest.mark.parametrize("person", [*OWNER, *LEADERS])
async def test_who_looks_after_the_client_may_write(web: FastAPI, company: Company, person: str) -> None:
    for number, (method, path, body) in enumerate(WRITES):
        each = There(web, company, await a_client(company, f"1390013{number:04}"))
        answer = await each.ask(person, method, path, body)
        assert answer.status_code in (200, 201), (path, answer.text)


@pytest.mark.parametrize("person", [*OWNER, *LEADERS])
async def test_who_looks_after_the_client_has_the_forms(there: There, person: str) -> None:
    for path in WRITING_PAGES:
        assert (await there.ask(person, "GET", path)).status_code == 200, path


async def test_masked_data_are_masked_in_every_answer(there: There) -> None:
    for person in LOOKERS:
        for path in (*READS, "/clients/api/clients", "/clients/clients", "/clients/api/clients?q=wxm"):
            text = (await there.ask(person, "GET", path)).text
            assert "13800138000" not in text, (person, path)
            assert "王小明" not in text, (person, path)


async def test_nobody_who_is_not_signed_in_gets_anything(there: There) -> None:
    async with browser(there.web) as asking:
        for path in READS:
            answer = await asking.get(path.format(**there.ids))
            assert answer.status_code in (401, 303), path


@pytest.mark.parametrize(("person", "status"), [("lin", 201), ("sun", 201), ("trainer", 403), ("head", 403)])
async def test_clients_are_registered_by_who_has_clients(there: There, person: str, status: int) -> None:
    body = {"name": "李红", "source": "walk_in"}
    assert (await there.ask(person, "POST", "/clients/api/clients", body)).status_code == status


@pytest.mark.parametrize(
    ("person", "read", "write"),
    [
        ("lin", 200, 404),
        ("sun", 200, 404),
        ("manager", 200, 200),
        ("region", 200, 200),
        ("qian", 404, 404),
        ("other", 404, 404),
    ],
)
async def test_settings_are_read_below_and_written_by_who_leads(
    there: There, person: str, read: int, write: int
) -> None:
    path = "/clients/api/units/jingan/cadence"
    assert (await there.ask(person, "GET", path)).status_code == read
    assert (await there.ask(person, "PUT", path, {"days_a": 3})).status_code == write
