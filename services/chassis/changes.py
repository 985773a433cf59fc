"""Being woken by changes: a change stream that is read in whole batches, so that a busy collection costs little."""

import asyncio
from collections.abc import Callable, Sequence

from services.chassis.mongo import Document, Mongo, PyMongoError
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

_AWAIT_MILLISECONDS = 1000
"""How long the server waits for a change before it answers with none."""
_LONGEST_PAUSE = 5.0
"""Seconds between two attempts while the server is away."""


class Changes:
    """Calls `heard` with the changes of one collection, a batch at a time, and with none after each (re)opening.

    Only a wake-up: what happened while the stream was broken is not told, so whoever is woken looks for itself.
    """

    def __init__(
        self,
        mongo: Mongo,
        collection: str,
        heard: Callable[[list[Document]], None],
        pipeline: Sequence[Document] = (),
    ) -> None:
        self._mongo = mongo
        self._collection = collection
        self._heard = heard
        self._pipeline = list(pipeline)

    async def run(self) -> None:
        """Until cancelled; a server that is away is waited for."""
        pause = 0.1
        while True:
            try:
                await self._listen()
            except PyMongoError as error:
                log.debug("change stream broke", collection=self._collection, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                pause = 0.1

    async def _listen(self) -> None:
        database = self._mongo.database
        async with self._mongo.session() as session:
            opened = await database.command(
                {
                    "aggregate": self._collection,
                    "pipeline": [{"$changeStream": {}}, *self._pipeline],
                    "cursor": {},
                },
                session=session,
            )
            cursor = opened["cursor"]["id"]
            self._heard([])
            while cursor:
                answer = await database.command(
                    {
                        "getMore": cursor,
                        "collection": self._collection,
                        "maxTimeMS": _AWAIT_MILLISECONDS,
                    },
                    session=session,
                )
                cursor = answer["cursor"]["id"]
                if answer["cursor"]["nextBatch"]:
                    self._heard(answer["cursor"]["nextBatch"])
