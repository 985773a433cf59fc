"""The whole way of an event through real servers: request, transaction, outbox, relay, Kafka, reader, due item."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.mongo import Mongo
from services.chassis.processes.definition import Runtime
from services.chassis.processes.worker import run_worker
from services.chassis.testing.eventually import assert_eventually
from tests.chassis.processes.sample import COUNTS, DEFINITION, GREETINGS, REMINDERS


@asynccontextmanager
async def api(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    app = DEFINITION.build_api(runtime)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://muster") as client:
            yield client


@asynccontextmanager
async def worker_in_this_process(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(DEFINITION, runtime, "127.0.0.1", 0, stop))
    try:
        yield
    finally:
        stop.set()
        assert await asyncio.wait_for(running, 20) == 0


class WorkerProcess:
    """A worker of its own process, to be killed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **environment}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.chassis.processes.sample", "worker", "--health-port", str(self.port)),
            env=self._environment,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            await self.kill()

    async def kill(self) -> None:
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL

    async def ask_to_stop(self) -> int:
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 20)

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False


async def test_one_trace_runs_from_the_request_to_the_due_effect(
    runtime: Runtime, mongo: Mongo, spans: InMemorySpanExporter
) -> None:
    async with api(runtime) as client, worker_in_this_process(DEFINITION.runtime()):
        answer = await client.post("/clients/api/clients")
        assert answer.status_code == 201

        async def reminded() -> bool:
            return await mongo.collection(REMINDERS).count_documents({}) == 1

        await assert_eventually(reminded)
        reminder = await mongo.collection(REMINDERS).find_one({})
        greeting = await mongo.collection(GREETINGS).find_one({})
    assert reminder is not None
    assert greeting is not None
    assert reminder["client"] == greeting["client"] == answer.json()["id"]

    request = _only(spans, "POST ")
    sent = _only(spans, "send ")
    processed = _only(spans, "process ")
    assert sent.parent is not None
    assert processed.parent is not None
    assert sent.parent.span_id == _id(request)
    assert processed.parent.span_id == _id(sent)
    assert _trace(request) == _trace(sent) == _trace(processed)
    assert format(_trace(request), "032x") == reminder["traceparent"].split("-")[1]
    assert (sent.attributes or {})["messaging.message.id"] == greeting["_id"]


@pytest.mark.fault
@pytest.mark.usefixtures("short_transactions")
async def test_a_worker_that_is_killed_again_and_again_leaves_every_effect_exactly_once(
    runtime: Runtime, mongo: Mongo, environment: Mapping[str, str]
) -> None:
    accepted = 0

    async with api(runtime) as client, WorkerProcess(environment) as worker:
        for _ in range(3):
            await worker.start()
            await assert_eventually(worker.is_ready, within=40)
            before = await mongo.collection(GREETINGS).count_documents({})
            for _ in range(60):
                accepted += (await client.post("/clients/api/clients")).status_code == 201

            async def is_in_the_middle_of_it(before: int = before) -> bool:
                return await mongo.collection(GREETINGS).count_documents({}) > before

            await assert_eventually(is_in_the_middle_of_it, within=40)
            await worker.kill()
        await worker.start()

        async def all_is_done() -> None:
            counts = {
                each["_id"]: each["times"] for each in await mongo.collection(COUNTS).find().to_list(None)
            }
            assert counts == {GREETINGS: accepted, REMINDERS: accepted}

        await assert_eventually(all_is_done, within=60)
        assert await mongo.collection(GREETINGS).count_documents({}) == accepted
        assert await mongo.collection(REMINDERS).count_documents({}) == accepted
        assert await mongo.collection("outbox").count_documents({}) == 0
        assert await worker.ask_to_stop() == 0


def _only(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    found = [span for span in exporter.get_finished_spans() if span.name.startswith(name)]
    assert len(found) == 1, [span.name for span in exporter.get_finished_spans()]
    return found[0]


def _id(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.span_id


def _trace(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id
