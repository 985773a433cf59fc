"""A Muster of a test's own: processes of real services on topics and databases that nobody else uses."""

import os
import random
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from deploy.local import gateway, services, topics
from deploy.local.home import Home
from deploy.local.ports import is_free
from deploy.local.processes import Process
from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.testing.eventually import assert_eventually
from services.chassis.web.session import SESSION_COOKIE, Signer
from services.chassis.web.settings import WebSettings
from services.chassis.work import Cause, UnitOfWork
from services.contracts.cloudevents import encode
from services.contracts.envelope import Envelope
from services.contracts.event import Event

STARTS_WITHIN = 90.0
"""Seconds for a process to start beside many others on two cores."""
LINES_SHOWN = 25


BELOW_EPHEMERAL = range(20_000, 32_000)
"""While a process or a server is away, no outgoing connection of anybody's may be given its port."""


def quiet_port() -> int:
    """A free port that stays free until it is used: it is given to nobody who does not ask for it by name."""
    return next(port for port in random.sample(BELOW_EPHEMERAL, 200) if is_free(port))


@dataclass
class Muster:
    """Processes by name, such as `clients-worker`; started, killed and started again as the test says."""

    home: Home
    kafka: str
    mongodb: str
    topic_prefix: str
    database_prefix: str
    running: dict[str, Process] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)
    _connected: list[Mongo] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """By which a process finds its servers, topics and databases."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "MONGODB_URI": self.mongodb,
            "MUSTER_TOPIC_PREFIX": self.topic_prefix,
            "MUSTER_DATABASE_PREFIX": self.database_prefix,
            "MUSTER_ENVIRONMENT": "test",
        }

    def make_topics(self) -> None:
        """Make all that the contracts declare. The broker must be there."""
        # a thread of its own: this one may belong to an event loop
        with ThreadPoolExecutor(1) as thread:
            thread.submit(topics.create, self.kafka, self.topic_prefix).result()

    def topic(self, name: str) -> str:
        """The topic, or group, as it is called here."""
        return KafkaSettings(bootstrap_servers=self.kafka, topic_prefix=self.topic_prefix).name(name)

    def start(self, *names: str) -> None:
        """Start these processes, each on the port that it had before, and return at once."""
        for name in names:
            port = self._ports.setdefault(name, quiet_port())
            service, _, kind = name.partition("-")
            both = services.Service(service, port, port).programs(self.environment)
            program = next(program for program, _ in both if program.name == f"{service}-{kind}")
            self.running[name] = Process(program, self.home)

    def start_gateway(self) -> str:
        """Put the gateway in front of the API processes that were started; the address of the site."""
        port = self._ports.setdefault("gateway", quiet_port())
        apis = {
            name.removesuffix("-api"): port for name, port in self._ports.items() if name.endswith("-api")
        }
        self.running["gateway"] = Process(gateway.prepare(self.home, port, apis), self.home)
        return self.url("gateway")

    async def ready(self, *names: str, within: float = STARTS_WITHIN) -> None:
        """Return when these processes say that they are ready."""
        async with httpx.AsyncClient(timeout=3, trust_env=False) as asking:
            for name in names:

                async def is_ready(name: str = name) -> None:
                    code = self.running[name].exit_code()
                    if code is not None:
                        raise RuntimeError(f"{name} ended with {code}\n{self.last_words()}")
                    try:
                        answer = await asking.get(f"{self.url(name)}/readyz")
                    except httpx.HTTPError as error:
                        raise AssertionError(f"{name}: {error!r}") from error
                    assert answer.status_code == 200, f"{name}: {answer.text}"

                await assert_eventually(is_ready, within=within, every=0.1)

    def kill(self, name: str) -> None:
        """SIGKILL: it has no moment to tidy up."""
        process = self.running.pop(name)
        if process.exit_code() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.end()

    def stop(self, name: str) -> int | None:
        """SIGTERM, and wait; the exit code."""
        process = self.running.pop(name)
        process.end()
        return process.exit_code()

    def url(self, name: str) -> str:
        """Where the process answers."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def client(self, name: str, person_id: str, *, timeout: float = 15.0) -> httpx.AsyncClient:
        """A signed-in client of this API process."""
        cookie = Signer(WebSettings()).session(person_id, utc_now())
        return httpx.AsyncClient(
            base_url=self.url(name), cookies={SESSION_COOKIE: cookie}, timeout=timeout, trust_env=False
        )

    def database(self, service: str) -> Mongo:
        """The service's database, for looking and for bulk work."""
        mongo = Mongo.connect(self.mongodb, f"{self.database_prefix}{service}")
        self._connected.append(mongo)
        return mongo

    def work(self, service: str, actor: str = "system") -> UnitOfWork:
        """The edge of the service's own commands."""
        return UnitOfWork(self.database(service), utc_now, f"/muster/{service}", Cause(actor=actor))

    async def publish(self, records: Iterable["Sent"]) -> None:
        """Send these to their topics as another system would, and return when the broker has them."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for one in records:
                await producer.send(self.topic(one.topic), one.value, key=one.key, headers=list(one.headers))
            await producer.flush()
        finally:
            await producer.stop()

    async def log(self, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
        """Everything on the topic, in order within each partition."""
        consumer = AIOKafkaConsumer(
            self.topic(topic), bootstrap_servers=self.kafka, group_id=None, auto_offset_reset="earliest"
        )
        await consumer.start()
        found: list[ConsumerRecord[bytes, bytes]] = []
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while any([await consumer.position(each) < end for each, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += records
        finally:
            await consumer.stop()
        return found

    def close(self) -> None:
        """Kill what still runs: the test is over, and nothing here is worth an orderly end."""
        for name in list(self.running):
            self.kill(name)
        for mongo in self._connected:
            mongo.close()

    def last_words(self) -> str:
        """The end of every process's log."""
        return "\n".join(
            f"--- {log.name}\n" + "\n".join(log.read_text("utf-8", "replace").splitlines()[-LINES_SHOWN:])
            for log in sorted(self.home.logs.glob("*.log"))
        )


@contextmanager
def muster_on(
    kafka: str, mongodb: str, topic_prefix: str, database_name: str, folder: Path
) -> Iterator[Muster]:
    """A Muster with nothing running yet; whatever runs at the end of the body is killed.

    The ends of the logs are printed, which shows when a test fails.
    """
    home = Home(folder)
    home.prepare()
    muster = Muster(home, kafka, mongodb, f"{topic_prefix}.", f"{database_name}_")
    try:
        yield muster
    finally:
        muster.close()
        print(muster.last_words())


@dataclass(frozen=True)
class Sent:
    """A record on its way to a topic."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]

    def saying(self, value: bytes) -> "Sent":
        """The same record with another payload."""
        return Sent(self.topic, self.key, value, self.headers)


def sent(
    event: Event,
    subject: str,
    sequence: int = 1,
    id_: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> Sent:
    """The event as its service's relay would send it."""
    envelope = Envelope(
        id=id_ or new_id(),
        source=f"/muster/{event.aggregate.service}",
        type=event.event_type(),
        subject=subject,
        time=event.occurred_at,
        dataschema=event.dataschema(),
        sequence=sequence,
        org_path=tuple(getattr(event, "org_path", ())),
        correlation_id="test",
        **(more or {}),
    )
    record = encode(envelope, event)
    return Sent(event.aggregate.topic, record.key, record.value, record.headers)


def long_ago() -> datetime:
    """When the company was founded."""
    return datetime(2024, 1, 2, 1, tzinfo=UTC)
