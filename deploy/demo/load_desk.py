"""One service's part of a load: its commands in order, many in one transaction.

What the service's worker would do with the events, and with what falls due, is done in the same transaction, by the
worker's own handlers: first what concerns one event, then, for all commands of a transaction, what is done in batches.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from deploy.demo.commands import Command
from deploy.demo.load_player import Player
from deploy.demo.load_record import Load, Records
from services.chassis import organisation
from services.chassis.clock import TurnedClock
from services.chassis.identity import new_id
from services.chassis.mongo import ASCENDING, Collection, Document, ReplaceOne, UpdateOne
from services.chassis.outbox.document import record_of
from services.chassis.processes.definition import Runtime
from services.chassis.schedule.items import DONE, DUE_ITEMS, OPEN, DueHandlers, closing, item_of
from services.chassis.streams.subscription import Subscription
from services.chassis.work import SYSTEM, Transaction, UnitOfWork
from services.contracts.cloudevents import Types, decode, types_of
from services.contracts.envelope import Received

CHUNK = 300
"""Commands in one transaction: enough that committing costs little, few enough to be done in a second or two."""
WINDOW_HOURS = 2
"""What is done in batches is dated by the last command, so they must not lie far apart."""
MOST_DUE = 200

NEWS = types_of(organisation.HANDLERS)
"""The events that other services' directories follow."""

Advanced = Callable[[int, date], None]
"""Told after each transaction how many commands it did, and of which day."""


@dataclass(kw_only=True)
class PastTransaction(Transaction):
    """A transaction of months ago: what it plans lies aside, where no worker takes it for overdue."""

    aside: str
    """The collection in the place of the schedule's."""

    def collection(self, name: str) -> Collection:
        """As of a transaction; the schedule's items are those that lie aside."""
        return super().collection(self.aside if name == DUE_ITEMS else name)

    async def flush(self) -> None:
        """Nothing: what happened is still to be taken in, and is written with the rest."""


