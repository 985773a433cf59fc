"""Deals on the database: what counts, who may, and that a past that no longer holds is named."""

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.deals.commands import (
    DealStep,
    OpenDeal,
    ShareOf,
    SignDeal,
    WriteTerms,
    confirm,
    open_deal,
    sign,
)
from services.clients.deals.model import Deal, Stage
from services.clients.deals.store import DEALS
from services.contracts.clients import (
    ClientMerged,
    ClientMergeUndone,
    ClientReassigned,
    DealClosed,
    DealKind,
    DealPart,
    DealUndone,
    Reassignment,
)
from services.contracts.envelope import Received
from services.contracts.event import Event
from tests.clients.company import UNITS, Company, received_of
from tests.clients.samples import NOW

E = TypeVar("E", bound=Event)
TODAY = NOW.date()
SHARES = (
    {"agent_id": "lin", "part": "closer", "basis_points": 6_000},
    {"agent_id": "zhao", "part": "keeper", "basis_points": 4_000},
)
TERMS: Mapping[str, Any] = {
    "kind": "sale",
    "amount": 538_000_000,
    "commission": 10_760_001,
    "listing_id": "listing",
    "shares": list(SHARES),
}


async def a_deal(company: Company, client_id: str = "") -> Stored[Deal]:
    client_id = client_id or (await company.register("王小明", f"139{new_id()[-8:]}".translate(_DIGITS))).id
    shares = (
        ShareOf(agent_id="lin", part=DealPart.CLOSER, basis_points=6_000),
        ShareOf(agent_id="zhao", part=DealPart.KEEPER, basis_points=4_000),
    )
    terms = WriteTerms(
        kind=DealKind.SALE, amount=538_000_000, commission=10_760_001, currency="CNY", shares=shares
    )
    return await company.run(open_deal, OpenDeal(client_id=client_id, terms=terms))


_DIGITS = str.maketrans("abcdef", "123456")


async def a_signed_deal(company: Company, client_id: str = "") -> Stored[Deal]:
    deal = await a_deal(company, client_id)
    await company.run(sign, SignDeal(deal_id=deal.id, signed_on=TODAY))
    return await company.run(confirm, DealStep(deal_id=deal.id))


async def ask(
    web: FastAPI, person: str, method: str, path: str, body: object = None, version: str = "*"
) -> Any:
    headers = {"If-Match": version, "Idempotency-Key": new_id(), "Accept": "application/json, text/html"}
    async with browser(web, person) as asking:
        return await asking.request(method, path, json=body, headers=headers)


async def the(company: Company, kind: type[E]) -> Received[E]:
    """The one event of this kind that was published."""
    found = [each for each in await company.events() if isinstance(each.event, kind)]
    assert len(found) == 1
    return found[0]  # type: ignore[return-value]


async def kept(company: Company, deal_id: str) -> Deal:
    document = await company.mongo.collection(DEALS.collection).find_one({"_id": deal_id})
    assert document is not None
    return DEALS.stored(document).value


async def test_a_deal_counts_when_its_shares_are_confirmed_and_is_said_with_amounts(
    web: FastAPI, company: Company
) -> None:
    client = await company.register("王小明", "13800138000")
    created = await ask(web, "lin", "POST", "/clients/api/deals", {"client_id": client.id, **TERMS})
    assert created.status_code == 201, created.text
    path = f"/clients/api/deals/{created.json()['id']}"
    signed = await ask(web, "lin", "PUT", f"{path}/signature", {"signed_on": TODAY.isoformat()})
    assert signed.json()["stage"] == "proposed"
    assert "deal-proposed" in await company.names()
    assert (await company.client(client.id)).value.deals == 0
    counted = await ask(web, "sun", "PUT", f"{path}/confirmation", {"confirmed": True})
    assert counted.json()["stage"] == "signed", counted.text
    event = (await the(company, DealClosed)).event
    assert [(share.agent_id, share.commission) for share in event.shares] == [
        ("lin", 6_456_001),
        ("zhao", 4_304_000),
    ]
    assert sum(share.commission for share in event.shares) == event.commission
    assert (event.listing_id, event.signed_on) == ("listing", TODAY)
    assert (await company.client(client.id)).value.deals == 1


