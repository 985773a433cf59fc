"""Imports on the database: what is found out first, what is written then, and what can be taken back."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.schedule.items import DUE_ITEMS
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.chassis.work import Transaction
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS
from services.clients.imports import model, working
from services.clients.imports.store import CHUNKS, FINDINGS, IMPORTS
from services.clients.ownership.commands import ReassignClient, reassign_client
from services.contracts.clients import ClientSource, FollowUpRule, Grade, Reassignment
from tests.clients.company import Company
from tests.clients.imports.work import work_through
from tests.clients.samples import NOW

PATH = "/clients/api/imports"
HEADINGS = ["姓名", "电话", "等级", "归属人", "登记日期", "最近联系", "地址", "公司流水号"]


def row(
    number: int, name: str = "", phone: str = "", grade: str = "", owner: str = "", address: str = ""
) -> list[str]:
    return [
        name or f"客户{number}",
        phone or f"1380000{number:04}",
        grade,
        owner,
        "2024-05-06",
        "2026-10-01",
        address,
        str(number),
    ]


def as_csv(*rows: Sequence[str], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *rows])
    return text.getvalue().encode(encoding)


async def ask(
    web: FastAPI, person: str, method: str, path: str, body: Any = None, version: str = "*"
) -> httpx.Response:
    headers = {"If-Match": version, "Idempotency-Key": new_id(), "Accept": "application/json, text/html"}
    async with browser(web, person) as asking:
        if isinstance(body, bytes):
            return await asking.request(method, path, content=body, headers=headers)
        return await asking.request(method, path, json=body, headers=headers)


async def uploaded(web: FastAPI, data: bytes, person: str = "lin") -> dict[str, Any]:
    answer = await ask(web, person, "POST", f"{PATH}?name=clients.csv", data)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def checked(
    web: FastAPI, company: Company, data: bytes, person: str = "lin", choice: str = "skip", **more: str
) -> dict[str, Any]:
    sent = await uploaded(web, data, person)
    body = {"columns": sent["columns"], "choice": choice, "owner_id": sent["owner_id"], **more}
    answer = await ask(web, person, "PUT", f"{PATH}/{sent['id']}/mapping", body)
    assert answer.status_code == 202, answer.text
    await work_through(company)
    return dict((await ask(web, person, "GET", f"{PATH}/{sent['id']}")).json())


async def read_in(
    web: FastAPI, company: Company, data: bytes, person: str = "lin", choice: str = "skip", **more: str
) -> dict[str, Any]:
    found = await checked(web, company, data, person, choice, **more)
    answer = await ask(web, person, "PUT", f"{PATH}/{found['id']}/run")
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"{PATH}/{found['id']}"
    await work_through(company)
    return dict((await ask(web, person, "GET", f"{PATH}/{found['id']}")).json())


async def clients(company: Company) -> list[Stored[Client]]:
    documents = await company.mongo.collection(CLIENTS.collection).find({}, sort=[("_id", 1)]).to_list(None)
    return [CLIENTS.stored(document) for document in documents]


async def names(company: Company) -> Counter[str]:
    opened = await company.personal.vault.open_all([each.value.sealed for each in await clients(company)])
    return Counter(fields["name"] for fields in opened)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_hundreds_of_rows_are_previewed_checked_and_read_in(
    web: FastAPI, company: Company, encoding: str
) -> None:
    rows = [row(number, grade="B" if number % 3 else "") for number in range(600)]
    sent = await uploaded(web, as_csv(*rows, encoding=encoding))
    assert sent["columns"] == [
        "name",
        "phone",
        "grade",
        "owner",
        "registered",
        "last_contact",
        "address",
        None,
    ]
    assert (sent["rows"], sent["encoding"], len(sent["sample"])) == (600, encoding, 5)
    assert sent["sample"][0][0] == "客户0"
    done = await read_in(web, company, as_csv(*rows, encoding=encoding))
    assert (done["stage"], done["counts"]) == ("done", {"created": 600})
    found = await clients(company)
    assert len(found) == 600
    one = found[0].value
    assert (one.agent_id, one.source) == ("lin", ClientSource.IMPORT)
    assert one.registered_at == datetime(2024, 5, 5, 16, tzinfo=UTC)
    assert one.standing.touched_at == datetime(2026, 9, 30, 16, tzinfo=UTC)
    told = Counter(await company.names())
    assert told == {"client-registered": 600, "client-graded": 400}
    assert await names(company) == Counter(f"客户{number}" for number in range(600))


async def test_nothing_of_a_file_lies_in_the_database_in_clear(web: FastAPI, company: Company) -> None:
    await read_in(web, company, as_csv(row(1, "王小明", "13800138000", address="延平路98弄")))
    everything = ""
    for name in await company.mongo.database.list_collection_names():
        if not name.startswith("system.") and name not in ("people", "units"):
            everything += repr(await company.mongo.collection(name).find({}).to_list(None))
    for secret in ("王小明", "13800138000", "延平路", "clients.csv", "归属人"):
        assert secret not in everything


async def test_the_check_says_row_by_row_what_would_come_of_it_and_writes_nothing(
    web: FastAPI, company: Company
) -> None:
    await company.register("老客户", "13800000002")
    rows = [
        row(1),
        row(2),
        row(3, phone="12345"),
        row(4, name=" "),
        row(5, phone="138 0000 0001"),
        row(6, owner="赵强"),
        row(7, grade="Z"),
        row(8, owner="林晓"),
    ]
    found = await checked(web, company, as_csv(*rows))
    assert found["stage"] == "checked"
    assert found["counts"] == {"new": 2, "known": 1, "double": 1, "wrong": 4}
    assert len(await clients(company)) == 1
    errors = await ask(web, "lin", "GET", f"{PATH}/{found['id']}/errors")
    assert errors.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
    assert lines[0][: len(HEADINGS)] == HEADINGS
    assert [line[-2] for line in lines[1:]] == ["3", "4", "5", "6", "7", "8"]
    assert lines[1][0] == "客户2"
    done = await ask(web, "lin", "PUT", f"{PATH}/{found['id']}/run")
    await work_through(company)
    done = await ask(web, "lin", "GET", f"{PATH}/{found['id']}")
    assert done.json()["counts"] == {"created": 2, "skipped": 1, "double": 1, "wrong": 4}


async def test_a_file_of_errors_holds_no_formula(web: FastAPI, company: Company) -> None:
    found = await checked(web, company, as_csv(row(1, "=HYPERLINK(1)", "12"), row(2, "@x", "+86 12")))
    errors = await ask(web, "lin", "GET", f"{PATH}/{found['id']}/errors")
    lines = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == ["'=HYPERLINK(1)", "'@x"]
    assert lines[2][1] == "+86 12"


async def test_known_clients_are_filled_up_and_never_overwritten(web: FastAPI, company: Company) -> None:
    mine = await company.register("老客户", "13800000001", address="")
    full = await company.register("满客户", "13800000002", address="延平路1号")
    theirs = await company.register("别人的", "13800000003", agent_id="zhao")
    rows = [row(n, f"新名{n}", grade="A", address=f"康定路{n}号") for n in (1, 2, 3)]
    done = await read_in(web, company, as_csv(*rows), choice="fill")
    assert done["counts"] == {"filled": 2, "skipped": 1}
    opened = {
        each.id: await company.personal.vault.open(each.value.sealed) for each in await clients(company)
    }
    assert opened[mine.id] == {"name": "老客户", "phone": "13800000001", "address": "康定路1号"}
    assert opened[full.id]["address"] == "延平路1号"
    assert (await company.client(full.id)).value.grade is Grade.A
    assert "address" not in opened[theirs.id]


async def test_who_lies_in_the_pool_is_taken_out_of_it(web: FastAPI, company: Company) -> None:
    pooled = await company.register("公海客户", "13800000001", agent_id="zhao")
    busy = await company.register("别人的", "13800000002", agent_id="zhao")
    await company.run(
        reassign_client,
        ReassignClient(client_id=pooled.id, agent_id=None, reason=Reassignment.RELEASED),
    )
    done = await read_in(web, company, as_csv(row(1), row(2)), choice="take")
    assert done["counts"] == {"taken": 1, "skipped": 1}
    assert (await company.client(pooled.id)).value.agent_id == "lin"
    assert (await company.client(busy.id)).value.agent_id == "zhao"


async def test_a_leader_imports_for_agents_by_name_and_others_only_for_themselves(
    web: FastAPI, company: Company
) -> None:
    rows = [row(1, owner="林 晓"), row(2, owner="zhao"), row(3), row(4, owner="钱多")]
    done = await read_in(web, company, as_csv(*rows), "manager", owner_id="sun")
    assert done["counts"] == {"created": 3, "wrong": 1}
    assert [each.value.agent_id for each in await clients(company)].count("sun") == 1
    assert {each.value.agent_id for each in await clients(company)} == {"lin", "zhao", "sun"}
    refused = await checked(web, company, as_csv(row(5, owner="赵强")))
    assert refused["counts"] == {"wrong": 1}


async def test_what_columns_mean_is_remembered_for_a_file_of_the_same_headings(
    web: FastAPI, company: Company
) -> None:
    first = await uploaded(web, as_csv(row(1)))
    columns = [*first["columns"][:-1], "note"]
    body = {"columns": columns, "owner_id": "lin"}
    await ask(web, "lin", "PUT", f"{PATH}/{first['id']}/mapping", body)
    assert (await uploaded(web, as_csv(row(2))))["columns"] == columns
    assert (await uploaded(web, as_csv(row(2)), "zhao"))["columns"][-1] is None
    others = HEADINGS[::-1]
    turned = (",".join(others) + "\n" + ",".join(row(3)[::-1])).encode()
    assert (await uploaded(web, turned))["columns"] == columns[::-1]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"columns": ["phone"] + [None] * 7}, "#/columns"),
        ({"columns": ["name", "name"] + [None] * 6}, "#/columns"),
        ({"columns": ["name"]}, "#/columns"),
        ({"columns": ["name"] + [None] * 7, "owner_id": "zhao"}, "#/owner_id"),
        ({"columns": ["name"] + [None] * 7, "owner_id": ""}, "#/owner_id"),
    ],
)
async def test_a_mapping_that_cannot_be_is_refused(
    web: FastAPI, company: Company, change: dict[str, Any], pointer: str
) -> None:
    sent = await uploaded(web, as_csv(row(1)))
    answer = await ask(web, "lin", "PUT", f"{PATH}/{sent['id']}/mapping", change)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_worker_that_dies_in_the_middle_reads_no_row_in_twice(web: FastAPI, company: Company) -> None:
    found = await checked(web, company, as_csv(*(row(number) for number in range(700))))
    await ask(web, "lin", "PUT", f"{PATH}/{found['id']}/run")
    await work_through(company, 1)
    half = (await ask(web, "lin", "GET", f"{PATH}/{found['id']}")).json()
    assert (half["stage"], half["done"], half["total"]) == ("running", 250, 700)

    class Died(Exception):
        pass

    async def dies(tx: Transaction) -> None:
        await working.work_on(tx, company.personal, found["id"], 2, 1)
        raise Died

    with pytest.raises(Died):
        await company.run(dies)
    assert len(await clients(company)) == 250
    # and what was done is not done again by who heard of it late
    await company.run(working.work_on, company.personal, found["id"], 2, 0)
    await company.run(working.work_on, company.personal, found["id"], 1, 0)
    await work_through(company)
    assert len(await clients(company)) == 700
    assert Counter(await company.names())["client-registered"] == 700


async def test_an_upload_that_is_sent_twice_is_one(web: FastAPI, company: Company) -> None:
    headers = {"Idempotency-Key": "once"}
    async with browser(web, "lin") as asking:
        first = await asking.post(PATH, content=as_csv(row(1)), headers=headers)
        again = await asking.post(PATH, content=as_csv(row(1)), headers=headers)
        missing = await asking.post(PATH, content=as_csv(row(1)))
    assert first.json()["id"] == again.json()["id"]
    assert missing.status_code == 400
    assert await company.mongo.collection(IMPORTS.collection).count_documents({}) == 1


async def test_an_import_is_taken_back_but_for_what_somebody_has_worked_with(
    web: FastAPI, company: Company
) -> None:
    known = await company.register("老客户", "13800000300")
    rows = [*(row(number, grade="A") for number in range(300)), row(300, address="康定路1号")]
    done = await read_in(web, company, as_csv(*rows), choice="fill")
    await company.hear()
    found = [each for each in await clients(company) if each.id != known.id]
    called, graded, untouched = found[0], found[1], found[2]
    await company.complete((await company.open_follow_ups(called.id))[FollowUpRule.CADENCE].id)
    await company.grade(graded.id, Grade.C)
    company.clock.turn(timedelta(days=6))
    answer = await ask(web, "lin", "PUT", f"{PATH}/{done['id']}/undoing")
    assert answer.status_code == 202, answer.text
    await work_through(company)
    after = (await ask(web, "lin", "GET", f"{PATH}/{done['id']}")).json()
    assert after["stage"] == "undone"
    assert {name: count for name, count in after["counts"].items() if count} == {"removed": 299, "kept": 2}
    assert {each.id for each in await clients(company)} == {known.id, called.id, graded.id}
    assert "address" not in (await company.client(known.id)).value.sealed
    assert await company.open_follow_ups(untouched.id) == {}
    assert Counter(await company.names())["client-erased"] == 298
    kept = await ask(web, "lin", "GET", f"{PATH}/{done['id']}/errors")
    assert len(kept.text.strip().splitlines()) == 3
    # the phones are free again
    again = await read_in(web, company, as_csv(*rows[5:10]))
    assert again["counts"] == {"created": 5}


async def test_after_a_week_an_import_stays(web: FastAPI, company: Company) -> None:
    done = await read_in(web, company, as_csv(row(1)))
    company.clock.turn(timedelta(days=7))
    answer = await ask(web, "lin", "PUT", f"{PATH}/{done['id']}/undoing")
    assert answer.status_code == 409
    assert len(await clients(company)) == 1


async def test_a_file_is_forgotten_by_itself(web: FastAPI, company: Company) -> None:
    await checked(web, company, as_csv(row(1)))
    for name in (CHUNKS, FINDINGS):
        indexes = await company.mongo.collection(name).index_information()
        assert indexes["forgotten"]["expireAfterSeconds"] == 0
        document = await company.mongo.collection(name).find_one({})
        assert document is not None
        assert document["expires_at"] == NOW + model.FILE_KEPT


@pytest.mark.parametrize(
    ("person", "status"),
    [("zhao", 404), ("sun", 404), ("manager", 404), ("trainer", 404), ("head", 404), ("ops", 404)],
)
async def test_an_import_is_for_nobody_elses_eyes(
    web: FastAPI, company: Company, person: str, status: int
) -> None:
    sent = await uploaded(web, as_csv(row(1)))
    body = {"columns": sent["columns"], "owner_id": "lin"}
    for method, path, content in (
        ("GET", f"{PATH}/{sent['id']}", None),
        ("GET", f"{PATH}/{sent['id']}/errors", None),
        ("PUT", f"{PATH}/{sent['id']}/mapping", body),
        ("PUT", f"{PATH}/{sent['id']}/run", None),
        ("PUT", f"{PATH}/{sent['id']}/undoing", None),
        ("GET", f"/clients/imports/{sent['id']}", None),
        ("GET", f"/clients/imports/{sent['id']}/errors.csv", None),
    ):
        assert (await ask(web, person, method, path, content)).status_code == status, path


@pytest.mark.parametrize(
    ("person", "status"), [("lin", 201), ("sun", 201), ("manager", 201), ("trainer", 403), ("head", 403)]
)
async def test_who_has_clients_or_leads_who_has_may_import(
    web: FastAPI, company: Company, person: str, status: int
) -> None:
    assert (await ask(web, person, "POST", PATH, as_csv(row(1)))).status_code == status


async def test_what_is_no_table_is_refused_and_too_much_is_refused_early(
    web: FastAPI, company: Company
) -> None:
    refused = await ask(web, "lin", "POST", PATH, b"\x89PNG\r\n\x1a\n\x00\x00")
    assert (refused.status_code, refused.json()["code"]) == (422, "file-unreadable")
    large = await ask(web, "lin", "POST", PATH, b"x" * (model.MOST_BYTES + 1))
    assert large.status_code == 413


async def test_imports_read_through_nothing(web: FastAPI, company: Company) -> None:
    await company.register("老客户", "13800000002")
    async with no_collection_scan(company.mongo, allowed=("outbox", "units", DUE_ITEMS)):
        done = await read_in(web, company, as_csv(*(row(number) for number in range(10))), choice="fill")
        await ask(web, "lin", "GET", PATH)
        await ask(web, "lin", "GET", f"/clients/imports/{done['id']}")
        await ask(web, "lin", "GET", f"{PATH}/{done['id']}/errors")
        await ask(web, "lin", "PUT", f"{PATH}/{done['id']}/undoing")
        await work_through(company)


def test_progress_never_goes_beyond_the_whole() -> None:
    import_ = model.Import(
        id="i",
        person_id="lin",
        org_path=("acme",),
        sealed={},
        rows=0,
        chunks=0,
        uploaded_at=NOW,
        expires_at=NOW,
        columns=(),
        key="k",
    )
    assert import_.share == 1.0
    assert replace(import_, rows=10, worked=12).share == 1.0
