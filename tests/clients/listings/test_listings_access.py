"""Who sees listings, owners, needs and matches, and who may write them; no page or query reads a whole collection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.personal_data.audit import AUDIT_TRAIL
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.listings import owner as owners
from services.clients.listings.owner import Owner
from services.clients.matching.commands import GiveFeedback, give_feedback
from services.clients.matching.narrowing import Said
from services.clients.showings.commands import BookShowing, book
from services.clients.showings.model import Home
from services.contracts.clients import Grade
from tests.clients.company import UNITS, Company
from tests.clients.matching.market import look, looking, need_of, offer
from tests.clients.samples import NOW

SEES = ("lin", "zhao", "sun", "trainer", "manager", "qian", "other", "region", "head")
LISTING = {
    "kind": "sale",
    "title": "静安枫景 3-1201",
    "place": ["上海", "静安", "曹家渡"],
    "price": 500_000_000,
    "rooms": 3,
    "size": 900,
}
CHANGED = {key: value for key, value in LISTING.items() if key != "kind"}
NEED = {
    "kind": "sale",
    "places": [["上海", "静安"]],
    "limits": [{"feature": "price", "at_least": 400_000_000, "at_most": 550_000_000}],
    "wishes": [{"feature": "size", "at_least": 1000, "weight": "nice"}],
}
OF_LISTINGS = (
    "/clients/api/listings",
    "/clients/api/places",
    "/clients/api/listings/{listing}",
    "/clients/api/listings/{listing}/matches",
    "/clients/api/listings/{listing}/showings",
    "/clients/listings",
    "/clients/listings?place=上海/静安&trait=3&low=300万&high=600万",
    "/clients/listings?mine=true",
    "/clients/listings?kind=policy",
    "/clients/listings/{listing}",
    "/clients/listings/{listing}/matches",
)
WRITES_OF_LISTINGS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("PUT", "/clients/api/listings/{listing}", CHANGED),
    ("PUT", "/clients/api/listings/{listing}/status", {"step": "reserve"}),
)
OF_CLIENT = (
    "/clients/api/clients/{client}/needs",
    "/clients/api/clients/{client}/matches",
    "/clients/api/needs/{need}",
    "/clients/clients/{client}/needs",
    "/clients/clients/{client}/matches",
)
WRITES_OF_CLIENT: tuple[tuple[str, str, Mapping[str, Any] | None], ...] = (
    ("POST", "/clients/api/clients/{client}/needs", NEED),
    ("PUT", "/clients/api/needs/{need}", NEED),
    (
        "PUT",
        "/clients/api/clients/{client}/matches/{listing}/feedback",
        {"liked": False, "said": ["too_small"]},
    ),
    ("PUT", "/clients/api/needs/{need}/suggestion", {"suggestion": 0, "accept": True}),
    ("DELETE", "/clients/api/needs/{need}", None),
    (
        "PUT",
        "/clients/api/showings/{showing}/plan",
        {"starts_at": NOW.isoformat(), "homes": ["a", {"label": "b"}]},
    ),
    ("PUT", "/clients/api/showings/{showing}/confirmation", None),
    ("PUT", "/clients/api/showings/{showing}/cancellation", {"reason": "client"}),
)
WRITING_PAGES = (
    "/clients/clients/{client}/needs/new",
    "/clients/clients/{client}/needs/new?kind=policy",
    "/clients/needs/{need}",
    "/clients/showings/new?client={client}",
)


@dataclass
class There:
    """A listing of zhao's with an owner, and a client of lin's whom it suits, with a showing of it ahead."""

    web: FastAPI
    company: Company
    ids: Mapping[str, str]

    async def ask(
        self, person: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        headers = {"If-Match": "*", "Idempotency-Key": new_id(), "Accept": "text/html, application/json"}
        async with browser(self.web, person) as asking:
            return await asking.request(method, path.format(**self.ids), json=body, headers=headers)

    async def statuses(self, person: str, paths: tuple[str, ...]) -> dict[str, int]:
        return {path: (await self.ask(person, "GET", path)).status_code for path in paths}


@pytest.fixture
async def there(web: FastAPI, company: Company) -> There:
    owner = Owner("钱业主", "13700137000", "上海市静安区延平路98弄3号1201室", "周末可看")
    sealed = await owners.seal(company.personal, owner, UNITS["team-1"][2])
    listing = await offer(company, sealed=sealed)
    client = await looking(company, "王小明", Grade.A)
    said = (Said.TOO_DEAR,)
    await company.run(
        give_feedback, GiveFeedback(client_id=client.id, listing_id=listing.id, liked=False, said=said)
    )
    showing = await company.run(
        book,
        BookShowing(
            client_id=client.id,
            starts_at=NOW + timedelta(days=1),
            homes=(Home(listing.value.title, listing_id=listing.id),),
        ),
    )
    need = await need_of(company, client.id)
    ids = {"listing": listing.id, "client": client.id, "need": need.id, "showing": showing.id}
    return There(web, company, ids)


@pytest.mark.parametrize("person", SEES)
async def test_what_is_offered_is_for_the_whole_company(there: There, person: str) -> None:
    assert await there.statuses(person, OF_LISTINGS) == dict.fromkeys(OF_LISTINGS, 200)


async def test_operations_see_no_listings(there: There) -> None:
    assert set((await there.statuses("ops", OF_LISTINGS)).values()) == {404}
    assert (await there.ask("ops", "POST", "/clients/api/listings", LISTING)).status_code == 403


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("zhao", 200),
        ("sun", 200),
        ("manager", 200),
        ("lin", 403),
        ("trainer", 403),
        ("other", 403),
        ("ops", 404),
    ],
)
async def test_a_listing_is_changed_by_its_keeper_and_who_leads_them(
    there: There, person: str, status: int
) -> None:
    for method, path, body in WRITES_OF_LISTINGS:
        assert (await there.ask(person, method, path, body)).status_code == status, path
    assert (await there.ask(person, "GET", "/clients/listings/{listing}/edit")).status_code == status


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        ("zhao", "13700137000"),
        ("manager", "13700137000"),
        ("trainer", "137****7000"),
        ("lin", None),
        ("other", None),
    ],
)
async def test_the_owner_is_shown_by_role_on_every_path(there: There, person: str, shown: str | None) -> None:
    for path in OF_LISTINGS:
        text = (await there.ask(person, "GET", path)).text
        if shown != "13700137000":
            assert "13700137000" not in text, path
            assert "钱业主" not in text, path
            assert "1201室" not in text, path
    owner = (await there.ask(person, "GET", "/clients/api/listings/{listing}")).json()["owner"]
    assert owner.get("phone") == shown


async def test_looks_at_an_owner_are_written_down(there: There) -> None:
    await there.ask("zhao", "GET", "/clients/listings/{listing}")
    entry = await there.company.mongo.collection(AUDIT_TRAIL).find_one({"who": "zhao"})
    assert entry is not None
    assert there.ids["listing"] in str(entry["whose"])


@pytest.mark.parametrize("person", ["lin", "sun", "manager", "trainer", "region", "head"])
async def test_who_sees_the_client_sees_what_they_look_for(there: There, person: str) -> None:
    assert await there.statuses(person, OF_CLIENT) == dict.fromkeys(OF_CLIENT, 200)


@pytest.mark.parametrize("person", ["zhao", "qian", "other", "ops"])
async def test_for_others_nothing_of_it_exists(there: There, person: str) -> None:
    assert set((await there.statuses(person, (*OF_CLIENT, *WRITING_PAGES))).values()) == {404}
    for method, path, body in WRITES_OF_CLIENT:
        assert (await there.ask(person, method, path, body)).status_code == 404, path


@pytest.mark.parametrize("person", ["trainer", "region", "head"])
async def test_who_only_looks_on_changes_nothing(there: There, person: str) -> None:
    assert set((await there.statuses(person, WRITING_PAGES)).values()) == {403}
    for method, path, body in WRITES_OF_CLIENT:
        assert (await there.ask(person, method, path, body)).status_code == 403, path


@pytest.mark.parametrize("person", ["lin", "sun", "manager"])
async def test_who_looks_after_the_client_may_write(there: There, person: str) -> None:
    assert set((await there.statuses(person, WRITING_PAGES)).values()) == {200}
    for method, path, body in WRITES_OF_CLIENT:
        answer = await there.ask(person, method, path, body)
        assert answer.status_code in (200, 201), (path, answer.text)


async def test_who_may_only_take_a_client_out_of_the_pool_does_not_see_what_they_look_for(
    there: There,
) -> None:
    path = list(UNITS["jingan"][2])
    await there.company.mongo.collection("clients").update_one(
        {"_id": there.ids["client"]}, {"$set": {"agent_id": None, "org_path": path}}
    )
    assert set((await there.statuses("zhao", OF_CLIENT)).values()) == {404}
    assert set((await there.statuses("manager", OF_CLIENT)).values()) == {200}


async def test_of_clients_of_others_a_listing_shows_neither_name_nor_need(there: There) -> None:
    found = (await there.ask("zhao", "GET", "/clients/api/listings/{listing}/matches")).json()
    assert [(each["client_id"], each["name"], each["verdict"], each["agent_id"]) for each in found] == [
        (None, "", None, "lin")
    ]
    page = (await there.ask("zhao", "GET", "/clients/listings/{listing}/matches")).text
    assert "王小明" not in page
    assert "林晓" in page
    masked = (await there.ask("head", "GET", "/clients/api/listings/{listing}/matches")).json()
    assert [each["name"] for each in masked] == ["王**"]
    seen = (await there.ask("zhao", "GET", "/clients/api/listings/{listing}/showings")).json()
    assert [each["client_id"] for each in seen] == [None]


async def test_a_match_says_why_and_its_parts_add_up(there: There) -> None:
    client = await there.company.register("李红")
    body = await there.ask("lin", "POST", f"/clients/api/clients/{client.id}/needs", NEED)
    assert body.status_code == 201
    (found,) = (await there.ask("lin", "GET", f"/clients/api/clients/{client.id}/matches")).json()
    assert found["verdict"] == {
        "score": 60,
        "parts": [{"feature": "size", "points": 60, "of": 100, "outcome": "partly", "missed_by": -100}],
        "gaps": [],
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**LISTING, "title": ""}, "#/title"),
        ({**LISTING, "price": 0}, "#/price"),
        ({**LISTING, "place": ["上海"]}, "#/place"),
        ({**LISTING, "place": ["a/b", "c"]}, "#/place/0"),
        ({**LISTING, "rooms": None}, "#/rooms"),
        ({**LISTING, "size": 10**18}, "#/size"),
        ({**LISTING, "owner": {"phone": "abc"}}, "#/owner_phone"),
        ({**LISTING, "expires_on": "2199-01-01"}, "#/expires_on"),
    ],
)
async def test_wrong_input_is_refused_by_field(there: There, body: Mapping[str, Any], pointer: str) -> None:
    answer = await there.ask("lin", "POST", "/clients/api/listings", body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_no_page_or_command_reads_through_a_collection(there: There) -> None:
    company = there.company
    for number in range(3):
        await offer(company, title=f"四方新城 {number}")
    async with no_collection_scan(company.mongo, allowed=["outbox", "due_items"]):
        await look(company, there.ids["client"])
        await offer(company, title="达安花园 1")
        await company.hear()
        await company.fall_due("match-listing", "tell-matches")
        for path in (
            *OF_LISTINGS,
            *OF_CLIENT,
            *WRITING_PAGES,
            "/clients/showings/{showing}",
            "/clients/showings",
        ):
            assert (await there.ask("manager", "GET", path)).status_code == 200, path
        for method, path, body in (*WRITES_OF_CLIENT, *WRITES_OF_LISTINGS):
            answer = await there.ask("manager", method, path, body)
            assert answer.status_code in (200, 201), (path, answer.text)
