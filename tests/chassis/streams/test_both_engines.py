"""What either engine promises."""

import asyncio
import dataclasses
import time

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.errors import StoreUnavailable
from services.chassis.identity import new_id
from services.chassis.streams.policies import BackOff, Engine, ReaderPolicy
from services.chassis.streams.subscription import Batch, NeverRetry, Subscription
from services.chassis.streams.worker import WorkerFailed
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import Transaction
from services.contracts.clients import ClientRegistered
from services.contracts.cloudevents import Record
from services.contracts.envelope import Received
from tests.chassis.streams.stage import EFFECTS, LOST, SERVICE, Stage, event_record, policy, take_note


async def test_every_event_has_its_effect_and_at_rest_everything_is_committed(
    stage: Stage, engine: Engine
) -> None:
    await stage.send([event_record() for _ in range(500)])
    async with stage.worker(policy(engine)) as worker:
        await stage.all_done(500)
        await stage.send([event_record() for _ in range(5)])
        await stage.all_done(505)
        assert worker.health().alive
        assert worker.health().ready


async def test_doubles_and_a_replay_change_nothing(stage: Stage, engine: Engine) -> None:
    deliveries = 0

    async def count(tx: Transaction, received: Received[ClientRegistered]) -> None:
        nonlocal deliveries
        deliveries += 1
        await take_note(tx, received)

    subscription = Subscription(SERVICE, [{ClientRegistered: count}])
    records = [event_record(event_id=new_id()) for _ in range(20)]
    await stage.send([record for record in records for _ in range(10)])
    async with stage.worker(policy(engine), subscription):
        await stage.all_done(20)
        assert await stage.counted() == 20
    first = deliveries
    await stage.rewind()
    async with stage.worker(policy(engine), subscription):
        await stage.all_done(20)
    assert deliveries > first
    assert await stage.counted() == 20


async def test_fetches_and_commits_leave_spans(
    stage: Stage, engine: Engine, spans: InMemorySpanExporter
) -> None:
    await stage.send([event_record() for _ in range(30)])
    async with stage.worker(policy(engine)):
        await stage.all_done(30)
    found = spans.get_finished_spans()
    polled = [span for span in found if span.name == f"poll {stage.topic}"]
    committed = [span for span in found if span.name == f"commit {stage.topic}"]
    assert sum(int(str((span.attributes or {})["messaging.batch.message_count"])) for span in polled) == 30
    furthest: dict[object, int] = {}
    for span in committed:
        attributes = span.attributes or {}
        assert attributes["messaging.consumer.group.name"] == stage.group
        place = attributes["messaging.destination.partition.id"]
        furthest[place] = max(furthest.get(place, 0), int(str(attributes["messaging.kafka.offset"])))
    assert sum(furthest.values()) == 30


async def test_an_effect_names_the_event_that_caused_it(stage: Stage, engine: Engine) -> None:
    await stage.send([event_record() for _ in range(30)])
    async with stage.worker(policy(engine)):
        await stage.all_done(30)
    async for effect in stage.mongo.collection(EFFECTS).find():
        assert effect["cause"] == effect["_id"]


async def test_a_batch_function_gets_each_partition_in_order(stage: Stage, engine: Engine) -> None:
    seen: dict[str, list[str]] = {}
    records = [event_record(agent=f"agent-{number % 4}") for number in range(240)]

    async def note(tx: Transaction, events: list[Received[ClientRegistered]]) -> None:
        for received in events:
            await tx.collection(EFFECTS).insert_one({"_id": received.envelope.id}, session=tx.session)
            seen.setdefault(received.event.agent_id, []).append(received.envelope.id)

    for number, record in enumerate(records):
        await stage.send([record], partition=number % 4)
    subscription = Subscription(SERVICE, batches=[Batch((ClientRegistered,), note)])
    async with stage.worker(policy(engine), subscription):
        await stage.all_done(240)
    sent = [dict(record.headers)["ce_id"].decode() for record in records]
    assert seen == {f"agent-{agent}": sent[agent::4] for agent in range(4)}


async def test_poison_goes_to_the_dead_letters_with_its_reason_and_the_partition_goes_on(
    stage: Stage, engine: Engine
) -> None:
    good = event_record()
    bad_json = Record(b"k", b"{nonsense", event_record().headers)
    wrong_schema = Record(b"k", b'{"client_id": 5}', event_record().headers)
    raising = event_record(agent=LOST)
    await stage.send([event_record(), bad_json, good, wrong_schema, raising, event_record()], partition=0)
    async with stage.worker(policy(engine)) as worker:
        await stage.all_done(3)
        assert worker.health().alive
    letters = {(record.value, record.key): dict(record.headers) for record in await stage.letters()}
    assert set(letters) == {
        (bad_json.value, b"k"),
        (wrong_schema.value, b"k"),
        (raising.value, raising.key),
    }
    failed = letters[raising.value, raising.key]
    assert dict(raising.headers).items() <= failed.items()
    assert failed["x-dlq-original-topic"] == stage.topic.encode()
    assert failed["x-dlq-original-partition"] == b"0"
    assert failed["x-dlq-original-offset"] == b"4"
    assert int(failed["x-dlq-original-timestamp"] or 0) > 1_600_000_000_000
    assert failed["x-dlq-consumer-group"] == stage.group.encode()
    assert failed["x-dlq-error-type"] == b"ValueError"
    assert failed["x-dlq-error-message"] == b"this agent is not known"
    assert failed["x-dlq-attempts"] == b"3"
    assert letters[bad_json.value, b"k"]["x-dlq-error-type"] == b"MalformedEvent:json"
    assert letters[wrong_schema.value, b"k"]["x-dlq-error-type"] == b"MalformedEvent:schema"


