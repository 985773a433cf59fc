"""Planning, moving, cancelling: decided in a transaction, once for each key."""

from datetime import timedelta

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import (
    BUCKETS,
    DUE_ITEMS,
    DueItem,
    bucket_of,
    cancel,
    closing,
    plan,
    plan_all,
)
from services.chassis.testing.plans import no_collection_scan
from services.chassis.work import Transaction, UnitOfWork
from tests.chassis.schedule.conftest import NINE
from tests.chassis.schedule.effects import state

LATER = NINE + timedelta(hours=1)


async def test_the_same_key_again_moves_the_item(work: UnitOfWork, mongo: Mongo) -> None:
    assert await work.run(plan, "call", "note", LATER, {"client": "a"})
    assert await work.run(plan, "call", "note", LATER + timedelta(days=1), {"client": "b"})
    item = await state(mongo, "call")
    assert (item["due_at"], item["try_at"]) == (LATER + timedelta(days=1),) * 2
    assert item["payload"] == {"client": "b"}
    assert await mongo.collection(DUE_ITEMS).count_documents({}) == 1


async def test_what_was_cancelled_or_done_is_not_planned_again_by_a_replay(
    work: UnitOfWork, mongo: Mongo
) -> None:
    await work.run(plan_all, [DueItem(key, "note", LATER) for key in ("cancelled", "done")])
    assert await work.run(cancel, "cancelled", "never planned") == {"cancelled"}
    await mongo.collection(DUE_ITEMS).update_one({"_id": "done"}, closing("done", NINE))
    again = [DueItem(key, "note", LATER) for key in ("cancelled", "done", "new")]
    assert await work.run(plan_all, again) == {"new"}
    assert (await state(mongo, "cancelled"))["state"] == "cancelled"
    assert (await state(mongo, "done"))["state"] == "done"


async def test_a_closed_item_keeps_its_key_for_more_than_a_year_and_nothing_else(
    work: UnitOfWork, mongo: Mongo
) -> None:
    await work.run(plan, "call", "note", LATER, {"client": "a"})
    await work.run(cancel, "call")
    closed = await state(mongo, "call")
    assert "payload" not in closed
    assert closed["forget_at"] > NINE + timedelta(days=366)
    indexes = await mongo.collection(DUE_ITEMS).index_information()
    assert indexes["forget_closed_keys"]["expireAfterSeconds"] == 0


async def test_a_command_that_fails_plans_nothing(work: UnitOfWork, mongo: Mongo) -> None:
    async def plan_and_fail(tx: Transaction) -> None:
        await plan(tx, "call", "note", LATER)
        raise LookupError

    with pytest.raises(LookupError):
        await work.run(plan_and_fail)
    assert await mongo.collection(DUE_ITEMS).find_one({"_id": "call"}) is None


async def test_planning_reads_no_collection_through(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    async with no_collection_scan(mongo):
        await work.run(plan_all, [DueItem(f"call-{number}", "note", clock()) for number in range(50)])
        await work.run(plan, "call-1", "note", LATER)
        await work.run(cancel, "call-2")


def test_keys_spread_over_all_buckets_and_stay_where_they_are() -> None:
    assert {bucket_of(f"follow-up:{number}") for number in range(2000)} == set(range(BUCKETS))
    # kept in documents, so it may never change
    assert bucket_of("follow-up:1") == 19
