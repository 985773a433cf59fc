"""The list as a file: masked unless a branch manager says why, written down, and not all in memory."""

import csv
import io
import tracemalloc
from dataclasses import replace

import httpx
import openpyxl
import pytest
from fastapi import FastAPI

from services.chassis.personal_data.audit import AUDIT_TRAIL
from services.chassis.records import CONVERTER
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.files.export import Export, Format, as_csv
from services.clients.files.filters import Filters, State
from services.contracts.clients import Grade
from tests.clients.company import Company
from tests.clients.files.test_files import asker
from tests.clients.samples import a_client

EXPORT = "/clients/api/clients/export"
ALL = {"state": "unplanned", "format": "csv"}


async def taken(web: FastAPI, person: str, **body: object) -> httpx.Response:
    async with browser(web, person) as asking:
        return await asking.post(EXPORT, json={**ALL, **body}, headers={"Accept-Language": "en"})


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
async def three(company: Company) -> list[str]:
    """Two clients of the branch, one of another."""
    return [
        (await company.register("王小明", "13800138000", "lin", address="上海市静安区延平路98弄")).id,
        (await company.register("=李红", "13900139000", "zhao")).id,
        (await company.register("钱一", "13700137000", "qian")).id,
    ]


async def test_an_export_is_masked_for_everybody(web: FastAPI, company: Company, three: list[str]) -> None:
    for person, count in (("lin", 1), ("sun", 2), ("manager", 2), ("trainer", 2), ("head", 3)):
        answer = await taken(web, person)
        assert answer.status_code == 200
        assert len(rows_of(answer)) == count, person
        for secret in ("13800138000", "13900139000", "小明", "延平路"):
            assert secret not in answer.content.decode(), (person, secret)
    entries = await company.mongo.collection(AUDIT_TRAIL).find({"did": "exported"}).to_list(None)
    assert {entry["who"] for entry in entries} == {"lin", "sun", "manager", "trainer", "head"}
    assert {tuple(entry["fields"]) for entry in entries} == {("masked",)}
    assert sorted(next(entry for entry in entries if entry["who"] == "head")["whose"]) == sorted(three)


async def test_a_branch_manager_reads_all_with_a_reason_which_is_written_down(
    web: FastAPI, company: Company, three: list[str]
) -> None:
    assert (await taken(web, "manager", full=True)).status_code == 422
    rows = rows_of(await taken(web, "manager", full=True, why="complaint"))
    assert {row["Phone"] for row in rows} == {"13800138000", "13900139000"}
    assert "'=李红" in {row["Name"] for row in rows}, "what looks like a formula is none"
    entries = await company.mongo.collection(AUDIT_TRAIL).find({"reason": "complaint"}).to_list(None)
    assert {client for entry in entries for client in entry["whose"]} == set(three[:2])
    assert all(entry["did"] == "exported" and "phone" in entry["fields"] for entry in entries)


@pytest.mark.parametrize(("person", "status"), [("lin", 403), ("sun", 403), ("trainer", 403), ("head", 403)])
async def test_nobody_else_reads_all(
    web: FastAPI, company: Company, three: list[str], person: str, status: int
) -> None:
    assert (await taken(web, person, full=True, why="audit")).status_code == status
    assert await company.mongo.collection(AUDIT_TRAIL).count_documents({"did": "exported"}) == 0


async def test_who_sees_no_clients_gets_no_file(web: FastAPI, three: list[str]) -> None:
    answer = await taken(web, "ops")
    assert answer.status_code == 200
    assert rows_of(answer) == []


async def test_a_workbook_has_the_list_as_it_is_narrowed(web: FastAPI, company: Company) -> None:
    for letter in (Grade.A, Grade.B):
        await company.grade((await company.register(f"王{letter}")).id, letter)
    await company.hear()
    answer = await taken(web, "lin", format="xlsx", state="planned", grade="A")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert len(lines) == 2
    assert lines[0][0] == "Name"
    assert "A" in lines[1]


async def test_the_page_gives_the_file_to_a_browser(web: FastAPI, company: Company, three: list[str]) -> None:
    async with browser(web, "lin") as asking:
        page = await asking.get("/clients/clients/export?state=unplanned", headers={"Accept": "text/html"})
        form = {"state": "unplanned", "format": "csv", "own": "true"}
        file = await asking.post("/clients/clients/export", data=form)
    assert page.status_code == 200
    assert file.headers["Content-Disposition"].endswith('.csv"')
    assert len(rows_of(file)) == 1


async def test_a_long_list_is_written_in_pieces(company: Company) -> None:
    sealed = await company.personal.seal_changed({"name": "王小明", "phone": "13800138000"}, ("acme",), {})
    count = 3000
    template = CONVERTER.unstructure(replace(a_client(), sealed=sealed[0]))
    del template["id"]
    documents = [
        {**template, "_id": f"c-{number:05}", "version": 1, "sequence": 1, "last_event_id": ""}
        for number in range(count)
    ]
    await company.mongo.collection("clients").insert_many(documents)
    del documents
    export = Export(filters=Filters(state=State.UNPLANNED), own=True, format=Format.CSV)
    seen, most = 0, 0
    async with no_collection_scan(company.mongo):
        tracemalloc.start()
        async for piece in as_csv(company.mongo, company.personal, await asker(company, "lin"), export, str):
            seen += piece.count(b"\n")
            most = max(most, len(piece))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert seen == count + 1
    assert most < 60_000
    assert peak < 12_000_000, f"{peak} bytes for a list that is 3000 rows long"
