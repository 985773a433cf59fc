"""Workers that are killed, and one that is asked to go."""

import asyncio
import contextlib
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator

import pytest

from services.chassis.streams.policies import Engine
from services.chassis.testing.eventually import assert_eventually
from tests.chassis.streams.stage import Stage, event_record


@contextlib.asynccontextmanager
async def process(stage: Stage, engine: Engine) -> AsyncIterator[Process]:
    """A worker in a process of its own."""
    module = "tests.chassis.streams.run_worker"
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        engine,
        stage.kafka.topic_prefix,
        stage.mongo.database.name,
        env={"KAFKA_BOOTSTRAP_SERVERS": stage.kafka.bootstrap_servers, "MONGODB_URI": stage.uri},
        stdout=DEVNULL,
        stderr=PIPE,
    )
    try:
        yield worker
    finally:
        if worker.returncode is None:
            worker.kill()
        await worker.communicate()


@pytest.mark.fault
@pytest.mark.usefixtures("short_transactions")
@pytest.mark.timeout(300)
async def test_killed_three_times_during_traffic_every_effect_is_there_exactly_once(
    stage: Stage, engine: Engine
) -> None:
    sent = 0
    for _ in range(3):
        async with process(stage, engine) as worker:
            before = await stage.effects()

            async def working(before: int = before) -> bool:
                nonlocal sent
                await stage.send([event_record() for _ in range(10)])
                sent += 10
                return await stage.effects() > before + 50

            await assert_eventually(working, within=100, every=0.05)
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
    async with process(stage, engine):
        # MongoDB keeps what a killed client's open transaction touched locked until it times out
        await stage.all_done(sent, within=100)
        assert await stage.counted() == sent


@pytest.mark.fault
async def test_asked_to_go_a_worker_finishes_commits_and_leaves_within_seconds(
    stage: Stage, engine: Engine
) -> None:
    async with process(stage, engine) as worker:
        await stage.send([event_record() for _ in range(2000)])
        await assert_eventually(lambda: _some(stage), within=40)
        begun = time.monotonic()
        worker.terminate()
        assert await worker.wait() == 0
        # under a second on a quiet machine
        assert time.monotonic() - begun < 5
    assert await stage.lag() == 2000 - await stage.effects(), "what has its effect is committed"


async def _some(stage: Stage) -> bool:
    return await stage.effects() > 0
