"""The relay: sends a service's outbox to Kafka, one process at a time, and deletes what was acknowledged.

Promised: every committed event is sent; an aggregate's events are sent in order, and none while an earlier one of
it is not acknowledged. Not promised: that one is sent only once. A relay that dies between the acknowledgement and
the deletion leaves them to be sent again, in order, by the next.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from aiokafka.errors import KafkaError

from services.chassis.changes import Changes
from services.chassis.clock import Clock, utc_now
from services.chassis.leases import Lease, Leases
from services.chassis.mongo import Document, Mongo, PyMongoError, ReadConcern
from services.chassis.outbox.deletions import Deletions
from services.chassis.outbox.document import OutgoingRecord, made_at, record_of
from services.chassis.outbox.sender import Outcome, Sender
from services.chassis.settings import KafkaSettings
from services.chassis.telemetry import metrics, tracing
from services.chassis.telemetry.logging import get_logger
from services.chassis.work import OUTBOX

log = get_logger(__name__)

LEASE = "outbox-relay"
FALLBACK_SECONDS = 1.0
"""How often the outbox is looked at when no change was heard of."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between attempts while a server is away."""
TOPIC_PAUSE = 5.0
"""Seconds that a topic which refused a batch is left alone, so that it does not hold up the others."""


class LeaseLost(Exception):
    """Another process may be sending by now."""


