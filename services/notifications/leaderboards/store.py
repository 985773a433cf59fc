"""The ledger, the standings that are its sums, and the order of very large units; every write and its indexes.

All of it exists in generations: a rebuild fills the next one beside the live one, and the switch is one document.
No index holds a figure that changes with every event, but for units of thousands: an index on points costs more than
everything else together, and a branch, or a company of two thousand, is read and sorted faster than one is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from services.chassis.identity import new_id
from services.chassis.mongo import (
    ASCENDING,
    DESCENDING,
    Document,
    Indexes,
    IndexModel,
    Mongo,
    OperationFailure,
    Session,
)
from services.chassis.work import Transaction
from services.notifications.leaderboards.model import Entry, Metric, Standing

T = TypeVar("T")
Bounds = tuple[datetime, datetime]

GENERATIONS = "leaderboard_generations"
LIVE = "live"
ORDERED_FROM_HEADS = 2_000
"""Units with more people than this have an order of their own, kept with every event."""

PULSES = "leaderboard_pulses"
"""One document a batch: which units' boards it moved. What is live listens to these, not to thousands of figures."""
PULSES_KEPT_SECONDS = 3600

INDEXES: Indexes = {
    GENERATIONS: [],
    PULSES: [IndexModel([("at", ASCENDING)], expireAfterSeconds=PULSES_KEPT_SECONDS)],
}

UPDATES_IN_A_COMMAND = 20_000
"""Well below the server's hundred thousand, and its 48 megabytes."""


@dataclass(frozen=True)
class Generation:
    """One complete set of ledger and standings."""

    number: int = 1
    ordered_units: frozenset[str] = frozenset()

    @property
    def entries(self) -> str:
        return f"leaderboard_entries_{self.number}"

    @property
    def standings(self) -> str:
        return f"leaderboard_standings_{self.number}"

    @property
    def orders(self) -> str:
        return f"leaderboard_orders_{self.number}"

    @property
    def indexes(self) -> Indexes:
        """What the queries of this generation need."""
        return {
            self.entries: [
                # what a score is made of, newest first
                IndexModel(
                    [
                        ("person_id", ASCENDING),
                        ("scores.metric", ASCENDING),
                        ("occurred_at", DESCENDING),
                        ("_id", DESCENDING),
                    ],
                    name="drill_down",
                ),
                # what waits for its unit to be known; nearly always empty
                IndexModel(
                    [("waits_for", ASCENDING)],
                    name="waiting",
                    partialFilterExpression={"waits_for": {"$exists": True}},
                ),
            ],
            self.standings: [IndexModel([("period", ASCENDING), ("org_path", ASCENDING)], name="under_unit")],
            self.orders: [
                IndexModel(
                    [
                        ("unit_id", ASCENDING),
                        ("metric", ASCENDING),
                        ("period", ASCENDING),
                        ("points", DESCENDING),
                        ("reached", ASCENDING),
                        ("person_id", ASCENDING),
                    ],
                    name="order",
                )
            ],
        }

    def following(self, ordered_units: Iterable[str]) -> "Generation":
        """The generation that a rebuild fills."""
        return Generation(self.number + 1, frozenset(ordered_units))


async def live_generation(mongo: Mongo, session: Session | None = None) -> Generation:
    """The generation that is shown and written at this moment, as the session's snapshot sees it."""
    document = await mongo.collection(GENERATIONS).find_one({"_id": LIVE}, session=session)
    if document is None:
        return Generation()
    return Generation(document["number"], frozenset(document["ordered_units"]))


async def switch_to(tx: Transaction, generation: Generation) -> None:
    """Show and write this generation from now on."""
    await tx.collection(GENERATIONS).replace_one(
        {"_id": LIVE},
        {
            "_id": LIVE,
            "number": generation.number,
            "ordered_units": sorted(generation.ordered_units),
            "since": tx.now,
        },
        upsert=True,
        session=tx.session,
    )


async def prepare(mongo: Mongo) -> None:
    """Create what is missing of the live generation."""
    await mongo.prepare(INDEXES)
    await mongo.prepare((await live_generation(mongo)).indexes)


