"""Settings that are wrong are refused in words, without repeating their values."""

import pytest

from services.chassis.settings import (
    Environment,
    EnvironmentName,
    KafkaSettings,
    MongoSettings,
    UnsafeSettings,
    read,
)


def test_a_wrong_value_is_refused_by_the_variables_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_ENVIRONMENT", "prod-hunter2")
    with pytest.raises(UnsafeSettings, match="MUSTER_ENVIRONMENT") as refused:
        read(Environment)
    assert "hunter2" not in str(refused.value)


def test_settings_are_read_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_ENVIRONMENT", "production")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    monkeypatch.setenv("MUSTER_TOPIC_PREFIX", "trial.")
    assert read(Environment).name is EnvironmentName.PRODUCTION
    kafka = read(KafkaSettings)
    assert kafka.bootstrap_servers == "one:9092,two:9092"
    assert kafka.name("muster.clients.client") == "trial.muster.clients.client"


def test_the_address_of_the_database_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://muster:hunter2@db/?replicaSet=rs")
    assert "hunter2" not in repr(read(MongoSettings))
    assert read(MongoSettings).database("clients") == "muster_clients"
