"""What a reader tells about its work: metrics, and spans where tracing is on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from opentelemetry.trace import Span

from services.chassis.clock import Clock
from services.chassis.streams.outcome import Item
from services.chassis.streams.record import Record
from services.chassis.telemetry import metrics, tracing
from services.contracts.envelope import Received


class Figures:
    """The metrics and spans of one consumer group."""

    def __init__(self, group: str, clock: Clock) -> None:
        self.group = group
        self.clock = clock

    def begun(self, record: Record, received: Received[Any]) -> tuple[Received[Any], Span | None]:
        """The event under a `process` span of its own, so that its effects are that span's children."""
        if not tracing.is_on():
            return received, None
        span = tracing.process_span(
            record.topic,
            self.group,
            partition=record.partition,
            offset=record.offset,
            message_id=received.envelope.id,
            traceparent=received.envelope.traceparent,
        )
        traceparent = tracing.traceparent_of(span) or received.envelope.traceparent
        return replace(received, envelope=replace(received.envelope, traceparent=traceparent)), span

    def ended(self, items: Sequence[Item]) -> None:
        """Close the spans, whatever became of the batch."""
        for item in items:
            if item.span is not None:
                if item.failure is not None:
                    tracing.failed(item.span, item.failure.error)
                item.span.end()

    def finished(self, records: Sequence[Record], items: Sequence[Item], seconds: float) -> None:
        """Count a batch whose effects are durable; it took so many seconds, retries included."""
        read = Counter(record.topic for record in records)
        done: Counter[str] = Counter()
        dead: Counter[str] = Counter()
        now = self.clock()
        for item in items:
            topic = item.record.topic
            if item.failure is not None:
                dead[topic] += 1
                metrics.DLQ_MESSAGES.labels(topic, self.group, type(item.failure.error).__name__).inc()
            elif item.received is not None:
                done[topic] += 1
                self._end_to_end(topic, item.received.envelope.time, now)
        for topic, count in read.items():
            for outcome, share in (
                ("done", done[topic]),
                ("dead", dead[topic]),
                ("skipped", count - done[topic] - dead[topic]),
            ):
                if share:
                    metrics.MESSAGES_CONSUMED.labels(topic, self.group, outcome).inc(share)
            metrics.MESSAGE_PROCESS_DURATION.labels(topic, self.group).observe(seconds)

    def retried(self, topics: Sequence[str]) -> None:
        """Count that a batch of these topics is begun again after a passing failure."""
        for topic in topics:
            metrics.MESSAGE_BATCH_RETRIES.labels(topic, self.group).inc()

    def lag(self, topic: str, seconds: float) -> None:
        """Say how old the oldest unread record of a topic may be."""
        metrics.CONSUMER_LAG.labels(topic, self.group).set(seconds)

    def _end_to_end(self, topic: str, happened: datetime, now: datetime) -> None:
        seconds = max(0.0, (now - happened).total_seconds())
        metrics.EVENT_END_TO_END.labels(topic, self.group).observe(seconds)
