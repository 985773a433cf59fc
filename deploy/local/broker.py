"""Which broker this machine can run, and whether a broker is ready."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local import apache_kafka
from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK, answers

Kind = Literal["apache", "trial"]


@dataclass(frozen=True)
class Choice:
    """The broker to run; `because` says why it is only the one for trying out."""

    kind: Kind
    because: str = ""


def choose(asked: str, missing: str | None) -> Choice:
    """The broker for the setting MUSTER_BROKER (empty, `apache` or `trial`), given what Apache Kafka misses here."""
    match asked:
        case "trial":
            return Choice("trial", "MUSTER_BROKER asks for it")
        case "apache" if missing is not None:
            raise Failure(f"MUSTER_BROKER asks for Apache Kafka, but {missing}.")
        case "" | "apache":
            return Choice("apache") if missing is None else Choice("trial", missing)
        case _:
            raise Failure(f"MUSTER_BROKER is {asked!r}; it may be `apache`, `trial` or left out.")


def choose_here(asked: str) -> Choice:
    """As `choose`, looking at this machine."""
    return choose(asked, None if asked == "trial" else apache_kafka.missing())


def is_ready(port: int) -> bool:
    """Whether the broker on this port takes part in its cluster, which is a while after it accepts connections."""
    return answers(port) and has_brokers(f"{LOOPBACK}:{port}")


def has_brokers(bootstrap: str) -> bool:
    """Whether a cluster with at least one broker answers at these addresses, within a few seconds."""
    # while a broker starts, what the client would complain of is what is being waited for
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        # a thread of its own, because the caller may have a running event loop
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _has_brokers(bootstrap)).result()
    finally:
        log.setLevel(level)


async def _has_brokers(bootstrap: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
