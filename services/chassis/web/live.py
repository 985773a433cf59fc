"""What is live: a page is told that something changed, and shows the present state again.

One change stream for each collection and process, however many watch; a burst of changes wakes a page once. A page
that reconnects, or a change stream that had to start anew, gets the present state, so nothing can be missed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from services.chassis.mongo import Document, Mongo, PyMongoError
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

COALESCE_SECONDS = 0.1
RETRY_SECONDS = 1.0

Concerns = Callable[[Document], bool]
"""Whether a changed document concerns the page. A deleted one always does."""


class _Subscriber:
    def __init__(self, concerns: Concerns | None) -> None:
        self.concerns = concerns
        self.changed = asyncio.Event()

    def tell(self, document: Document | None) -> None:
        if document is None or self.concerns is None or self.concerns(document):
            self.changed.set()


class Live:
    """The changes of this service's collections."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._subscribers: dict[str, set[_Subscriber]] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    def changes(self, *collections: str, concerns: Concerns | None = None) -> AsyncGenerator[None, None]:
        """Yields at once, for the state at the beginning, and then after changes, at most every 100 ms.

        Ends when the service stops; the browser then comes back by itself. To be called in the task that sends the
        stream: a subscription does not outlive it. The steps may be awaited in others.
        """
        return self._changes(collections, _Subscriber(concerns), asyncio.current_task())

    async def _changes(
        self, collections: Sequence[str], subscriber: _Subscriber, task: "asyncio.Task[Any] | None"
    ) -> AsyncGenerator[None, None]:
        loop = asyncio.get_running_loop()

        def leave(_task: object = None) -> None:
            self._leave(subscriber, collections)

        # a stream that is cut while the page is being drawn leaves this generator behind, unfinished, until it is
        # swept up; the task of the request is over at once
        if task is not None:
            task.add_done_callback(leave)
        try:
            for name in collections:
                self._subscribers.setdefault(name, set()).add(subscriber)
                if name not in self._watchers:
                    self._watchers[name] = loop.create_task(self._watch(name))
            subscriber.changed.set()
            told = -COALESCE_SECONDS
            while not self._closed:
                await subscriber.changed.wait()
                early = told + COALESCE_SECONDS - loop.time()
                if early > 0:
                    await asyncio.sleep(early)
                if self._closed:
                    return
                subscriber.changed.clear()
                told = loop.time()
                yield
        finally:
            leave()
            if task is not None:
                task.remove_done_callback(leave)

    def _leave(self, subscriber: _Subscriber, collections: Sequence[str]) -> None:
        """Forget the subscriber, and the change stream with the last one; a second time does nothing."""
        for name in collections:
            others = self._subscribers.get(name)
            if others is None or subscriber not in others:
                continue
            others.remove(subscriber)
            if not others:
                del self._subscribers[name]
                self._watchers.pop(name).cancel()

    def close(self) -> None:
        """End every stream now; called when the service begins to stop."""
        self._closed = True
        for subscribers in self._subscribers.values():
            for subscriber in subscribers:
                subscriber.changed.set()
        for watcher in self._watchers.values():
            watcher.cancel()

    @property
    def watched(self) -> dict[str, int]:
        """How many pages watch each collection."""
        return {name: len(subscribers) for name, subscribers in self._subscribers.items()}

    async def _watch(self, collection: str) -> None:
        while True:
            try:
                async with self._mongo.watch(collection, full_document="updateLookup") as stream:
                    # whatever happened while no stream was open is told as one change
                    self._tell(collection, None)
                    async for change in stream:
                        self._tell(collection, change.get("fullDocument"))
            except PyMongoError as error:
                log.warning("live_stream_broken", collection=collection, error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    def _tell(self, collection: str, document: Document | None) -> None:
        for subscriber in tuple(self._subscribers.get(collection, ())):
            subscriber.tell(document)
