"""The broker and the database: ours, or the ones that the environment names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.local import apache_kafka, broker, mongodb, trial_kafka
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.processes import Process
from deploy.local.screen import Screen
from deploy.local.supervisor import Supervisor

KAFKA_PORT, CONTROLLER_PORT, MONGODB_PORT = 9092, 9093, 27017
WITHIN = 90.0
"""Seconds a server may take to come up; recovering after a power cut takes longest."""


@dataclass(frozen=True)
class Addresses:
    """Where the servers are, in the form that clients take."""

    kafka: str
    mongodb: str

    def environment(self) -> dict[str, str]:
        """The settings by which every process of Muster, and every test, finds them."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka, "MONGODB_URI": self.mongodb}


@dataclass(frozen=True)
class Starting:
    """A server on its way: `ready` waits for it and returns its address."""

    title: str
    ready: Callable[[], str]


def bring_up(
    home: Home, supervisor: Supervisor, ports: Ports, environment: Mapping[str, str], screen: Screen
) -> Addresses:
    """Starts both at once, waits for both. Raises Failure, and leaves the stopping to the supervisor."""
    database = start_mongodb(home, supervisor, ports, environment)
    events = start_kafka(home, supervisor, ports, environment, screen)
    with screen.step(database.title):
        mongodb_uri = database.ready()
    with screen.step(events.title):
        bootstrap = events.ready()
    return Addresses(bootstrap, mongodb_uri)


def start_mongodb(
    home: Home, supervisor: Supervisor, ports: Ports, environment: Mapping[str, str]
) -> Starting:
    """Starts MongoDB, or looks at the one that MONGODB_URI names."""
    named = environment.get("MONGODB_URI", "").strip()
    if named:
        return Starting("MongoDB of yours, named by MONGODB_URI", lambda: _usable_mongodb(named))
    port = ports.choose("mongodb", MONGODB_PORT)
    (process,) = supervisor.start(mongodb.prepare(home, port))

    def ready() -> str:
        supervisor.wait(process, mongodb.Primary(port), WITHIN)
        return mongodb.uri(port)

    return Starting(f"MongoDB, a replica set of one, on {LOOPBACK}:{port}", ready)


def start_kafka(
    home: Home, supervisor: Supervisor, ports: Ports, environment: Mapping[str, str], screen: Screen
) -> Starting:
    """Starts the best broker this machine can run, or looks at the one KAFKA_BOOTSTRAP_SERVERS names."""
    named = environment.get("KAFKA_BOOTSTRAP_SERVERS", "").strip()
    if named:
        return Starting("Kafka of yours, named by KAFKA_BOOTSTRAP_SERVERS", lambda: _usable_kafka(named))
    choice = broker.choose_here(environment.get("MUSTER_BROKER", "").strip())
    port = ports.choose("kafka", KAFKA_PORT)
    if choice.kind == "trial":
        screen.say(
            f"No Apache Kafka here: {choice.because}. A small stand-in runs instead. {trial_kafka.WARNING}"
        )
        (process,) = supervisor.start(trial_kafka.prepare(home, port))
        return _starting_kafka("Kafka's stand-in for trying out", supervisor, process, port)
    if not apache_kafka.jars_folder().is_dir():
        with screen.step("Fetching Apache Kafka through Maven, once"):
            apache_kafka.fetch_jars()
    (process,) = supervisor.start(
        apache_kafka.prepare(home, port, ports.choose("kafka-controller", CONTROLLER_PORT))
    )
    return _starting_kafka(f"Apache Kafka {apache_kafka.version()}", supervisor, process, port)


def _starting_kafka(title: str, supervisor: Supervisor, process: Process, port: int) -> Starting:
    def ready() -> str:
        supervisor.wait(process, lambda: broker.is_ready(port), WITHIN)
        return f"{LOOPBACK}:{port}"

    return Starting(f"{title} on {LOOPBACK}:{port}", ready)


def _usable_mongodb(address: str) -> str:
    wrong = mongodb.why_unusable(address)
    if wrong is not None:
        raise Failure(wrong)
    return address


def _usable_kafka(bootstrap: str) -> str:
    if not broker.has_brokers(bootstrap):
        raise Failure(f"No Kafka broker answers at {bootstrap}, which KAFKA_BOOTSTRAP_SERVERS names.")
    return bootstrap