async def test_an_undone_deal_names_what_no_longer_holds(web: FastAPI, company: Company) -> None:
    deal = await a_signed_deal(company)
    closing = await the(company, DealClosed)
    path = f"/clients/api/deals/{deal.id}"
    assert (await ask(web, "sun", "PUT", f"{path}/payment")).json()["stage"] == "in_force"
    undone = await ask(web, "manager", "PUT", f"{path}/undoing", {"reason": "financing"})
    assert undone.json()["stage"] == "void"
    event = (await the(company, DealUndone)).event
    assert event.closed_event_id == closing.envelope.id
    assert (await company.client(deal.value.client_id)).value.deals == 0
    again = await ask(web, "manager", "PUT", f"{path}/undoing", {"reason": "financing"})
    assert again.status_code == 409


async def test_an_offer_that_comes_to_nothing_is_nobodys_business(web: FastAPI, company: Company) -> None:
    deal = await a_deal(company)
    before = await company.names()
    answer = await ask(web, "lin", "PUT", f"/clients/api/deals/{deal.id}/undoing", {"reason": "withdrawn"})
    assert answer.json()["stage"] == "void"
    assert await company.names() == before


async def test_below_the_units_limit_nobody_has_to_confirm(web: FastAPI, company: Company) -> None:
    setting = "/clients/api/units/jingan/deal-confirming"
    assert (await ask(web, "manager", "GET", setting)).json() == {"from_commission": 0}
    answer = await ask(web, "manager", "PUT", setting, {"from_commission": 10_760_002})
    assert answer.status_code == 200, answer.text
    assert (await ask(web, "lin", "PUT", setting, {"from_commission": 1})).status_code == 404
    deal = await a_deal(company)
    signed = await ask(
        web, "lin", "PUT", f"/clients/api/deals/{deal.id}/signature", {"signed_on": TODAY.isoformat()}
    )
    assert signed.json()["stage"] == "signed"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"shares": [dict(SHARES[0])]}, "#/shares"),
        ({"shares": [dict(SHARES[0]), {**SHARES[1], "basis_points": 4_001}]}, "#/shares"),
        ({"shares": [dict(SHARES[0]), {**SHARES[1], "agent_id": "nobody"}]}, "#/shares/1/agent_id"),
        ({"shares": []}, "#/shares"),
        ({"amount": -1}, "#/amount"),
        ({"commission": 10**16}, "#/commission"),
        ({"currency": "yuan"}, "#/currency"),
    ],
)
async def test_wrong_terms_are_refused_by_field(
    web: FastAPI, company: Company, change: Mapping[str, Any], pointer: str
) -> None:
    client = await company.register()
    answer = await ask(web, "lin", "POST", "/clients/api/deals", {"client_id": client.id, **TERMS, **change})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


STEPS: tuple[tuple[str, str, object], ...] = (
    ("PUT", "/clients/api/deals/{}/terms", TERMS),
    ("PUT", "/clients/api/deals/{}/signature", {"signed_on": TODAY.isoformat()}),
    ("PUT", "/clients/api/deals/{}/payment", None),
    ("PUT", "/clients/api/deals/{}/undoing", {"reason": "error"}),
    ("PUT", "/clients/api/deals/{}/confirmation", {"confirmed": True}),
)
READS = ("/clients/api/deals/{}", "/clients/deals/{}")


@pytest.mark.parametrize(
    ("person", "read", "write"),
    [
        ("zhao", 200, 403),
        ("trainer", 200, 403),
        ("region", 200, 403),
        ("head", 200, 403),
        ("qian", 404, 404),
        ("other", 404, 404),
        ("ops", 404, 404),
    ],
)
async def test_each_role_on_each_route(
    web: FastAPI, company: Company, person: str, read: int, write: int
) -> None:
    deal = await a_deal(company)
    events = await company.names()
    for path in READS:
        assert (await ask(web, person, "GET", path.format(deal.id))).status_code == read, path
    for method, path, body in STEPS:
        assert (await ask(web, person, method, path.format(deal.id), body)).status_code == write, path
    form = await ask(web, person, "GET", f"/clients/deals/{deal.id}/edit")
    assert form.status_code == write
    new = await ask(web, person, "POST", "/clients/api/deals", {"client_id": deal.value.client_id, **TERMS})
    assert new.status_code in (403, 404)
    assert await company.names() == events


