"""Starting, watching and stopping programs."""

from functools import partial
from pathlib import Path

import pytest

from deploy.local.failure import Failure, last_lines
from deploy.local.home import Home
from deploy.local.processes import Program
from deploy.local.supervisor import Supervisor
from services.chassis.testing.eventually import assert_eventually


def shell(name: str, script: str, patience: float = 10.0) -> Program:
    return Program(name, ("/bin/bash", "-c", script), patience=patience)


def test_a_program_that_ends_while_starting_fails_the_start_and_names_its_log(supervisor: Supervisor) -> None:
    (process,) = supervisor.start(shell("broken", "echo the disk is full; exit 3"))
    with pytest.raises(Failure, match=r"broken ended while starting \(exit code 3\)") as failed:
        supervisor.wait(process, lambda: False, within=10)
    assert failed.value.log == process.log
    assert last_lines(process.log) == ["the disk is full"]


def test_a_program_that_takes_too_long_fails_the_start(supervisor: Supervisor) -> None:
    (process,) = supervisor.start(shell("slow", "sleep 60"))
    with pytest.raises(Failure, match="slow was not ready"):
        supervisor.wait(process, lambda: False, within=0.1)


async def test_a_program_that_ends_is_started_again_after_a_pause_that_grows(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    (process,) = supervisor.start(shell("worker", f"echo started >> {starts}; exit 7"))

    def begun(times: int) -> bool:
        return len(last_lines(starts)) == times and supervisor.processes[0].exit_code() is not None

    await assert_eventually(lambda: begun(1))
    now = process.started_at
    supervisor.look(now)
    assert "worker ended (exit code 7); starting it again in 1 s" in said[0]
    supervisor.look(now + 0.9)
    assert begun(1)
    supervisor.look(now + 1)
    await assert_eventually(lambda: begun(2))
    supervisor.look(now + 1)
    assert "again in 2 s" in said[1]
    supervisor.look(now + 2.9)
    assert begun(2)
    supervisor.look(now + 3)
    await assert_eventually(lambda: begun(3))


async def test_a_program_that_ran_well_for_long_is_started_again_soon(
    supervisor: Supervisor, said: list[str]
) -> None:
    (process,) = supervisor.start(shell("worker", "exit 7"))
    for _ in range(4):
        await assert_eventually(lambda: supervisor.processes[0].exit_code() is not None)
        started = supervisor.processes[0].started_at
        supervisor.look(started + 1)
        supervisor.look(started + 100)
    await assert_eventually(lambda: supervisor.processes[0].exit_code() is not None)
    supervisor.look(supervisor.processes[0].started_at + 61)
    assert "again in 8 s" in said[3]
    assert "again in 1 s" in said[4]
    assert process.program.name == "worker"


async def test_the_group_that_was_started_last_is_stopped_first(home: Home, tmp_path: Path) -> None:
    order = tmp_path / "order"

    def told(name: str) -> Program:
        return shell(
            name, f"trap 'echo {name} >> {order}; exit 0' TERM; echo up; while :; do sleep 0.02; done"
        )

    with Supervisor(home, lambda text: None) as supervisor:
        started = [*supervisor.start(told("database")), *supervisor.start(told("service"))]
        await assert_eventually(lambda: all(last_lines(process.log) == ["up"] for process in started))
    assert last_lines(order) == ["service", "database"]


async def test_a_program_that_does_not_stop_is_killed_and_that_is_said(home: Home, said: list[str]) -> None:
    with Supervisor(home, said.append) as supervisor:
        (process,) = supervisor.start(
            shell("stubborn", "trap '' TERM; echo up; while :; do sleep 0.1; done", patience=0.2)
        )
        await assert_eventually(lambda: last_lines(process.log) == ["up"])
    assert process.exit_code() == -9
    assert said == ["stubborn did not stop by itself and was killed."]


async def test_whoever_asks_twice_waits_for_nobody(home: Home) -> None:
    with Supervisor(home, lambda text: None) as supervisor:
        (process,) = supervisor.start(
            shell("stubborn", "trap '' TERM; echo up; while :; do sleep 0.1; done", patience=600)
        )
        await assert_eventually(lambda: last_lines(process.log) == ["up"])
        supervisor.hurry = True
    assert process.exit_code() == -9


async def test_the_log_of_the_start_before_is_kept_beside_the_new_one(home: Home) -> None:
    for text in ("first", "second"):
        with Supervisor(home, lambda text: None) as supervisor:
            (process,) = supervisor.start(shell("service", f"echo {text}"))
            await assert_eventually(partial(last_lines, process.log))
    assert last_lines(home.logs / "service.previous.log") == ["first"]
    assert last_lines(home.logs / "service.log") == ["second"]
