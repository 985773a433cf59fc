"""Faust's consumer, made to work in batches: the only file that knows Faust's private names.

Three things are changed. One Faust message stands for all records of a partition in a fetch, because Faust's
bookkeeping costs far more than a record. Offsets to commit are our own: the end of the last batch whose effects are
durable. And when partitions leave, the batch in work ends first and is committed before anything is forgotten.

Faust's acknowledgements are not used at all. It acknowledges messages that it skips during a rebalance, and looks
for gaps in what was acknowledged; neither has a meaning here, and the first would lose events.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sized
from typing import Any, NamedTuple

from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP

from services.chassis.telemetry import tracing


class Standing(NamedTuple):
    """How far a partition is: offsets, None where not known yet."""

    committed: int | None
    end: int | None


def records_by_topic(fetched: Mapping[Any, Sized]) -> Counter[str]:
    """How many records of each topic a fetch brought."""
    counts: Counter[str] = Counter()
    for tp, batch in fetched.items():
        if batch:
            counts[tp.topic] += len(batch)
    return counts


def offsets_by_place(offsets: Mapping[Any, int]) -> dict[tuple[str, int], int]:
    """The offsets by topic and partition, whichever class of pairs was used."""
    return {(tp.topic, tp.partition): offset for tp, offset in offsets.items()}


class BatchConsumer(Consumer):  # type: ignore[misc]
    """Hands out one message for each partition and fetch; its value is the list of records."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._finished: dict[TP, int] = {}
        self.accepting = False
        """False while partitions are on their way: what is still queued is not worked on."""

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 - Faust's signature
        """The batches of one fetch."""
        since = time.time_ns()
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            # the fetch came too late; its records will be fetched again
            await self.perform_seek()
            return
        tracing.polled(self.app.conf.id, records_by_topic(records), since)
        for tp, batch in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if batch and (active is None or tp in active):
                message = self._to_message(tp, batch[-1])
                message.value = batch
                message.key = None
                message.headers = None
                yield tp, message

    def is_current(self, message: Any) -> bool:
        """Whether the batch still belongs to this worker."""
        return self.accepting and message.generation_id == self.app.consumer_generation_id

    def finished(self, message: Any) -> None:
        """The effects of the batch are durable: its offsets are committed at the next occasion."""
        if message.generation_id == self.app.consumer_generation_id:
            self._finished[message.tp] = message.offset + 1

    def standings(self) -> Mapping[tuple[str, int], Standing]:
        """How far each assigned partition is."""
        known = {}
        for tp in self.assignment():
            known[tp.topic, tp.partition] = Standing(self._committed_offset.get(tp), self.highwater(tp))
        return known

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit the ends of finished batches; True when there was something to commit and it is committed."""
        offsets = dict(self._finished)
        if not offsets:
            return False
        with tracing.committing(self.app.conf.id, offsets_by_place(offsets)):
            committed: bool = await self._commit_offsets(offsets, start_new_transaction=start_new_transaction)
        if committed:
            for tp, offset in offsets.items():
                if self._finished.get(tp) == offset:
                    del self._finished[tp]
        return committed

    async def wait_empty(self) -> None:
        """Return when no batch is in work and what is finished is committed."""
        self.accepting = False
        await self.transport.settle()
        # a commit that is under way may have begun before the batch was finished
        await self.maybe_wait_for_commit_to_finish()
        await self.commit()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish and commit while the partitions are still ours, then let Faust forget them."""
        if self.assignment():
            self.stop_flow()
            self.app.flow_control.suspend()
            self.app.flow_control.clear()
            await self.wait_empty()
        for tp in revoked:
            self._finished.pop(tp, None)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Work on what is fetched from now on."""
        self._finished.clear()
        self.accepting = True
        await super().on_partitions_assigned(assigned, generation_id)

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: a full queue holds the fetcher back by itself, and pausing partitions one by one only costs."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing, as above."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: batches leave gaps between their last offsets, and they mean nothing."""


class BatchTransport(Transport):  # type: ignore[misc]
    """Makes batch consumers. `settle` returns when no batch is in work; the app's owner sets it."""

    Consumer = BatchConsumer
    settle: Callable[[], Awaitable[None]]
