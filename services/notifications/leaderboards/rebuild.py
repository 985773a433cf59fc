"""Rebuilding the leaderboards from the log, beside the live ones and during traffic.

A fresh generation is filled from the beginning of the topics by a consumer of its own. When it has caught up, its
ledger is compared with the live one, line by line; when nothing is missing, the live document is switched, and the
log is read on to where it ended at the switch: whatever a worker still wrote into the old generation, because its
transaction had begun before, was in the log by then. Every effect is keyed by its event, so what is written from both
sides is written once.
"""

import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.errors import Conflict
from services.chassis.mongo import Document, Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.cloudevents import MalformedEvent, UnknownEventType, decode, types_of
from services.contracts.envelope import Received
from services.contracts.organisation import UnitKind
from services.notifications.leaderboards.commands import count_into
from services.notifications.leaderboards.ladders import plan_ladders
from services.notifications.leaderboards.model import EVENTS
from services.notifications.leaderboards.store import (
    ORDERED_FROM_HEADS,
    Generation,
    live_generation,
    switch_to,
)

TYPES = types_of(EVENTS)
TOPICS = tuple(sorted({event.aggregate.topic for event in EVENTS}))
BATCH = 2_000
SHOWN = 20

Told = Callable[[str], None]


class LinesMissing(Conflict):
    """The log does not give back everything the live ledger has; nothing was switched."""

    code = "lines-missing"


@dataclass
class Comparison:
    """The live ledger beside the fresh one."""

    same: int = 0
    only_fresh: int = 0
    """In the log, but not counted so far: in traffic, what the worker has not read yet."""
    only_live: list[str] = field(default_factory=list)
    """Counted, but not in the log (the first of them): its retention was too short, or the log is another."""
    differing: list[str] = field(default_factory=list)
    missing: int = 0


class Log:
    """The topics that boards are made of, from the beginning; belongs to no group, and commits nothing."""

    def __init__(self, bootstrap: str, topics: Sequence[str] = TOPICS) -> None:
        self._bootstrap = bootstrap
        self._topics = topics

    async def __aenter__(self) -> "Log":
        # without a group, all partitions of these topics are ours
        self._consumer = AIOKafkaConsumer(
            *self._topics,
            bootstrap_servers=self._bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=BATCH,
        )
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def rewind(self) -> None:
        """Read everything again."""
        await self._consumer.seek_to_beginning()

    async def ends(self) -> Mapping[TopicPartition, int]:
        """Where each partition ends at this moment."""
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets(
            list(self._consumer.assignment())
        )
        return ends

    async def up_to(self, ends: Mapping[TopicPartition, int]) -> AsyncIterator[list[Received[Any]]]:
        """Batches of events from where reading stopped last, until all these ends are reached."""
        while await self._behind(ends):
            fetched = await self._consumer.getmany(timeout_ms=200, max_records=BATCH)
            batch: dict[tuple[str, str], Received[Any]] = {}
            for records in fetched.values():
                for record in records:
                    try:
                        received = decode(record.key, record.value, record.headers, TYPES)
                    except (UnknownEventType, MalformedEvent):
                        # the worker put it with the dead letters; it counts on neither side
                        continue
                    if received is not None:
                        batch[received.envelope.source, received.envelope.id] = received
            if batch:
                yield list(batch.values())

    async def _behind(self, ends: Mapping[TopicPartition, int]) -> bool:
        for partition, end in ends.items():
            if await self._consumer.position(partition) < end:
                return True
        return False


async def rebuild(
    work: UnitOfWork, log: Log, told: Told = lambda _: None, *, force: bool = False
) -> Comparison:
    """Fill a fresh generation, compare, switch, and drop the old one; return what the comparison found.

    Raises `LinesMissing` when the live ledger has what the log does not give, unless forced; then nothing changed.
    """
    mongo = work.mongo
    await log.rewind()
    live = await live_generation(mongo)
    fresh = live.following(await _very_large_units(mongo))
    await _drop(mongo, fresh)
    await mongo.prepare(fresh.indexes)
    counted = 0
    # until what came in the meantime is little
    ends: Mapping[TopicPartition, int] = {}
    while (now := await log.ends()) != ends:
        ends = now
        async for batch in log.up_to(ends):
            await work.run(count_into, fresh, batch)
            counted += len(batch)
            told(f"{counted} events counted")
        if counted and await _left(log, ends) < BATCH:
            break
    found = await compare(mongo, live, fresh)
    told(
        f"{found.same} lines alike, {found.only_fresh} only in the log, {found.missing} only in the live ledger"
    )
    if (found.missing or found.differing) and not force:
        await _drop(mongo, fresh)
        raise LinesMissing(
            "The log does not give back %(missing)s lines of the live ledger, and %(differing)s differ; "
            "for example %(examples)s",
            missing=found.missing,
            differing=len(found.differing),
            examples=", ".join((found.only_live + found.differing)[:3]),
        )
    await work.run(_go_live, fresh)
    async for batch in log.up_to(await log.ends()):
        await work.run(count_into, fresh, batch)
    told(f"generation {fresh.number} is live")
    await _drop(mongo, live)
    return found


async def _go_live(tx: Transaction, generation: Generation) -> None:
    await switch_to(tx, generation)
    await plan_ladders(tx, generation)


async def _left(log: Log, read: Mapping[TopicPartition, int]) -> int:
    return sum(end - read.get(partition, 0) for partition, end in (await log.ends()).items())


async def compare(mongo: Mongo, live: Generation, fresh: Generation) -> Comparison:
    """Walk through both ledgers in the order of their ids."""
    result = Comparison()
    left, right = _lines(mongo, live), _lines(mongo, fresh)
    one, other = await anext(left, _END), await anext(right, _END)
    while one is not _END or other is not _END:
        if one["_id"] < other["_id"]:
            result.missing += 1
            if len(result.only_live) < SHOWN:
                result.only_live.append(one["_id"])
            one = await anext(left, _END)
        elif other["_id"] < one["_id"]:
            result.only_fresh += 1
            other = await anext(right, _END)
        else:
            if _figures(one) == _figures(other):
                result.same += 1
            elif len(result.differing) < SHOWN:
                result.differing.append(one["_id"])
            one, other = await anext(left, _END), await anext(right, _END)
    return result


_END: Document = {"_id": chr(sys.maxunicode)}
"""Comes after every line."""


def _figures(line: Document) -> tuple[Any, ...]:
    return line["scores"], line["occurred_at"], line["org_path"], line["person_id"]


async def _lines(mongo: Mongo, generation: Generation) -> AsyncIterator[Document]:
    async for document in mongo.collection(generation.entries).find().sort("_id", 1):
        yield document


async def _very_large_units(mongo: Mongo) -> list[str]:
    """Companies and regions that have so many people that an order of their own pays."""
    large: list[str] = []
    directory = Directory(mongo)
    companies = (
        await mongo.collection("units").find({"kind": UnitKind.COMPANY.value}, {"_id": 1}).to_list(None)
    )
    for company in companies:
        heads = await heads_under(directory, company["_id"])
        large += [unit_id for unit_id, count in heads.items() if count > ORDERED_FROM_HEADS]
    return large


async def heads_under(directory: Directory, unit_id: str) -> dict[str, int]:
    """How many people belong to each unit of this subtree, those further down included."""
    heads: dict[str, int] = {}
    for person in await directory.people_under(unit_id):
        for unit in person.org_path:
            heads[unit] = heads.get(unit, 0) + 1
    return heads


async def _drop(mongo: Mongo, generation: Generation) -> None:
    for name in generation.indexes:
        await mongo.collection(name).drop()
