"""Family, birthdays, consent, several phones and kept lists, on the database and through the doors."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.personal_data.audit import AUDIT_TRAIL
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.files.people import Birthday
from services.clients.files.personal import birthday_token
from services.contracts.clients import Grade
from tests.clients.company import Company

API = "/clients/api/clients"
NEW = {"name": "王小明", "phone": "13800138000", "source": "referral"}
FULL = {
    **NEW,
    "phone_2": "021-62881234",
    "wechat": "xiaoming_w",
    "email": "w@example.com",
    "work_address": "上海市黄浦区汉口路151号",
    "employer": "华东设计院",
    "occupation": "结构工程师",
    "income": "年入五十万",
    "hobbies": "网球",
    "birthday": {"calendar": "lunar", "month": 8, "day": 15, "year": 1985},
}
SPOUSE = {
    "relation": "spouse",
    "name": "李静怡",
    "phone": "13911112222",
    "birthday": {"month": 3, "day": 12},
    "note": "拍板的人",
}
SECRETS = (
    "小明",
    "13800138000",
    "62881234",
    "xiaoming_w",
    "华东设计院",
    "结构",
    "五十万",
    "网球",
    "08-15/1985",
)
OF_SPOUSE = ("静怡", "13911112222", "拍板", "03-12")


async def send(web: FastAPI, person: str, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = {"Idempotency-Key": new_id(), "If-Match": "*", "Accept-Language": "en"}
    async with browser(web, person) as asking:
        return await asking.request(method, path, json=body, headers=headers)


async def registered(web: FastAPI, body: Any = FULL, person: str = "lin") -> str:
    answer = await send(web, person, "POST", API, body)
    assert answer.status_code == 201, answer.text
    id_: str = answer.json()["id"]
    return id_


async def test_all_that_is_personal_is_sealed_and_masked_by_role(web: FastAPI, company: Company) -> None:
    client = await registered(web)
    assert (await send(web, "lin", "POST", f"{API}/{client}/family", SPOUSE)).status_code == 201
    kept = repr(await company.mongo.collection("clients").find_one({"_id": client}))
    told = repr(await company.mongo.collection("outbox").find({}).to_list(None))
    told += repr(await company.mongo.collection("timeline").find({}).to_list(None))
    for secret in (*SECRETS, *OF_SPOUSE):
        assert secret not in kept + told, secret
        assert repr(secret.encode())[2:-1] not in kept + told, secret
    own = (await send(web, "lin", "GET", f"{API}/{client}")).json()
    assert own["fields"]["income"] == "年入五十万"
    assert own["fields"]["birthday"] == "lunar-08-15/1985"
    assert own["family"][0]["fields"]["name"] == "李静怡"
    for person in ("trainer", "region", "head"):
        for path in (f"{API}/{client}", f"/clients/clients/{client}", f"/clients/clients/{client}/family"):
            answer = await send(web, person, "GET", path)
            assert answer.status_code == 200
            for secret in (*SECRETS, *OF_SPOUSE):
                assert secret not in answer.text, (person, path, secret)


async def test_whose_birthday_is_on_a_day_is_found_by_index(web: FastAPI, company: Company) -> None:
    client = await registered(web)
    await registered(web, {**NEW, "phone": "13900139000", "birthday": {"month": 8, "day": 15}})
    answer = await send(web, "lin", "POST", f"{API}/{client}/family", SPOUSE)
    family = (await company.client(client)).value.family[0].id
    assert answer.status_code == 201
    async with no_collection_scan(company.mongo):
        for birthday, whose in ((Birthday(8, 15, True), ""), (Birthday(3, 12), family)):
            token = birthday_token(company.personal.index, birthday)
            found = await company.mongo.collection("clients").find({"birthdays.token": token}).to_list(None)
            assert [each["_id"] for each in found] == [client]
            assert {each["token"]: each["whose"] for each in found[0]["birthdays"]}[token] == whose
    path = f"{API}/{client}/family/{family}"
    assert (await send(web, "lin", "PUT", path, {**SPOUSE, "birthday": None})).status_code == 200
    assert [each.whose for each in (await company.client(client)).value.birthdays] == [""]
    assert (await send(web, "lin", "DELETE", path)).status_code == 200
    assert (await company.client(client)).value.family == ()
    assert (await send(web, "lin", "DELETE", path)).status_code == 404


async def test_each_of_several_phones_is_one_client(web: FastAPI, company: Company) -> None:
    client = await registered(web)
    again = {"name": "小王", "source": "walk_in", "phone": "13600136000", "phone_2": "02162881234"}
    refused = await send(web, "qian", "POST", API, again)
    assert (refused.status_code, refused.json()["code"]) == (409, "client-known")
    other = await registered(web, {**NEW, "name": "小王", "phone": "13600136000"}, "qian")
    body = {"name": "小王", "phone": "13600136000", "phone_3": "13800138000"}
    assert (await send(web, "qian", "PUT", f"{API}/{other}/contact", body)).status_code == 409
    found = (await send(web, "lin", "GET", f"{API}?q=62881234&state=unplanned")).json()
    assert [row["id"] for row in found] == []
    found = (await send(web, "lin", "GET", f"{API}?q=021-62881234")).json()
    assert [row["id"] for row in found] == [client]


async def test_of_many_who_add_one_phone_at_once_one_succeeds(web: FastAPI, company: Company) -> None:
    some = [await registered(web, {**NEW, "phone": f"1380013800{n}"}) for n in range(5)]
    bodies = [{"name": "王", "phone": f"1380013800{n}", "phone_2": "13911112222"} for n in range(5)]
    answers = await asyncio.gather(
        *(
            send(web, "lin", "PUT", f"{API}/{client}/contact", body)
            for client, body in zip(some, bodies, strict=True)
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409, 409]


async def test_what_changed_is_told_by_name_and_what_did_not_stays_as_it_lies(
    web: FastAPI, company: Company
) -> None:
    client = await registered(web)
    before = (await company.client(client)).value.sealed
    body = {key: value for key, value in FULL.items() if key != "source"} | {"income": "不详", "hobbies": ""}
    await send(web, "lin", "PUT", f"{API}/{client}/contact", body)
    after = (await company.client(client)).value.sealed
    assert {name for name in before if before[name] != after.get(name)} == {"income", "hobbies"}
    told = (await send(web, "lin", "GET", f"{API}/{client}/timeline")).json()
    assert {"name": "contact-changed", "fields": ["hobbies", "income"]} in [
        {"name": each["name"], "fields": each["facts"].get("fields")} for each in told
    ]
    trail = await company.mongo.collection(AUDIT_TRAIL).find({"did": "changed"}).to_list(None)
    assert [(each["who"], each["whose"], each["fields"]) for each in trail] == [
        ("lin", [client], ["hobbies", "income"])
    ]


async def test_consent_is_given_and_taken_back_and_told(web: FastAPI) -> None:
    client = await registered(web)
    path = f"{API}/{client}/consents/wechat"
    for method, body in (("PUT", {"given": "online"}), ("PUT", {"given": "by_phone"}), ("DELETE", None)):
        assert (await send(web, "lin", method, path, body)).status_code == 200
    consents = (await send(web, "lin", "GET", f"{API}/{client}")).json()["consents"]
    assert [(each["channel"], each["given"], each["withdrawn_at"] is None) for each in consents] == [
        ("wechat", "online", False)
    ]
    told = [each["name"] for each in (await send(web, "lin", "GET", f"{API}/{client}/timeline")).json()]
    assert sorted(told) == ["client-registered", "consent-given", "consent-withdrawn"]
    assert (
        await send(web, "lin", "PUT", f"{API}/{client}/consents/fax", {"given": "online"})
    ).status_code in (
        404,
        422,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birthday", {"month": 2, "day": 30}),
        ("birthday", {"month": 13, "day": 1}),
        ("email", "nobody"),
        ("phone_2", "12"),
        ("income", "x" * 61),
        ("hobbies", "a\x00b"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(web: FastAPI, field: str, value: object) -> None:
    answer = await send(web, "lin", "POST", API, {**NEW, field: value})
    if field == "hobbies":
        assert answer.status_code < 500
        return
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"#/{field}")


async def test_filters_narrow_every_list_by_index_and_are_kept_under_a_name(
    web: FastAPI, company: Company
) -> None:
    ids = {}
    for letter in Grade:
        client = await company.register(f"王{letter}")
        await company.grade(client.id, letter)
        ids[letter] = client.id
    await company.hear()
    await send(web, "lin", "PUT", f"{API}/{ids[Grade.C]}/tags", {"tags": ["学区房"]})
    company.turn_to((await company.client(ids[Grade.A])).value.standing.next.due_at)  # type: ignore[union-attr]
    asked = {
        "": set(ids.values()),
        "?grade=B": {ids[Grade.B]},
        "?intent=real&source=referral": set(ids.values()),
        "?source=online": set(),
        "?tag=学区房": {ids[Grade.C]},
        "?silent_days=1": set(ids.values()),
        "?silent_days=30": set(),
        "?overdue=true": set(),
    }
    async with no_collection_scan(company.mongo):
        for person in ("lin", "manager", "head"):
            for query, wanted in asked.items():
                answer = await send(web, person, "GET", API + query)
                assert {row["id"] for row in answer.json()} == wanted, (person, query)
                page = await send(web, person, "GET", "/clients/clients" + query)
                assert page.status_code == 200
        body = {"name": "学区房", "tag": "学区房"}
        assert (await send(web, "lin", "POST", "/clients/api/lists", body)).status_code == 201
        kept = (await send(web, "lin", "GET", "/clients/api/lists")).json()
    assert [(each["name"], each["query"]) for each in kept] == [
        ("学区房", {"state": "planned", "tag": "学区房"})
    ]
    path = f"/clients/api/lists/{kept[0]['id']}"
    assert (await send(web, "zhao", "DELETE", path)).status_code == 404
    assert (await send(web, "lin", "DELETE", path)).status_code == 204
    assert (await send(web, "lin", "GET", "/clients/api/lists")).json() == []
