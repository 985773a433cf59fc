"""A consumer group driven by Faust."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import faust

from services.chassis.streams.batches import Batches
from services.chassis.streams.consumer import BatchConsumer, BatchTransport, Standing
from services.chassis.streams.policies import StreamPolicy


class FaustEngine:
    """One Faust app with one agent on all topics. Runs inside the loop it is started in, without a web server."""

    def __init__(
        self, *, bootstrap: str, group: str, topics: Sequence[str], batches: Batches, policy: StreamPolicy
    ) -> None:
        self.bootstrap = bootstrap
        self.group = group
        self.topics = topics
        self.batches = batches
        self.policy = policy
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._app: faust.App | None = None

    def _made(self, folder: str) -> faust.App:
        """The app. Made when it starts, because Faust binds itself to the running loop."""
        app = faust.App(
            self.group,
            broker=[f"kafka://{server}" for server in self.bootstrap.split(",")],
            # tables are not used, but Faust makes folders for them wherever it is told to
            store="memory://",
            datadir=folder,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            stream_wait_empty=True,
            # batches that wait behind the one in work
            # what waits behind the batch in work, one for each partition and fetch: with room for fewer than there are
            # partitions, a trickle on each of them is worked off a few partitions at a time, and waits for seconds
            stream_buffer_maxsize=64,
            broker_session_timeout=self.policy.session_timeout_seconds,
            broker_heartbeat_interval=self.policy.heartbeat_seconds,
            broker_rebalance_timeout=self.policy.rebalance_timeout_seconds,
            broker_commit_interval=self.policy.commit_seconds,
            broker_max_poll_records=self.policy.most_records,
            broker_max_poll_interval=self.policy.most_between_polls_seconds,
            consumer_auto_offset_reset="earliest",
        )
        transport = BatchTransport(app.conf.broker_consumer, app)
        transport.settle = self.batches.settle
        app.transport = transport
        topic = app.topic(
            *self.topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        app.agent(topic, concurrency=1, name="reader")(self._read)
        return app

    @property
    def fault(self) -> BaseException | None:
        """Why Faust cannot go on; None while it can."""
        if self._app is None or not self._app.crashed:
            return None
        return self._app.crash_reason or RuntimeError("Faust crashed without a word")

    async def start(self) -> None:
        """Return when Faust has started; partitions come a moment later."""
        self._folder = tempfile.TemporaryDirectory(prefix="muster-faust-")
        self._app = self._made(self._folder.name)
        await self._app.start()

    async def stop(self) -> None:
        """Finish or abandon the batch in work, commit, leave the group."""
        if self._app is not None:
            await self._app.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def standings(self) -> Mapping[tuple[str, int], Standing]:
        """How far each assigned partition is."""
        return self._consumer.standings() if self._app is not None else {}

    @property
    def _consumer(self) -> BatchConsumer:
        if self._app is None:
            raise RuntimeError("the engine has not been started")
        consumer: BatchConsumer = self._app.consumer
        return consumer

    async def _read(self, stream: Any) -> None:
        """The agent: joins what is already here into one batch, so that a transaction serves many partitions."""
        waiting: list[Any] = []
        size = 0
        async for event in stream.noack().events():
            waiting.append(event.message)
            size += len(event.message.value)
            if size < self.policy.most_records and not stream.channel.queue.empty():
                continue
            ours = [message for message in waiting if self._consumer.is_current(message)]
            waiting, size = [], 0
            if await self.batches.work([record for message in ours for record in message.value]):
                for message in ours:
                    self._consumer.finished(message)
