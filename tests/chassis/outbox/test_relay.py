"""Everything that was committed is sent, in each aggregate's order, by one process at a time."""

import asyncio
import dataclasses
from collections import defaultdict
from datetime import timedelta

import pytest

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.leases import LEASES
from services.chassis.mongo import Mongo
from services.chassis.outbox import relay as relay_module
from services.chassis.outbox.deletions import Deletions
from services.chassis.outbox.relay import LEASE, Relay
from services.chassis.settings import KafkaSettings
from services.chassis.streams.topics import ensure
from services.chassis.telemetry import metrics
from services.chassis.testing.eventually import assert_eventually
from services.chassis.testing.plans import no_collection_scan
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.clients import FOLLOW_UP
from services.contracts.envelope import Envelope
from services.contracts.topics import topic_of
from tests.chassis.outbox.office import Client, pending, register, running, sent, write_history

SHORT = timedelta(seconds=2)


def by_client(envelopes: list[Envelope]) -> dict[str, list[int]]:
    sequences: dict[str, list[int]] = defaultdict(list)
    for envelope in envelopes:
        sequences[envelope.subject].append(envelope.sequence)
    return sequences


async def test_every_event_is_sent_once_in_its_clients_order_and_then_gone(
    mongo: Mongo, kafka: KafkaSettings
) -> None:
    async with running(Relay(mongo, kafka, "one", batch=7)):
        clients = await asyncio.gather(*(write_history(mongo, 12) for _ in range(10)))

        async def all_is_sent() -> bool:
            return await pending(mongo) == 0

        await assert_eventually(all_is_sent)
    assert by_client(await sent(kafka)) == {client: list(range(1, 13)) for client in clients}


async def test_a_relay_that_dies_before_it_deleted_leaves_repeats_and_no_gap(
    mongo: Mongo, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await write_history(mongo, 5)

    async def never(self: Deletions) -> None:
        self._something.clear()

    async def acknowledged() -> bool:
        return len(await sent(kafka)) == 5

    with monkeypatch.context() as patch:
        patch.setattr(Deletions, "delete", never)
        async with running(Relay(mongo, kafka, "dies")):
            await assert_eventually(acknowledged)
    assert await pending(mongo) == 5

    async with running(Relay(mongo, kafka, "next")):

        async def all_is_sent() -> bool:
            return await pending(mongo) == 0

        await assert_eventually(all_is_sent)
    assert by_client(await sent(kafka)) == {client: [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]}


async def test_one_relay_is_active_and_another_takes_over_when_it_stops(
    mongo: Mongo, kafka: KafkaSettings
) -> None:
    first, second = Relay(mongo, kafka, "first", lasting=SHORT), Relay(mongo, kafka, "second", lasting=SHORT)
    async with running(second):
        async with running(first):
            await assert_eventually(lambda: first.is_active or second.is_active)
            await asyncio.gather(*(write_history(mongo, 2) for _ in range(3)))
            assert not (first.is_active and second.is_active)
        await assert_eventually(lambda: second.is_active)


async def test_a_relay_whose_lease_went_to_another_stops_sending(mongo: Mongo, kafka: KafkaSettings) -> None:
    relay = Relay(mongo, kafka, "slow", lasting=SHORT)
    async with running(relay):
        await assert_eventually(lambda: relay.is_active)
        taken = {"$set": {"holder": "other", "until": utc_now() + timedelta(hours=1)}, "$inc": {"token": 1}}
        await mongo.collection(LEASES).update_one({"_id": LEASE}, taken)
        await assert_eventually(lambda: not relay.is_active)
        await write_history(mongo, 1)
        # longer than it would take to send, shorter than the other's lease
        with pytest.raises(AssertionError):
            await assert_eventually(lambda: relay.is_active, within=1.5)
        assert await pending(mongo) == 1


async def test_a_topic_that_is_missing_holds_up_no_other(
    mongo: Mongo, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "TOPIC_PAUSE", 0.5)

    async def misdirected(tx: Transaction) -> None:
        await register(tx, Client(new_id()))
        tx.outbox[0] |= {"_id": new_id(), "aggregatetype": FOLLOW_UP.topic}

    work = UnitOfWork(mongo, utc_now, "/muster/clients")
    await work.run(misdirected)
    client = await write_history(mongo, 3)
    async with running(Relay(mongo, kafka, "one")):

        async def only_the_missing_topics_is_left() -> bool:
            return await pending(mongo) == 1

        await assert_eventually(only_the_missing_topics_is_left)
        assert by_client(await sent(kafka)) == {client: [1, 2, 3]}
        topic = topic_of(FOLLOW_UP)
        await ensure(kafka.bootstrap_servers, [dataclasses.replace(topic, name=kafka.name(topic.name))])

        async def all_is_sent() -> bool:
            return await pending(mongo) == 0

        await assert_eventually(all_is_sent)


async def test_what_cannot_be_said_in_headers_holds_up_its_own_client_only(
    mongo: Mongo, kafka: KafkaSettings
) -> None:
    unsendable = await write_history(mongo, 2)
    first = {"aggregateid": unsendable, "sequence": 1}
    await mongo.collection("outbox").update_one(first, {"$set": {"headers.orgpath": "company//branch"}})
    other = await write_history(mongo, 2)
    async with running(Relay(mongo, kafka, "one")):

        async def others_are_sent() -> bool:
            return by_client(await sent(kafka)) == {other: [1, 2]}

        await assert_eventually(others_are_sent)
        assert await mongo.collection("outbox").count_documents({"aggregateid": unsendable}) == 2


async def test_without_a_broker_events_wait_and_the_figures_say_so(
    mongo: Mongo, kafka: KafkaSettings
) -> None:
    await write_history(mongo, 3)
    nobody = KafkaSettings(bootstrap_servers="127.0.0.1:1", topic_prefix=kafka.topic_prefix)
    async with running(Relay(mongo, nobody, "alone", lasting=SHORT)):
        await assert_eventually(lambda: metrics.OUTBOX_PENDING._value.get() == 3)
        await assert_eventually(lambda: metrics.OUTBOX_OLDEST_AGE._value.get() > 0.5)
    assert await pending(mongo) == 3
    async with running(Relay(mongo, kafka, "with a broker", lasting=SHORT)):

        async def all_is_sent() -> bool:
            return await pending(mongo) == 0

        await assert_eventually(all_is_sent)


async def test_the_relay_reads_no_collection_through(mongo: Mongo, kafka: KafkaSettings) -> None:
    async with no_collection_scan(mongo), running(Relay(mongo, kafka, "one")):
        await write_history(mongo, 3)

        async def all_is_sent() -> bool:
            return await mongo.collection("outbox").find_one({}, sort=[("_id", 1)]) is None

        await assert_eventually(all_is_sent)
