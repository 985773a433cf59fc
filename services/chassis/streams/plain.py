"""A consumer group driven by a bare aiokafka loop: the yardstick, and the way out."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError

from services.chassis.streams.batches import Batches
from services.chassis.streams.consumer import Standing, offsets_by_place, records_by_topic
from services.chassis.streams.policies import StreamPolicy
from services.chassis.telemetry import tracing


class PlainEngine(ConsumerRebalanceListener):  # type: ignore[misc]
    """The same promises as `FaustEngine`, through the same reader."""

    def __init__(
        self, *, bootstrap: str, group: str, topics: Sequence[str], batches: Batches, policy: StreamPolicy
    ) -> None:
        self.batches = batches
        self.policy = policy
        self.topics = topics
        self.bootstrap = bootstrap
        self.group = group
        self._leaving = False
        self._finished: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def fault(self) -> BaseException | None:
        """Why the loop ended; None while it runs or after it was stopped."""
        if self._loop is None or not self._loop.done() or self._loop.cancelled():
            return None
        return self._loop.exception()

    async def start(self) -> None:
        """Return when the loop runs; partitions come a moment later."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(self.policy.session_timeout_seconds * 1000),
            heartbeat_interval_ms=int(self.policy.heartbeat_seconds * 1000),
            rebalance_timeout_ms=int(self.policy.rebalance_timeout_seconds * 1000),
            max_poll_records=self.policy.most_records,
            max_poll_interval_ms=int(self.policy.most_between_polls_seconds * 1000),
        )
        self._consumer.subscribe(self.topics, listener=self)
        await self._consumer.start()
        self._loop = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Finish or abandon the batch in work, commit, leave the group."""
        self._stopping = True
        await self.batches.settle()
        if self._loop is not None:
            await asyncio.wait([self._loop])
        await self._consumer.stop()

    def standings(self) -> Mapping[tuple[str, int], Standing]:
        """How far each assigned partition is."""
        return {
            (tp.topic, tp.partition): Standing(self._committed.get(tp), self._consumer.highwater(tp))
            for tp in self._consumer.assignment()
        }

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Finish and commit while the partitions are still ours."""
        self._leaving = True
        if revoked:
            await self.batches.settle()
            await self._commit()
        self._finished.clear()
        self._committed.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Go on where the group had got to."""
        self._leaving = False

    async def _read(self) -> None:
        while not self._stopping:
            since = time.time_ns()
            fetched = await self._consumer.getmany(timeout_ms=int(self.policy.commit_seconds * 500))
            tracing.polled(self.group, records_by_topic(fetched), since)
            if self._leaving or self._stopping or not self._consumer.assignment() >= fetched.keys():
                # fetched for an assignment that is over; they come again, here or elsewhere
                continue
            if await self.batches.work([record for batch in fetched.values() for record in batch]):
                self._finished.update({tp: batch[-1].offset + 1 for tp, batch in fetched.items() if batch})
            if self.batches.fault is not None:
                return
            if time.monotonic() - self._committed_at >= self.policy.commit_seconds:
                await self._commit()
        await self._commit()

    async def _commit(self) -> None:
        """Commit the ends of finished batches; when the group has moved on, they come again elsewhere."""
        offsets, self._finished = self._finished, {}
        self._committed_at = time.monotonic()
        if not offsets:
            return
        try:
            with tracing.committing(self.group, offsets_by_place(offsets)):
                await self._consumer.commit(offsets)
        except CommitFailedError:
            # kept for another try, unless the partitions leave first
            self._finished = {**offsets, **self._finished}
            return
        self._committed.update(offsets)
