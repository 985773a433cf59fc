"""Processes as they run in earnest: APIs and workers of services, and whatever they are compared with."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.place import Place, short_id
from deploy.local.failure import last_lines
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK, any_free
from deploy.local.processes import Process, Program
from deploy.local.services import Service, is_ready
from services.chassis.clock import utc_now
from services.chassis.settings import KafkaSettings
from services.chassis.web.session import SESSION_COOKIE, Signer
from services.chassis.web.settings import WebSettings

STARTS_WITHIN = 90.0


@dataclass(frozen=True)
class Stage:
    """One Muster: topics and databases that only its processes know."""

    place: Place
    kafka: KafkaSettings
    database_prefix: str = field(default_factory=lambda: f"bench_{short_id()}_")

    @property
    def environment(self) -> dict[str, str]:
        """By which a process finds its servers, topics and databases."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "MUSTER_TOPIC_PREFIX": self.kafka.topic_prefix,
            "MONGODB_URI": self.place.mongodb,
            "MUSTER_DATABASE_PREFIX": self.database_prefix,
            "MUSTER_ENVIRONMENT": "test",
            "MUSTER_LOG_LEVEL": "WARNING",
        }

    def database(self, service: str) -> str:
        """The name of this service's database."""
        return f"{self.database_prefix}{service}"

    @asynccontextmanager
    async def running(self, *names: str) -> AsyncIterator[Mapping[str, str]]:
        """These processes (`clients-api`, `clients-worker`, `clients-worker-2`), ready; their addresses by name."""
        programs: dict[str, tuple[Program, int | None]] = {}
        for name, port in zip(names, any_free(len(names)), strict=True):
            service, kind, *_ = name.split("-")
            both = Service(service, port, port).programs(self.environment)
            program = next(program for program, _ in both if program.name == f"{service}-{kind}")
            programs[name] = program, port
        async with run(self.place, programs) as urls:
            yield urls


@asynccontextmanager
async def run(
    place: Place, programs: Mapping[str, tuple[Program, int | None]]
) -> AsyncIterator[Mapping[str, str]]:
    """These programs, each ready on its port if it has one; asked to stop after the body. Their addresses by name.

    Raises RuntimeError for one that does not become ready. Whatever is raised is told the ends of the logs.
    """
    processes = {}
    try:
        for name, (program, _) in programs.items():
            # a log and a record of its own for each, also when one program runs twice
            home = Home(place.folder / "processes" / name)
            home.prepare()
            (home.logs / f"{program.name}.log").unlink(missing_ok=True)
            processes[name] = Process(program, home)
        for name, (_, port) in programs.items():
            if port is not None:
                await _ready(name, processes[name], port)
        yield {name: f"http://{LOOPBACK}:{port}" for name, (_, port) in programs.items() if port}
    except Exception as error:
        for name, process in processes.items():
            error.add_note("\n".join([f"--- {name}", *last_lines(process.log)]))
        raise
    finally:
        for process in processes.values():
            process.ask_to_stop()
        for process in processes.values():
            await asyncio.to_thread(process.end)


async def _ready(name: str, process: Process, port: int) -> None:
    deadline = asyncio.get_running_loop().time() + STARTS_WITHIN
    while not await asyncio.to_thread(is_ready, port):
        code = process.exit_code()
        if code is not None or asyncio.get_running_loop().time() > deadline:
            raise RuntimeError(f"{name} is not ready (exit code {code})")
        await asyncio.sleep(0.1)


def signed_in(person_id: str) -> dict[str, str]:
    """The header of a request by this person."""
    return {"Cookie": f"{SESSION_COOKIE}={Signer(WebSettings()).session(person_id, utc_now())}"}