class Relay:
    """Runs in every worker of a service; one of them, by lease, is active."""

    name = "relay"

    def __init__(
        self,
        mongo: Mongo,
        kafka: KafkaSettings,
        holder: str,
        *,
        clock: Clock = utc_now,
        batch: int = 1000,
        lasting: timedelta = timedelta(seconds=10),
    ) -> None:
        self._mongo = mongo
        self._kafka = kafka
        self._holder = holder
        self._clock = clock
        self._batch = batch
        self._leases = Leases(mongo, holder, lasting=lasting, clock=clock)
        self._renew_every = lasting.total_seconds() / 4
        self._margin = lasting / 5
        self._lease: Lease | None = None
        self._sender: Sender | None = None
        self._deletions = Deletions(mongo, batch)
        self._rung = asyncio.Event()
        self._left_alone: dict[str, float] = {}
        self._halted: set[str] = set()
        self._troubles: dict[str, str] = {}

    @property
    def is_active(self) -> bool:
        """True while this process holds the lease to send."""
        return self._lease is not None

    async def run(self) -> None:
        """Until cancelled. Servers that are away are waited for; anything else that is raised is a bug."""
        while True:
            try:
                self._lease = await self._leases.acquire(LEASE)
            except PyMongoError as error:
                self._say(error)
            if self._lease is None:
                await asyncio.sleep(self._renew_every)
                continue
            await self._be_active(self._lease)

    async def _be_active(self, lease: Lease) -> None:
        log.info("relay active", holder=self._holder, fencing=lease.token)
        metrics.OUTBOX_RELAY_ACTIVE.set(1)
        changes = Changes(
            self._mongo,
            OUTBOX,
            lambda _: self._rung.set(),
            [{"$match": {"operationType": "insert"}}, {"$project": {"_id": 1}}],
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_lease())
                tasks.create_task(changes.run())
                tasks.create_task(self._deletions.run())
                tasks.create_task(self._relay())
        except* LeaseLost:
            log.warning("relay lost its lease and stopped sending", holder=self._holder)
        finally:
            metrics.OUTBOX_RELAY_ACTIVE.set(0)
            metrics.OUTBOX_PENDING.set(0)
            metrics.OUTBOX_OLDEST_AGE.set(0)
            await self._abandon_sender()
            held, self._lease = self._lease, None
            with contextlib.suppress(PyMongoError):
                await self._deletions.delete()
                if held is not None:
                    await self._leases.release(held)

    async def _keep_lease(self) -> None:
        while True:
            lease = self._held()
            try:
                async with asyncio.timeout((lease.remaining(self._clock()) - self._margin).total_seconds()):
                    self._lease = await self._leases.renew(lease)
                    await self._measure()
            except (PyMongoError, TimeoutError) as error:
                self._say(error)
            self._held()
            await asyncio.sleep(self._renew_every)

    def _held(self) -> Lease:
        """The lease. Raises `LeaseLost` when too little is left of it to send one more batch under it."""
        lease = self._lease
        if lease is None or lease.remaining(self._clock()) < self._margin:
            raise LeaseLost
        return lease

    async def _measure(self) -> None:
        oldest = await self._mongo.collection(OUTBOX).find_one({}, {"_id": 1}, sort=[("_id", 1)])
        pending = await self._mongo.collection(OUTBOX).estimated_document_count() if oldest else 0
        age = (self._clock() - made_at(oldest["_id"])).total_seconds() if oldest else 0.0
        metrics.OUTBOX_PENDING.set(pending)
        metrics.OUTBOX_OLDEST_AGE.set(max(age, 0.0))

    async def _relay(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            self._rung.clear()
            self._held()
            try:
                documents = await self._oldest()
                outcome = await self._send(documents) if documents else Outcome()
                self._observe(outcome.acknowledged)
                await self._deletions.add(outcome.acknowledged)
            except (KafkaError, PyMongoError, TimeoutError) as error:
                self._say(error)
                await self._abandon_sender()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = SHORTEST_PAUSE
            for topic, failure in outcome.failures.items():
                self._say(failure, topic)
                self._left_alone[topic] = asyncio.get_running_loop().time() + TOPIC_PAUSE
            if outcome.failures:
                await self._abandon_sender()
            self._all_well(outcome, documents)
            if len(documents) < self._batch:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._rung.wait(), FALLBACK_SECONDS)

    async def _oldest(self) -> list[Document]:
        """The next documents to send, oldest first.

        A snapshot: it shows only what a majority keeps, and never an event without the earlier ones of its
        aggregate, which a reading that goes on while others commit could.
        """
        now = asyncio.get_running_loop().time()
        self._left_alone = {topic: until for topic, until in self._left_alone.items() if until > now}
        wanted: Document = {"_id": {"$nin": self._deletions.waiting}}
        if self._left_alone:
            cut = len(self._kafka.topic_prefix)
            wanted["aggregatetype"] = {"$nin": [topic[cut:] for topic in self._left_alone]}
        if self._halted:
            wanted["aggregateid"] = {"$nin": sorted(self._halted)}
        outbox = self._mongo.collection(OUTBOX).with_options(read_concern=ReadConcern("snapshot"))
        return await outbox.find(wanted, sort=[("_id", 1)], limit=self._batch).to_list(None)

    async def _send(self, documents: list[Document]) -> Outcome:
        if self._sender is None:
            sender = Sender(self._kafka, f"muster-relay-{self._holder}")
            await sender.start()
            self._sender = sender
        records: dict[str, list[OutgoingRecord]] = {}
        async with _traced(documents, self._kafka) as traceparents:
            for document in documents:
                if document["aggregateid"] in self._halted:
                    continue
                try:
                    record = record_of(document, traceparents.get(document["_id"]))
                except (ValueError, KeyError) as error:
                    # to leave it out would let the aggregate's later events overtake it
                    self._halted.add(document["aggregateid"])
                    log.error(
                        "an outbox document cannot be sent; its aggregate is held up until a restart",
                        event_id=document["_id"],
                        aggregate_id=document["aggregateid"],
                        error=type(error).__name__,
                    )
                    continue
                records.setdefault(self._kafka.name(document["aggregatetype"]), []).append(record)
            self._held()
            return await self._sender.send(records)

    def _observe(self, acknowledged: list[str]) -> None:
        now = self._clock()
        for id_ in acknowledged:
            metrics.OUTBOX_DELAY.observe(max((now - made_at(id_)).total_seconds(), 0.0))

    async def _abandon_sender(self) -> None:
        sender, self._sender = self._sender, None
        if sender is not None:
            await sender.abandon()

    def _say(self, error: Exception, topic: str = "") -> None:
        """Log when trouble begins or changes its kind, not each time it is met."""
        trouble = type(error).__name__
        if self._troubles.get(topic) != trouble:
            self._troubles[topic] = trouble
            log.warning(
                "relay cannot send; events wait in the outbox",
                topic=topic or "any",
                error=trouble,
                detail=str(error)[:300],
            )

    def _all_well(self, outcome: Outcome, documents: list[Document]) -> None:
        if not self._troubles:
            return
        sent = {self._kafka.name(each["aggregatetype"]) for each in documents} - outcome.failures.keys()
        over = self._troubles.keys() & ({""} | sent)
        for topic in over:
            del self._troubles[topic]
        if over and not self._troubles:
            log.info("relay sends again")


@contextlib.asynccontextmanager
async def _traced(documents: list[Document], kafka: KafkaSettings) -> AsyncIterator[dict[str, str | None]]:
    """The `traceparent` that each record carries: of its `send` span when traces are on, else what it had."""
    before = {document["_id"]: document["headers"].get("traceparent") for document in documents}
    if not tracing.is_on():
        yield before
        return
    spans = {
        document["_id"]: tracing.send_span(
            kafka.name(document["aggregatetype"]),
            message_id=document["_id"],
            traceparent=before[document["_id"]],
        )
        for document in documents
    }
    try:
        yield {id_: tracing.traceparent_of(span) or before[id_] for id_, span in spans.items()}
    except BaseException as error:
        for span in spans.values():
            tracing.failed(span, error)
        raise
    finally:
        for span in spans.values():
            span.end()
