"""Which port each process listens on: the usual one, a free one beside it, or the one that was asked for."""

import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from deploy.local.failure import Failure

LOOPBACK = "127.0.0.1"
REACH = 200
"""How far above the usual port a free one is looked for."""


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # a port whose last connections are still fading away is free, as it is for the servers themselves
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def any_free(count: int) -> list[int]:
    """So many different free ports picked by the system, for tests."""
    with ExitStack() as held:
        # held together, or the system may give the same one twice
        probes = [held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]


def answers(port: int) -> bool:
    """Whether something accepts connections on this port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass
class Ports:
    """Hands out ports, no port twice. Settings named `MUSTER_<PROCESS>_PORT` are obeyed or refused, never replaced."""

    environment: Mapping[str, str]
    free: Callable[[int], bool] = is_free
    moved: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By process: the usual port that was taken, and the one chosen in its place."""
    _given: set[int] = field(default_factory=set)

    def choose(self, process: str, usual: int) -> int:
        """The port for this process. Raises Failure when the one asked for by a setting cannot be had."""
        setting = f"MUSTER_{process.upper().replace('-', '_')}_PORT"
        asked = self.environment.get(setting, "").strip()
        port = self._as_asked(setting, asked) if asked else self._near(process, usual)
        self._given.add(port)
        return port

    def _as_asked(self, setting: str, asked: str) -> int:
        if not asked.isdecimal() or not 0 < int(asked) < 65536:
            raise Failure(f"{setting} is {asked!r}; a port is a number from 1 to 65535.")
        port = int(asked)
        if port in self._given:
            raise Failure(f"{setting} asks for port {port}, which another part of Muster already has.")
        if not self.free(port):
            raise Failure(
                f"{setting} asks for port {port}, but another program listens there. "
                "Stop that program, name another port, or leave the setting out."
            )
        return port

    def _near(self, process: str, usual: int) -> int:
        for port in range(usual, min(usual + REACH, 65536)):
            if port not in self._given and self.free(port):
                if port != usual:
                    self.moved[process] = (usual, port)
                return port
        raise Failure(f"No free port from {usual} to {usual + REACH - 1} for {process}.")
