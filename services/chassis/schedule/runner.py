"""Doing what is due: each worker for its share of the buckets, a batch in one transaction.

Promised: an item's effect happens once, however many workers see it and whenever one dies, because the effect and
the item's change to done are one transaction; and not before its moment by the clock. Not promised: an order between
items.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from services.chassis.changes import Changes
from services.chassis.mongo import Document, PyMongoError, passes_by_itself
from services.chassis.schedule.items import (
    DONE,
    DUE_ITEMS,
    FAILED,
    OPEN,
    DueHandlers,
    DueItem,
    closing,
    item_of,
)
from services.chassis.schedule.shares import Shares
from services.chassis.schedule.waiting import wait_until
from services.chassis.telemetry import metrics
from services.chassis.telemetry.logging import get_logger
from services.chassis.work import Transaction, UnitOfWork

log = get_logger(__name__)


@dataclass(frozen=True)
class SchedulePolicy:
    """How the runner behaves, as values."""

    batch: int = 250
    """Items in one transaction."""
    lanes: int = 2
    """Transactions side by side."""
    attempts: int = 8
    """How often an item is tried before it is given up."""
    first_retry: timedelta = timedelta(seconds=5)
    longest_retry: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(seconds=8)
    """A killed worker's items wait this long."""

    def retry_after(self, attempts: int) -> timedelta:
        """How long to leave an item alone after so many failures."""
        return min(self.longest_retry, self.first_retry * int(4 ** min(attempts - 1, 10)))