async def test_the_agent_does_not_confirm_their_own_shares(web: FastAPI, company: Company) -> None:
    deal = await a_deal(company)
    await company.run(sign, SignDeal(deal_id=deal.id, signed_on=TODAY))
    path = f"/clients/api/deals/{deal.id}/confirmation"
    assert (await ask(web, "lin", "PUT", path, {"confirmed": True})).status_code == 403
    back = await ask(web, "manager", "PUT", path, {"confirmed": False})
    assert (back.json()["stage"], back.json()["signed_on"]) == ("negotiating", None)


async def test_who_has_a_share_sees_the_deal_and_not_the_client(web: FastAPI, company: Company) -> None:
    client = await company.register("欧阳静怡", "13800138000")
    deal = await a_deal(company, client.id)
    for path in (f"/clients/deals/{deal.id}", "/clients/deals?state=open"):
        text = (await ask(web, "zhao", "GET", path)).text
        assert "4,304,000" in text.replace("43,040.00", "4,304,000") or "43,040" in text, path
        assert "欧阳静怡" not in text
    assert [each["id"] for each in (await ask(web, "zhao", "GET", "/clients/api/deals")).json()] == [deal.id]
    assert (await ask(web, "zhao", "GET", f"/clients/clients/{client.id}/deals")).status_code == 404


async def test_a_deal_follows_its_client(company: Company) -> None:
    one = await company.register("王小明", "13800138000")
    two = await company.register("小王", "13800138001")
    open_one = await a_deal(company, one.id)
    closed = await a_signed_deal(company, one.id)
    common = {"occurred_at": NOW, "org_path": UNITS["team-2"][2]}

    async def hear(event: Event, number: int) -> None:
        await company.deliver([received_of(event, one.id, number, new_id())])

    await hear(
        ClientReassigned(
            client_id=one.id,
            agent_id="qian",
            previous_agent_id="lin",
            reason=Reassignment.BY_HAND,
            **common,
        ),
        50,
    )
    assert (await kept(company, open_one.id)).agent_id == "qian"
    assert (await kept(company, closed.id)).agent_id == "lin"
    merged: dict[str, Any] = {"client_id": two.id, "merged_client_id": one.id, "agent_id": "lin", **common}
    await hear(ClientMerged(**merged), 51)
    assert (await kept(company, closed.id)).client_id == two.id
    assert (await company.client(two.id)).value.deals == 1
    await hear(ClientMergeUndone(**merged), 52)
    assert (await kept(company, closed.id)).client_id == one.id
    assert (await company.client(two.id)).value.deals == 0


async def test_a_signature_is_a_contact_and_stands_in_the_file(web: FastAPI, company: Company) -> None:
    client = await company.register("王小明", "13800138000")
    company.turn_to(NOW.replace(hour=5))
    deal = await a_signed_deal(company, client.id)
    assert (await company.client(client.id)).value.standing.touched_at == NOW.replace(hour=5)
    file = await ask(web, "lin", "GET", f"/clients/clients/{client.id}")
    assert "成交签约" in file.text or "Deal signed" in file.text
    tab = await ask(web, "lin", "GET", f"/clients/clients/{client.id}/deals")
    assert f"/clients/deals/{deal.id}" in tab.text


async def test_lists_and_steps_read_through_nothing(web: FastAPI, company: Company) -> None:
    deals = [await a_deal(company) for _ in range(3)]
    await company.run(sign, SignDeal(deal_id=deals[0].id, signed_on=TODAY))
    async with no_collection_scan(company.mongo, allowed=("outbox", "units")):
        for person, own in (("lin", "true"), ("manager", "false"), ("head", "false")):
            for state in ("open", "proposed", "closed", "void"):
                page = await ask(web, person, "GET", f"/clients/deals?state={state}&own={own}")
                assert page.status_code == 200
        first = await ask(web, "lin", "GET", "/clients/api/deals?size=1")
        target = first.headers["Link"].split(">")[0].removeprefix("<")
        assert len((await ask(web, "lin", "GET", target)).json()) == 1
        await company.run(confirm, DealStep(deal_id=deals[0].id))
    assert (await kept(company, deals[0].id)).stage is Stage.SIGNED
