"""Reading in a file of old clients: rows a second from the upload to the last file written, and the memory it takes.

Each step runs in a process of its own, as in life: the upload in an API, check and run in a worker. Memory is the most
that the process ever had beyond what it has at rest; a tenth of the rows beside all of them shows whether it is flat.
"""

import asyncio
import csv
import io
import json
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from benchmarks.company import agents, branch_path, found
from benchmarks.figures import Aim, Figure
from benchmarks.place import Place
from services.chassis.clock import utc_now
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.personal_data.master_key import MASTER_KEY_BYTES, MasterKey
from services.chassis.processes.definition import CHASSIS_INDEXES, merged
from services.chassis.records import Stored
from services.chassis.schedule.items import DONE, DUE_ITEMS, OPEN, DueItem, closing, item_of
from services.chassis.testing.web import put_person
from services.chassis.work import Cause, Transaction, UnitOfWork
from services.clients.app import INDEXES
from services.clients.files.personal import PersonalData
from services.clients.imports import commands, store, working
from services.clients.imports.commands import WORK, CheckImport, StepOfImport, check, preview, upload
from services.clients.imports.commands import run as run_import
from services.clients.imports.model import Choice, Import, Stage
from services.contracts.organisation import Role

TITLE = "import of a file of clients"
MANAGER = "manager"
FORMATS = ("csv", "xlsx")
FLAT = 40.0
"""Megabytes by which ten times the rows may need more: what the reader of a sheet holds of it."""


@dataclass(frozen=True)
class Sizes:
    rows: int = 10_000
    tenth: int = 1_000


SHORT, TINY, FULL = Sizes(), Sizes(60, 20), Sizes(50_000, 5_000)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """One file of each format, at a tenth of the size and at the whole of it."""
    said: dict[tuple[str, int], Mapping[str, float]] = {}
    for kind in FORMATS:
        for rows in (sizes.tenth, sizes.rows):
            said[kind, rows] = await _one(place, kind, rows)
    figures: list[Figure] = []
    for kind in FORMATS:
        whole, part = said[kind, sizes.rows], said[kind, sizes.tenth]
        name = f"{sizes.rows:,} rows of {kind}"
        figures += [
            Figure(f"{name}: uploaded and kept", "/s", (whole["upload"],)),
            Figure(f"{name}: checked", "/s", (whole["check"],)),
            Figure(f"{name}: read in", "/s", (whole["run"],)),
            Figure(f"{name}: memory of the upload", "MB", (whole["upload_mb"],)),
            Figure(
                f"{name}: memory of the work, more than for a tenth",
                "MB",
                (max(0.0, whole["work_mb"] - part["work_mb"]),),
                Aim(at_most=FLAT),
            ),
        ]
    return figures


async def _one(place: Place, kind: str, rows: int) -> Mapping[str, float]:
    indexes = merged([*CHASSIS_INDEXES, *INDEXES])
    async with place.database(indexes) as mongo:
        await found(mongo)
        await put_person(mongo, MANAGER, "吴经理", branch_path(), Role.BRANCH_MANAGER)
        path = place.folder / f"clients-{rows}.{kind}"
        path.write_bytes(_file(kind, rows))
        name = mongo.database.name
        uploaded = await _in_a_process(place.mongodb, name, "upload", str(path))
        worked = await _in_a_process(place.mongodb, name, "work", "")
    return {
        "upload": rows / uploaded["seconds"],
        "upload_mb": uploaded["mb"],
        "check": rows / worked["check"],
        "run": rows / worked["run"],
        "work_mb": worked["mb"],
    }


async def _in_a_process(mongodb: str, database: str, step: str, path: str) -> Mapping[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.imports",
        mongodb,
        database,
        step,
        path,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the {step} of an import failed")
    said: Mapping[str, float] = json.loads(out.decode().splitlines()[-1])
    return said


def _file(kind: str, rows: int) -> bytes:
    table = [["姓名", "电话", "等级", "地址", "登记日期", "最近联系", "备注", "经纪人"]] + [
        [
            f"王客户{row}",
            f"13{row:09}",
            "ABC"[row % 3],
            f"上海市静安区延平路{row % 400}弄{row % 30}号",
            "2024-05-06",
            "2026-03-04",
            "喜欢朝南的房子，周末可以看房",
            f"王{row % len(agents()) + 1}",
        ]
        for row in range(rows)
    ]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(table)
        return text.getvalue().encode("gb18030")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in table:
        sheet.append(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def _child(mongodb: str, database: str, step: str, path: str) -> dict[str, float]:
    mongo = Mongo.connect(mongodb, database)
    personal = PersonalData.of(mongo, MasterKey(b"k" * MASTER_KEY_BYTES))
    work = UnitOfWork(mongo, utc_now, "/muster/clients", Cause(actor=MANAGER))
    access = await Directory(mongo).access(MANAGER)
    said: dict[str, float] = {}
    at_rest = _megabytes()
    if step == "upload":
        data = await asyncio.to_thread(Path(path).read_bytes)
        begun = time.perf_counter()
        await upload(work, personal, access, "clients", data, "key")
        said["seconds"] = time.perf_counter() - begun
    else:
        stored = (await store.imports_of(mongo, access.person_id))[0]
        shown = await preview(personal, stored.value)
        headings = await commands.digests(personal, shown.headings)
        begun = time.perf_counter()
        command = CheckImport(
            import_id=stored.id,
            columns=stored.value.columns,
            choice=Choice.SKIP,
            owner_id="",
            headings=headings,
        )
        await work.run(check, command)
        await _work_through(work, personal)
        said["check"] = time.perf_counter() - begun
        begun = time.perf_counter()
        await work.run(run_import, StepOfImport(import_id=stored.id))
        await _work_through(work, personal)
        said["run"] = time.perf_counter() - begun
        await _assert_done(mongo, stored)
    said["mb"] = _megabytes() - at_rest
    mongo.close()
    return said


async def _work_through(work: UnitOfWork, personal: PersonalData) -> None:
    """What the schedule does, one chunk in one transaction."""
    handle = working.worker(lambda _: personal)
    due = {"state": OPEN, "kind": WORK}

    async def do(tx: Transaction) -> bool:
        found_ = await tx.collection(DUE_ITEMS).find(due, session=tx.session).to_list(None)
        items: list[DueItem] = [item_of(each) for each in found_]
        ids = [item.key for item in items]
        await tx.collection(DUE_ITEMS).update_many(
            {"_id": {"$in": ids}}, closing(DONE, tx.now), session=tx.session
        )
        await handle(tx, items)
        return bool(items)

    while await work.run(do):
        pass


async def _assert_done(mongo: Mongo, stored: Stored[Import]) -> None:
    now = (await store.import_of(mongo, stored.value.person_id, stored.id)).value
    if now.stage is not Stage.DONE or now.counts != {"created": now.rows}:
        raise RuntimeError(f"the import ended otherwise than it should: {now.counts}")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_child(*sys.argv[1:5]))))
