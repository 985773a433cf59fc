"""What a service reads: a table from event type to function, and functions for whole ordered batches."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from services.chassis.work import Transaction
from services.contracts.cloudevents import Types, types_of
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.topics import consumer_group

Handler: TypeAlias = Callable[[Transaction, Received[Any]], Awaitable[None]]
"""Applies one event. The transaction it is given already names that event as the cause of what it writes."""

Handlers: TypeAlias = Mapping[type[Event], Handler]

BatchHandler: TypeAlias = Callable[[Transaction, list[Received[Any]]], Awaitable[None]]
"""Applies many events in their order at once; says `tx.caused_by(received)` where it publishes because of one."""


class NeverRetry(Exception):
    """Raised by a handler for an event that can never succeed: it goes to the dead letters without further tries."""


@dataclass(frozen=True)
class Batch:
    """A function that takes all events of these types in a batch together."""

    events: tuple[type[Event], ...]
    handler: BatchHandler


@dataclass(frozen=True)
class Subscription:
    """All that one service reads, in one consumer group.

    Within a partition, each function gets its events in order. Where several tables know a type, they are asked in
    the order of the tables, and batch functions after them.
    """

    service: str
    tables: Sequence[Handlers] = ()
    batches: Sequence[Batch] = ()
    _by_type: dict[type[Event], tuple[Handler, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_type: dict[type[Event], tuple[Handler, ...]] = {}
        for table in self.tables:
            for event, handler in table.items():
                by_type[event] = (*by_type.get(event, ()), handler)
        object.__setattr__(self, "_by_type", by_type)

    @property
    def group(self) -> str:
        """The consumer group, such as `muster.clients`."""
        return consumer_group(self.service)

    @property
    def events(self) -> frozenset[type[Event]]:
        """Every event type that somebody here wants."""
        return frozenset(self._by_type).union(*(batch.events for batch in self.batches))

    @property
    def types(self) -> Types:
        """The same by CloudEvents type, as the decoder takes them."""
        return types_of(self.events)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that these events are on."""
        return tuple(sorted({event.aggregate.topic for event in self.events}))

    def handlers_of(self, event: Event) -> tuple[Handler, ...]:
        """The functions that take this event one by one."""
        return self._by_type.get(type(event), ())
