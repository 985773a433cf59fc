"""kill -9, again and again, while events flow: at the end every effect is there exactly once."""

import asyncio
import os
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiokafka import ConsumerRecord

from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.records import Stored
from services.chassis.schedule.items import DUE_ITEMS, OPEN
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import OUTBOX, Transaction
from services.clients.files.commands import RegisterClient, register
from services.clients.files.personal import Contact, PersonalData, SealedContact
from services.clients.follow_ups.model import FollowUp, Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.grading.commands import GradeClient, grade
from services.clients.grading.model import Reason
from services.contracts.clients import CLIENT, FOLLOW_UP, ClientSource, FollowUpDone, Grade, Intent
from services.notifications.leaderboards.model import Metric
from services.notifications.reminders.commands import FOLLOW_UP_DUE
from services.notifications.reminders.model import Reminded, Task
from tests.faults.company import AGENTS, TEAM_PATH, found
from tests.faults.ledger import assert_adds_up, counted
from tests.faults.muster import Muster

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]

EVENTS = int(os.environ.get("MUSTER_FAULT_EVENTS", "3000"))
"""How many are to flow at least; 20,000 for the whole exercise."""
ROUNDS = int(os.environ.get("MUSTER_FAULT_ROUNDS", "2"))
"""In each, every process is killed once, in another order."""
EVENTS_OF_A_CLIENT = 3
"""Registered, graded, follow-up scheduled."""
CLIENTS = EVENTS // EVENTS_OF_A_CLIENT
IN_ONE_TRANSACTION = 50
SEED = 20261123

PROCESSES = ("clients-api", "clients-worker", "notifications-worker")


@dataclass
class Accepted:
    """What the system took on: from then on it must be done, and once."""

    clients: list[str] = field(default_factory=list)
    of_lin: list[str] = field(default_factory=list)
    """Those of them that Lin looks after, who does everything that is done by hand."""
    contacts: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing more is asked for."""


async def register_and_grade(tx: Transaction, contact: SealedContact, agents: Sequence[str]) -> list[str]:
    """So many clients, each graded A: two events a client in one large transaction."""
    clients: list[str] = []
    for agent_id in agents:
        command = RegisterClient(agent_id=agent_id, source=ClientSource.REFERRAL, contact=contact)
        client = await register(tx, command)
        await grade(
            tx,
            GradeClient(client_id=client.id, grade=Grade.A, intent=Intent.REAL, reason=Reason.COMPARING),
        )
        clients.append(client.id)
    return clients


async def in_bulk(muster: Muster, accepted: Accepted) -> None:
    """The clients that the exercise begins with, as fast as the commands go."""
    work = muster.work("clients", actor="lin")
    personal = PersonalData.of(work.mongo, PersonalDataSettings().key())
    contact = await personal.seal(Contact("王小明"), TEAM_PATH)
    for start in range(0, CLIENTS, IN_ONE_TRANSACTION):
        agents = [AGENTS[n % len(AGENTS)] for n in range(start, min(start + IN_ONE_TRANSACTION, CLIENTS))]
        registered = await work.run(register_and_grade, contact, agents)
        accepted.clients += registered
        accepted.of_lin += [id_ for id_, agent in zip(registered, agents, strict=True) if agent == "lin"]


async def by_hand(asking: httpx.AsyncClient, accepted: Accepted, chance: random.Random) -> None:
    """Somebody who registers clients and writes down contacts until it is over.

    As a program does: what is not answered is sent again with its key, until it is.
    """
    while not accepted.over.is_set():
        if chance.random() < 0.2 or not accepted.of_lin:
            body: dict[str, Any] = {"name": "赵小红", "source": "walk_in"}
            answer = await until_accepted(asking, "/clients/api/clients", body)
            accepted.clients.append(answer["id"])
            accepted.of_lin.append(answer["id"])
        else:
            client_id = chance.choice(accepted.of_lin)
            body = {"outcome": "reached", "minutes": 5}
            await until_accepted(asking, f"/clients/api/clients/{client_id}/contacts", body)
            accepted.contacts += 1


async def until_accepted(asking: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    key = new_id()
    for _ in range(2_000):
        try:
            answer = await asking.post(path, json=body, headers={"Idempotency-Key": key})
        except httpx.HTTPError:
            await asyncio.sleep(0.1)
            continue
        if answer.is_success:
            accepted: dict[str, Any] = answer.json()
            return accepted
        assert answer.status_code in (409, 503), answer.text
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} was never answered")


async def kill_all_around(muster: Muster, progress: Mapping[str, Callable[[], Awaitable[int]]]) -> int:
    """Kill each process as soon as it has done something since its last start, and start it again."""
    chance = random.Random(SEED)
    kills = 0
    for _ in range(ROUNDS):
        for name in chance.sample(PROCESSES, len(PROCESSES)):
            before = await progress[name]()

            async def got_on(name: str = name, before: int = before) -> bool:
                return await progress[name]() > before

            await assert_eventually(got_on, within=90, every=0.02)
            muster.kill(name)
            muster.start(name)
            kills += 1
    return kills


async def test_killed_again_and_again_every_effect_is_there_exactly_once(muster: Muster) -> None:
    muster.start(*PROCESSES)
    await muster.ready(*PROCESSES)
    await found(muster, "clients", "notifications")
    accepted = Accepted()
    files, boards = muster.database("clients"), muster.database("notifications")

    async def answered() -> int:
        return len(accepted.clients) + accepted.contacts

    async def planned() -> int:
        return int(await files.collection(FOLLOW_UPS.collection).count_documents({}))

    async def counted_so_far() -> int:
        return len(await counted(boards))

    async with asyncio.TaskGroup() as tasks, muster.client("clients-api", "lin") as asking:
        tasks.create_task(in_bulk(muster, accepted))
        hand = tasks.create_task(by_hand(asking, accepted, random.Random(SEED)))
        progress = {
            "clients-api": answered,
            "clients-worker": planned,
            "notifications-worker": counted_so_far,
        }
        assert await kill_all_around(muster, progress) == ROUNDS * len(PROCESSES)
        accepted.over.set()
        await hand

    async def all_is_done() -> None:
        assert await files.collection(OUTBOX).count_documents({}) == 0
        open_ = await files.collection(FOLLOW_UPS.collection).count_documents({"status": Status.OPEN.value})
        graded = await files.collection("clients").count_documents({"grading": {"$ne": None}})
        assert open_ == graded == CLIENTS
        lines = await counted(boards)
        assert len(lines) == len(accepted.clients) + accepted.contacts

    await assert_eventually(all_is_done, within=180, every=0.2)
    log = [*await muster.log(CLIENT.topic), *await muster.log(FOLLOW_UP.topic)]
    assert len(ids_of(log)) >= EVENTS
    assert_in_order_without_a_gap(log)
    await assert_one_follow_up_for_each_cause(files, accepted)
    await assert_counted_what_was_accepted(boards, log, accepted)
    await assert_reminders_of_what_is_open(files, boards)


def ids_of(log: Sequence[ConsumerRecord[bytes, bytes]], type_: str = "") -> set[str]:
    """The ids of the events on the log; a relay that was killed may have sent some twice."""
    headers = [dict(record.headers) for record in log]
    return {each["ce_id"].decode() for each in headers if type_ in each["ce_type"].decode()}


def assert_in_order_without_a_gap(log: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
    """Each aggregate's events came as 1, 2, 3 ...; those that came again change nothing about that."""
    sequences: dict[bytes | None, dict[int, None]] = defaultdict(dict)
    for record in log:
        sequences[record.key][int(dict(record.headers)["ce_sequence"])] = None
    wrong = {key: list(seen) for key, seen in sequences.items() if [*seen] != [*range(1, len(seen) + 1)]}
    assert not wrong


