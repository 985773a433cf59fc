"""A saving is one thing: the aggregate, its timeline and its events, or nothing of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.errors import NotFound, StaleVersion
from services.chassis.mongo import DuplicateKeyError, Mongo
from services.chassis.records import LARGEST_PAYLOAD, Gathered, PayloadTooLarge, Records, Stored
from services.chassis.work import Cause, Transaction, UnitOfWork
from services.contracts.clients import (
    CLIENT,
    ClientRegistered,
    ClientSource,
    FollowUpRule,
    FollowUpScheduled,
    Grade,
)

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Client:
    id: str
    org_path: tuple[str, ...] = ("company", "branch")
    grade: Grade | None = None
    born: date | None = None
    visits: int = 0


RECORDS = Records("clients", Client, aggregate=CLIENT, org_path=lambda client: client.org_path)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(NINE)


@pytest.fixture
def work(mongo: Mongo, clock: TurnedClock) -> UnitOfWork:
    return UnitOfWork(mongo, clock, "/muster/clients", Cause(actor="agent-7", correlation_id="request-1"))


def registered(client_id: str, agent: str = "agent-7") -> ClientRegistered:
    return ClientRegistered(
        occurred_at=NINE,
        client_id=client_id,
        agent_id=agent,
        org_path=("company", "branch"),
        source=ClientSource.WALK_IN,
    )


async def add(tx: Transaction, client: Client) -> Stored[Client]:
    return await RECORDS.add(tx, client, registered(client.id))


async def change(
    tx: Transaction, id_: str, how: Callable[[Client], Client], version: int | None = None
) -> Stored[Client]:
    stored = await RECORDS.get(tx, id_, version)
    return await RECORDS.save(tx, stored, how(stored.value), registered(id_))


def visited(client: Client) -> Client:
    return replace(client, visits=client.visits + 1)


async def everything(mongo: Mongo) -> dict[str, list[dict[str, Any]]]:
    return {
        name: await mongo.collection(name).find(sort=[("_id", 1)]).to_list(None)
        for name in ("clients", "outbox", "timeline")
    }


async def test_what_was_added_is_read_back_as_it_was(work: UnitOfWork) -> None:
    client = Client("c-1", grade=Grade.A, born=date(1980, 2, 29))
    await work.run(add, client)
    stored = await work.run(RECORDS.get, "c-1")
    assert (stored.value, stored.version, stored.sequence) == (client, 1, 1)


async def test_a_saving_leaves_its_event_and_its_timeline_entry(work: UnitOfWork, mongo: Mongo) -> None:
    await work.run(add, Client("c-1"))
    await work.run(change, "c-1", visited)
    kept = await everything(mongo)
    assert [(each["aggregateid"], each["sequence"]) for each in kept["outbox"]] == [("c-1", 1), ("c-1", 2)]
    assert [each["_id"] for each in kept["timeline"]] == [each["_id"] for each in kept["outbox"]]
    assert kept["timeline"][0]["by"] == "agent-7"
    first = kept["outbox"][0]
    assert first["aggregatetype"] == "muster.clients.client"
    assert first["headers"]["correlationid"] == "request-1"
    assert first["headers"]["orgpath"] == "company/branch"
    assert ClientRegistered.model_validate_json(first["payload"]) == registered("c-1")


async def test_a_command_that_fails_late_leaves_nothing(work: UnitOfWork, mongo: Mongo) -> None:
    async def add_and_fail(tx: Transaction) -> None:
        await add(tx, Client("c-1"))
        raise LookupError

    with pytest.raises(LookupError):
        await work.run(add_and_fail)
    assert await everything(mongo) == {"clients": [], "outbox": [], "timeline": []}


async def test_a_stale_version_is_refused_and_changes_nothing(work: UnitOfWork, mongo: Mongo) -> None:
    await work.run(add, Client("c-1"))
    await work.run(change, "c-1", visited, 1)
    before = await everything(mongo)
    with pytest.raises(StaleVersion):
        await work.run(change, "c-1", visited, 1)
    assert await everything(mongo) == before


async def test_two_that_read_before_either_saved_do_not_both_save(work: UnitOfWork) -> None:
    await work.run(add, Client("c-1"))
    read = await work.run(RECORDS.get, "c-1")

    async def save_what_was_read(tx: Transaction) -> None:
        await RECORDS.save(tx, read, visited(read.value), registered("c-1"))

    outcomes = await asyncio.gather(
        work.run(save_what_was_read), work.run(save_what_was_read), return_exceptions=True
    )
    assert [type(each) for each in outcomes if each is not None] == [StaleVersion]


async def test_commands_that_collide_are_run_again_and_none_is_lost(work: UnitOfWork, mongo: Mongo) -> None:
    await work.run(add, Client("c-1"))
    await asyncio.gather(*(work.run(change, "c-1", visited) for _ in range(8)))
    stored = await work.run(RECORDS.get, "c-1")
    assert (stored.value.visits, stored.version, stored.sequence) == (8, 9, 9)
    kept = await everything(mongo)
    assert [each["sequence"] for each in kept["outbox"]] == list(range(1, 10))


async def test_event_ids_never_run_backwards_even_when_the_clock_does(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    await work.run(add, Client("c-1"))
    clock.turn(timedelta(hours=-1))
    await work.run(change, "c-1", visited)
    clock.turn(timedelta(hours=2))
    await work.run(change, "c-1", visited)
    in_order = await mongo.collection("outbox").find(sort=[("sequence", 1)]).to_list(None)
    ids = [each["_id"] for each in in_order]
    assert len(ids) == 3
    assert ids == sorted(ids)


async def test_an_unchanged_value_without_events_is_not_saved(work: UnitOfWork) -> None:
    async def save_as_it_is(tx: Transaction) -> Stored[Client]:
        stored = await RECORDS.get(tx, "c-1")
        return await RECORDS.save(tx, stored, stored.value)

    await work.run(add, Client("c-1"))
    assert (await work.run(save_as_it_is)).version == 1


async def test_what_is_not_there_and_what_is_there_twice(work: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        await work.run(RECORDS.get, "nobody")
    await work.run(add, Client("c-1"))
    with pytest.raises(DuplicateKeyError):
        await work.run(add, Client("c-1"))


async def test_events_of_another_aggregate_are_refused(work: UnitOfWork, mongo: Mongo) -> None:
    foreign = FollowUpScheduled(
        occurred_at=NINE,
        follow_up_id="f-1",
        client_id="c-1",
        agent_id="agent-7",
        org_path=("company",),
        rule=FollowUpRule.CADENCE,
        due_at=NINE,
    )

    async def publish_foreign(tx: Transaction) -> None:
        await RECORDS.add(tx, Client("c-1"), foreign)

    with pytest.raises(TypeError):
        await work.run(publish_foreign)
    assert (await everything(mongo))["clients"] == []


async def test_an_event_that_kafka_would_refuse_is_refused_when_it_is_written(
    work: UnitOfWork, mongo: Mongo
) -> None:
    async def publish_too_much(tx: Transaction) -> None:
        await RECORDS.add(tx, Client("c-1"), registered("c-1", agent="x" * LARGEST_PAYLOAD))

    with pytest.raises(PayloadTooLarge):
        await work.run(publish_too_much)
    assert (await everything(mongo))["outbox"] == []


async def test_what_is_gathered_is_written_once_with_all_its_events_in_order(
    work: UnitOfWork, mongo: Mongo
) -> None:
    await work.run(add, Client("kept"))

    async def batch(tx: Transaction) -> None:
        gathered = Gathered(RECORDS)
        kept = await RECORDS.get(tx, "kept")
        kept = gathered.save(tx, kept, visited(kept.value), registered("kept"))
        fresh = gathered.add(tx, Client("fresh"), registered("fresh"))
        kept = gathered.save(tx, kept, visited(kept.value), registered("kept"))
        fresh = gathered.save(tx, fresh, visited(fresh.value), registered("fresh"))
        assert gathered.save(tx, fresh, fresh.value) is fresh, "unchanged, so left alone"
        assert [(before and before.version, latest.version) for before, latest in gathered.changes] == [
            (1, 3),
            (None, 2),
        ]
        await gathered.write(tx)

    await work.run(batch)
    found = {each["_id"]: each for each in (await everything(mongo))["clients"]}
    assert {id_: (each["visits"], each["version"]) for id_, each in found.items()} == {
        "kept": (2, 3),
        "fresh": (1, 2),
    }
    outbox = await mongo.collection("outbox").find({}, sort=[("_id", 1)]).to_list(None)
    for id_, count in (("kept", 3), ("fresh", 2)):
        theirs = [each["sequence"] for each in outbox if each["aggregateid"] == id_]
        assert theirs == list(range(1, count + 1))


async def test_a_gathered_saving_of_something_that_changed_meanwhile_is_refused(
    work: UnitOfWork, mongo: Mongo
) -> None:
    before = await work.run(add, Client("c"))
    await work.run(change, "c", visited)

    async def batch(tx: Transaction) -> None:
        gathered = Gathered(RECORDS)
        gathered.save(tx, before, visited(before.value), registered("c"))
        await gathered.write(tx)

    with pytest.raises(StaleVersion):
        await work.run(batch)
