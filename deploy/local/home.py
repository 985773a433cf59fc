"""The folder in which everything of one machine lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failure import Failure

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """Where data, logs and the records of running processes are; `.muster` in the project unless told otherwise."""

    root: Path

    @property
    def data(self) -> Path:
        """What survives a stop."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """One file for each process."""
        return self.root / "logs"

    @property
    def running(self) -> Path:
        """A record of each running process, so that the next start finds what a killed one left behind."""
        return self.root / "run"

    def prepare(self) -> None:
        """Makes the folders."""
        for folder in (self.data, self.logs, self.running):
            folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Holds the folder for this process alone. Raises Failure when another start holds it."""
        self.prepare()
        with (self.running / "lock").open("a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                raise Failure(
                    f"Muster is already running from {shown(self.root)} (process {holder}). "
                    "Stop it there with Ctrl-C first."
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield
            lock.truncate(0)


def shown(path: Path) -> str:
    """The path as a person would type it from the project's folder."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


TOOLS = PROJECT / ".muster" / "tools"
"""What was downloaded and can be downloaded again; shared by every home, so a test need not fetch its own."""