@dataclass
class Desk:
    """Where one service's commands, or a part of them, are given to it."""

    name: str
    runtime: Runtime
    player: Player
    load: Load
    records: Records
    subscription: Subscription | None
    """What the service's worker does with events; None leaves them to it."""
    handlers: DueHandlers = field(default_factory=dict)
    """What it does when something is due."""
    done: int = 0
    """Commands that were done so far."""
    _types: Types = field(init=False)
    """What the subscription wants; asked for every event."""
    _untold: list[Document] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._types = self.subscription.types if self.subscription is not None else {}

    @property
    def _aside(self) -> str:
        return f"demo_due_items_{self.name}"

    async def prepare(self) -> None:
        """Make what transactions need."""
        items = self.runtime.mongo.collection(self._aside)
        await items.create_index([("state", ASCENDING), ("try_at", ASCENDING)])

    def hear(self, news: Sequence[Document]) -> None:
        """Let the service take these outbox documents of recruiting into its directory, before its next command."""
        self._untold.extend(news)

    async def play(self, commands: Sequence[Command], day: date, advanced: Advanced) -> list[Document]:
        """Do these commands; what others have to hear of it."""
        news: list[Document] = []
        for chunk in chunks(commands):
            news += await self._commit(self._chunk, chunk[0].at, chunk)
            self.done += len(chunk)
            advanced(len(chunk), day)
        return news

    async def finish(self, until: datetime) -> None:
        """Let everything happen that falls due up to this moment; what is due later is for the workers."""
        await self._commit(self._due_until, until, until)
        aside = self.runtime.mongo.collection(self._aside)
        waiting = await aside.find({"state": OPEN}).to_list(None)
        if waiting:
            # a worker that reads the events plans the very same at this moment; whoever comes first is right
            keep = [
                UpdateOne(
                    {"_id": each["_id"]},
                    {"$setOnInsert": {name: value for name, value in each.items() if name != "_id"}},
                    upsert=True,
                )
                for each in waiting
            ]
            await self.runtime.mongo.collection(DUE_ITEMS).bulk_write(keep, ordered=False)
        await aside.drop()

    async def _commit(
        self, work: Callable[..., Awaitable[object]], at: datetime, *args: object
    ) -> list[Document]:
        edge = UnitOfWork(self.runtime.mongo, TurnedClock(at), self.runtime.source)
        news: list[Document] = await edge.run(self._past, work, *args)
        self._untold.clear()
        return news

    async def _past(
        self, tx: Transaction, work: Callable[..., Awaitable[object]], *args: object
    ) -> list[Document]:
        fields = {name: getattr(tx, name) for name in tx.__dataclass_fields__}
        past = PastTransaction(**fields, aside=self._aside)
        told = [received for document in self._untold for received in await self._take_in(past, document)]
        await self._take_in_together(past, told)
        await work(past, *args)
        return [document for document in past.outbox if document["type"] in NEWS]

    async def _chunk(self, tx: PastTransaction, commands: Sequence[Command]) -> None:
        await self._due_until(tx, commands[0].at)
        heard = len(tx.outbox)
        together: list[Received[Any]] = []
        for command in commands:
            now = _at(tx, command.at, command.by)
            await self.player.play(now, command)
            # the list grows while what it caused is done
            while heard < len(tx.outbox):
                together += await self._take_in(now, tx.outbox[heard])
                heard += 1
        await self._settle(_at(tx, commands[-1].at), together, heard)
        news = [document for document in tx.outbox if document["type"] in NEWS]
        await self.records.spread(tx, self.load, news)
        await self.records.advance(tx, self.load, self.name, self.done + len(commands))

    async def _due_until(self, tx: PastTransaction, until: datetime) -> None:
        """Do what falls due up to this moment, also what that leads to."""
        items = tx.collection(DUE_ITEMS)
        while True:
            question = {"state": OPEN, "try_at": {"$lte": until}}
            found = items.find(question, sort=[("try_at", ASCENDING)], limit=MOST_DUE, session=tx.session)
            due = await found.to_list(None)
            if not due:
                return
            for (kind, _), group in groupby(due, key=lambda each: (each["kind"], _window(each["try_at"]))):
                some = list(group)
                moment = some[-1]["try_at"]
                ids = [each["_id"] for each in some]
                await items.update_many({"_id": {"$in": ids}}, closing(DONE, moment), session=tx.session)
                await self._remember(tx, some, moment)
                heard = len(tx.outbox)
                then = _at(tx, moment)
                await self.handlers[kind](then, [item_of(each) for each in some])
                await self._settle(then, [], heard)

    async def _remember(self, tx: PastTransaction, done: Sequence[Document], moment: datetime) -> None:
        """Leave the keys with the real schedule: what an event asked for is not done again when a worker reads it."""
        closed = closing(DONE, moment)["$set"]
        writes = [
            ReplaceOne(
                {"_id": each["_id"]}, {"_id": each["_id"], "bucket": each["bucket"], **closed}, upsert=True
            )
            for each in done
        ]
        await tx.database.get_collection(DUE_ITEMS).bulk_write(writes, ordered=False, session=tx.session)

    async def _settle(self, tx: PastTransaction, together: list[Received[Any]], heard: int) -> None:
        """Take in what is done in batches, and whatever follows from it."""
        while True:
            while heard < len(tx.outbox):
                together += await self._take_in(tx, tx.outbox[heard])
                heard += 1
            if not together:
                return
            events, together = together, []
            await self._take_in_together(tx, events)

    async def _take_in(self, tx: Transaction, document: Document) -> list[Received[Any]]:
        """Do what the service's worker does with an event by itself; the event, if batches may want it too."""
        if self.subscription is None or document["type"] not in self._types:
            return []
        record = record_of(document, None)
        received = decode(record.key, record.value, record.headers, self._types)
        if received is None:
            return []
        then = replace(tx.caused_by(received), actor=SYSTEM)
        for handler in self.subscription.handlers_of(received.event):
            await handler(then, received)
        return [received]

    async def _take_in_together(self, tx: Transaction, events: Sequence[Received[Any]]) -> None:
        """Do what the worker does with a batch."""
        for batch in self.subscription.batches if self.subscription is not None else ():
            theirs = [received for received in events if isinstance(received.event, batch.events)]
            if theirs:
                await batch.handler(tx, theirs)


def chunks(commands: Sequence[Command]) -> Iterator[list[Command]]:
    """The commands, in order, as they are done together."""
    chunk: list[Command] = []
    for command in commands:
        if chunk and (len(chunk) == CHUNK or _window(command.at) != _window(chunk[0].at)):
            yield chunk
            chunk = []
        chunk.append(command)
    if chunk:
        yield chunk


def _window(moment: datetime) -> tuple[date, int]:
    """What lies in one window is done together; windows go by the clock, so an interruption moves none."""
    return moment.date(), moment.hour // WINDOW_HOURS


def _at(tx: PastTransaction, moment: datetime, actor: str = SYSTEM) -> PastTransaction:
    """The same transaction at another moment, by somebody else."""
    return replace(tx, now=moment, actor=actor, correlation_id=new_id(moment))
