"""What became of a record that concerns a reader."""

from dataclasses import dataclass

from opentelemetry.trace import Span

from services.chassis.streams.record import Record
from services.contracts.envelope import Received
from services.contracts.event import Event


@dataclass(frozen=True)
class Failure:
    """A record that can never succeed, and why."""

    record: Record
    error: Exception
    attempts: int


@dataclass(frozen=True)
class Item:
    """A record on its way: with its event unless it is malformed, with its failure if it failed."""

    record: Record
    received: Received[Event] | None
    failure: Failure | None = None
    span: Span | None = None
