"""One process that we started: its log, its record, its end."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.home import PROJECT, Home

PR_SET_PDEATHSIG = 1
LOOK_EVERY = 0.05
"""Seconds between two looks at a process that is being waited for."""


@dataclass(frozen=True)
class Program:
    """What to run. `environment` is added to ours; `patience` is how many seconds it gets to stop by itself.

    What a program with `on_terminal` prints is for the person who waits for it, and not kept in a log.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10.0
    on_terminal: bool = False


class Process:
    """A running program. It is asked to stop when we die, however that happens, so it never outlives us."""

    def __init__(self, program: Program, home: Home) -> None:
        self.program = program
        self.log = home.logs / f"{program.name}.log"
        self._record = home.running / f"{program.name}.json"
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603 - the commands are ours
                program.command,
                cwd=PROJECT,
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=None if program.on_terminal else log,
                stderr=None if program.on_terminal else subprocess.STDOUT,
                # Ctrl-C reaches us alone: who stops when is for us to say
                start_new_session=True,
                preexec_fn=_end_with_parent(os.getpid()),
            )
        _write_record(self._record, self._popen.pid)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that killed it."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM and returns at once."""
        if self.exit_code() is None:
            self._popen.terminate()

    def end(self, hurry: Callable[[], bool] = lambda: False) -> bool:
        """Waits for the end; False when patience ran out, or somebody is in a hurry, and it had to be killed."""
        self.ask_to_stop()
        deadline = time.monotonic() + self.program.patience
        while self.exit_code() is None and time.monotonic() < deadline and not hurry():
            time.sleep(LOOK_EVERY)
        by_itself = self.exit_code() is not None
        # the group: what it started itself goes with it
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        self._record.unlink(missing_ok=True)
        return by_itself


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def set_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked to be told
            os.kill(os.getpid(), signal.SIGTERM)

    return set_signal


def _write_record(record: Path, pid: int) -> None:
    identity = _identity(pid)
    if identity is not None:
        record.write_text(json.dumps(identity), encoding="utf-8")


def _identity(pid: int) -> dict[str, object] | None:
    """What tells this process from a later one with the same id: its start and its command line. None if gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[0] == "Z":
        return None
    return {"pid": pid, "started": fields[19], "command": command.decode(errors="replace").split("\0")[:-1]}


@dataclass(frozen=True)
class LeftBehind:
    """A process of an earlier start that still runs."""

    name: str
    pid: int
    record: Path

    def end(self, patience: float = 20.0) -> None:
        """Asks it to stop, waits, and kills it if it does not."""
        deadline = time.monotonic() + patience
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
            while _identity(self.pid) is not None and time.monotonic() < deadline:
                time.sleep(LOOK_EVERY)
            if _identity(self.pid) is not None:
                os.kill(self.pid, signal.SIGKILL)
        self.record.unlink(missing_ok=True)


def left_behind(home: Home) -> Iterator[LeftBehind]:
    """What an earlier start left running here. Records of processes that are gone, or whose id is another's, go."""
    for record in sorted(home.running.glob("*.json")):
        try:
            known = json.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = None
        if isinstance(known, dict) and _identity(int(known.get("pid", 0))) == known:
            yield LeftBehind(record.stem, int(known["pid"]), record)
        else:
            record.unlink(missing_ok=True)
