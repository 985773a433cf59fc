"""A broker and a database of a test's own, to be taken away and brought back."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local import broker
from deploy.local.home import Home
from deploy.local.mongodb import uri
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.processes import Process
from deploy.local.screen import Screen
from deploy.local.servers import Starting, start_kafka, start_mongodb
from deploy.local.supervisor import Supervisor
from tests.faults.muster import quiet_port

PORTS = ("MUSTER_KAFKA_PORT", "MUSTER_KAFKA_CONTROLLER_PORT", "MUSTER_MONGODB_PORT")


@dataclass
class Servers:
    """Each can be killed and started again on its port and its data."""

    home: Home
    supervisor: Supervisor
    ports: dict[str, int]
    _processes: dict[str, Process] = field(default_factory=dict)

    @property
    def kafka(self) -> str:
        return f"{LOOPBACK}:{self.ports['MUSTER_KAFKA_PORT']}"

    @property
    def mongodb(self) -> str:
        return uri(self.ports["MUSTER_MONGODB_PORT"])

    def start_kafka(self) -> Starting:
        """Start the broker; `ready()` of what is returned waits for it."""
        screen = Screen(Console(quiet=True))
        return self._started("kafka", start_kafka(self.home, self.supervisor, self._wanted(), {}, screen))

    def start_mongodb(self) -> Starting:
        """Start the database; `ready()` of what is returned waits for it."""
        return self._started("mongodb", start_mongodb(self.home, self.supervisor, self._wanted(), {}))

    def kill(self, name: str) -> None:
        """SIGKILL: `kafka` or `mongodb` is gone from one moment to the next."""
        process = self._processes.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.end()

    def is_up(self, name: str) -> bool:
        return name in self._processes

    def _wanted(self) -> Ports:
        return Ports({name: str(port) for name, port in self.ports.items()})

    def _started(self, name: str, starting: Starting) -> Starting:
        self._processes[name] = self.supervisor.processes[-1]
        return starting


@contextmanager
def own_servers() -> Iterator[Servers]:
    """Nothing is started yet. Skips where only the stand-in broker can run, which loses what it had when killed."""
    if broker.choose_here(os.environ.get("MUSTER_BROKER", "").strip()).kind == "trial":
        pytest.skip("the stand-in broker is not made for being killed")
    with tempfile.TemporaryDirectory(prefix="muster-servers-") as folder:
        home = Home(Path(folder))
        home.prepare()
        with Supervisor(home, lambda text: None) as supervisor:
            yield Servers(home, supervisor, {name: quiet_port() for name in PORTS})
