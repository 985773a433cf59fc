"""Deleting what the broker acknowledged, beside the sending, so that the next events need not wait for it."""

import asyncio

from services.chassis.mongo import Mongo, PyMongoError
from services.chassis.telemetry.logging import get_logger
from services.chassis.work import OUTBOX

log = get_logger(__name__)

PAUSE = 0.5
"""Seconds between attempts while the database is away."""


class Deletions:
    """Ids that are acknowledged and not yet deleted, deleted in the order of their acknowledgement.

    The order means that what a crash leaves behind is the last part of what was sent, so it comes again in order.
    """

    def __init__(self, mongo: Mongo, most: int) -> None:
        self._mongo = mongo
        self._most = most
        self._waiting: dict[str, None] = {}
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def waiting(self) -> list[str]:
        """Ids that are still in the outbox and must not be sent again."""
        return list(self._waiting)

    async def add(self, acknowledged: list[str]) -> None:
        """Delete these soon; waits while too many are waiting already."""
        if not acknowledged:
            return
        self._waiting.update(dict.fromkeys(acknowledged))
        self._something.set()
        if len(self._waiting) >= self._most:
            self._room.clear()
        await self._room.wait()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._something.wait()
            try:
                await self.delete()
            except PyMongoError as error:
                log.debug("deletion from the outbox failed", error=type(error).__name__)
                await asyncio.sleep(PAUSE)

    async def delete(self) -> None:
        """Delete all that wait at this moment. Raises `PyMongoError` when the database does not take it."""
        ids = self.waiting
        self._something.clear()
        if not ids:
            return
        try:
            await self._mongo.collection(OUTBOX).delete_many({"_id": {"$in": ids}})
        except PyMongoError:
            self._something.set()
            raise
        for id_ in ids:
            del self._waiting[id_]
        if len(self._waiting) < self._most:
            self._room.set()
