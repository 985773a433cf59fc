"""A worker process: the relay, the schedule and the stream worker of one service, with their health on a port."""

import asyncio
import signal
from collections.abc import Sequence

from services.chassis.errors import Problem
from services.chassis.outbox.relay import Relay
from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.processes.health import Check, NotWell, health_app, serving
from services.chassis.processes.parts import Part, PartFailed, Streams, run_parts
from services.chassis.processes.waiting import kafka_answers
from services.chassis.schedule.runner import ScheduleRunner
from services.chassis.streams.worker import StreamWorker
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

STOPPING_SECONDS = 8.0
"""For each part; longer than a batch in work may go on."""
FAILED, REFUSED = 1, 2
"""Exit codes: a part failed and the process should be started again; the set-up is wrong and somebody must act."""


async def run_worker(
    definition: ServiceDefinition, runtime: Runtime, host: str, health_port: int, stop: asyncio.Event
) -> int:
    """Run until `stop` is set; the exit code: 0 when asked to stop, else `FAILED` or `REFUSED`."""
    parts = _Parts(definition, runtime)
    log.info("worker starts", service=definition.name, holder=runtime.holder)
    try:
        async with serving(health_app(parts.alive(), parts.ready()), host, health_port) as port:
            log.info("worker answers for its health", url=f"http://{host}:{port}/readyz")
            if await _prepared(runtime, stop):
                await run_parts(parts.compose(), stop, STOPPING_SECONDS)
    except PartFailed as error:
        log.error("worker ends because a part failed", reason=str(error), exc_info=error.__cause__)
        return FAILED
    except Problem as error:
        log.error("worker refuses to start", reason=str(error))
        return REFUSED
    except OSError as error:
        log.error("worker cannot listen for health checks", port=health_port, reason=str(error))
        return REFUSED
    finally:
        runtime.mongo.close()
    log.info("worker stopped")
    return 0


async def _prepared(runtime: Runtime, stop: asyncio.Event) -> bool:
    """Wait for the database; False when asked to stop before it came."""
    preparing = asyncio.create_task(runtime.prepare(runtime.mongo))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not preparing.done():
            return False
        preparing.result()
        return True
    finally:
        preparing.cancel()
        stopping.cancel()


class _Parts:
    """The parts of one worker, and what the probes ask of them."""

    def __init__(self, definition: ServiceDefinition, runtime: Runtime) -> None:
        self._definition = definition
        self._runtime = runtime
        self._streams: StreamWorker | None = None
        self._composed = False

    def compose(self) -> Sequence[Part]:
        """In the order of starting; they stop the other way round, so that what streams publish is still sent."""
        runtime, definition = self._runtime, self._definition
        parts: list[Part] = [
            Relay(runtime.mongo, runtime.kafka, runtime.holder, lasting=definition.relay_lease)
        ]
        if definition.due_handlers is not None:
            handlers = definition.due_handlers(runtime)
            parts.append(ScheduleRunner(runtime.work, handlers, runtime.holder, definition.schedule_policy))
        if definition.subscription is not None:
            self._streams = StreamWorker(
                definition.subscription(runtime), runtime.work, runtime.kafka, definition.stream_policy
            )
            parts.append(Streams(self._streams))
        self._composed = True
        return parts

    def alive(self) -> dict[str, Check]:
        """Whether the consumer gets on; the other parts end the process when they cannot."""
        return {"streams": self._streams_alive}

    def ready(self) -> dict[str, Check]:
        """The dependencies, at the moment of asking, and the parts."""
        return {"mongodb": self._mongodb, "kafka": self._kafka, "parts": self._parts}

    async def _streams_alive(self) -> None:
        if self._streams is not None:
            health = self._streams.health()
            if not health.alive:
                raise NotWell(health.reason)

    async def _mongodb(self) -> None:
        await self._runtime.mongo.check()

    async def _kafka(self) -> None:
        await kafka_answers(self._runtime.kafka.bootstrap_servers)

    async def _parts(self) -> None:
        if not self._composed:
            raise NotWell("waiting for MongoDB")
        if self._streams is not None:
            health = self._streams.health()
            if not (health.alive and health.ready):
                raise NotWell(health.reason)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set the event on SIGTERM or SIGINT; the second one ends the process as usual."""
    loop = asyncio.get_running_loop()

    def asked(which: signal.Signals) -> None:
        log.info("asked to stop", signal=which.name)
        stop.set()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, asked, each)
