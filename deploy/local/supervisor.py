"""Starts programs, waits until they are ready, starts those again that end, and stops all in order.

Honcho was looked at for this: when one of its processes ends it stops all the others and has no restart, and
it runs every command through a shell. A worker here ends on purpose when a handler has a bug, so that nothing is
acknowledged that was not done, and it must come back; hence a small supervisor of our own.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from deploy.local.failure import Failure
from deploy.local.home import Home, shown
from deploy.local.processes import Process, Program

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a program that ended is started again: the first time, and at most."""
STEADY_AFTER = 60.0
"""Seconds after which a program counts as running well, and its next pause is the first again."""

Ready = Callable[[], bool]


@dataclass
class Watched:
    """A program with its process and the memory of its ends."""

    process: Process
    pause: float = FIRST_PAUSE
    restart_at: float | None = None


class Supervisor:
    """Owns the processes of one start. Leaving the `with` block stops them, the last group first."""

    def __init__(self, home: Home, say: Callable[[str], None]) -> None:
        self._home = home
        self._say = say
        self._groups: list[list[Watched]] = []
        self.hurry = False
        """Set when somebody asked twice: nobody is waited for any more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *programs: Program) -> list[Process]:
        """Starts a group of programs. Groups are stopped in the reverse order of their start."""
        group: list[Watched] = []
        self._groups.append(group)
        for program in programs:
            _keep_previous_log(self._home, program)
            group.append(Watched(Process(program, self._home)))
        return [watched.process for watched in group]

    def wait(self, process: Process, ready: Ready, within: float, look_every: float = 0.1) -> None:
        """Returns when the program is ready. Raises Failure, with its log, when it ends or takes too long."""
        deadline = time.monotonic() + within
        name = process.program.name
        while not ready():
            code = process.exit_code()
            if code is not None:
                raise Failure(f"{name} ended while starting ({ended(code)}).", process.log)
            if time.monotonic() > deadline:
                raise Failure(f"{name} was not ready within {within:.0f} seconds.", process.log)
            time.sleep(look_every)

    def look(self, now: float) -> None:
        """One look at every program: one that ended is started again, after a pause that grows. Takes no time."""
        for group in self._groups:
            for watched in group:
                self._look_at(watched, now)

    def _look_at(self, watched: Watched, now: float) -> None:
        process = watched.process
        if watched.restart_at is not None:
            if now >= watched.restart_at:
                watched.restart_at = None
                watched.process = Process(process.program, self._home)
            return
        code = process.exit_code()
        if code is None:
            return
        process.end()  # what it had started itself goes too
        if now - process.started_at > STEADY_AFTER:
            watched.pause = FIRST_PAUSE
        watched.restart_at = now + watched.pause
        self._say(
            f"{process.program.name} ended ({ended(code)}); starting it again in {watched.pause:.0f} s. "
            f"Its log: {shown(process.log)}"
        )
        watched.pause = min(watched.pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """Stops every program: a group together, the last started group first."""
        while self._groups:
            group = self._groups[-1]
            for watched in group:
                watched.process.ask_to_stop()
            for watched in group:
                process = watched.process
                if not process.end(lambda: self.hurry):
                    self._say(f"{process.program.name} did not stop by itself and was killed.")
            self._groups.pop()

    @property
    def processes(self) -> Sequence[Process]:
        """Every process, in the order of its start."""
        return [watched.process for group in self._groups for watched in group]


def ended(code: int) -> str:
    """How a process ended, in words."""
    return f"exit code {code}" if code >= 0 else f"killed by signal {-code}"


def _keep_previous_log(home: Home, program: Program) -> None:
    log = home.logs / f"{program.name}.log"
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
