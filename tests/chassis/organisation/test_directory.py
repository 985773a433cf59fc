"""The directory ends in the same state, however its events arrive, and answers from where units stand now."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.chassis.clock import utc_now
from services.chassis.errors import NotFound
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo
from services.chassis.organisation import HANDLERS, INDEXES, Directory
from services.chassis.organisation.events import PEOPLE, UNITS
from services.chassis.testing.plans import no_collection_scan
from services.chassis.work import OUTBOX, TIMELINE, Transaction, UnitOfWork
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.organisation import Role, UnitKind
from services.contracts.recruiting import (
    AgentHired,
    PersonRegistered,
    RoleGranted,
    RoleRevoked,
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
)

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.prepare({**INDEXES, OUTBOX: [], TIMELINE: []})
    yield mongo
    mongo.close()


def unit(id_: str, kind: UnitKind, *path: str, closed: bool = False) -> UnitOpened:
    return UnitOpened(
        occurred_at=AT, unit_id=id_, kind=kind, name=id_.upper(), parent_id=path[-2] if len(path) > 1 else None,
        org_path=path, time_zone="Asia/Shanghai", period_start_day=26,
    )  # fmt: skip


UNIT_EVENTS: dict[str, list[Event]] = {
    "co": [unit("co", UnitKind.COMPANY, "co")],
    "r1": [unit("r1", UnitKind.REGION, "co", "r1")],
    "r2": [unit("r2", UnitKind.REGION, "co", "r2"), UnitRenamed(occurred_at=AT, unit_id="r2", name="华南")],
    "b1": [
        unit("b1", UnitKind.BRANCH, "co", "r1", "b1"),
        UnitMoved(occurred_at=AT, unit_id="b1", parent_id="r2", org_path=("co", "r2", "b1")),
    ],
    "t1": [
        unit("t1", UnitKind.TEAM, "co", "r1", "b1", "t1"),
        UnitMoved(occurred_at=AT, unit_id="t1", parent_id="b1", org_path=("co", "r2", "b1", "t1")),
    ],
    "b2": [unit("b2", UnitKind.BRANCH, "co", "r1", "b2"), UnitClosed(occurred_at=AT, unit_id="b2")],
}


def granted(person: str, role: Role, *path: str) -> RoleGranted:
    return RoleGranted(occurred_at=AT, person_id=person, role=role, unit_id=path[-1], org_path=path)


def registered(person: str, name: str, *path: str) -> PersonRegistered:
    return PersonRegistered(occurred_at=AT, person_id=person, name=name, unit_id=path[-1], org_path=path)


PERSON_EVENTS: dict[str, list[Event]] = {
    "lin": [registered("lin", "林志远", "co", "r1", "b1"), granted("lin", Role.TRAINER, "co", "r1", "b1")],
    "mei": [
        AgentHired(
            occurred_at=AT, person_id="mei", candidate_id="c1", name="陈美玲", unit_id="t1",
            org_path=("co", "r1", "b1", "t1"), start_date=date(2026, 11, 2), mentor_id="lin",
        )
    ],
    "zhou": [
        registered("zhou", "周敏", "co", "r1"),
        granted("zhou", Role.REGIONAL, "co", "r1"),
        granted("zhou", Role.REGIONAL, "co", "r1"),
        granted("zhou", Role.SUPERVISOR, "co", "r1", "b1", "t1"),
        RoleRevoked(occurred_at=AT, person_id="zhou", role=Role.SUPERVISOR, unit_id="t1"),
    ],
}  # fmt: skip


def received(subject: str, sequence: int, event: Event) -> Received[Any]:
    envelope = Envelope(
        id=new_id(), source="/muster/recruiting", type=event.event_type(), subject=subject, time=AT,
        dataschema=event.dataschema(), sequence=sequence, org_path=(), correlation_id="c",
    )  # fmt: skip
    return Received(envelope, event)


def stream(events: dict[str, list[Event]]) -> list[list[Received[Any]]]:
    return [[received(id_, n, event) for n, event in enumerate(each, 1)] for id_, each in events.items()]


async def feed(mongo: Mongo, events: Sequence[Received[Any]]) -> None:
    async def apply(tx: Transaction, one: Received[Any]) -> None:
        await HANDLERS[type(one.event)](tx, one)

    work = UnitOfWork(mongo, utc_now, "/muster/test")
    for one in events:
        await work.run(apply, one)


async def state(mongo: Mongo) -> tuple[list[Document], list[Document]]:
    units = await mongo.collection(UNITS).find({}).sort("_id", 1).to_list(None)
    return units, await mongo.collection(PEOPLE).find({}).sort("_id", 1).to_list(None)


def interleaved(seed: int) -> list[Received[Any]]:
    """All events, each aggregate's in order, the aggregates mixed, some delivered again later."""
    chance = random.Random(seed)
    queues = [list(queue) for queue in (*stream(UNIT_EVENTS), *stream(PERSON_EVENTS))]
    mixed: list[Received[Any]] = []
    while any(queues):
        queue = chance.choice([queue for queue in queues if queue])
        mixed.append(queue.pop(0))
        if chance.random() < 0.4:
            mixed.append(chance.choice(mixed))
    return mixed


