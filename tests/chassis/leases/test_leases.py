"""One holder at a time, until its time is over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.leases import INDEXES, Leases
from services.chassis.mongo import Mongo
from services.chassis.testing.mongo import fresh_mongo

TEN = timedelta(seconds=10)


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    async with fresh_mongo(mongodb_uri, database_name, INDEXES) as mongo:
        yield mongo


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(datetime(2026, 11, 23, tzinfo=UTC))


async def test_of_many_that_want_it_one_gets_it(mongo: Mongo, clock: TurnedClock) -> None:
    wanting = [Leases(mongo, f"process-{number}", lasting=TEN, clock=clock) for number in range(20)]
    got = [lease for lease in await asyncio.gather(*(each.acquire("relay") for each in wanting)) if lease]
    assert len(got) == 1


async def test_a_lease_that_ran_out_goes_to_another_under_a_greater_token(
    mongo: Mongo, clock: TurnedClock
) -> None:
    first, second = (Leases(mongo, name, lasting=TEN, clock=clock) for name in ("first", "second"))
    held = await first.acquire("relay")
    assert held is not None
    clock.turn(TEN - timedelta(milliseconds=1))
    assert await second.acquire("relay") is None
    clock.turn(timedelta(milliseconds=1))
    taken = await second.acquire("relay")
    assert taken is not None
    assert taken.token > held.token
    assert await first.renew(held) is None
    assert await second.renew(taken) is not None


async def test_renewing_moves_the_end_and_keeps_the_token(mongo: Mongo, clock: TurnedClock) -> None:
    leases = Leases(mongo, "one", lasting=TEN, clock=clock)
    held = await leases.acquire("relay")
    assert held is not None
    clock.turn(timedelta(seconds=9))
    renewed = await leases.renew(held)
    assert renewed is not None
    assert (renewed.token, renewed.remaining(clock())) == (held.token, TEN)


async def test_a_holder_that_slept_through_its_lease_does_not_get_it_back_by_renewing(
    mongo: Mongo, clock: TurnedClock
) -> None:
    leases = Leases(mongo, "one", lasting=TEN, clock=clock)
    held = await leases.acquire("relay")
    assert held is not None
    clock.turn(TEN)
    assert await leases.renew(held) is None


async def test_what_is_released_is_free_at_once_and_only_ones_own_is(
    mongo: Mongo, clock: TurnedClock
) -> None:
    first, second = (Leases(mongo, name, lasting=TEN, clock=clock) for name in ("first", "second"))
    held = await first.acquire("relay")
    assert held is not None
    await first.release(held)
    taken = await second.acquire("relay")
    assert taken is not None
    await first.release(held)
    assert await second.holders("rel") == {"relay": "second"}
    assert taken.token > held.token


async def test_many_are_renewed_at_once_and_the_lost_ones_are_missing(
    mongo: Mongo, clock: TurnedClock
) -> None:
    first, second = (
        Leases(mongo, name, lasting=TEN, clock=clock, prefix="due_items/") for name in ("first", "second")
    )
    held = [lease for name in ("a", "b", "c") if (lease := await first.acquire(name))]
    await first.release(held[1])
    assert await second.acquire("b")
    assert (await first.renew_all(held)).keys() == {"a", "c"}
    assert await first.holders("") == {"a": "first", "b": "second", "c": "first"}