class ScheduleRunner:
    """Runs in every worker of a service."""

    name = "schedule"

    def __init__(
        self, work: UnitOfWork, handlers: DueHandlers, holder: str, policy: SchedulePolicy = SchedulePolicy()
    ) -> None:
        self._work = work
        self._mongo = work.mongo
        self._clock = work.clock
        self._handlers = handlers
        self._policy = policy
        self._rung = asyncio.Event()
        self._shares = Shares(self._mongo, holder, lasting=policy.lease, changed=self._rung.set)
        self._trouble: str | None = None

    @property
    def buckets(self) -> list[int]:
        """The buckets this process works on at this moment."""
        return self._shares.buckets

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for; anything else that is raised is a bug."""
        changes = Changes(
            self._mongo,
            DUE_ITEMS,
            lambda _: self._rung.set(),
            [
                {
                    "$match": {
                        "$or": [
                            {"operationType": "insert"},
                            {"updateDescription.updatedFields.try_at": {"$exists": True}},
                        ]
                    }
                },
                {"$project": {"_id": 1}},
            ],
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._shares.run())
            tasks.create_task(changes.run())
            tasks.create_task(self._measure())
            tasks.create_task(self._loop())

    async def _loop(self) -> None:
        pause = 0.1
        while True:
            self._rung.clear()
            try:
                due = await self._due(self._clock())
                if due:
                    await self._work_on(due)
                    continue
                moment = await self._next_moment()
            except Exception as error:
                if not passes_by_itself(error):
                    raise
                self._say(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
                continue
            pause = 0.1
            self._say(None)
            await wait_until(self._clock, moment, self._rung)

    def _mine(self) -> Document:
        # kinds that this version does not know are left for a worker that does
        return {
            "state": OPEN,
            "bucket": {"$in": self._shares.buckets},
            "kind": {"$in": sorted(self._handlers)},
        }

    async def _due(self, now: datetime) -> list[Document]:
        most = self._policy.batch * self._policy.lanes
        wanted = {**self._mine(), "try_at": {"$lte": now}}
        found = self._mongo.collection(DUE_ITEMS).find(
            wanted, {"bucket": 1}, sort=[("try_at", 1)], limit=most
        )
        return await found.to_list(None)

    async def _next_moment(self) -> datetime | None:
        earliest = await self._mongo.collection(DUE_ITEMS).find_one(
            self._mine(), {"try_at": 1}, sort=[("try_at", 1)]
        )
        moment: datetime | None = earliest["try_at"] if earliest else None
        return moment

    async def _work_on(self, due: list[Document]) -> None:
        lanes: list[list[str]] = [[] for _ in range(self._policy.lanes)]
        for each in due:
            lanes[each["bucket"] % len(lanes)].append(each["_id"])
        async with asyncio.TaskGroup() as tasks:
            for lane in lanes:
                for start in range(0, len(lane), self._policy.batch):
                    tasks.create_task(self._together(lane[start : start + self._policy.batch]))

    async def _together(self, keys: list[str]) -> None:
        """Do these items in one transaction; when that fails, in halves, until the one at fault is alone."""
        try:
            done = await self._work.run(self._do, keys)
        except Exception as error:
            if passes_by_itself(error):
                raise
            if len(keys) == 1:
                await self._failed(keys[0], error)
                return
            middle = len(keys) // 2
            await self._together(keys[:middle])
            await self._together(keys[middle:])
            return
        now = self._clock()
        for item in done:
            metrics.DUE_ITEMS.labels(item.kind, "done").inc()
            metrics.DUE_ITEM_LATENESS.labels(item.kind).observe(max((now - item.due_at).total_seconds(), 0))

    async def _do(self, tx: Transaction, keys: list[str]) -> Sequence[DueItem]:
        collection = tx.collection(DUE_ITEMS)
        # again, in the transaction: meanwhile one may have been moved, cancelled, or done by another worker
        wanted = {"_id": {"$in": keys}, "state": OPEN, "try_at": {"$lte": tx.now}}
        items = [item_of(each) for each in await collection.find(wanted, session=tx.session).to_list(None)]
        if not items:
            return items
        await collection.update_many(
            {"_id": {"$in": [item.key for item in items]}}, closing(DONE, tx.now), session=tx.session
        )
        items.sort(key=lambda item: (item.kind, item.due_at, item.key))
        for kind, of_kind in groupby(items, key=lambda item: item.kind):
            await self._handlers[kind](tx, list(of_kind))
        return items

    async def _failed(self, key: str, error: Exception) -> None:
        """Leave the item alone for a while, or for good; its error stays with it."""
        collection = self._mongo.collection(DUE_ITEMS)
        found = await collection.find_one({"_id": key, "state": OPEN})
        if found is None:
            return
        now = self._clock()
        attempts = found["attempts"] + 1
        given_up = attempts >= self._policy.attempts
        # a failed item keeps its payload: somebody has to look at it, and may open it again
        change: Document = {"attempts": attempts, "error": type(error).__name__}
        if given_up:
            change |= {"state": FAILED, "closed_at": now}
        else:
            change["try_at"] = now + self._policy.retry_after(attempts)
        still_so = {"_id": key, "state": OPEN, "try_at": found["try_at"]}
        await collection.update_one(still_so, {"$set": change})
        metrics.DUE_ITEMS.labels(found["kind"], "failed" if given_up else "retried").inc()
        log.error(
            "due item given up" if given_up else "due item failed and is tried again later",
            key=key,
            kind=found["kind"],
            attempts=attempts,
            exc_info=error,
        )

    async def _measure(self) -> None:
        while True:
            try:
                oldest = await self._mongo.collection(DUE_ITEMS).find_one(
                    {"state": OPEN}, {"try_at": 1}, sort=[("try_at", 1)]
                )
                overdue = (self._clock() - oldest["try_at"]).total_seconds() if oldest else 0.0
                metrics.DUE_OLDEST_OVERDUE.set(max(overdue, 0.0))
            except PyMongoError as error:
                self._say(error)
            await asyncio.sleep(5)

    def _say(self, error: Exception | None) -> None:
        """Log once when trouble begins or changes its kind, and once when it is over."""
        trouble = None if error is None else type(error).__name__
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            log.info("schedule works again")
        else:
            log.warning("schedule waits", error=trouble)