async def assert_one_follow_up_for_each_cause(files: Mongo, accepted: Accepted) -> None:
    documents = await files.collection(FOLLOW_UPS.collection).find().to_list(None)
    follow_ups: list[Stored[FollowUp]] = [FOLLOW_UPS.stored(each) for each in documents]
    causes = Counter((each.value.rule, each.value.cause_id) for each in follow_ups)
    assert [cause for cause, times in causes.items() if times > 1] == []
    by_status = Counter(each.value.status for each in follow_ups)
    # every contact did one, and after it, if the client has a grade, another was planned
    assert by_status == {Status.DONE: accepted.contacts, Status.OPEN: CLIENTS}
    registered = await files.collection("clients").distinct("_id")
    assert sorted(registered) == sorted(accepted.clients)


async def assert_counted_what_was_accepted(
    boards: Mongo, log: Sequence[ConsumerRecord[bytes, bytes]], accepted: Accepted
) -> None:
    """What was answered with 2xx is on the log, what is on the log is in the ledger, each once; and it adds up."""
    done = ids_of(log, FollowUpDone.event_type())
    registered = ids_of(log, "client-registered")
    assert (len(done), len(registered)) == (accepted.contacts, len(accepted.clients))
    assert sorted(await counted(boards, Metric.FOLLOW_UPS_DONE)) == sorted(done)
    assert sorted(await counted(boards, Metric.NEW_CLIENTS)) == sorted(registered)
    await assert_adds_up(boards)


async def assert_reminders_of_what_is_open(files: Mongo, boards: Mongo) -> None:
    documents = await files.collection(FOLLOW_UPS.collection).find({"status": "open"}).to_list(None)
    open_ = [FOLLOW_UPS.stored(each).value for each in documents]
    wanted = {Reminded(Task.FOLLOW_UP, each.id, 1, each.agent_id, each.due_at).key for each in open_}

    async def are_planned() -> None:
        query = {"kind": FOLLOW_UP_DUE, "state": OPEN}
        planned = await boards.collection(DUE_ITEMS).find(query, {"_id": 1}).to_list(None)
        assert {each["_id"] for each in planned} == wanted

    await assert_eventually(are_planned, within=60, every=0.2)
