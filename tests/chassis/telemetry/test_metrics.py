"""The names are what dashboards and alerts are built on."""

from prometheus_client import Counter, Gauge, Histogram

from services.chassis.telemetry import metrics

OURS = [each for each in vars(metrics).values() if isinstance(each, Counter | Gauge | Histogram)]
PERSONAL_OR_ENDLESS = {
    "person",
    "agent",
    "client",
    "tenant",
    "unit",
    "event",
    "id",
    "path",
    "key",
    "partition",
}


def test_the_promised_names_are_there() -> None:
    families = [family for each in OURS for family in each.describe()]
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    assert names >= {
        "messages_consumed_total",
        "message_process_duration_seconds",
        "consumer_lag_seconds",
        "outbox_pending",
        "outbox_oldest_age_seconds",
        "dlq_messages_total",
        "event_end_to_end_seconds",
    }


def test_each_says_what_it_counts_and_none_counts_persons() -> None:
    for each in OURS:
        assert len(each._documentation) > 20
        assert PERSONAL_OR_ENDLESS.isdisjoint(each._labelnames)
