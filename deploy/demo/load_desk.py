"""One service's part of a load: its commands in order, many in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice

from deploy.demo.commands import Command
from deploy.demo.load_memory import HeldTransaction, Memory
from deploy.demo.load_player import Player
from deploy.demo.load_record import Load, Records
from services.chassis import organisation
from services.chassis.clock import TurnedClock
from services.chassis.identity import new_id
from services.chassis.mongo import Document
from services.chassis.outbox.document import record_of
from services.chassis.processes.definition import Runtime
from services.chassis.streams.subscription import Subscription
from services.chassis.work import SYSTEM, Transaction, UnitOfWork
from services.contracts.cloudevents import Types, decode, types_of

CHUNK = 400
"""Commands in one transaction: enough that committing costs little, few enough to be done in a second."""

NEWS = types_of(organisation.HANDLERS)
"""The events that other services' directories follow."""

Advanced = Callable[[int, date], None]
"""Told after each transaction how many commands it did, and of which day."""


@dataclass
class Desk:
    """Where one service's commands are given to it."""

    runtime: Runtime
    memory: Memory
    player: Player
    load: Load
    records: Records
    subscription: Subscription | None
    """What the service's worker does with events; None leaves them to it."""
    done: int = 0
    """Commands that were done so far."""
    _types: Types = field(init=False)
    """What the subscription wants; asked for every event."""
    _untold: list[Document] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._types = self.subscription.types if self.subscription is not None else {}

    def hear(self, news: Sequence[Document]) -> None:
        """Let the service take these outbox documents of recruiting into its directory, before its next command."""
        self._untold.extend(news)

    async def play(self, commands: Sequence[Command], day: date, advanced: Advanced) -> list[Document]:
        """Do these commands; what others have to hear of it."""
        news: list[Document] = []
        rest = iter(commands)
        while chunk := list(islice(rest, CHUNK)):
            news += await self._commit(self._chunk, chunk[0].at, chunk)
            self.done += len(chunk)
            advanced(len(chunk), day)
        return news

    async def finish(self, until: datetime) -> None:
        """Let everything happen that falls due up to this moment, and write what was held to the end."""

        async def last(tx: HeldTransaction) -> None:
            await self.player.wait(tx, until)
            await self.memory.write_the_rest(tx.session)

        await self._commit(last, until)

    async def _commit(
        self, work: Callable[..., Awaitable[object]], at: datetime, *args: object
    ) -> list[Document]:
        edge = UnitOfWork(self.runtime.mongo, TurnedClock(at), self.runtime.source)
        news: list[Document] = await edge.run(self._held, work, *args)
        self.memory.committed()
        self._untold.clear()
        return news

    async def _held(
        self, tx: Transaction, work: Callable[..., Awaitable[object]], *args: object
    ) -> list[Document]:
        held = self.memory.begin(tx)
        await self.player.begin(held)
        for document in self._untold:
            await self._take_in(held, document)
        await work(held, *args)
        await self.memory.write(tx.session)
        return [document for document in held.outbox if document["type"] in NEWS]

    async def _chunk(self, tx: HeldTransaction, commands: Sequence[Command]) -> None:
        for command in commands:
            await self.player.wait(tx, command.at)
            heard = len(tx.outbox)
            now = replace(tx, now=command.at, actor=command.by, correlation_id=new_id(command.at))
            await self.player.play(now, command)
            # the list grows while what it caused is done
            while heard < len(tx.outbox):
                await self._take_in(now, tx.outbox[heard])
                heard += 1
        news = [document for document in tx.outbox if document["type"] in NEWS]
        await self.records.spread(tx, self.load, news)
        await self.records.advance(tx, self.load, self.runtime.service, self.done + len(commands))

    async def _take_in(self, tx: Transaction, document: Document) -> None:
        """Do what the service's worker does with an event, as if it had reached it in the same moment."""
        if self.subscription is None or document["type"] not in self._types:
            return
        record = record_of(document, None)
        received = decode(record.key, record.value, record.headers, self._types)
        if received is None:
            return
        then = replace(tx.caused_by(received), actor=SYSTEM)
        for handler in self.subscription.handlers_of(received.event):
            await handler(then, received)
