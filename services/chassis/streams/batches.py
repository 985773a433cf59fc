"""Between a consumer group and the reader: one batch at a time, and letting it go when its partitions leave."""

import asyncio
from collections.abc import Sequence

from services.chassis.streams.reader import GaveUp, Reader
from services.chassis.streams.record import Record
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)


class Batches:
    """Runs the reader. A fault of the reader itself ends up in `fault`, and nothing is worked on after it."""

    def __init__(self, reader: Reader, drain_seconds: float) -> None:
        self.reader = reader
        self.drain_seconds = drain_seconds
        self.fault: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._records: Sequence[Record] = ()

    async def work(self, records: Sequence[Record]) -> bool:
        """True when the records' effects are durable, so that their offsets may be committed."""
        if self.fault is not None or not records:
            return self.fault is None
        self._records = records
        task = self._task = asyncio.create_task(self.reader.handle(records))
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._task = None
            self._records = ()
        if task.cancelled():
            return False
        error = task.exception()
        if error is None:
            return True
        if not isinstance(error, GaveUp):
            self.fault = error
            log.error("the reader itself failed; nothing more is read", exc_info=error)
        return False

    def oldest(self, topic: str) -> int | None:
        """The time (Kafka's, in milliseconds) of the oldest record of this topic in work; None when there is none."""
        return min((record.timestamp for record in self._records if record.topic == topic), default=None)

    async def settle(self) -> None:
        """Return when nothing is in work: the present batch is finished, or abandoned and will come again.

        A batch that only waits (for the database, or because the reader halted) is abandoned at once, one in
        work after `drain_seconds`.
        """
        task = self._task
        if task is None:
            return
        self.reader.let_go()
        try:
            _, unfinished = await asyncio.wait([task], timeout=self.drain_seconds)
            if unfinished:
                log.warning("batch abandoned, it will come again", seconds=self.drain_seconds)
                task.cancel()
                await asyncio.wait([task])
        finally:
            self.reader.hold()
        # whoever handed the batch in takes note of its end before the caller goes on
        await asyncio.sleep(0)
