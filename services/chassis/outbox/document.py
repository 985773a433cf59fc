"""What an outbox document says, and the Kafka record it becomes.

The fields are those of Debezium's MongoDB outbox router (`aggregatetype`, `aggregateid`, `type`, `payload`), so that
operators can put Debezium in the relay's place.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from services.chassis.mongo import Document, Indexes
from services.chassis.work import OUTBOX
from services.contracts.cloudevents import headers_of
from services.contracts.envelope import Envelope

INDEXES: Indexes = {OUTBOX: ()}
"""Read in the order of `_id` alone, so it needs no index of its own."""


class OutgoingRecord(NamedTuple):
    """One record, and the id of the document it came from."""

    id: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def record_of(document: Document, traceparent: str | None) -> OutgoingRecord:
    """The Kafka record of an outbox document. Raises ValueError when it cannot be said in CloudEvents headers."""
    headers = document["headers"]
    org_path = headers["orgpath"]
    envelope = Envelope(
        id=document["_id"],
        source=headers["source"],
        type=document["type"],
        subject=document["aggregateid"],
        time=headers["time"],
        dataschema=headers["dataschema"],
        sequence=document["sequence"],
        org_path=tuple(org_path.split("/")) if org_path else (),
        correlation_id=headers["correlationid"],
        causation_id=headers["causationid"],
        traceparent=traceparent,
    )
    return OutgoingRecord(
        envelope.id, envelope.subject.encode(), document["payload"].encode(), headers_of(envelope)
    )


def made_at(id_: str) -> datetime:
    """The moment that a UUIDv7 holds: when the event was made."""
    return datetime.fromtimestamp(int(id_[:8] + id_[9:13], 16) / 1000, UTC)
