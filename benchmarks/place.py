"""Where a benchmark runs: real servers, and databases and topics of its own on them."""

import os
import platform
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local import apache_kafka, broker
from deploy.local.home import PROJECT, Home
from deploy.local.ports import Ports, any_free
from deploy.local.screen import Screen
from deploy.local.servers import bring_up
from deploy.local.supervisor import Supervisor
from services.chassis.identity import new_id
from services.chassis.mongo import Indexes, Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.streams.topics import ensure
from services.contracts.topics import ALL, Topic

FOLDER = Path(os.environ.get("MUSTER_HOME") or PROJECT / ".muster") / "bench"
"""Results stay in it; the data of servers of our own go with the run."""


@dataclass(frozen=True)
class Place:
    """The addresses of the servers, and a folder for the logs of processes."""

    kafka: str
    mongodb: str
    folder: Path

    @asynccontextmanager
    async def database(self, indexes: Indexes, name: str | None = None) -> AsyncIterator[Mongo]:
        """A prepared database of one's own; it is dropped after the body."""
        mongo = Mongo.connect(self.mongodb, name or f"bench_{short_id()}")
        try:
            await mongo.check()
            await mongo.prepare(indexes)
            yield mongo
        finally:
            await mongo.client.drop_database(mongo.database.name)
            mongo.close()

    @asynccontextmanager
    async def topics(self, *more: Topic) -> AsyncIterator[KafkaSettings]:
        """All declared topics, and these, under a prefix of one's own; they are deleted after the body."""
        kafka = KafkaSettings(bootstrap_servers=self.kafka, topic_prefix=f"bench-{short_id()}.")
        await self.add_topics(kafka, *ALL, *more)
        try:
            yield kafka
        finally:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
            await admin.start()
            try:
                there = await admin.list_topics()
                await admin.delete_topics([each for each in there if each.startswith(kafka.topic_prefix)])
            finally:
                await admin.close()

    async def add_topics(self, kafka: KafkaSettings, *topics: Topic) -> None:
        """Further topics under the same prefix."""
        await ensure(self.kafka, [replace(each, name=kafka.name(each.name)) for each in topics])


@contextmanager
def place(screen: Screen) -> Iterator[Place]:
    """The servers that the environment names, or ones of our own on free ports, gone after the body."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="servers-", dir=FOLDER) as folder:
        home = Home(Path(folder))
        home.prepare()
        names = ("MUSTER_KAFKA_PORT", "MUSTER_KAFKA_CONTROLLER_PORT", "MUSTER_MONGODB_PORT")
        ports = Ports(dict(zip(names, map(str, any_free(len(names))), strict=True)))
        with Supervisor(home, screen.say) as supervisor:
            addresses = bring_up(home, supervisor, ports, os.environ, screen)
            yield Place(addresses.kafka, addresses.mongodb, home.root)


async def machine(place: Place) -> dict[str, Any]:
    """What the figures were measured on."""
    mongo = Mongo.connect(place.mongodb, "admin")
    try:
        mongodb = (await mongo.client.server_info())["version"]
    finally:
        mongo.close()
    ours = not os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    apache = ours and broker.choose_here(os.environ.get("MUSTER_BROKER", "")).kind == "apache"
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _first_line("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory": _first_line("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "mongodb": mongodb,
        "kafka": f"Apache {apache_kafka.version()}" if apache else "named by the environment or for trial",
        "load_before": round(os.getloadavg()[0], 2),
    }


def short_id() -> str:
    """Twelve random characters."""
    return new_id().replace("-", "")[-12:]


def _first_line(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
