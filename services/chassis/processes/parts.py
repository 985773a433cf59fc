"""The parts of a worker process, in one event loop: started together, watched, stopped in order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.chassis.streams.worker import StreamWorker
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)


class Part(Protocol):
    """Something that runs until it is cancelled, and waits by itself for servers that are away."""

    @property
    def name(self) -> str: ...
    async def run(self) -> None:
        """Until cancelled; tidies up then. What is raised means that this process cannot go on."""


class PartFailed(Exception):
    """A part ended although nobody asked it to; the process has to end and be started again."""


@dataclass(frozen=True)
class Streams:
    """The stream worker as a part."""

    worker: StreamWorker
    name: str = "streams"

    async def run(self) -> None:
        """Until cancelled; raises `WorkerFailed`."""
        async with self.worker:
            await self.worker.failed()


async def run_parts(parts: Sequence[Part], stop: asyncio.Event, stopping_seconds: float) -> None:
    """Run the parts until `stop` is set, then stop them from the last to the first.

    Raises `PartFailed` when one fails or ends by itself; the others are stopped then too. A part that takes longer
    than `stopping_seconds` is left to the end of the process.
    """
    tasks = {part.name: asyncio.create_task(part.run(), name=part.name) for part in parts}
    stopped = asyncio.create_task(stop.wait())
    failure: PartFailed | None = None
    try:
        done, _ = await asyncio.wait({*tasks.values(), stopped}, return_when=asyncio.FIRST_COMPLETED)
        for name, task in tasks.items():
            if task in done:
                cause = task.exception()
                failure = PartFailed(f"{name}: {_words(cause)}")
                failure.__cause__ = cause
    finally:
        stopped.cancel()
        for name in reversed(tasks):
            await _end(name, tasks[name], stopping_seconds)
    if failure is not None:
        raise failure


async def _end(name: str, task: asyncio.Task[None], seconds: float) -> None:
    if task.done():
        return
    task.cancel()
    await asyncio.wait([task], timeout=seconds)
    if not task.done():
        log.error("a part did not stop in time", part=name, seconds=seconds)
    elif not task.cancelled() and task.exception() is not None:
        log.error("a part failed while stopping", part=name, exc_info=task.exception())


def _words(cause: BaseException | None) -> str:
    if cause is None:
        return "it ended by itself"
    if isinstance(cause, BaseExceptionGroup):
        return "; ".join(_words(each) for each in cause.exceptions)
    return f"{type(cause).__name__}: {cause}"
