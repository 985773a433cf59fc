"""What is due happens at its moment, once, whoever is alive."""

import asyncio
from datetime import timedelta

from services.chassis.clock import TurnedClock, utc_now
from services.chassis.leases import Leases
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import BUCKETS, DueItem, cancel, plan, plan_all
from services.chassis.schedule.runner import ScheduleRunner
from services.chassis.testing.eventually import assert_eventually
from services.chassis.testing.plans import no_collection_scan
from services.chassis.work import UnitOfWork
from tests.chassis.schedule.conftest import NINE
from tests.chassis.schedule.effects import QUICK, done, note, runner, running, state

HOUR = timedelta(hours=1)


async def test_items_happen_when_the_clock_reaches_them_and_not_before(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    await work.run(plan_all, [DueItem(f"at-{hour}", "note", NINE + hour * HOUR) for hour in (0, 1, 2)])

    async def only_the_first() -> bool:
        return await done(mongo) == ["at-0"]

    async def the_second_too() -> bool:
        return await done(mongo) == ["at-0", "at-1"]

    async with running(runner(work)):
        await assert_eventually(only_the_first)
        clock.turn(HOUR - timedelta(milliseconds=1))
        await work.run(plan, "just-now", "other kind", clock())
        assert await done(mongo) == ["at-0"]
        clock.turn(timedelta(milliseconds=1))
        await assert_eventually(the_second_too)
    assert (await state(mongo, "at-1"))["state"] == "done"
    assert (await state(mongo, "at-2"))["state"] == "open"


async def test_moved_and_cancelled_items_keep_to_the_new_plan(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    keys = ("moved", "cancelled", "kept")
    await work.run(plan_all, [DueItem(key, "note", NINE + HOUR) for key in keys])
    await work.run(plan, "moved", "note", NINE + 3 * HOUR)
    await work.run(cancel, "cancelled")
    clock.turn(2 * HOUR)

    async def the_kept_one() -> bool:
        return "kept" in await done(mongo)

    async with running(runner(work)):
        await assert_eventually(the_kept_one)
    assert await done(mongo) == ["kept"]


async def test_a_sleeping_runner_is_woken_by_an_earlier_item(mongo: Mongo) -> None:
    work = UnitOfWork(mongo, utc_now, "/muster/clients")
    await work.run(plan, "tomorrow", "note", utc_now() + timedelta(days=1))
    one = runner(work)

    async def the_earlier_one() -> bool:
        return await done(mongo) == ["soon"]

    async with running(one):
        await assert_eventually(lambda: len(one.buckets) == BUCKETS)
        await work.run(plan, "soon", "note", utc_now() + timedelta(milliseconds=100))
        await assert_eventually(the_earlier_one, within=10)


async def test_one_item_that_fails_holds_up_no_other_and_is_given_up_in_the_end(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    good = [f"good-{number:02}" for number in range(25)]
    await work.run(plan_all, [DueItem(key, "note", NINE) for key in good])
    await work.run(plan, "bad", "note", NINE, {"raises": True})

    async def the_good_ones() -> bool:
        return await done(mongo) == good

    async with running(runner(work)):
        await assert_eventually(the_good_ones)
        for attempt in (1, 2):

            async def tried(attempt: int = attempt) -> bool:
                return bool((await state(mongo, "bad"))["attempts"] == attempt)

            await assert_eventually(tried)
            clock.turn_to((await state(mongo, "bad"))["try_at"])

        async def given_up() -> bool:
            return bool((await state(mongo, "bad"))["state"] == "failed")

        await assert_eventually(given_up)
    failed = await state(mongo, "bad")
    assert (failed["attempts"], failed["error"], failed["payload"]) == (3, "ValueError", {"raises": True})
    assert await done(mongo) == good


async def test_two_runners_share_the_buckets_and_one_takes_all_when_the_other_stops(work: UnitOfWork) -> None:
    first, second = runner(work, "first"), runner(work, "second")
    async with running(first):
        async with running(second):

            def shared() -> bool:
                return (
                    sorted(first.buckets + second.buckets) == list(range(BUCKETS))
                    and min(len(first.buckets), len(second.buckets)) > BUCKETS // 4
                )

            await assert_eventually(shared)
        await assert_eventually(lambda: len(first.buckets) == BUCKETS)


async def test_the_items_of_a_killed_worker_are_done_by_another(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    dead = Leases(mongo, "dead", lasting=timedelta(seconds=2), prefix="due_items/")
    assert await dead.acquire("worker/dead")
    for bucket in range(BUCKETS):
        assert await dead.acquire(f"bucket/{bucket:02}")
    keys = [f"call-{number:02}" for number in range(20)]
    await work.run(plan_all, [DueItem(key, "note", NINE) for key in keys])

    async def all_are_done() -> bool:
        return await done(mongo) == keys

    async with running(runner(work, "alive")):
        await assert_eventually(all_are_done)


async def test_two_workers_that_both_believe_in_their_lease_do_it_once(
    work: UnitOfWork, mongo: Mongo
) -> None:
    keys = [f"call-{number:02}" for number in range(30)]
    await work.run(plan_all, [DueItem(key, "note", NINE) for key in keys])
    both = [runner(work, name) for name in ("first", "second")]
    await asyncio.gather(
        *(each._together(keys) for each in both), *(each._together(keys[5:]) for each in both)
    )
    assert await done(mongo) == keys


async def test_a_kind_that_this_version_does_not_know_is_left_for_one_that_does(
    work: UnitOfWork, mongo: Mongo
) -> None:
    await work.run(plan, "new", "new kind", NINE)
    await work.run(plan, "old", "note", NINE)

    async def the_old_one() -> bool:
        return await done(mongo) == ["old"]

    async def both() -> bool:
        return await done(mongo) == ["new", "old"]

    async with running(runner(work)):
        await assert_eventually(the_old_one)
    assert (await state(mongo, "new"))["attempts"] == 0
    async with running(ScheduleRunner(work, {"new kind": note}, "newer", QUICK)):
        await assert_eventually(both)


async def test_the_runner_reads_no_collection_through(work: UnitOfWork, mongo: Mongo) -> None:
    await work.run(plan_all, [DueItem(f"call-{number:02}", "note", NINE) for number in range(30)])

    async def all_are_done() -> bool:
        return len(await done(mongo)) == 30

    async with no_collection_scan(mongo, allowed=["effects"]), running(runner(work)):
        await assert_eventually(all_are_done)
