"""The stream worker of one service: composed of a reader, its dead letters and an engine; lives in a running loop."""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from services.chassis.settings import KafkaSettings
from services.chassis.streams.batches import Batches
from services.chassis.streams.consumer import Standing
from services.chassis.streams.dead_letters import DeadLetterQueue
from services.chassis.streams.faust_engine import FaustEngine
from services.chassis.streams.figures import Figures
from services.chassis.streams.plain import PlainEngine
from services.chassis.streams.policies import Engine, StreamPolicy
from services.chassis.streams.progress import Health, Progress
from services.chassis.streams.reader import Reader
from services.chassis.streams.subscription import Subscription
from services.chassis.streams.topics import wait_for
from services.chassis.telemetry.logging import get_logger
from services.chassis.work import UnitOfWork
from services.contracts.topics import dead_letters, resent

log = get_logger(__name__)


class Driver(Protocol):
    """What both engines do."""

    @property
    def fault(self) -> BaseException | None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def standings(self) -> Mapping[tuple[str, int], Standing]: ...


class WorkerFailed(Exception):
    """The worker cannot go on; nothing unfinished was acknowledged. The process should end and be started again."""


class StreamWorker:
    """Reads what a subscription wants, until it is stopped or fails.

        async with StreamWorker(subscription, work, kafka, policy) as worker:
            await worker.failed()    # never returns; raises WorkerFailed

    `start` waits for the broker and for the topics. A reader that halts (too many dead letters in a row) does not
    fail the worker: it stays in the group, acknowledges nothing, and `health()` says why it is not alive.
    """

    def __init__(
        self, subscription: Subscription, work: UnitOfWork, kafka: KafkaSettings, policy: StreamPolicy
    ) -> None:
        self.subscription = subscription
        self.kafka = kafka
        self.policy = policy
        self.clock = work.clock
        self.group = kafka.name(subscription.group)
        self.figures = Figures(self.group, work.clock)
        self.queue = DeadLetterQueue(
            kafka.bootstrap_servers, kafka.name(dead_letters(subscription.group).name), self.group
        )
        self.reader = Reader(subscription, work, self.queue.put, policy.reader, self.figures)
        self.batches = Batches(self.reader, policy.drain_seconds)
        self.progress = Progress(policy.stalled_seconds)
        self.topics = [kafka.name(topic) for topic in (*subscription.topics, resent(subscription.group).name)]
        self._failed: asyncio.Future[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._engine: Driver | None = None

    async def start(self) -> None:
        """Return when the engine runs. Waits as long as the broker or a topic is not there; can be cancelled."""
        self._failed = asyncio.get_running_loop().create_future()
        await wait_for(self.kafka.bootstrap_servers, [*self.topics, self.queue.topic])
        make = FaustEngine if self.policy.engine is Engine.FAUST else PlainEngine
        self._engine = make(
            bootstrap=self.kafka.bootstrap_servers,
            group=self.group,
            topics=self.topics,
            batches=self.batches,
            policy=self.policy,
        )
        await self._engine.start()
        self._watch = asyncio.create_task(self._watching(self._engine))
        log.info("stream worker runs", group=self.group, engine=self.policy.engine, topics=self.topics)

    async def stop(self) -> None:
        """Finish the batch in work (or abandon it, if it only waits), commit offsets, leave the group."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._engine is not None:
            await self._engine.stop()
        await self.queue.close()
        if self._failed is not None and not self._failed.done():
            self._failed.cancel()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def failed(self) -> None:
        """Wait until the worker cannot go on, then raise `WorkerFailed`. Cancelled when it is stopped."""
        if self._failed is None:
            raise RuntimeError("the worker has not been started")
        await asyncio.shield(self._failed)

    def health(self) -> Health:
        """For the probes: whether committed offsets get nearer to the end, and if not, why."""
        fault = self._fault()
        if fault is not None:
            return Health(False, False, f"failed: {type(fault).__name__}")
        if self.reader.halted:
            return Health(False, False, f"halted: {self.reader.halted}")
        if self._engine is None:
            return Health(True, False, "waiting for the broker")
        if self.reader.retrying:
            return Health(True, False, f"waiting to try again after {self.reader.retrying}")
        stalled = self.progress.stalled(time.monotonic())
        if stalled is not None:
            topic, partition = stalled
            return Health(False, False, f"stalled: {topic} {partition} is behind and does not move")
        return Health(True, True)

    def standings(self) -> Mapping[tuple[str, int], Standing]:
        """Committed and end offsets of the partitions this worker has."""
        return self._engine.standings() if self._engine is not None else {}

    def _fault(self) -> BaseException | None:
        return self.batches.fault or (self._engine.fault if self._engine is not None else None)

    async def _watching(self, engine: Driver) -> None:
        """Look at faults, progress and lag, once every `sample_seconds`."""
        while True:
            fault = self._fault()
            if fault is not None:
                log.error("stream worker failed", group=self.group, error=repr(fault))
                if self._failed is not None and not self._failed.done():
                    failure = WorkerFailed(f"{self.group}: {fault!r}")
                    failure.__cause__ = fault
                    self._failed.set_exception(failure)
                return
            now = time.monotonic()
            self.progress.observe(engine.standings(), now)
            self._say_lag(self.progress.seconds_behind(now))
            await asyncio.sleep(self.policy.sample_seconds)

    def _say_lag(self, behind: Mapping[str, float]) -> None:
        """The oldest unfinished record we know of is in the batch in work; else count since we fell behind."""
        present = self.clock().timestamp()
        for topic in self.topics:
            oldest = self.batches.oldest(topic)
            age = present - oldest / 1000 if oldest is not None else 0.0
            self.figures.lag(topic, max(age, behind.get(topic, 0.0)) if topic in behind else 0.0)
