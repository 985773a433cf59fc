"""Follow-ups that fall due one after another: how late each is done, and whether any is done twice.

They are planned as events plan them, and done by two real workers of notifications, each of which puts a reminder
into an agent's inbox. The workers are not asked anything: when an item was done, and how often, is read afterwards
from the database's own log (`local.oplog.rs`), where every commit stands with its moment.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import Timestamp

from benchmarks import company
from benchmarks.figures import Aim, Figure, percentile
from benchmarks.place import Place
from benchmarks.processes import Stage
from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import DONE, DUE_ITEMS, OPEN, DueItem, plan_all
from services.chassis.work import UnitOfWork
from services.notifications.app import DEFINITION
from services.notifications.inbox.store import ITEMS
from services.notifications.reminders.commands import FOLLOW_UP_DUE

TITLE = "follow-ups that fall due"
WORKERS = ("notifications-worker-1", "notifications-worker-2")
PLANNED_AT_ONCE = 2_000
PLANNED_A_SECOND = 2_500
"""At least; the first one is due when all are planned."""
LATEST = timedelta(minutes=2)
"""After the last moment; what is not done by then is lost."""


@dataclass(frozen=True)
class Sizes:
    items: int = 20_000
    seconds: float = 12.0
    rounds: int = 3


SHORT, TINY = Sizes(), Sizes(items=40, seconds=0.5, rounds=1)
FULL = Sizes(items=100_000, seconds=60.0, rounds=1)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Rounds on the same two workers."""
    late: list[list[float]] = []
    doubles: list[float] = []
    missing: list[float] = []
    async with place.topics() as kafka:
        stage = Stage(place, kafka)
        async with place.database(DEFINITION.runtime().indexes, stage.database("notifications")) as mongo:
            await company.found(mongo)
            async with stage.running(*WORKERS):
                for _ in range(sizes.rounds):
                    planned = await _plan(mongo, sizes)
                    begun = min(planned.values())
                    await _until_done(mongo, max(planned.values()) + LATEST)
                    done = [each async for each in _done(mongo, begun)]
                    times = Counter(key for key, _ in done)
                    late.append([max(0.0, (at - planned[key]).total_seconds() * 1000) for key, at in done])
                    doubles.append(sum(count - 1 for count in times.values()))
                    missing.append(len(planned) - len(times))
                reminders = await mongo.collection(ITEMS).count_documents({})
                missing.append(sizes.items * sizes.rounds - reminders)
    rate = f"{sizes.items:,} in {sizes.seconds:g} s"
    return [
        Figure(f"{rate}: late by, median", "ms", tuple(percentile(each, 0.5) for each in late)),
        Figure(
            f"{rate}: late by, 99 %", "ms", tuple(percentile(each, 0.99) for each in late), Aim(at_most=2000)
        ),
        Figure("done twice", "", (sum(doubles),), Aim(at_most=0)),
        Figure("not done, or without its reminder", "", (max(missing),), Aim(at_most=0)),
    ]


async def _plan(mongo: Mongo, sizes: Sizes) -> dict[str, datetime]:
    """Plan the items of one round, evenly spread; their moments by key. Raises RuntimeError when that took too long."""
    agents = company.agents()
    work = UnitOfWork(mongo, utc_now, "/muster/notifications")
    start = utc_now() + timedelta(seconds=3 + sizes.items / PLANNED_A_SECOND)
    every = timedelta(seconds=sizes.seconds) / sizes.items
    items = [
        DueItem(
            key=f"follow-up|{new_id()}",
            kind=FOLLOW_UP_DUE,
            due_at=start + number * every,
            payload={"agent_id": agents[number % len(agents)].id},
        )
        for number in range(sizes.items)
    ]
    for begin in range(0, len(items), PLANNED_AT_ONCE):
        await work.run(plan_all, items[begin : begin + PLANNED_AT_ONCE])
    if utc_now() > start:
        raise RuntimeError("the machine is too busy: the first item was due before the last one was planned")
    # as MongoDB keeps them
    found = mongo.collection(DUE_ITEMS).find({"state": OPEN, "kind": FOLLOW_UP_DUE}, {"due_at": 1})
    return {each["_id"]: each["due_at"] for each in await found.to_list(None)}


async def _until_done(mongo: Mongo, latest: datetime) -> None:
    """Return when nothing is open any more, or at the latest moment. Looks seldom, not to be in the way."""
    while utc_now() < latest:
        if not await mongo.collection(DUE_ITEMS).find_one({"state": OPEN, "kind": FOLLOW_UP_DUE}, {"_id": 1}):
            return
        await asyncio.sleep(0.5)


async def _done(mongo: Mongo, since: datetime) -> AsyncIterator[tuple[str, datetime]]:
    """Each time that an item of ours became done: its key, and the moment of the commit by the server's clock."""
    namespace = f"{mongo.database.name}.{DUE_ITEMS}"
    log = mongo.client.get_database("local").get_collection("oplog.rs")
    query = {"ts": {"$gte": Timestamp(since, 0)}, "o.applyOps.ns": namespace}
    async for commit in log.find(query, {"wall": 1, "o.applyOps": 1}):
        for operation in commit["o"]["applyOps"]:
            if operation["ns"] != namespace or operation["op"] != "u":
                continue
            changed = operation["o"].get("diff", {}).get("u", {})
            if changed.get("state") == DONE:
                yield operation["o2"]["_id"], commit["wall"]
