"""What happens to processes when their parent is killed, and what the next start makes of it."""

import json
import os
import signal
import subprocess
import sys

from deploy.local.home import PROJECT, Home
from deploy.local.processes import Process, Program, left_behind
from services.chassis.testing.eventually import assert_eventually

PARENT = """
import sys, time
from pathlib import Path
from deploy.local.home import Home
from deploy.local.processes import Process, Program
process = Process(Program("child", tuple(sys.argv[2:])), Home(Path(sys.argv[1])))
print(process.pid, flush=True)
time.sleep(600)
"""


def start_in_a_parent(home: Home, script: str) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(home.root), "/bin/bash", "-c", script],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    return parent, child


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_is_asked_to_stop_when_its_parent_is_killed(home: Home) -> None:
    parent, child = start_in_a_parent(home, "sleep 600 & wait")
    parent.kill()
    parent.wait()
    await assert_eventually(lambda: not runs(child))


async def test_a_child_that_outlived_its_parent_is_found_and_stopped(home: Home) -> None:
    script = "trap '' TERM; echo up; while :; do sleep 0.05; done"
    parent, child = start_in_a_parent(home, script)
    await assert_eventually(lambda: (home.logs / "child.log").read_text() == "up\n")
    parent.kill()
    parent.wait()
    (found,) = left_behind(home)
    assert (found.name, found.pid) == ("child", child)
    found.end(patience=0.2)
    await assert_eventually(lambda: not runs(child))
    assert list(left_behind(home)) == []


def test_a_stranger_that_was_given_the_same_process_id_is_left_alone(home: Home) -> None:
    process = Process(Program("service", ("/bin/sleep", "600")), home)
    record = home.running / "service.json"
    known = json.loads(record.read_text())
    try:
        for change in ({"started": "1"}, {"command": ["/bin/other"]}):
            record.write_text(json.dumps(known | change))
            assert list(left_behind(home)) == []
            assert not record.exists()
        assert process.exit_code() is None
    finally:
        process.end()
    assert process.exit_code() == -signal.SIGTERM


def test_a_process_that_stopped_leaves_nothing_behind(home: Home) -> None:
    process = Process(Program("service", ("/bin/sleep", "600")), home)
    assert process.end()
    assert list(home.running.glob("*.json")) == []
