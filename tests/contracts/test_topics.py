"""Topics: one for each aggregate, kept for ever, with names that Kafka and its metrics tell apart."""

from datetime import timedelta

import pytest

from services.contracts.catalogue import EVENTS
from services.contracts.topics import (
    ALL,
    DEAD_LETTERS,
    DOMAIN,
    RESENT,
    Topic,
    consumer_group,
    dead_letters,
)


def test_every_event_has_a_declared_topic() -> None:
    assert {event.aggregate.topic for event in EVENTS} == {topic.name for topic in DOMAIN}


def test_names_are_unique_even_where_dots_and_underscores_are_the_same() -> None:
    names = [topic.name.replace(".", "_") for topic in ALL]
    assert len(set(names)) == len(names)


def test_the_log_that_boards_are_rebuilt_from_is_kept_for_ever() -> None:
    for topic in DOMAIN:
        assert topic.settings() == {
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            "min.insync.replicas": "2",
        }


def test_every_service_has_a_place_for_dead_letters_that_are_kept_for_a_month() -> None:
    assert {topic.name for topic in DEAD_LETTERS} == {
        "muster.recruiting.dlq",
        "muster.training.dlq",
        "muster.clients.dlq",
        "muster.notifications.dlq",
    }
    assert dead_letters(consumer_group("clients")).settings()["retention.ms"] == "2592000000"
    assert set(DOMAIN) | set(DEAD_LETTERS) | set(RESENT) == set(ALL)


def test_partitions_are_what_was_decided() -> None:
    assert {topic.name: topic.partitions for topic in DOMAIN} == {
        "muster.recruiting.unit": 4,
        "muster.recruiting.person": 4,
        "muster.recruiting.candidate": 4,
        "muster.training.meeting": 4,
        "muster.clients.client": 8,
        "muster.clients.follow-up": 8,
        "muster.clients.showing": 8,
        "muster.clients.listing": 4,
        "muster.clients.match": 4,
        "muster.clients.deal": 4,
        "muster.clients.update": 4,
        "muster.notifications.board": 4,
    }


@pytest.mark.parametrize("brokers", [1, 2, 3, 5])
def test_a_small_cluster_gets_no_more_replicas_than_it_has_brokers(brokers: int) -> None:
    topic = DOMAIN[0].on(brokers)
    assert topic.replication == min(3, brokers)
    assert 1 <= topic.min_insync_replicas <= topic.replication


@pytest.mark.parametrize("name", ["", "a_b", "A.b", "a..b", ".a", "a-", "a b", "客户", "a\n", "x" * 250])
def test_a_name_that_is_not_dots_and_hyphens_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a topic name"):
        Topic(name)


def test_settings_that_no_broker_takes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Topic("a", partitions=0)
    with pytest.raises(ValueError, match="at least one"):
        Topic("a", replication=0)
    with pytest.raises(ValueError, match="cleanup"):
        Topic("a", cleanup=("keep",))
    with pytest.raises(ValueError, match="cleanup"):
        Topic("a", cleanup=())


def test_retention_is_told_in_milliseconds() -> None:
    assert Topic("a", retention=timedelta(seconds=1.5), cleanup=("compact", "delete")).settings() == {
        "cleanup.policy": "compact,delete",
        "retention.ms": "1500",
        "min.insync.replicas": "2",
    }
