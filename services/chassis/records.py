"""Aggregates in MongoDB: loaded with their version, saved together with the events they caused.

One saving writes three things in the transaction: the aggregate under its next version, a timeline entry for each
event, and the outbox documents from which the relay publishes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from cattrs.preconf.bson import make_converter

from services.chassis.errors import NotFound, StaleVersion
from services.chassis.identity import id_after
from services.chassis.mongo import Document, InsertOne, ReplaceOne
from services.chassis.work import Transaction
from services.contracts.event import Aggregate, Event

A = TypeVar("A")

CONVERTER = make_converter(detailed_validation=False)
"""Between frozen dataclasses and BSON documents: dates as ISO text, enums as values, moments as they are."""

LARGEST_PAYLOAD = 200_000
"""Characters: at four bytes each, still less than what Kafka takes by default. Refused here, when somebody can
still be told, because an event that cannot be sent would hold up all later ones of its aggregate."""


class PayloadTooLarge(Exception):
    """An event is larger than the broker would take; a bug, because payloads carry ids and facts."""


@dataclass(frozen=True)
class Stored(Generic[A]):
    """An aggregate as it was read: the value, and where it stands."""

    id: str
    value: A
    version: int
    """How often it was saved; what `If-Match` compares."""
    sequence: int
    """How many events it has published; the next one is `sequence + 1`."""
    last_event_id: str


@dataclass(frozen=True)
class Change(Generic[A]):
    """One of many that are saved at once."""

    before: Stored[A]
    after: A
    events: tuple[Event, ...] = ()


class Records(Generic[A]):
    """The collection of one kind of aggregate. `A` is a frozen dataclass with a field `id`."""

    def __init__(
        self,
        collection: str,
        kind: type[A],
        *,
        aggregate: Aggregate,
        org_path: Callable[[A], tuple[str, ...]],
    ) -> None:
        self.collection = collection
        self.kind = kind
        self.aggregate = aggregate
        self.org_path = org_path

    async def get(self, tx: Transaction, id_: str, expected_version: int | None = None) -> Stored[A]:
        """The aggregate. Raises `NotFound`; `StaleVersion` when a version is expected and it is another."""
        document = await tx.collection(self.collection).find_one({"_id": id_}, session=tx.session)
        if document is None:
            raise NotFound
        stored = self.stored(document)
        if expected_version is not None and stored.version != expected_version:
            raise StaleVersion
        return stored

    def stored(self, document: Document) -> Stored[A]:
        """The aggregate that a document of this collection holds."""
        fields = {**document, "id": document["_id"]}
        return Stored(
            id=document["_id"],
            value=CONVERTER.structure(fields, self.kind),
            version=document["version"],
            sequence=document["sequence"],
            last_event_id=document["last_event_id"],
        )

    async def add(self, tx: Transaction, value: A, *events: Event) -> Stored[A]:
        """Keep a new aggregate with its first events. A second one of the same id raises `DuplicateKeyError`."""
        id_: str = value.id  # type: ignore[attr-defined]
        stored = self._publish(tx, Stored(id_, value, 1, 0, ""), events)
        await tx.collection(self.collection).insert_one(self._document(tx, stored), session=tx.session)
        return stored

    async def save(self, tx: Transaction, before: Stored[A], value: A, *events: Event) -> Stored[A]:
        """Keep the new value under the next version, with the events that led to it.

        Raises `StaleVersion` when somebody else saved in between. An unchanged value without events is left alone.
        """
        if value == before.value and not events:
            return before
        stored = self._publish(tx, replace(before, value=value, version=before.version + 1), events)
        result = await tx.collection(self.collection).replace_one(
            {"_id": before.id, "version": before.version}, self._document(tx, stored), session=tx.session
        )
        if result.matched_count == 0:
            raise StaleVersion
        return stored

    async def save_all(
        self, tx: Transaction, changes: Sequence[Change[A]], *, keep_version: bool = False
    ) -> list[Stored[A]]:
        """Keep many new values in one round trip, each with its events; in the order of the changes.

        `keep_version` is for what others do to an aggregate without making anybody's open form of it stale. Raises
        `StaleVersion` when somebody else saved one of them in between.
        """
        saved = [
            self._publish(
                tx,
                replace(
                    change.before, value=change.after, version=change.before.version + (not keep_version)
                ),
                change.events,
            )
            for change in changes
        ]
        writes = [
            ReplaceOne(
                {"_id": change.before.id, "version": change.before.version}, self._document(tx, stored)
            )
            for change, stored in zip(changes, saved, strict=True)
        ]
        if writes:
            result = await tx.collection(self.collection).bulk_write(
                writes, ordered=False, session=tx.session
            )
            if result.matched_count != len(writes):
                raise StaleVersion
        return saved

    def _document(self, tx: Transaction, stored: Stored[A]) -> Document:
        document: Document = CONVERTER.unstructure(stored.value)
        del document["id"]
        return {
            "_id": stored.id,
            "version": stored.version,
            "sequence": stored.sequence,
            "last_event_id": stored.last_event_id,
            "updated_at": tx.now,
            **document,
        }

    def _publish(self, tx: Transaction, stored: Stored[A], events: tuple[Event, ...]) -> Stored[A]:
        org_path = "/".join(self.org_path(stored.value))
        for event in events:
            if event.aggregate != self.aggregate:
                raise TypeError(
                    f"{type(event).__name__} belongs to {event.aggregate}, not to {self.aggregate}"
                )
            stored = replace(
                stored,
                sequence=stored.sequence + 1,
                last_event_id=id_after(stored.last_event_id, tx.now),
            )
            payload = event.model_dump_json()
            if len(payload) > LARGEST_PAYLOAD:
                raise PayloadTooLarge(f"{event.event_type()} of {stored.id} has {len(payload)} characters")
            tx.outbox.append(
                {
                    "_id": stored.last_event_id,
                    "aggregatetype": self.aggregate.topic,
                    "aggregateid": stored.id,
                    "type": event.event_type(),
                    "sequence": stored.sequence,
                    "payload": payload,
                    "headers": {
                        "source": tx.source,
                        "time": event.occurred_at,
                        "dataschema": event.dataschema(),
                        "orgpath": org_path,
                        "correlationid": tx.correlation_id,
                        "causationid": tx.causation_id,
                        "traceparent": tx.traceparent,
                    },
                }
            )
            tx.timeline.append(
                {
                    "_id": stored.last_event_id,
                    "about": stored.id,
                    "aggregate": self.aggregate.name,
                    "name": event.event_name,
                    "at": event.occurred_at,
                    "by": tx.actor,
                    "facts": event.model_dump(mode="json", exclude={"occurred_at"}),
                }
            )
        return stored


class Gathered(Generic[A]):
    """Savings of a batch that are written together: each aggregate once, in its last state, with all its events.

    Between gathering and writing an aggregate may be saved again; then it skips a version that nobody has seen.
    """

    def __init__(self, records: Records[A]) -> None:
        self._records = records
        self._read: dict[str, Stored[A]] = {}
        self._latest: dict[str, Stored[A]] = {}

    def add(self, tx: Transaction, value: A, *events: Event) -> Stored[A]:
        """A new aggregate with its first events."""
        id_: str = value.id  # type: ignore[attr-defined]
        stored = self._records._publish(tx, Stored(id_, value, 1, 0, ""), events)
        self._latest[id_] = stored
        return stored

    def save(self, tx: Transaction, before: Stored[A], value: A, *events: Event) -> Stored[A]:
        """The new value under the next version. An unchanged value without events is left alone."""
        if value == before.value and not events:
            return before
        stored = self._records._publish(tx, replace(before, value=value, version=before.version + 1), events)
        if before.id not in self._latest:
            self._read[before.id] = before
        self._latest[before.id] = stored
        return stored

    @property
    def changes(self) -> list[tuple[Stored[A] | None, Stored[A]]]:
        """Each aggregate as it was read (None for a new one) and as it will be."""
        return [(self._read.get(id_), latest) for id_, latest in self._latest.items()]

    async def write(self, tx: Transaction) -> None:
        """Write all of them in one round trip. Raises `StaleVersion` when somebody else saved one in between."""
        writes: list[InsertOne[Document] | ReplaceOne[Document]] = []
        for before, latest in self.changes:
            document = self._records._document(tx, latest)
            if before is None:
                writes.append(InsertOne(document))
            else:
                writes.append(ReplaceOne({"_id": before.id, "version": before.version}, document))
        if not writes:
            return
        result = await tx.collection(self._records.collection).bulk_write(
            writes, ordered=False, session=tx.session
        )
        if result.matched_count != len(self._read):
            raise StaleVersion
