"""The processes of our own: for each service its API and its worker."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.home import PROJECT
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.processes import Program

NAMES = ("recruiting", "training", "clients", "notifications")
FIRST_API_PORT, FIRST_WORKER_PORT = 8101, 8111
PATIENCE = 30.0
"""Seconds to finish what was begun: open requests, the batch in hand."""


@dataclass(frozen=True)
class Service:
    """A service with the port of its API and the one where its worker answers for its health."""

    name: str
    api_port: int
    worker_port: int

    def programs(self, environment: Mapping[str, str]) -> list[tuple[Program, int]]:
        """Its processes, each with the port on which it says that it is ready."""
        module = (sys.executable, "-m", f"services.{self.name}")
        api = (*module, "api", "--port", str(self.api_port))
        worker = (*module, "worker", "--health-port", str(self.worker_port))
        return [
            (Program(f"{self.name}-api", api, environment, PATIENCE), self.api_port),
            (Program(f"{self.name}-worker", worker, environment, PATIENCE), self.worker_port),
        ]


def with_ports(ports: Ports) -> list[Service]:
    """The four services on their ports; the gateway knows all of them."""
    return [
        Service(
            name,
            ports.choose(f"{name}-api", FIRST_API_PORT + index),
            ports.choose(f"{name}-worker", FIRST_WORKER_PORT + index),
        )
        for index, name in enumerate(NAMES)
    ]


def can_run(name: str, project: Path = PROJECT) -> bool:
    """Whether the service has something to start."""
    return (project / "services" / name / "__main__.py").exists()


def is_ready(port: int) -> bool:
    """Whether the process with this health port says that it, and what it needs, is ready."""
    try:
        answer = httpx.get(f"http://{LOOPBACK}:{port}/readyz", timeout=2.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
