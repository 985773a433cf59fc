"""The whole way on real servers: request, outbox, Kafka, reader, follow-up, due item, escalation."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.processes.definition import Runtime
from services.chassis.processes.worker import run_worker
from services.chassis.settings import KafkaSettings
from services.chassis.streams.topics import ensure
from services.chassis.testing.eventually import assert_eventually
from services.clients.app import DEFINITION, subscription
from services.clients.cadence.model import Level
from services.clients.files.personal import PersonalData
from services.clients.ownership.commands import set_ownership
from services.clients.ownership.settings import OwnershipSettings
from services.contracts.clients import FollowUpRule, Grade
from services.contracts.event import Aggregate
from services.contracts.topics import consumer_group, dead_letters, resent, topic_of
from tests.clients.company import Company, runtime_on
from tests.clients.samples import NOW

CADENCE, FEEDBACK = FollowUpRule.CADENCE, FollowUpRule.SHOWING_FEEDBACK


@pytest.fixture
async def runtime(
    kafka_bootstrap: str, topic_prefix: str, mongodb_uri: str, database_name: str, clock: TurnedClock
) -> Runtime:
    kafka = KafkaSettings(bootstrap_servers=kafka_bootstrap, topic_prefix=f"{topic_prefix}.")
    group = consumer_group("clients")
    aggregates: set[Aggregate] = {event.aggregate for event in subscription().events}
    declared = [*(topic_of(each) for each in aggregates), dead_letters(group), resent(group)]
    declared += [topic_of(Aggregate("clients", name)) for name in ("client", "follow-up", "showing")]
    by_name = {each.name: dataclasses.replace(each, name=kafka.name(each.name)) for each in declared}
    await ensure(kafka_bootstrap, list(by_name.values()))
    runtime = runtime_on(mongodb_uri, database_name, clock)
    runtime.kafka = kafka
    return runtime


@pytest.fixture
async def company(runtime: Runtime, clock: TurnedClock, mongo: Mongo) -> AsyncIterator[Company]:
    company = Company(mongo, clock, PersonalData.of(mongo, PersonalDataSettings().key()))
    await company.open()
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(DEFINITION, runtime, "127.0.0.1", 0, stop))
    yield company
    stop.set()
    assert await asyncio.wait_for(running, 20) == 0


async def test_from_a_grade_to_the_escalation_of_a_missed_call(company: Company) -> None:
    # long enough for everybody to hear of it before the client goes into the pool
    await company.run(set_ownership, OwnershipSettings("acme", idle_days_a=60))
    client = await company.register("王小明", "13800138000")
    await company.grade(client.id, Grade.A)

    async def planned() -> bool:
        return set(await company.open_follow_ups(client.id)) == {CADENCE}

    await assert_eventually(planned)
    await company.show(client.id, 5)

    async def feedback_planned() -> bool:
        return set(await company.open_follow_ups(client.id)) == {CADENCE, FEEDBACK}

    await assert_eventually(feedback_planned)
    assert (await company.open_follow_ups(client.id))[FEEDBACK].due_at == NOW + timedelta(days=1)
    company.clock.turn(timedelta(days=30))

    async def escalated() -> bool:
        open_ = await company.open_follow_ups(client.id)
        return {each.escalated for each in open_.values()} == {Level.BRANCH}

    await assert_eventually(escalated)
