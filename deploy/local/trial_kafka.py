"""A small program that speaks Kafka's protocol, for machines without Java: for trying out only."""

import importlib.util
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program

WARNING = (
    "It is for trying out only: it keeps its data in memory, may lose acknowledged events when it is killed, and "
    "never notices that a member of a consumer group has died. Install Java 17 and Maven to get Apache Kafka."
)


def prepare(home: Home, port: int) -> Program:
    """What to run. Raises Failure when the package is not installed."""
    found = importlib.util.find_spec("noida_db")
    if found is None or found.origin is None:
        raise Failure("The package noida-db is not installed; run `make setup`.")
    binary = Path(found.origin).parent / "noida-db"
    data = home.data / "trial-kafka"
    data.mkdir(parents=True, exist_ok=True)
    command = (str(binary), "start", "--data-dir", str(data), "--host", LOOPBACK)
    return Program("kafka", (*command, "--only", "kafka", "--kafka-port", str(port)))