async def test_what_shall_never_be_retried_is_tried_once_by_itself(stage: Stage, engine: Engine) -> None:
    async def refuse(tx: Transaction, received: Received[ClientRegistered]) -> None:
        raise NeverRetry("too old")

    await stage.send([event_record()])
    async with stage.worker(policy(engine), Subscription(SERVICE, [{ClientRegistered: refuse}])):
        await stage.all_done(0)
    [letter] = await stage.letters()
    assert dict(letter.headers)["x-dlq-attempts"] == b"1"


async def test_many_dead_letters_in_a_row_halt_the_consumer_which_says_so(
    stage: Stage, engine: Engine
) -> None:
    await stage.send([event_record(agent=LOST) for _ in range(12)], partition=0)
    quick = policy(engine).reader
    few = dataclasses.replace(quick, attempts=1, most_dead_letters_in_a_row=10)
    async with stage.worker(policy(engine, reader=few)) as worker:
        await assert_eventually(lambda: not worker.health().alive)
        health = worker.health()
        assert "11 events in a row failed" in health.reason
        assert "ValueError" in health.reason
        assert await stage.lag() == 12
        begun = time.monotonic()
    assert time.monotonic() - begun < 3, "a halted worker stops at once"
    assert await stage.letters() == []
    assert await stage.lag() == 12


async def test_a_passing_failure_is_tried_again_until_it_has_passed(stage: Stage, engine: Engine) -> None:
    tries = 0

    async def sometimes(tx: Transaction, received: Received[ClientRegistered]) -> None:
        nonlocal tries
        tries += 1
        if tries < 30:
            raise StoreUnavailable
        await take_note(tx, received)

    await stage.send([event_record() for _ in range(10)])
    async with stage.worker(policy(engine), Subscription(SERVICE, [{ClientRegistered: sometimes}])):
        await stage.all_done(10)
    assert await stage.letters() == []


async def test_a_worker_that_waits_for_the_database_stops_at_once_and_acknowledges_nothing(
    stage: Stage, engine: Engine
) -> None:
    async def away(tx: Transaction, received: Received[ClientRegistered]) -> None:
        raise StoreUnavailable

    await stage.send([event_record() for _ in range(10)])
    patient = ReaderPolicy(transient=BackOff(first_seconds=60, longest_seconds=60))
    subscription = Subscription(SERVICE, [{ClientRegistered: away}])
    async with stage.worker(policy(engine, reader=patient), subscription) as worker:
        await assert_eventually(
            lambda: not worker.health().ready and "StoreUnavailable" in worker.health().reason
        )
        assert worker.health().alive
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
    assert await stage.lag() == 10


async def test_a_fault_of_the_reader_itself_fails_the_worker_without_acknowledging(
    stage: Stage, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.send([event_record() for _ in range(10)])
    worker = stage.worker(policy(engine))

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(worker.reader, "_decoded", broken)
    async with worker:
        with pytest.raises(WorkerFailed, match="a bug"):
            await asyncio.wait_for(worker.failed(), 20)
        assert not worker.health().alive
    assert await stage.lag() == 10


async def test_nothing_is_lost_or_read_again_when_workers_come_and_go(stage: Stage, engine: Engine) -> None:
    deliveries = 0

    async def count(tx: Transaction, received: Received[ClientRegistered]) -> None:
        nonlocal deliveries
        deliveries += 1
        # nothing that two workers would write to at once: a write conflict runs a handler again
        await tx.collection(EFFECTS).update_one(
            {"_id": received.envelope.id}, {"$set": {}}, upsert=True, session=tx.session
        )

    subscription = Subscription(SERVICE, [{ClientRegistered: count}])
    sent = 0

    async def traffic() -> None:
        nonlocal sent
        while True:
            await stage.send([event_record() for _ in range(20)])
            sent += 20
            await asyncio.sleep(0.05)

    first, second = (stage.worker(policy(engine), subscription) for _ in range(2))
    async with first:
        sending = asyncio.create_task(traffic())
        await assert_eventually(lambda: deliveries > 100)
        async with second:
            await assert_eventually(
                lambda: 0 < len(second.standings()) < 9 and 0 < len(first.standings()) < 9
            )
            so_far = deliveries
            await assert_eventually(lambda: deliveries > so_far + 200)
        so_far = deliveries
        await assert_eventually(lambda: deliveries > so_far + 200)
        sending.cancel()
        await asyncio.wait([sending])
        # what was being sent when the traffic was cut may or may not have arrived
        await assert_eventually(lambda: _at_rest(stage))
        assert sent <= await stage.effects() <= sent + 20
    assert deliveries - await stage.effects() <= 60, "a rebalance commits before partitions leave"


async def _at_rest(stage: Stage) -> bool:
    return await stage.lag() == 0
