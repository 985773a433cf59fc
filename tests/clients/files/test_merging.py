"""Merging on the database: what led to either file leads to one, and back."""

import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.mongo import Document
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.files import lists, views
from services.clients.files.commands import ClientKnown
from services.clients.files.merging import MergeClients, UndoMerge, merge, undo_merge
from services.contracts.clients import FollowUpRule, Grade
from tests.clients.company import Company
from tests.clients.files.test_files import asker

MOVING = ("version", "sequence", "last_event_id", "updated_at", "standing", "holding")
"""What a merge and its undoing may leave different: counters, and what planning works out anew."""


async def raw(company: Company, client_id: str) -> Document:
    found = await company.mongo.collection("clients").find_one({"_id": client_id})
    assert found is not None
    return {name: value for name, value in found.items() if name not in MOVING}


async def two_files(company: Company, other: str = "lin") -> tuple[str, str]:
    kept = await company.register("王小明", "13800138000", note="午休勿扰")
    double = await company.register("王小名", "13900139000", agent_id=other, address="延平路98弄")
    for client in (kept, double):
        await company.grade(client.id, Grade.A)
    await company.show(double.id)
    await company.hear()
    return kept.id, double.id


@pytest.mark.parametrize("other", ["lin", "zhao", "qian"])
async def test_a_merge_and_its_undoing_leave_both_files_as_they_were(company: Company, other: str) -> None:
    kept, double = await two_files(company, other)
    before = await raw(company, kept), await raw(company, double)
    open_before = set(await company.open_follow_ups(kept)), set(await company.open_follow_ups(double))
    await company.run(merge, MergeClients(kept_id=kept, double_id=double))
    await company.hear()
    await company.run(undo_merge, UndoMerge(kept_id=kept, double_id=double))
    await company.hear()
    assert (await raw(company, kept), await raw(company, double)) == before
    assert (
        set(await company.open_follow_ups(kept)),
        set(await company.open_follow_ups(double)),
    ) == open_before


async def test_what_led_to_the_double_leads_to_the_kept_file(company: Company) -> None:
    kept, double = await two_files(company, "zhao")
    await company.run(merge, MergeClients(kept_id=kept, double_id=double))
    await company.hear()
    assert await company.mongo.collection("clients").count_documents({}) == 1
    for name in ("follow_ups", "showings"):
        assert await company.mongo.collection(name).count_documents({"client_id": double}) == 0, name
    open_ = await company.open_follow_ups(kept)
    assert {FollowUpRule.CADENCE, FollowUpRule.SHOWING_FEEDBACK} <= set(open_)
    assert {each.agent_id for each in open_.values()} == {"lin"}
    told = [entry["name"] for entry in await views.timeline(company.mongo, kept)]
    assert told.count("client-registered") == 2
    assert "showing-done" in told
    names = await company.names()
    assert names.count("client-merged") == 1
    assert names.count("client-reassigned") == 1


async def test_the_kept_file_is_found_by_the_names_and_phones_of_both(company: Company) -> None:
    kept, double = await two_files(company)
    await company.run(merge, MergeClients(kept_id=kept, double_id=double))
    lin = await asker(company, "lin")
    for typed in ("王小名", "9000", "8000", "13900139000"):
        rows = await lists.search(company.mongo, company.personal, lin, typed, own=True)
        assert [row.client.id for row in rows] == [kept], typed
    with pytest.raises(ClientKnown):
        await company.register("别人", "13900139000", agent_id="qian")
    file = await views.file_of(company.mongo, company.personal, lin, kept)
    assert (file.fields["phone"], file.fields["phone_2"]) == ("13800138000", "13900139000")
    assert (file.fields["note"], file.fields["address"]) == ("午休勿扰", "延平路98弄")


async def test_the_address_of_the_merged_file_leads_to_the_kept_one(web: FastAPI, company: Company) -> None:
    kept, double = await two_files(company)
    third = await company.register("王小铭")
    await company.run(merge, MergeClients(kept_id=kept, double_id=double))
    await company.run(merge, MergeClients(kept_id=third.id, double_id=kept))
    async with browser(web, "lin") as asking:
        page = await asking.get(f"/clients/clients/{double}/family")
        json = await asking.get(f"/clients/api/clients/{double}/timeline")
    assert (page.status_code, page.headers["Location"]) == (308, f"/clients/clients/{third.id}/family")
    assert json.headers["Location"] == f"/clients/api/clients/{third.id}/timeline"
    async with browser(web, "qian") as asking:
        assert (await asking.get(f"/clients/clients/{double}")).status_code == 404


@pytest.mark.parametrize(
    ("person", "other", "status"),
    [
        ("lin", "lin", 200),
        ("lin", "zhao", 404),
        ("sun", "zhao", 200),
        ("manager", "zhao", 200),
        ("manager", "qian", 404),
        ("trainer", "zhao", 403),
        ("head", "qian", 403),
    ],
)
async def test_who_looks_after_both_may_merge(
    web: FastAPI, company: Company, person: str, other: str, status: int
) -> None:
    kept, double = await two_files(company, other)
    headers = {"Idempotency-Key": new_id(), "If-Match": "*"}
    async with browser(web, person) as asking:
        path = f"/clients/api/clients/{kept}/merged"
        merged = await asking.post(path, json={"double_id": double}, headers=headers)
        undone = await asking.delete(f"{path}/{double}", headers=headers)
    assert (merged.status_code, undone.status_code) == (status, status)


async def test_merging_reads_no_collection_through(web: FastAPI, company: Company) -> None:
    kept, double = await two_files(company)
    async with no_collection_scan(company.mongo, allowed=["outbox", "due_items"]):
        async with browser(web, "lin") as asking:
            assert (await asking.get(f"/clients/clients/{kept}/merge")).status_code == 200
            assert "13900139000" in (await asking.get(f"/clients/clients/{kept}/merge/{double}")).text
        await company.run(merge, MergeClients(kept_id=kept, double_id=double))
        await company.run(undo_merge, UndoMerge(kept_id=kept, double_id=double))
