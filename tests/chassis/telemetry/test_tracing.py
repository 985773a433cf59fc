"""One trace through all hops, and none of the cost when nobody looks."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.telemetry import tracing
from services.chassis.work import current_traceparent

TOPIC, GROUP = "muster.clients.client", "muster.notifications"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOT_SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def hop_from_request_to_reader(traceparent: str | None) -> str | None:
    """What a command writes into the outbox, carried over Kafka; the context in which the reader works."""
    with tracing.running(tracing.request_span("POST", "/clients", traceparent)):
        in_outbox = current_traceparent()
    with tracing.running(tracing.send_span(TOPIC, message_id="e-1", traceparent=in_outbox)) as sending:
        on_record = tracing.traceparent_of(sending) or in_outbox
    span = tracing.process_span(TOPIC, GROUP, partition=3, offset=42, message_id="e-1", traceparent=on_record)
    with tracing.running(span):
        return current_traceparent()


def test_the_callers_trace_goes_through_every_hop(spans: InMemorySpanExporter) -> None:
    at_the_end = hop_from_request_to_reader(CALLER)
    assert at_the_end is not None
    assert at_the_end.split("-")[1] == CALLER.split("-")[1]
    finished = spans.get_finished_spans()
    assert [span.name for span in finished] == ["POST /clients", f"send {TOPIC}", f"process {TOPIC}"]
    parents = [format(span.parent.span_id, "016x") for span in finished if span.parent]
    own = [format(span.context.span_id, "016x") for span in finished if span.context]
    assert parents == ["b7ad6b7169203331", *own[:2]]


def test_a_process_span_says_where_its_record_came_from(spans: InMemorySpanExporter) -> None:
    hop_from_request_to_reader(None)
    attributes = spans.get_finished_spans()[-1].attributes
    assert attributes is not None
    assert {name: attributes[name] for name in attributes if name.startswith("messaging.")} == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": TOPIC,
        "messaging.destination.partition.id": "3",
        "messaging.consumer.group.name": GROUP,
        "messaging.kafka.offset": 42,
        "messaging.message.id": "e-1",
    }


def test_a_caller_who_does_not_sample_is_followed(spans: InMemorySpanExporter) -> None:
    at_the_end = hop_from_request_to_reader(NOT_SAMPLED)
    assert at_the_end is not None
    assert at_the_end.endswith("-00")
    assert spans.get_finished_spans() == ()


def test_a_broken_traceparent_begins_a_new_trace(spans: InMemorySpanExporter) -> None:
    hop_from_request_to_reader("00-nonsense")
    assert spans.get_finished_spans()[0].parent is None


def test_a_failure_is_marked_by_its_kind_and_not_by_its_words(spans: InMemorySpanExporter) -> None:
    span = tracing.request_span("POST", "/clients", None)
    with pytest.raises(ValueError, match="138"), tracing.running(span):
        raise ValueError("13812345678 is taken")
    (failed,) = spans.get_finished_spans()
    assert not failed.status.is_ok
    assert (failed.attributes or {})["error.type"] == "ValueError"
    assert "138" not in failed.to_json()


def test_nothing_is_traced_and_nothing_is_sent_along_when_it_is_off() -> None:
    assert not tracing.is_on()
    assert hop_from_request_to_reader(CALLER) is None
