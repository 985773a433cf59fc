"""The edge where work is committed: one command, or one batch of events, is one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from opentelemetry import propagate

from services.chassis.clock import Clock
from services.chassis.identity import new_id
from services.chassis.mongo import Collection, Database, Document, Mongo, Session
from services.contracts.envelope import Received

P = ParamSpec("P")
T = TypeVar("T")

OUTBOX = "outbox"
TIMELINE = "timeline"
SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """On whose behalf and because of what the work is done."""

    actor: str = SYSTEM
    """A person's id, or `system`."""
    correlation_id: str | None = None
    """Shared by everything that one request set off; a new one is made when there is none."""
    causation_id: str | None = None
    """The id of the event that made us do it."""


@dataclass(kw_only=True)
class Transaction:
    """What a command works in. It reads and writes through `session`; committing is the edge's business."""

    session: Session
    database: Database
    mongo: Mongo
    source: str
    """The CloudEvents source of this service's events, such as `/muster/clients`."""
    now: datetime
    actor: str
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    outbox: list[Document] = field(default_factory=list)
    timeline: list[Document] = field(default_factory=list)

    def collection(self, name: str) -> Collection:
        """The collection of this name; pass `session=tx.session` with every call on it."""
        return self.database.get_collection(name)

    def caused_by(self, received: Received[Any]) -> "Transaction":
        """The same transaction, in which what is published names this event as its cause and goes on its trace."""
        envelope = received.envelope
        return replace(
            self,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.id,
            traceparent=envelope.traceparent or self.traceparent,
        )

    async def aggregate(self, collection: str, pipeline: list[Document]) -> list[Document]:
        """All documents that the pipeline gives, read in this transaction."""
        return await self.mongo.aggregate(collection, pipeline, self.session)

    async def flush(self) -> None:
        """Write the events and timeline entries gathered so far.

        The edge calls it just before the commit; work in many steps calls it after each, so that memory stays flat.
        """
        if self.timeline:
            await self.collection(TIMELINE).insert_many(self.timeline, ordered=False, session=self.session)
            self.timeline.clear()
        if self.outbox:
            await self.collection(OUTBOX).insert_many(self.outbox, ordered=False, session=self.session)
            self.outbox.clear()


class UnitOfWork:
    """Runs functions of the form `async def command(tx, ...)`, each in one transaction."""

    def __init__(self, mongo: Mongo, clock: Clock, source: str, cause: Cause | None = None) -> None:
        self.mongo = mongo
        self.clock = clock
        self.source = source
        self.cause = cause if cause is not None else Cause()

    def because(self, cause: Cause) -> "UnitOfWork":
        """The same edge, working on somebody's behalf."""
        return UnitOfWork(self.mongo, self.clock, self.source, cause)

    async def run(
        self,
        command: Callable[Concatenate[Transaction, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run the command and commit, with the events it caused; return what the command returned.

        The command may run more than once (write conflicts), so it must not touch anything outside the
        transaction. What it raises goes through, and then nothing is kept.
        """
        now = self.clock()
        correlation_id = self.cause.correlation_id or new_id(now)
        traceparent = current_traceparent()

        async def attempt(session: Session) -> T:
            tx = Transaction(
                session=session,
                database=self.mongo.database,
                mongo=self.mongo,
                source=self.source,
                now=now,
                actor=self.cause.actor,
                correlation_id=correlation_id,
                causation_id=self.cause.causation_id,
                traceparent=traceparent,
            )
            result = await command(tx, *args, **kwargs)
            await tx.flush()
            return result

        return await self.mongo.transaction(attempt)


def current_traceparent() -> str | None:
    """The W3C trace context of the running span, or None when nothing is traced."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")
