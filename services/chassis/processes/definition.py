"""What a service consists of, as a value, and what its parts are given to work with.

A service's `app.py` makes its `ServiceDefinition`; it is the only place that names concrete parts:

    def build_api(runtime: Runtime) -> FastAPI:
        return create_app("clients", connect=runtime.connect, prepare=runtime.prepare, clock=runtime.clock, ...)

    DEFINITION = ServiceDefinition("clients", indexes=[files.INDEXES, ...], build_api=build_api, ...)
"""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import FastAPI

from services.chassis import leases
from services.chassis.clock import Clock, utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Indexes, IndexModel, Mongo
from services.chassis.outbox import document as outbox
from services.chassis.processes.waiting import until_prepared
from services.chassis.schedule import items as schedule
from services.chassis.schedule.items import DueHandlers
from services.chassis.schedule.runner import SchedulePolicy
from services.chassis.settings import Environment, KafkaSettings, MongoSettings, read
from services.chassis.streams.policies import StreamPolicy
from services.chassis.streams.subscription import Subscription
from services.chassis.work import TIMELINE, UnitOfWork

CHASSIS_INDEXES: Sequence[Indexes] = (outbox.INDEXES, {TIMELINE: ()}, schedule.INDEXES, leases.INDEXES)


def merged(maps: Sequence[Indexes]) -> Indexes:
    """One map of all of them; a collection that several name has the indexes of all."""
    together: dict[str, list[IndexModel]] = {}
    for indexes in maps:
        for collection, models in indexes.items():
            together.setdefault(collection, []).extend(models)
    return together


@dataclass
class Runtime:
    """What the parts of one process work with. Nothing is connected until it is asked for."""

    service: str
    indexes: Indexes
    environment: Environment
    mongodb: MongoSettings
    kafka: KafkaSettings
    clock: Clock = utc_now
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{new_id()[-8:]}")
    """This process's name on its leases, unique for each start."""
    _mongo: Mongo | None = field(default=None, init=False, repr=False)

    @property
    def mongo(self) -> Mongo:
        """The service's database, connected when first asked for; to be asked while the event loop runs."""
        if self._mongo is None:
            self._mongo = Mongo.connect(
                self.mongodb.uri.get_secret_value(), self.mongodb.database(self.service)
            )
        return self._mongo

    @property
    def source(self) -> str:
        """The CloudEvents source of what this service publishes."""
        return f"/muster/{self.service}"

    @property
    def work(self) -> UnitOfWork:
        """The edge for work that nobody asked for: events and due items."""
        return UnitOfWork(self.mongo, self.clock, self.source)

    def connect(self) -> Mongo:
        """The same database, as the web application asks for it."""
        return self.mongo

    async def prepare(self, mongo: Mongo) -> None:
        """Return when the server is there, has transactions, and has all collections and indexes."""
        await until_prepared(mongo, self.indexes)


@dataclass(frozen=True)
class ServiceDefinition:
    """One service. What is built from a `Runtime` is built once in each process that needs it."""

    name: str
    indexes: Sequence[Indexes]
    build_api: Callable[[Runtime], FastAPI]
    subscription: Callable[[Runtime], Subscription] | None = None
    """What it reads; None for a service that reads no events."""
    due_handlers: Callable[[Runtime], DueHandlers] | None = None
    """By kind: who does what is due; None for a service that plans nothing."""
    stream_policy: StreamPolicy = field(default_factory=StreamPolicy)
    schedule_policy: SchedulePolicy = field(default_factory=SchedulePolicy)
    relay_lease: timedelta = timedelta(seconds=10)
    """After a relay was killed, events wait this long for another."""

    def runtime(self, clock: Clock = utc_now) -> Runtime:
        """The runtime that the environment describes. Raises `UnsafeSettings`."""
        return Runtime(
            service=self.name,
            indexes=merged([*CHASSIS_INDEXES, *self.indexes]),
            environment=read(Environment),
            mongodb=read(MongoSettings),
            kafka=read(KafkaSettings),
            clock=clock,
        )
