"""Parts are started together, stopped from the last to the first, and one that fails ends the process."""

import asyncio
import dataclasses
from dataclasses import dataclass, field

import httpx
import pytest

from services.chassis.processes.definition import Runtime
from services.chassis.processes.health import NotWell, health_app, serving
from services.chassis.processes.parts import PartFailed, run_parts
from services.chassis.processes.worker import FAILED, REFUSED, run_worker
from services.chassis.schedule.items import DueHandlers
from services.chassis.testing.eventually import assert_eventually
from tests.chassis.processes.sample import DEFINITION


@dataclass
class Recorded:
    """A part that runs until it is stopped, fails, or ends by itself, and says so."""

    name: str
    diary: list[str]
    fails_with: Exception | None = None
    ends: bool = False
    stubborn: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        self.diary.append(f"{self.name} starts")
        self.began.set()
        try:
            if self.fails_with is not None:
                raise self.fails_with
            if not self.ends:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.diary.append(f"{self.name} stops")
            if self.stubborn:
                await asyncio.Event().wait()
            raise


async def test_parts_stop_from_the_last_to_the_first() -> None:
    diary: list[str] = []
    parts = [Recorded(name, diary) for name in ("relay", "schedule", "streams")]
    stop = asyncio.Event()
    running = asyncio.create_task(run_parts(parts, stop, 5))
    await parts[-1].began.wait()
    stop.set()
    await running
    assert diary[3:] == ["streams stops", "schedule stops", "relay stops"]


@pytest.mark.parametrize(
    ("failing", "words"),
    [
        ({"fails_with": ValueError("no such topic")}, "relay: ValueError: no such topic"),
        ({"ends": True}, "ended"),
    ],
)
async def test_a_part_that_fails_or_ends_stops_the_others_and_is_named(
    failing: dict[str, object], words: str
) -> None:
    diary: list[str] = []
    relay = dataclasses.replace(Recorded("relay", diary), **failing)  # type: ignore[arg-type]
    with pytest.raises(PartFailed, match=words):
        await run_parts([Recorded("streams", diary), relay], asyncio.Event(), 5)
    assert "streams stops" in diary


async def test_a_part_that_does_not_stop_holds_the_end_up_only_so_long() -> None:
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(run_parts([Recorded("stubborn", [], stubborn=True)], stop, 0.1), 5)


async def test_a_worker_ends_with_an_exit_code_when_a_part_cannot_go_on(runtime: Runtime) -> None:
    def broken(_: Runtime) -> DueHandlers:
        class Broken(dict):  # type: ignore[type-arg]
            def __iter__(self) -> None:  # type: ignore[override]
                raise RuntimeError("a bug in the composition")

        return Broken()

    definition = dataclasses.replace(DEFINITION, due_handlers=broken, subscription=None)
    code = await asyncio.wait_for(run_worker(definition, runtime, "127.0.0.1", 0, asyncio.Event()), 20)
    assert code == FAILED


async def test_a_taken_health_port_is_refused(runtime: Runtime) -> None:
    async with serving(health_app({}, {}), "127.0.0.1", 0) as port:
        code = await run_worker(DEFINITION, runtime, "127.0.0.1", port, asyncio.Event())
    assert code == REFUSED


async def test_health_is_asked_for_at_the_moment_and_says_what_is_wrong() -> None:
    well = asyncio.Event()

    async def database() -> None:
        if not well.is_set():
            raise ConnectionError

    async def halted() -> None:
        raise NotWell("halted: 21 events in a row failed")

    async with (
        serving(health_app({"streams": halted}, {"mongodb": database}), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):

        async def answers() -> bool:
            return (await client.get("/metrics")).status_code == 200

        await assert_eventually(answers)
        before = await client.get("/readyz")
        assert (before.status_code, before.json()["checks"]["mongodb"]) == (
            503,
            "unavailable: ConnectionError",
        )
        well.set()
        assert (await client.get("/readyz")).status_code == 200
        alive = await client.get("/livez")
        assert (alive.status_code, alive.json()["checks"]["streams"]) == (
            503,
            "halted: 21 events in a row failed",
        )
        assert "outbox_pending" in (await client.get("/metrics")).text
