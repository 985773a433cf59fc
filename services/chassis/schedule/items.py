"""Due items: planning, moving and cancelling them inside the transaction that decides it.

A key is planned once for ever: an item that was done, given up or cancelled keeps its key for `KEPT_FOR`, so that an
event which is delivered again plans nothing a second time. What recurs has its occurrence in the key
(`follow-up:rule:event`, `birthday:client:2027`). An event replayed after that time, or out of its order, is for the
planning aggregate to notice: planning again moves an open item to whatever moment is named last.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zlib import crc32

from services.chassis.clock import to_milliseconds
from services.chassis.mongo import ASCENDING, Document, Indexes, IndexModel, InsertOne, UpdateOne
from services.chassis.work import Transaction

DUE_ITEMS = "due_items"
BUCKETS = 64
KEPT_FOR = timedelta(days=400)
"""How long a closed key is remembered: longer than a year, so that yearly occurrences cannot meet their past."""

OPEN, DONE, CANCELLED, FAILED = "open", "done", "cancelled", "failed"

INDEXES: Indexes = {
    DUE_ITEMS: (
        IndexModel(
            [("bucket", ASCENDING), ("try_at", ASCENDING)],
            name="open_by_bucket",
            partialFilterExpression={"state": OPEN},
        ),
        IndexModel([("try_at", ASCENDING)], name="open_by_time", partialFilterExpression={"state": OPEN}),
        IndexModel([("forget_at", ASCENDING)], name="forget_closed_keys", expireAfterSeconds=0),
    )
}


@dataclass(frozen=True)
class DueItem:
    """Something to be done at a moment: `kind` names who does it, `payload` says with what (no personal data)."""

    key: str
    kind: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    """How often it was tried in vain."""
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None

    def cause_of(self, tx: Transaction) -> Transaction:
        """The same transaction, in which what is published names as its cause whatever planned this item."""
        return replace(
            tx,
            correlation_id=self.correlation_id or tx.correlation_id,
            causation_id=self.causation_id,
            traceparent=self.traceparent or tx.traceparent,
        )


DueHandler: TypeAlias = Callable[[Transaction, Sequence[DueItem]], Awaitable[None]]
"""Does what is due, for all the items of its kind in a batch, in the transaction in which they become done."""
DueHandlers: TypeAlias = Mapping[str, DueHandler]


async def plan(
    tx: Transaction, key: str, kind: str, due_at: datetime, payload: Mapping[str, Any] | None = None
) -> bool:
    """Have something done at a moment. The same key again moves it, with its new payload, while it is open.

    False when the key is closed (done, cancelled or given up): then nothing is planned.
    """
    return key in await plan_all(tx, [DueItem(key, kind, due_at, payload or {})])


async def plan_all(tx: Transaction, items: Sequence[DueItem]) -> frozenset[str]:
    """Plan or move many at once; the keys that are open now. Of items with one key the last one counts."""
    latest = {item.key: item for item in items}
    if not latest:
        return frozenset()
    collection = tx.collection(DUE_ITEMS)
    known = collection.find({"_id": {"$in": list(latest)}}, {"state": 1}, session=tx.session)
    states = {each["_id"]: each["state"] for each in await known.to_list(None)}
    writes: list[InsertOne[Document] | UpdateOne] = []
    for key, item in latest.items():
        due_at = to_milliseconds(item.due_at)
        planned = {
            "kind": item.kind,
            "due_at": due_at,
            "try_at": due_at,
            "payload": dict(item.payload),
            "attempts": 0,
            "correlation_id": tx.correlation_id,
            "causation_id": tx.causation_id,
            "traceparent": tx.traceparent,
        }
        if key not in states:
            writes.append(InsertOne({"_id": key, "bucket": bucket_of(key), "state": OPEN, **planned}))
        elif states[key] == OPEN:
            writes.append(UpdateOne({"_id": key}, {"$set": planned}))
    if writes:
        await collection.bulk_write(writes, ordered=False, session=tx.session)
    return frozenset(key for key in latest if states.get(key, OPEN) == OPEN)


async def cancel(tx: Transaction, *keys: str) -> frozenset[str]:
    """Close items that are open, so that they never happen; the keys that were. Unknown keys are left alone."""
    collection = tx.collection(DUE_ITEMS)
    open_ones = {"_id": {"$in": list(keys)}, "state": OPEN}
    found = await collection.find(open_ones, {"_id": 1}, session=tx.session).to_list(None)
    cancelled = [each["_id"] for each in found]
    if cancelled:
        await collection.update_many(
            {"_id": {"$in": cancelled}}, closing(CANCELLED, tx.now), session=tx.session
        )
    return frozenset(cancelled)


def closing(state: str, now: datetime) -> Document:
    """The update that closes items and leaves only their keys."""
    return {
        "$set": {"state": state, "closed_at": now, "forget_at": now + KEPT_FOR},
        "$unset": dict.fromkeys(("payload", "correlation_id", "causation_id", "traceparent", "error"), ""),
    }


def item_of(document: Document) -> DueItem:
    """The item that a document holds."""
    return DueItem(
        key=document["_id"],
        kind=document["kind"],
        due_at=document["due_at"],
        payload=document["payload"],
        attempts=document["attempts"],
        correlation_id=document["correlation_id"],
        causation_id=document["causation_id"],
        traceparent=document["traceparent"],
    )


def bucket_of(key: str) -> int:
    """The bucket of a key: stable across processes and versions, from 0 to 63."""
    return crc32(key.encode()) % BUCKETS
