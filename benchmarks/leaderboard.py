"""The leaderboard worker: events a second with full effects, beside other loops that have the same effects.

Full effects are all that notifications does with an event: an entry of the ledger, the standings of five periods, the
news, the state of reminders, the pulse that moves the boards. A loop reads topics that are filled beforehand; it is
timed from its first effect to its last, so joining the group does not count.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiokafka import AIOKafkaProducer

from benchmarks import company
from benchmarks.company import Agent
from benchmarks.figures import Aim, Figure
from benchmarks.loops import LOOPS, MUSTER, ONE_BY_ONE, PLAIN, TAKE
from benchmarks.place import Place, short_id
from benchmarks.processes import run
from deploy.local.processes import Program
from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.testing.eventually import assert_eventually
from services.contracts.clients import (
    ClientRegistered,
    ClientSource,
    FollowUpDone,
    FollowUpRule,
    Intent,
    ShowingDone,
)
from services.contracts.cloudevents import encode
from services.contracts.envelope import Envelope
from services.contracts.event import Event
from services.contracts.topics import consumer_group, dead_letters, resent
from services.notifications.app import INDEXES
from services.notifications.leaderboards import store
from services.notifications.leaderboards.store import Generation

TITLE = "leaderboard worker, events with full effects"
BRANCHES = 12
AS_FAST = Aim(at_least=0.95)
SEVERAL_TIMES = Aim(at_least=3)


@dataclass(frozen=True)
class Sizes:
    events: int = 20_000
    rounds: int = 3
    one_by_one: int = 1_000
    """Events for the loop that has a transaction for each."""


SHORT, TINY = Sizes(), Sizes(events=60, rounds=1, one_by_one=10)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Rounds of all loops by turns."""
    paces: dict[str, list[float]] = {name: [] for name in LOOPS}
    async with place.topics() as kafka, place.topics() as few:
        await _fill(kafka, sizes.events)
        await _fill(few, sizes.one_by_one)
        for number in range(sizes.rounds):
            names = list(LOOPS)
            # whoever begins, begins another round somewhere else
            for name in names[number:] + names[:number]:
                topics, events = (few, sizes.one_by_one) if name == ONE_BY_ONE else (kafka, sizes.events)
                paces[name].append(await _pace(place, topics, name, events))
    return _figures(paces)


async def _pace(place: Place, kafka: KafkaSettings, name: str, events: int) -> float:
    """Events a second of one run, in a process, a group and a database of its own."""
    service = f"run-{short_id()}"
    group = consumer_group(service)
    await place.add_topics(kafka, dead_letters(group), resent(group))
    async with place.database(INDEXES) as mongo:
        await store.prepare(mongo)
        await company.found(mongo, BRANCHES)
        module = (sys.executable, "-m", "benchmarks.loops", name, "--service", service)
        command = (*module, "--prefix", kafka.topic_prefix, "--database", mongo.database.name)
        servers = {"KAFKA_BOOTSTRAP_SERVERS": place.kafka, "MONGODB_URI": place.mongodb}
        async with run(place, {"loop": (Program("loop", command, servers), None)}):
            return await _timed(mongo, events)


async def _timed(mongo: Mongo, events: int) -> float:
    ledger = mongo.collection(Generation().entries)
    await assert_eventually(ledger.estimated_document_count, within=60, every=0.005)
    first, begun = await ledger.estimated_document_count(), time.perf_counter()

    async def all_there() -> bool:
        return (
            await ledger.estimated_document_count() >= events and await ledger.count_documents({}) == events
        )

    # a batch that is the first and the last took some time too
    await assert_eventually(all_there, within=300, every=0.02)
    return max(events - first, 1) / (time.perf_counter() - begun)


def _figures(paces: Mapping[str, Sequence[float]]) -> list[Figure]:
    ours = paces[MUSTER]
    figures = [Figure(name, "/s", tuple(each)) for name, each in paces.items()]
    for name, aim in (
        (PLAIN, AS_FAST),
        (TAKE, SEVERAL_TIMES),
        (ONE_BY_ONE, SEVERAL_TIMES),
    ):
        ratios = tuple(one / other for one, other in zip(ours, paces[name], strict=True))
        figures.append(Figure(f"Muster / {name}", "×", ratios, aim))
    return figures


async def _fill(kafka: KafkaSettings, count: int) -> None:
    """Put so many events on their topics: 60 % follow-ups, 25 % new clients, 15 % showings, of this hour."""
    agents = company.agents(BRANCHES)
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers, enable_idempotence=True, linger_ms=5
    )
    await producer.start()
    try:
        for number in range(count):
            subject = new_id()
            event = _event(number, subject, agents[number * 7919 % len(agents)])
            record = encode(_envelope(event, subject), event)
            topic = kafka.name(event.aggregate.topic)
            await producer.send(topic, record.value, key=record.key, headers=record.headers)
        await producer.flush()
    finally:
        await producer.stop()


def _event(number: int, subject: str, agent: Agent) -> Event:
    now = utc_now()
    # all on one day of the company's, as it is when a worker keeps up
    at = now - timedelta(milliseconds=number % 1000)
    if number % 20 < 12:
        return FollowUpDone(
            occurred_at=at,
            follow_up_id=subject,
            client_id=new_id(),
            agent_id=agent.id,
            org_path=agent.org_path,
            rule=FollowUpRule.CADENCE,
            outcome="reached",
            minutes=5,
            intent=Intent.REAL,
            due_at=now,
        )
    if number % 20 < 17:
        return ClientRegistered(
            occurred_at=at,
            client_id=subject,
            agent_id=agent.id,
            org_path=agent.org_path,
            source=ClientSource.REFERRAL,
        )
    return ShowingDone(
        occurred_at=at,
        showing_id=subject,
        client_id=new_id(),
        agent_id=agent.id,
        org_path=agent.org_path,
        homes=2,
        interest=4,
    )


def _envelope(event: Event, subject: str) -> Envelope:
    return Envelope(
        id=new_id(),
        source="/muster/clients",
        type=event.event_type(),
        subject=subject,
        time=event.occurred_at,
        dataschema=event.dataschema(),
        sequence=1,
        org_path=tuple(getattr(event, "org_path", ())),
        correlation_id=new_id(),
    )
