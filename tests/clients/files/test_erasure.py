"""Erasure on request, and the trail of who looked."""

import pytest
from fastapi import FastAPI

from services.chassis.errors import NotFound
from services.chassis.identity import new_id
from services.chassis.personal_data.audit import AUDIT_TRAIL
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.files import lists, views
from services.clients.files.erasure import EraseClient, erase
from services.clients.files.family import KeepConsents, KeepMember, keep_consents, keep_member
from services.clients.files.merging import MergeClients, UndoMerge, merge, undo_merge
from services.clients.files.people import Birthday, Channel, ConsentGiven, Relation
from services.clients.files.personal import Contact
from services.contracts.clients import Grade
from tests.clients.company import Company
from tests.clients.files.test_files import asker

PATH = ("acme", "east", "jingan", "team-1")


async def a_full_file(company: Company) -> str:
    client = await company.register("王小明", "13800138000", address="延平路98弄", note="午休勿扰")
    spouse = await company.personal.seal(Contact("李红", "13900139000", birthday=Birthday(8, 15, True)), PATH)
    await company.run(keep_member, KeepMember(client_id=client.id, relation=Relation.SPOUSE, contact=spouse))
    await company.run(
        keep_consents, KeepConsents(client_id=client.id, said={Channel.CALL: ConsentGiven.BY_PHONE})
    )
    await company.grade(client.id, Grade.A)
    await company.show(client.id)
    await company.hear()
    return client.id


async def test_after_an_erasure_nothing_personal_is_anywhere(web: FastAPI, company: Company) -> None:
    client = await a_full_file(company)
    double = await company.register("王小名", "13700137000")
    await company.run(merge, MergeClients(kept_id=client, double_id=double.id))
    await company.hear()
    await company.run(erase, EraseClient(client_id=client))
    await company.hear()
    document = await company.mongo.collection("clients").find_one({"_id": client})
    assert document is not None
    for name in ("sealed", "phone_indexes", "tokens", "birthdays", "family", "consents", "tags"):
        assert not document[name], name
    aside = await company.mongo.collection("merged_clients").find_one({"_id": double.id})
    assert aside is not None
    assert (aside["double"], aside["kept"]) == ({}, {})
    assert await company.open_follow_ups(client) == {}
    lin = await asker(company, "lin")
    for typed in ("王小明", "王小名", "8000", "13700137000"):
        assert await lists.search(company.mongo, company.personal, lin, typed, own=True) == []
    with pytest.raises(NotFound):
        await company.run(undo_merge, UndoMerge(kept_id=client, double_id=double.id))
    async with browser(web, "lin") as asking:
        page = await asking.get(
            f"/clients/clients/{client}", headers={"Accept": "text/html", "Accept-Language": "en"}
        )
        text = page.text.split("<main", 1)[1].split("</main>", 1)[0]
        assert "Erased client" in text
        assert "Registered" in text, "what happened stays"
        assert "林晓" not in text, "but not who did it"
        shown = await asking.get("/clients/clients?state=lost", headers={"Accept-Language": "en"})
        assert "Erased client" in shown.text
        edit = await asking.put(
            f"/clients/api/clients/{client}/contact",
            json={"name": "王小明", "phone": "13800138000"},
            headers={"If-Match": "*"},
        )
    assert edit.status_code == 409
    assert (await company.register("王小明", "13800138000", "qian")).id != client


async def test_the_trail_outlives_what_it_tells_of(company: Company) -> None:
    client = await a_full_file(company)
    await views.file_of(company.mongo, company.personal, await asker(company, "lin"), client)
    before = await company.mongo.collection(AUDIT_TRAIL).count_documents({"whose": client})
    await company.run(erase, EraseClient(client_id=client))
    await company.run(erase, EraseClient(client_id=client))
    did = [each["did"] async for each in company.mongo.collection(AUDIT_TRAIL).find({"whose": client})]
    assert len(did) == before + 1
    assert did.count("erased") == 1
    assert (await company.names()).count("client-erased") == 1


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("lin", 403),
        ("sun", 403),
        ("trainer", 403),
        ("region", 403),
        ("manager", 200),
        ("head", 200),
        ("qian", 404),
        ("other", 404),
        ("ops", 404),
    ],
)
async def test_branch_manager_and_head_office_read_the_trail_and_erase(
    web: FastAPI, company: Company, person: str, status: int
) -> None:
    client = (await company.register("王小明", "13800138000")).id
    async with browser(web, "lin") as asking:
        await asking.get(f"/clients/clients/{client}")
    async with browser(web, person) as asking:
        trail = await asking.get(f"/clients/api/clients/{client}/audit")
        pages = [
            (await asking.get(f"/clients/clients/{client}/{page}")).status_code for page in ("audit", "erase")
        ]
        erased = await asking.delete(f"/clients/api/clients/{client}", headers={"If-Match": "*"})
    assert (trail.status_code, *pages, erased.status_code) == (status, status, status, status)
    if status == 200:
        assert {(entry["who"], entry["did"]) for entry in trail.json()} >= {("lin", "saw")}
        assert "13800138000" not in trail.text


async def test_the_trail_pages_by_index_and_a_list_is_one_entry(web: FastAPI, company: Company) -> None:
    ids = [(await company.register(f"王{number}")).id for number in "一二三"]
    async with no_collection_scan(company.mongo), browser(web, "manager") as asking:
        for _ in range(3):
            await asking.get("/clients/api/clients?state=unplanned")
        first = await asking.get(f"/clients/api/clients/{ids[0]}/audit?size=2")
        rest = await asking.get(first.headers["Link"].split(">")[0].removeprefix("<"))
        wrong = await asking.get(f"/clients/api/clients/{ids[0]}/audit?cursor=WzEsMl0")
    assert [len(first.json()), len(rest.json()), wrong.status_code] == [2, 1, 422]
    assert {entry["others"] for entry in (*first.json(), *rest.json())} == {2}
    assert await company.mongo.collection(AUDIT_TRAIL).count_documents({}) == 3


async def test_erasing_asks_once_more(web: FastAPI, company: Company) -> None:
    client = (await company.register("王小明")).id
    async with browser(web, "manager") as asking:
        path = f"/clients/clients/{client}/erase"
        unsure = await asking.post(path, data={"version": "1", "_key": new_id()})
        sure = await asking.post(path, data={"version": "1", "confirmed": "true", "_key": new_id()})
    assert (unsure.status_code, sure.status_code) == (422, 303)
    assert (await company.client(client)).value.erased_at is not None
