"""Applies records to the database: one transaction a batch, and what can never succeed to the dead letters.

The reader knows nothing of Faust or of consumer groups. It is handed records in order, and returns when their
effects are durable; whoever hands them then commits the offsets. Every event may come again, in the same batch or
after a year, so effects are keyed by the event's id; only doubles inside one batch are dropped here.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from services.chassis.mongo import passes_by_itself
from services.chassis.streams.figures import Figures
from services.chassis.streams.outcome import Failure, Item
from services.chassis.streams.policies import ReaderPolicy
from services.chassis.streams.record import Record
from services.chassis.streams.subscription import NeverRetry, Subscription
from services.chassis.telemetry.logging import get_logger
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.cloudevents import MalformedEvent, UnknownEventType, decode
from services.contracts.envelope import Received
from services.contracts.event import Event

log = get_logger(__name__)


class GaveUp(Exception):
    """The batch was let go without effect, because the worker stops or its partitions leave."""


PutAside = Callable[[Sequence[Failure]], Awaitable[None]]
"""Puts records with the dead letters; returns when the broker has them, raises when it may not."""


class Reader:
    """Works on one batch at a time, as a `Subscription` says."""

    def __init__(
        self,
        subscription: Subscription,
        work: UnitOfWork,
        put_aside: PutAside,
        policy: ReaderPolicy,
        figures: Figures,
    ) -> None:
        self.subscription = subscription
        self.work = work
        self.put_aside = put_aside
        self.policy = policy
        self.figures = figures
        self.halted: str | None = None
        """Why the reader works on nothing more, in words for who has to act."""
        self.retrying: str | None = None
        """The passing failure that the present batch waits for."""
        self._types = subscription.types
        self._topics: Sequence[str] = ()
        self._dead_in_a_row = 0
        self._let_go = asyncio.Event()

    async def handle(self, records: Sequence[Record]) -> None:
        """Apply the records, which are in order within each partition. Returns when all effects are durable.

        Raises `GaveUp` when told to let go while it waits. What else is raised is a fault of the reader itself.
        """
        if self.halted:
            await self._stand_still()
        started = time.monotonic()
        self._topics = sorted({record.topic for record in records})
        items = self._decoded(records)
        try:
            items = await self._applied(items)
            failures = [item.failure for item in items if item.failure]
            if failures:
                await self._bury(failures)
        finally:
            self.figures.ended(items)
        self.figures.finished(records, items, time.monotonic() - started)

    def let_go(self) -> None:
        """Do not wait any longer: a batch that is not being worked on at this moment is given up."""
        self._let_go.set()

    def hold(self) -> None:
        """Be patient again."""
        self._let_go.clear()

    def _decoded(self, records: Sequence[Record]) -> list[Item]:
        """What concerns us, each event once. Records of other types are not parsed."""
        items: list[Item] = []
        seen: set[tuple[str, str]] = set()
        for record in records:
            try:
                received = decode(record.key, record.value, record.headers, self._types)
            except UnknownEventType:
                continue
            except MalformedEvent as error:
                items.append(Item(record, None, Failure(record, error, 1)))
                continue
            if received is None:
                continue
            identity = (received.envelope.source, received.envelope.id)
            if identity not in seen:
                seen.add(identity)
                traced, span = self.figures.begun(record, received)
                items.append(Item(record, traced, span=span))
        return items

    async def _together(self, events: Sequence[Received[Event]]) -> bool:
        """Apply all in one transaction; False when some event is at fault, and then nothing is kept."""
        try:
            await self._patiently(events)
        except GaveUp:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, its event is found one by one
            log.warning(
                "batch failed, its events are tried one by one",
                group=self.subscription.group,
                events=len(events),
                error=type(error).__name__,
            )
            return False
        return True

    async def _alone(self, item: Item, received: Received[Event]) -> Item:
        """Apply one event in a transaction of its own, as often as the policy says; the item with its failure."""
        attempt = 1
        while True:
            try:
                await self._patiently([received])
            except GaveUp:
                raise
            except Exception as error:  # noqa: BLE001 - kept with the dead letter
                if attempt >= self.policy.attempts or isinstance(error, NeverRetry):
                    return replace(item, failure=Failure(item.record, error, attempt))
                await self._pause(self.policy.between_attempts.seconds(attempt))
                attempt += 1
                continue
            return item

    async def _patiently(self, events: Sequence[Received[Event]]) -> None:
        """Apply the events in one transaction, beginning again for ever while the database is away."""
        failures = 0
        while True:
            try:
                await self.work.run(self._all, events)
            except Exception as error:
                if not passes_by_itself(error):
                    raise
                failures += 1
                await self._wait_for_better(error, failures)
                if failures % self.policy.failures_before_halving == 0 and len(events) > 1:
                    # a transaction that the server finds too long would pass at no time, its halves may
                    middle = len(events) // 2
                    await self._patiently(events[:middle])
                    await self._patiently(events[middle:])
                    return
                continue
            self.retrying = None
            return

    async def _applied(self, items: Sequence[Item]) -> list[Item]:
        """The items with their effects durable, or with why they have none."""
        wanted = [item.received for item in items if item.received is not None]
        together = not wanted or await self._together(wanted)
        outcome: list[Item] = []
        for item in items:
            tried = item if together or item.received is None else await self._alone(item, item.received)
            await self._count(tried)
            outcome.append(tried)
        return outcome

    async def _all(self, tx: Transaction, events: Sequence[Received[Event]]) -> None:
        for received in events:
            for handler in self.subscription.handlers_of(received.event):
                await handler(tx.caused_by(received), received)
        for batch in self.subscription.batches:
            theirs = [received for received in events if isinstance(received.event, batch.events)]
            if theirs:
                await batch.handler(tx, theirs)

    async def _bury(self, failures: Sequence[Failure]) -> None:
        """Give the failures to the dead letters, waiting for the broker as long as it takes."""
        tries = 0
        while True:
            try:
                await self.put_aside(failures)
            except Exception as error:
                if not passes_by_itself(error):
                    raise
                tries += 1
                await self._wait_for_better(error, tries)
                continue
            break
        self.retrying = None
        for failure in failures:
            log.error(
                "event put with the dead letters",
                group=self.subscription.group,
                topic=failure.record.topic,
                partition=failure.record.partition,
                offset=failure.record.offset,
                error=type(failure.error).__name__,
                attempts=failure.attempts,
            )

    async def _count(self, item: Item) -> None:
        """Halt when too many in a row failed: then not the events are at fault but the reader."""
        if item.failure is None:
            self._dead_in_a_row = 0
            return
        self._dead_in_a_row += 1
        if self._dead_in_a_row <= self.policy.most_dead_letters_in_a_row:
            return
        record = item.failure.record
        self.halted = (
            f"{self._dead_in_a_row} events in a row failed, the last one at {record.topic} "
            f"{record.partition}:{record.offset} with {type(item.failure.error).__name__}. Nothing of this batch "
            "is acknowledged. Repair the reader (or the sender) and start the worker again; to let them go to the "
            "dead letters instead, raise the limit."
        )
        log.error("consumer halted", group=self.subscription.group, reason=self.halted)
        await self._stand_still()

    async def _stand_still(self) -> None:
        await self._let_go.wait()
        raise GaveUp

    async def _wait_for_better(self, error: Exception, failures: int) -> None:
        """Wait after a passing failure; raise `GaveUp` when told to let go."""
        seconds = self.policy.transient.seconds(failures)
        self.retrying = type(error).__name__
        self.figures.retried(self._topics)
        log.warning(
            "batch waits to be tried again",
            group=self.subscription.group,
            error=self.retrying,
            failures=failures,
            seconds=round(seconds, 2),
        )
        await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._let_go.wait(), seconds)
        except TimeoutError:
            return
        raise GaveUp
