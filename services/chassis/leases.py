"""Leases: who of several processes does something that one must do alone, until when.

A lease is a document `{_id: name, holder, until, token}`. The token grows with every change of holder, so work that
carries it can be told from the work of a holder that was thought dead (a fencing token). Leases are a matter of
real time even where a test turns the clock of the business, so they have a clock of their own.

Not promised: that two processes never believe at the same moment that they hold one. A holder that was paused
longer than the lease finds out when it looks at `remaining`, and must look before each piece of work.
"""

from collections.abc import Collection as Names
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.clock import Clock, utc_now
from services.chassis.mongo import DuplicateKeyError, Indexes, Mongo, ReturnDocument

LEASES = "leases"
INDEXES: Indexes = {LEASES: ()}


@dataclass(frozen=True)
class Lease:
    """A lease as it was when it was got or renewed."""

    name: str
    holder: str
    until: datetime
    token: int

    def remaining(self, now: datetime) -> timedelta:
        """How long it is still ours; negative when it is over."""
        return self.until - now


class Leases:
    """The leases that one process holds under one name of its own (`holder`, unique for each process start)."""

    def __init__(
        self, mongo: Mongo, holder: str, *, lasting: timedelta, clock: Clock = utc_now, prefix: str = ""
    ) -> None:
        self.holder = holder
        self.lasting = lasting
        self.clock = clock
        self.prefix = prefix
        self._collection = mongo.collection(LEASES)

    async def acquire(self, name: str) -> Lease | None:
        """The lease, when it is free, run out, or ours already; None while another holds it."""
        now = self.clock()
        key = self.prefix + name
        free_or_mine = {"_id": key, "$or": [{"until": {"$lte": now}}, {"holder": self.holder}]}
        try:
            found = await self._collection.find_one_and_update(
                free_or_mine,
                {"$set": {"holder": self.holder, "until": now + self.lasting}, "$inc": {"token": 1}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            # the upsert found the document, but not as free: somebody holds it
            return None
        if found is None:
            return None
        return Lease(name, self.holder, found["until"], found["token"])

    async def renew(self, lease: Lease) -> Lease | None:
        """The lease with a fresh end; None when it ran out or went to another, and work under it must stop."""
        renewed = await self.renew_all([lease])
        return renewed.get(lease.name)

    async def renew_all(self, leases: Iterable[Lease]) -> dict[str, Lease]:
        """Those of the leases that are still ours, by name, with a fresh end; one write for all of them."""
        asked = {lease.name: lease for lease in leases}
        now = self.clock()
        until = now + self.lasting
        alive = [self.prefix + name for name, lease in asked.items() if lease.remaining(now) > timedelta()]
        if not alive:
            return {}
        mine = {"_id": {"$in": alive}, "holder": self.holder}
        await self._collection.update_many(mine, {"$set": {"until": until}})
        kept = await self._collection.find(mine | {"until": until}).to_list(None)
        cut = len(self.prefix)
        return {
            name: Lease(name, self.holder, each["until"], each["token"])
            for each in kept
            if each["token"] == asked[name := each["_id"][cut:]].token
        }

    async def release(self, *leases: Lease) -> None:
        """Give them back, so that another need not wait for their end. What is no longer ours is left alone."""
        names = [self.prefix + lease.name for lease in leases]
        if names:
            # the document stays, so that the next holder's token is a greater one
            await self._collection.update_many(
                {"_id": {"$in": names}, "holder": self.holder}, {"$set": {"until": self.clock()}}
            )

    async def holders(self, names_below: str, wanted: Names[str] | None = None) -> dict[str, str]:
        """Who holds what at present, by lease name, for the names that begin with `names_below`."""
        start = self.prefix + names_below
        within = {"_id": {"$gte": start, "$lt": start + "\uffff"}, "until": {"$gt": self.clock()}}
        found = await self._collection.find(within, {"holder": 1}).to_list(None)
        cut = len(self.prefix)
        held = {each["_id"][cut:]: each["holder"] for each in found}
        return held if wanted is None else {name: held[name] for name in wanted if name in held}