async def unknown(tx: Transaction, generation: Generation, entries: Sequence[Entry]) -> list[Entry]:
    """Those of the entries that are not in the ledger yet, in their order."""
    cursor = tx.collection(generation.entries).find(
        {"_id": {"$in": [entry.id for entry in entries]}}, {"_id": 1}, session=tx.session
    )
    known = {document["_id"] for document in await cursor.to_list(None)}
    return [entry for entry in entries if entry.id not in known]


async def insert(
    tx: Transaction, generation: Generation, entries: Sequence[Entry], waiting: frozenset[str]
) -> None:
    """Put the entries into the ledger; those at `waiting` units wait there until the unit is known."""
    if entries:
        documents = [_document(entry, waiting) for entry in entries]
        await tx.collection(generation.entries).insert_many(documents, ordered=False, session=tx.session)


async def pulse(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Wake the boards of all units above these entries."""
    units = sorted({unit_id for entry in entries for unit_id in entry.org_path})
    await tx.collection(PULSES).insert_one(
        {"_id": new_id(tx.now), "units": units, "at": tx.now}, session=tx.session
    )


async def waiting_for(tx: Transaction, generation: Generation, unit_id: str, limit: int) -> list[Entry]:
    """Entries that wait for this unit to be known."""
    cursor = tx.collection(generation.entries).find({"waits_for": unit_id}, session=tx.session)
    return [entry(document) for document in await cursor.limit(limit).to_list(None)]


async def no_longer_waiting(tx: Transaction, generation: Generation, entries: Sequence[Entry]) -> None:
    """These entries are part of standings from now on."""
    await tx.collection(generation.entries).update_many(
        {"_id": {"$in": [one.id for one in entries]}}, {"$unset": {"waits_for": ""}}, session=tx.session
    )


async def undo(tx: Transaction, generation: Generation, event_ids: Sequence[str]) -> list[Entry]:
    """These events give nothing any more; returns what they gave so far, without what still waits for its unit.

    An entry stays in the ledger without its scores: an event that is delivered again finds it, and counts nothing.
    """
    given: list[Document] = []
    for event_id in event_ids:
        # entries are known by their event: the id begins with it
        cursor = tx.collection(generation.entries).find(
            {"_id": {"$gt": f"{event_id}|", "$lt": f"{event_id}|\uffff"}}, session=tx.session
        )
        given += [each for each in await cursor.to_list(None) if each["scores"]]
    if given:
        await tx.collection(generation.entries).update_many(
            {"_id": {"$in": [each["_id"] for each in given]}},
            {"$set": {"scores": [], "undone_at": tx.now}},
            session=tx.session,
        )
    return [entry(each) for each in given if "waits_for" not in each]


async def entries_between(
    tx: Transaction, generation: Generation, person_id: str, org_path: tuple[str, ...], days: Bounds
) -> list[Entry]:
    """What somebody was given at one place in this time, as far as it is part of standings."""
    cursor = tx.collection(generation.entries).find(
        {
            "person_id": person_id,
            "org_path": list(org_path),
            "occurred_at": {"$gte": days[0], "$lt": days[1]},
            "waits_for": {"$exists": False},
        },
        session=tx.session,
    )
    return [entry(each) for each in await cursor.to_list(None)]


async def put_right(
    tx: Transaction,
    generation: Generation,
    ids: Sequence[str],
    sums: Sequence[Standing],
    less: Sequence[Standing],
) -> None:
    """Put these sums in the place of the standings with these ids; those without a sum are gone.

    `less` is by how much they went down; the order of very large units is corrected by it.
    """
    collection = tx.collection(generation.standings)
    by_id = {one.id: one for one in sums}
    gone = [id_ for id_ in ids if id_ not in by_id]
    if gone:
        await collection.delete_many({"_id": {"$in": gone}}, session=tx.session)
    for id_ in ids:
        if id_ in by_id:
            one = by_id[id_]
            await collection.update_one(
                {"_id": id_},
                {"$set": {"points": dict(one.points), "reached": dict(one.reached)}},
                session=tx.session,
            )
    if generation.ordered_units:
        negative = [
            replace(one, points={metric: -points for metric, points in one.points.items()}) for one in less
        ]
        updates = list(_order_additions(generation, negative))
        if updates:
            await _update(tx, generation.orders, updates)


async def add(tx: Transaction, generation: Generation, standings: Sequence[Standing]) -> None:
    """Add these sums to the standings, and to the order of each very large unit above them."""
    if not standings:
        return
    for some in batched(standings, UPDATES_IN_A_COMMAND):
        await _update(tx, generation.standings, _additions(some))
    if generation.ordered_units:
        for updates in batched(list(_order_additions(generation, standings)), UPDATES_IN_A_COMMAND):
            await _update(tx, generation.orders, updates)


async def _update(tx: Transaction, collection: str, updates: Sequence[Document]) -> None:
    """Many upserts as one command: thousands a batch, for which the driver's own bulk objects take longer than
    the server does. Whatever fails inside a transaction ends it, so there is nothing to sort out.
    """
    answer = await tx.database.command(
        {"update": collection, "updates": updates, "ordered": False}, session=tx.session
    )
    if answer.get("writeErrors"):
        raise OperationFailure(answer["writeErrors"][0]["errmsg"], answer["writeErrors"][0]["code"], answer)


def _additions(standings: Sequence[Standing]) -> list[Document]:
    built: dict[int, tuple[Document, Document]] = {}
    updates: list[Document] = []
    for standing in standings:
        # the five periods of a day share their sums, and so they share what is built from them
        sums = built.get(id(standing.points))
        if sums is None:
            sums = built[id(standing.points)] = (
                {_POINTS[metric]: points for metric, points in standing.points.items()},
                {_REACHED[metric]: moment for metric, moment in standing.reached.items()},
            )
        updates.append(
            {
                "q": {"_id": standing.id},
                "u": {
                    "$inc": sums[0],
                    "$max": sums[1],
                    "$setOnInsert": {
                        "period": standing.period,
                        "person_id": standing.person_id,
                        "org_path": standing.org_path,
                        "calendar": standing.calendar,
                    },
                },
                "upsert": True,
            }
        )
    return updates


_POINTS = {metric: f"points.{metric}" for metric in Metric}
_REACHED = {metric: f"reached.{metric}" for metric in Metric}


def _order_additions(generation: Generation, standings: Sequence[Standing]) -> Iterable[Document]:
    for standing in standings:
        for unit_id in generation.ordered_units.intersection(standing.org_path):
            for metric, points in standing.points.items():
                yield {
                    "q": {"_id": order_id(unit_id, metric, standing.period, standing.person_id)},
                    "u": {
                        "$inc": {"points": points},
                        "$max": {"reached": standing.reached[metric]},
                        "$setOnInsert": {
                            "unit_id": unit_id,
                            "metric": metric.value,
                            "period": standing.period,
                            "person_id": standing.person_id,
                        },
                    },
                    "upsert": True,
                }


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in pieces of at most this size."""
    return (items[start : start + size] for start in range(0, len(items), size))


def order_id(unit_id: str, metric: Metric, period: str, person_id: str) -> str:
    """The key of somebody's place in the order of a very large unit."""
    return f"{unit_id}|{metric}|{period}|{person_id}"


def _document(entry: Entry, waiting: frozenset[str]) -> Document:
    document: Document = {
        "_id": entry.id,
        "event_id": entry.event_id,
        "event_type": entry.event_type,
        "subject": entry.subject,
        "person_id": entry.person_id,
        "scores": [{"metric": metric.value, "points": points} for metric, points in entry.scores],
        "occurred_at": entry.occurred_at,
        "org_path": entry.org_path,
    }
    if entry.org_path and entry.org_path[-1] in waiting:
        document["waits_for"] = entry.org_path[-1]
    return document


def entry(document: Document) -> Entry:
    """The entry that a document of the ledger holds."""
    return Entry(
        id=document["_id"],
        event_id=document["event_id"],
        event_type=document["event_type"],
        subject=document["subject"],
        person_id=document["person_id"],
        scores=tuple((Metric(score["metric"]), score["points"]) for score in document["scores"]),
        occurred_at=document["occurred_at"],
        org_path=tuple(document["org_path"]),
    )
