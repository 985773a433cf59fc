"""Traces: one from the HTTP request through the outbox and Kafka to the effect in every reader.

The context travels as W3C `traceparent`: on the request, in the outbox document, on the Kafka record. Off by
default; then every function here returns at once and a record keeps whatever `traceparent` it had.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

_W3C = TraceContextTextMapPropagator()


class _Tracing:
    """What is set up in this process: one provider, not announced as OpenTelemetry's global one, which can be set
    only once and would outlive a test."""

    tracer: trace.Tracer | None = None
    provider: TracerProvider | None = None


def set_up(service: str, exporter: SpanExporter | None, *, share: float = 1.0) -> None:
    """Begin to trace into `exporter`; None leaves tracing off. `share` of the new traces are kept, from 0 to 1.

    Further calls add their exporter to the first set-up.
    """
    if exporter is None:
        return
    if _Tracing.provider is None:
        _Tracing.provider = TracerProvider(
            resource=Resource.create({"service.name": f"muster-{service}", "service.namespace": "muster"}),
            sampler=ParentBased(TraceIdRatioBased(share)),
        )
        _Tracing.tracer = _Tracing.provider.get_tracer("muster")
    _Tracing.provider.add_span_processor(_processor_for(exporter))


def _processor_for(exporter: SpanExporter) -> SpanProcessor:
    if isinstance(exporter, InMemorySpanExporter):
        return SimpleSpanProcessor(exporter)
    return BatchSpanProcessor(exporter)


def shut_down() -> None:
    """Hand over what is still kept and turn tracing off."""
    provider, _Tracing.provider, _Tracing.tracer = _Tracing.provider, None, None
    if provider is not None:
        provider.shutdown()


def is_on() -> bool:
    """True once `set_up` got an exporter."""
    return _Tracing.tracer is not None


class LogSpanExporter(SpanExporter):
    """Writes each finished span as a log line: for a look at one machine without a collector."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            context = span.get_span_context()
            if context is None:
                continue
            log.info(
                "span",
                name=span.name,
                trace_id=format(context.trace_id, "032x"),
                span_id=format(context.span_id, "016x"),
                parent_id=format(span.parent.span_id, "016x") if span.parent else None,
                milliseconds=round(((span.end_time or 0) - (span.start_time or 0)) / 1e6, 3),
                attributes=dict(span.attributes or {}),
            )
        return SpanExportResult.SUCCESS


# --- spans ------------------------------------------------------------------------------------------------------


@contextmanager
def running(span: Span) -> Iterator[Span]:
    """Make the span the current one inside the body, end it after, and note what is raised through it."""
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield span
        except BaseException as error:
            failed(span, error)
            raise


def failed(span: Span, error: BaseException) -> None:
    """Mark the span as failed by the kind of error; its words may hold personal data and are left out."""
    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute("error.type", type(error).__name__)


def request_span(method: str, route: str, traceparent: str | None) -> Span:
    """The span of one HTTP request, begun under the caller's context when it sent one."""
    return _start(
        f"{method} {route}",
        SpanKind.SERVER,
        _context(traceparent),
        {"http.request.method": method, "http.route": route},
    )


def send_span(topic: str, *, message_id: str, traceparent: str | None) -> Span:
    """`send T`: from handing a record to the producer to the broker's acknowledgement."""
    attributes = _messaging("send", topic) | {"messaging.message.id": message_id}
    return _start(f"send {topic}", SpanKind.PRODUCER, _context(traceparent), attributes)


def polled(group: str, counts: Mapping[str, int], since: int) -> None:
    """`poll T` for each topic that a fetch brought records of; it began at `since`, nanoseconds of the epoch."""
    for topic, count in counts.items() if is_on() else ():
        attributes = _messaging("receive", topic, group) | {"messaging.batch.message_count": count}
        _start(f"poll {topic}", SpanKind.CLIENT, None, attributes, operation="poll", since=since).end()


def process_span(
    topic: str, group: str, *, partition: int, offset: int, message_id: str, traceparent: str | None
) -> Span:
    """`process T`: one record, from taking it up to its committed effect; a child of the `send T` that brought it."""
    attributes = _messaging("process", topic, group) | {
        "messaging.destination.partition.id": str(partition),
        "messaging.kafka.offset": offset,
        "messaging.message.id": message_id,
    }
    return _start(f"process {topic}", SpanKind.CONSUMER, _context(traceparent), attributes)


@contextmanager
def committing(group: str, offsets: Mapping[tuple[str, int], int]) -> Iterator[None]:
    """`commit T` for each partition: offsets handed to the broker, up to and without the one that is named."""
    with ExitStack() as spans:
        for (topic, partition), offset in offsets.items() if is_on() else ():
            attributes = _messaging("settle", topic, group) | {
                "messaging.destination.partition.id": str(partition),
                "messaging.kafka.offset": offset,
            }
            span = _start(f"commit {topic}", SpanKind.CLIENT, None, attributes, operation="commit")
            spans.enter_context(running(span))
        yield


def traceparent_of(span: Span) -> str | None:
    """What to send along so that others continue this span's trace; None for a span that is not traced."""
    if not span.get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, trace.set_span_in_context(span))
    return carrier.get("traceparent")


def _messaging(kind: str, topic: str, group: str | None = None) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "messaging.system": "kafka",
        "messaging.operation.type": kind,
        "messaging.operation.name": kind,
        "messaging.destination.name": topic,
    }
    if group is not None:
        attributes["messaging.consumer.group.name"] = group
    return attributes


def _context(traceparent: str | None) -> contexts.Context:
    """The context a text names; an empty one (a new trace) without it. Broken texts count as none."""
    if traceparent is None or not is_on():
        return contexts.Context()
    return _W3C.extract({"traceparent": traceparent}, contexts.Context())


def _start(
    name: str,
    kind: SpanKind,
    parent: contexts.Context | None,
    attributes: dict[str, Any],
    operation: str | None = None,
    since: int | None = None,
) -> Span:
    if _Tracing.tracer is None:
        return INVALID_SPAN
    if operation is not None:
        attributes["messaging.operation.name"] = operation
    return _Tracing.tracer.start_span(name, parent, kind, attributes, start_time=since)
