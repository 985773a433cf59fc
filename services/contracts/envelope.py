"""What stands around a payload: the CloudEvents attributes, and what a reader is given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from services.contracts.event import Event

E = TypeVar("E", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents 1.0 attributes and extensions of one event."""

    id: str
    source: str
    type: str
    subject: str
    """The aggregate's id; equals the record's key and `partitionkey`."""
    time: datetime
    dataschema: str
    sequence: int
    """The event's number within its aggregate: 1, 2, 3 ... without a gap: order can be proved."""
    org_path: tuple[str, ...]
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """One decoded event as a reader gets it."""

    envelope: Envelope
    event: E
