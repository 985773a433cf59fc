"""Which broker a machine runs."""

import pytest

from deploy.local.apache_kafka import java_version
from deploy.local.broker import Choice, choose
from deploy.local.failure import Failure


def test_a_machine_with_java_and_maven_runs_apache_kafka() -> None:
    assert choose("", missing=None) == Choice("apache")


def test_without_java_the_stand_in_runs_and_says_why() -> None:
    assert choose("", missing="Java is not installed") == Choice("trial", "Java is not installed")


def test_the_stand_in_can_be_asked_for() -> None:
    assert choose("trial", missing=None).kind == "trial"


def test_apache_kafka_that_was_asked_for_is_never_replaced() -> None:
    with pytest.raises(Failure, match="Maven is not installed"):
        choose("apache", missing="Maven is not installed")


def test_an_unknown_broker_is_refused() -> None:
    with pytest.raises(Failure, match="'rabbit'"):
        choose("rabbit", missing=None)


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_402"', 8),
        ("Unable to locate a Java Runtime.", None),
    ],
)
def test_the_version_of_java_is_understood(printed: str, version: int | None) -> None:
    assert java_version(printed) == version
