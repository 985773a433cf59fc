"""What lies under a unit goes along when the unit moves, however much it is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.organisation import HANDLERS, INDEXES, paths
from services.chassis.organisation.paths import Moves, follow_moves
from services.chassis.schedule import items
from services.chassis.schedule.items import DUE_ITEMS, DueItem, item_of
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.envelope import Envelope, Received
from services.contracts.recruiting import UnitMoved

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
THINGS, OTHERS = "things", "others"


@pytest.fixture
async def work(mongodb_uri: str, database_name: str) -> AsyncIterator[UnitOfWork]:
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.prepare({**INDEXES, **items.INDEXES, THINGS: [], OTHERS: []})
    yield UnitOfWork(mongo, utc_now, "/muster/tests")
    mongo.close()


def received(event: UnitMoved, sequence: int) -> Received[UnitMoved]:
    envelope = Envelope(
        id=new_id(), source="/muster/recruiting", type=event.event_type(), subject=event.unit_id, time=AT,
        dataschema=event.dataschema(), sequence=sequence, org_path=(), correlation_id="c",
    )  # fmt: skip
    return Received(envelope, event)


async def hear(work: UnitOfWork, moves: Moves, message: Received[UnitMoved]) -> None:
    async def apply(tx: Transaction) -> None:
        for table in (HANDLERS, moves.handlers):
            await table[type(message.event)](tx, message)

    await work.run(apply)


async def due(work: UnitOfWork) -> list[DueItem]:
    found = await work.mongo.collection(DUE_ITEMS).find({"state": items.OPEN}).to_list(None)
    return [item_of(each) for each in found]


async def do_what_is_due(work: UnitOfWork, moves: Moves) -> None:
    for item in await due(work):

        async def do(tx: Transaction, item: DueItem = item) -> None:
            await moves.due_handlers[item.kind](tx, [item])
            await items.cancel(tx, item.key)

        await work.run(do)


def moved(*path: str) -> UnitMoved:
    return UnitMoved(occurred_at=AT, unit_id="b1", parent_id=path[-2], org_path=path)


@pytest.mark.parametrize("step", [3, 1000])
@pytest.mark.parametrize("target", [("co", "r2", "b1"), ("co", "r2", "deep", "b1"), ("co", "b1")])
async def test_everything_under_a_moved_unit_gets_its_path(
    work: UnitOfWork, monkeypatch: pytest.MonkeyPatch, step: int, target: tuple[str, ...]
) -> None:
    monkeypatch.setattr(paths, "STEP", step)
    moves = follow_moves(THINGS, OTHERS)
    for name in (THINGS, OTHERS):
        await work.mongo.collection(name).insert_many(
            [
                *({"_id": f"{place}", "org_path": ["co", "r1", "b1", "t1"]} for place in range(7)),
                {"_id": "at", "org_path": ["co", "r1", "b1"]},
                {"_id": "beside", "org_path": ["co", "r1", "b2"]},
            ]
        )
    message = received(moved(*target), 2)
    await hear(work, moves, message)
    for _ in range(10):
        await do_what_is_due(work, moves)
    assert not await due(work)
    for name in (THINGS, OTHERS):
        found = {
            each["_id"]: tuple(each["org_path"])
            for each in await work.mongo.collection(name).find().to_list(None)
        }
        assert found.pop("beside") == ("co", "r1", "b2")
        assert found.pop("at") == target
        assert set(found.values()) == {(*target, "t1")}


async def test_an_old_move_that_comes_again_changes_nothing(work: UnitOfWork) -> None:
    moves = follow_moves(THINGS)
    await work.mongo.collection(THINGS).insert_one({"_id": "1", "org_path": ["co", "r1", "b1"]})
    first, second = received(moved("co", "r2", "b1"), 2), received(moved("co", "r3", "b1"), 3)
    for message in (first, second, first):
        await hear(work, moves, message)
    found = await work.mongo.collection(THINGS).find_one({"_id": "1"})
    assert found is not None
    assert found["org_path"] == ["co", "r3", "b1"]
