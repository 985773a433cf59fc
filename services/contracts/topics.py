"""Every Kafka topic, declared once: the Strimzi resources, AsyncAPI documents and the local set-up come from here."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from services.contracts.catalogue import EVENTS
from services.contracts.clients import CLIENT, FOLLOW_UP, SHOWING
from services.contracts.event import Aggregate

NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
LONGEST_NAME = 249

BUSY = frozenset({CLIENT, FOLLOW_UP, SHOWING})
"""Aggregates with a share of the traffic that is worth more workers."""


@dataclass(frozen=True)
class Topic:
    """One topic as it should be. Raises ValueError for a name Kafka would refuse or mistake for another."""

    name: str
    partitions: int = 4
    replication: int = 3
    retention: timedelta | None = None
    """None: kept for ever, because boards are rebuilt from the log."""
    cleanup: tuple[str, ...] = ("delete",)

    def __post_init__(self) -> None:
        # "_" and "." are the same in metric names, so one of the two is never used
        if len(self.name) > LONGEST_NAME or not NAME.fullmatch(self.name):
            raise ValueError(f"not a topic name of dots and hyphens: {self.name!r}")
        if self.partitions < 1 or self.replication < 1:
            raise ValueError(f"{self.name}: at least one partition and one replica")
        if not self.cleanup or set(self.cleanup) - {"delete", "compact"}:
            raise ValueError(f"{self.name}: no such cleanup policy: {self.cleanup}")

    @property
    def retention_ms(self) -> int:
        """Milliseconds that a record is kept; -1 for ever."""
        return -1 if self.retention is None else self.retention // timedelta(milliseconds=1)

    @property
    def min_insync_replicas(self) -> int:
        """How many replicas must have a record before it is acknowledged: all but one, so that one may fail."""
        return max(1, self.replication - 1)

    def settings(self) -> dict[str, str]:
        """The topic's configuration by Kafka's names, as an admin client or a manifest takes it."""
        return {
            "cleanup.policy": ",".join(self.cleanup),
            "retention.ms": str(self.retention_ms),
            "min.insync.replicas": str(self.min_insync_replicas),
        }

    def on(self, brokers: int) -> "Topic":
        """The same topic on a cluster of so many brokers, which may be fewer than the replicas wished for."""
        return replace(self, replication=min(self.replication, brokers))


def topic_of(aggregate: Aggregate) -> Topic:
    """The topic that all events about one kind of aggregate go to; the key is the aggregate's id."""
    return Topic(aggregate.topic, partitions=8 if aggregate in BUSY else 4)


def consumer_group(service: str) -> str:
    """The one consumer group of a service, for example `muster.clients`."""
    return f"muster.{service}"


def dead_letters(consumer: str) -> Topic:
    """Where a consumer puts what it can never process; `consumer` is its group.

    One partition, so that they are read in the order they were put there; a month to look at them.
    """
    return Topic(f"{consumer}.dlq", partitions=1, retention=timedelta(days=30))


def resent(consumer: str) -> Topic:
    """Where dead letters are put that a consumer shall try again: it alone reads them, others have had the event."""
    return Topic(f"{consumer}.resent", partitions=1, retention=timedelta(days=30))


AGGREGATES: tuple[Aggregate, ...] = tuple(dict.fromkeys(event.aggregate for event in EVENTS))
SERVICES: tuple[str, ...] = tuple(dict.fromkeys(aggregate.service for aggregate in AGGREGATES))

DOMAIN: tuple[Topic, ...] = tuple(topic_of(aggregate) for aggregate in AGGREGATES)
DEAD_LETTERS: tuple[Topic, ...] = tuple(dead_letters(consumer_group(service)) for service in SERVICES)
RESENT: tuple[Topic, ...] = tuple(resent(consumer_group(service)) for service in SERVICES)
ALL: tuple[Topic, ...] = DOMAIN + DEAD_LETTERS + RESENT