def in_order() -> list[Received[Any]]:
    return [one for queue in (*stream(UNIT_EVENTS), *stream(PERSON_EVENTS)) for one in queue]


@pytest.fixture
async def directory(mongo: Mongo) -> Directory:
    await feed(mongo, in_order())
    return Directory(mongo)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_any_repetition_and_a_replay_end_in_the_same_state(mongo: Mongo, seed: int) -> None:
    await feed(mongo, in_order())
    expected = await state(mongo)
    for name in (UNITS, PEOPLE):
        await mongo.collection(name).delete_many({})
    await feed(mongo, interleaved(seed))
    assert await state(mongo) == expected
    await feed(mongo, in_order())
    assert await state(mongo) == expected


async def test_a_unit_is_what_others_need_to_count_its_days(directory: Directory) -> None:
    branch = await directory.unit("b1")
    assert (branch.name, branch.kind, branch.parent_id) == ("B1", UnitKind.BRANCH, "r2")
    assert branch.org_path == ("co", "r2", "b1")
    assert (branch.time_zone, branch.period_start_day, branch.closed) == ("Asia/Shanghai", 26, False)
    assert (await directory.unit("r2")).name == "华南"
    with pytest.raises(NotFound):
        await directory.unit("nowhere")


async def test_the_tree_is_walked_down_and_up(directory: Directory) -> None:
    assert [u.id for u in await directory.children("r2")] == ["b1"]
    assert [u.id for u in await directory.children("r1")] == []
    assert [u.id for u in await directory.subtree("co")] == ["co", "r1", "r2", "b1", "t1"]
    assert [u.id for u in await directory.subtree("r1", closed=True)] == ["r1", "b2"]
    assert [u.id for u in await directory.subtree("co", kind=UnitKind.TEAM)] == ["t1"]
    branch = await directory.branch_of("t1")
    assert branch is not None
    assert branch.id == "b1"
    assert await directory.branch_of("r1") is None


async def test_moving_a_branch_moves_everybody_in_it(directory: Directory) -> None:
    mei = await directory.person("mei")
    assert mei.org_path == ("co", "r2", "b1", "t1")
    assert mei.grants[0].org_path == ("co", "r2", "b1", "t1")
    assert [p.id for p in await directory.people_under("r2")] == ["lin", "mei"]
    assert [p.id for p in await directory.people_under("r1")] == ["zhou"]
    assert [p.id for p in await directory.people_under("co", role=Role.AGENT)] == ["mei"]


async def test_who_stands_above_is_found_by_the_org_path(directory: Directory) -> None:
    unit = await directory.unit("t1")
    assert [p.id for p in await directory.holders(Role.TRAINER, at=unit.org_path)] == ["lin"]
    assert await directory.holders(Role.REGIONAL, at=unit.org_path) == []


async def test_access_is_what_is_held_now(directory: Directory) -> None:
    zhou = await directory.access("zhou")
    assert zhou.roles == {Role.REGIONAL}
    assert not zhou.sees(("co", "r2", "b1"))
    lin = await directory.access("lin")
    assert lin.sees(("co", "r2", "b1", "t1"))
    assert (lin.unit_name, lin.time_zone) == ("B1", "Asia/Shanghai")
    with pytest.raises(NotFound):
        await directory.access("nobody")


async def test_somebody_whose_unit_is_not_known_yet_stands_where_the_event_said(mongo: Mongo) -> None:
    await feed(mongo, [one for queue in stream(PERSON_EVENTS) for one in queue])
    assert (await Directory(mongo).person("mei")).org_path == ("co", "r1", "b1", "t1")


async def test_no_question_reads_a_whole_collection(directory: Directory, mongo: Mongo) -> None:
    async with no_collection_scan(mongo):
        await directory.access("lin")
        await directory.children("co")
        await directory.subtree("r2")
        await directory.people_under("r2")
        await directory.people_under("r2", role=Role.AGENT)
        await directory.holders(Role.TRAINER, at=("co", "r2", "b1"))
        await directory.sample(Role.AGENT, near=("b1",), limit=3)
