"""The whole of Muster on one machine: up in order, watched, down in the reverse order."""

import json
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from deploy.local import demo, gateway, services, topics
from deploy.local.failure import Failure
from deploy.local.home import Home, shown
from deploy.local.interruption import Interrupted, interruptions
from deploy.local.ports import Ports, answers
from deploy.local.processes import left_behind
from deploy.local.screen import Screen
from deploy.local.servers import Addresses, bring_up
from deploy.local.supervisor import Supervisor

GATEWAY_PORT = 8080
WATCH_EVERY = 0.2
READY_WITHIN = 120.0
"""Seconds a service may take to become ready."""


def run(home: Home, environment: Mapping[str, str], screen: Screen, only_servers: bool = False) -> None:
    """Brings everything up and watches it until Ctrl-C or SIGTERM, then stops it. Raises Failure."""
    with home.claimed():
        supervisor = Supervisor(home, screen.say)

        def hurry() -> None:
            supervisor.hurry = True

        with interruptions(again=hurry):
            try:
                with supervisor:
                    try:
                        _start(home, supervisor, environment, screen, only_servers)
                        _watch(supervisor)
                    except Interrupted:
                        with screen.step("Stopping in order (Ctrl-C again: at once)"):
                            supervisor.stop()
                        raise
            except Interrupted:
                screen.say(f"Stopped. What was entered is kept in {shown(home.data)}.")
            finally:
                _environment_file(home).unlink(missing_ok=True)


def _start(
    home: Home, supervisor: Supervisor, environment: Mapping[str, str], screen: Screen, only_servers: bool
) -> None:
    for process in left_behind(home):
        with screen.step(f"Stopping {process.name} (process {process.pid}), left behind by an earlier start"):
            process.end()
    ports = Ports(environment)
    servers = bring_up(home, supervisor, ports, environment, screen)
    with screen.step("Topics"):
        topics.create(servers.kafka, environment.get("MUSTER_TOPIC_PREFIX", ""))
    if only_servers:
        _say_moved(ports, screen)
        screen.where_to_look(
            "Kafka and MongoDB are up",
            [(name, value) for name, value in servers.environment().items()]
            + [("logs", shown(home.logs)), ("stop", "Ctrl-C")],
        )
        return
    url = _start_services(home, supervisor, ports, servers, environment, screen)
    _say_moved(ports, screen)
    screen.where_to_look(
        "Muster is up",
        [
            ("open", url),
            ("TV", f"{url}/notifications/tv (shows a code; pair it under “TV boards”)"),
            ("logs", shown(home.logs)),
            ("stop", "Ctrl-C"),
        ],
    )


def _start_services(
    home: Home,
    supervisor: Supervisor,
    ports: Ports,
    servers: Addresses,
    environment: Mapping[str, str],
    screen: Screen,
) -> str:
    port = ports.choose("gateway", GATEWAY_PORT)
    all_services = services.with_ports(ports)
    url = f"http://localhost:{port}"
    settings = {name: value for name, value in environment.items() if name.startswith("MUSTER_")}
    ours = {**settings, **servers.environment(), "MUSTER_ENVIRONMENT": "local", "MUSTER_PUBLIC_URL": url}
    with screen.step(f"Gateway on {url}"):
        apis = {service.name: service.api_port for service in all_services}
        (process,) = supervisor.start(gateway.prepare(home, port, apis))
        supervisor.wait(process, lambda: answers(port), within=15)

    programs = [
        program
        for service in all_services
        if services.can_run(service.name)
        for program in service.programs(ours)
    ]
    processes = supervisor.start(*(program for program, _ in programs))

    def becoming_ready() -> Iterator[str]:
        for process, (program, health_port) in zip(processes, programs, strict=True):
            supervisor.wait(process, partial(services.is_ready, health_port), READY_WITHIN)
            yield program.name

    if programs:
        screen.counted("Services", len(programs), becoming_ready())
    _remember_environment(home, ours)
    _load_demo(home, ours, screen)
    return url


def _load_demo(home: Home, ours: Mapping[str, str], screen: Screen) -> None:
    size = ours.get("MUSTER_DEMO", "").strip() or "small"
    if size == "none" or not demo.exists():
        return
    match demo.company(ours["MONGODB_URI"], ours.get("MUSTER_DATABASE_PREFIX", demo.DATABASE_PREFIX)):
        case demo.Company.EMPTY:
            screen.say("The company is empty: loading the demo company (MUSTER_DEMO=none leaves it empty).")
            demo.load(home, size, ours)
        case demo.Company.HALF_LOADED:
            screen.say("The demo company was interrupted while it was being loaded: going on from there.")
            demo.load(home, size, ours)
        case demo.Company.PRESENT:
            pass


def _say_moved(ports: Ports, screen: Screen) -> None:
    for process, (usual, chosen) in ports.moved.items():
        screen.say(f"Port {usual} is taken by another program, so {process} is on {chosen}.")


def _watch(supervisor: Supervisor) -> None:
    while True:
        supervisor.look(time.monotonic())
        time.sleep(WATCH_EVERY)


def running_environment(home: Home) -> dict[str, str]:
    """The settings of the Muster that runs from this home. Raises Failure when none does."""
    try:
        found = json.loads(_environment_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Failure("Muster is not running here. Start it with `make run` in another terminal.") from None
    return {str(name): str(value) for name, value in found.items()}


def _remember_environment(home: Home, ours: Mapping[str, str]) -> None:
    file = _environment_file(home)
    # keys may be among the settings
    file.touch(mode=0o600)
    file.write_text(json.dumps(ours), encoding="utf-8")


def _environment_file(home: Home) -> Path:
    return home.running / "environment"
