"""What the tests plan, and what comes of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo
from services.chassis.schedule.items import DUE_ITEMS, DueHandlers, DueItem
from services.chassis.schedule.runner import SchedulePolicy, ScheduleRunner
from services.chassis.work import Transaction, UnitOfWork

QUICK = SchedulePolicy(lease=timedelta(seconds=2), batch=10, attempts=3, first_retry=timedelta(minutes=1))


async def note(tx: Transaction, items: Sequence[DueItem]) -> None:
    """An effect of its own each time, so that a second one would be there to see."""
    for item in items:
        if item.payload.get("raises"):
            raise ValueError("this one cannot be done")
    effects = [{"_id": new_id(), "key": item.key, **item.payload} for item in items]
    await tx.collection("effects").insert_many(effects, session=tx.session)


HANDLERS: DueHandlers = {"note": note}


def runner(work: UnitOfWork, holder: str = "one", policy: SchedulePolicy = QUICK) -> ScheduleRunner:
    return ScheduleRunner(work, HANDLERS, holder, policy)


@asynccontextmanager
async def running(*runners: ScheduleRunner) -> AsyncIterator[list["asyncio.Task[None]"]]:
    tasks = [asyncio.create_task(each.run()) for each in runners]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def done(mongo: Mongo) -> list[str]:
    """The keys whose effects are there, as often as they are there."""
    return sorted(each["key"] for each in await mongo.collection("effects").find().to_list(None))


async def state(mongo: Mongo, key: str) -> Document:
    document = await mongo.collection(DUE_ITEMS).find_one({"_id": key})
    assert document is not None
    return document
