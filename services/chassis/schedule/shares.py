"""Who works on which buckets: every live worker takes its share, by lease, and takes over what a dead one held.

Leases keep workers out of each other's way; they are not what makes an item happen once (its transaction is).
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b

from services.chassis.clock import Clock, utc_now
from services.chassis.leases import Lease, Leases
from services.chassis.mongo import Mongo, PyMongoError
from services.chassis.schedule.items import BUCKETS
from services.chassis.telemetry import metrics
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

_WORKER = "worker/"
_BUCKET = "bucket/"


class Shares:
    """The buckets that this process holds; they change as workers come and go."""

    def __init__(
        self,
        mongo: Mongo,
        holder: str,
        *,
        lasting: timedelta,
        changed: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._leases = Leases(mongo, holder, lasting=lasting, clock=clock, prefix="due_items/")
        self._holder = holder
        self._clock = clock
        self._changed = changed
        self._every = lasting.total_seconds() / 4
        self._membership: Lease | None = None
        self._buckets: dict[str, Lease] = {}

    @property
    def buckets(self) -> list[int]:
        """Those held at this moment, by lease and by the clock."""
        now = self._clock()
        held = (name for name, lease in self._buckets.items() if lease.remaining(now) > timedelta())
        return sorted(int(name.removeprefix(_BUCKET)) for name in held)

    async def run(self) -> None:
        """Until cancelled; then everything is given back."""
        try:
            while True:
                before = self.buckets
                try:
                    async with asyncio.timeout(self._every * 3):
                        await self.settle()
                except (PyMongoError, TimeoutError) as error:
                    log.debug("shares not settled", error=type(error).__name__)
                if self.buckets != before:
                    metrics.DUE_BUCKETS_HELD.set(len(self.buckets))
                    self._changed()
                await asyncio.sleep(self._every)
        finally:
            metrics.DUE_BUCKETS_HELD.set(0)
            held = [*self._buckets.values(), *([self._membership] if self._membership else [])]
            self._buckets, self._membership = {}, None
            with contextlib.suppress(PyMongoError):
                await self._leases.release(*held)

    async def settle(self) -> None:
        """Renew what is ours, give back what is another's share, take what is ours by share and free."""
        await self._renew()
        workers = set(await self._leases.holders(_WORKER)) | {_WORKER + self._holder}
        fair = {name for name in _ALL if _worker_of(name, workers) == _WORKER + self._holder}
        surplus = [lease for name, lease in self._buckets.items() if name not in fair]
        for lease in surplus:
            del self._buckets[lease.name]
        await self._leases.release(*surplus)
        taken = await self._leases.holders(_BUCKET)
        free = sorted(fair - self._buckets.keys() - taken.keys())
        for acquired in await asyncio.gather(*map(self._leases.acquire, free)):
            if acquired is not None:
                self._buckets[acquired.name] = acquired

    async def _renew(self) -> None:
        if self._membership is not None:
            kept = await self._leases.renew_all([self._membership, *self._buckets.values()])
            self._membership = kept.pop(self._membership.name, None)
            self._buckets = kept
        if self._membership is None:
            self._membership = await self._leases.acquire(_WORKER + self._holder)


_ALL = tuple(f"{_BUCKET}{number:02}" for number in range(BUCKETS))


def _worker_of(bucket: str, workers: set[str]) -> str:
    """Whose share a bucket is (rendezvous hashing): when a worker comes or goes, only its own buckets move."""
    return max(workers, key=lambda worker: blake2b(f"{worker} {bucket}".encode(), digest_size=8).digest())
