"""What tests of several parts of the chassis look through."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.telemetry import tracing


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Tracing, on for this test: what has been told so far."""
    exporter = InMemorySpanExporter()
    tracing.set_up("clients", exporter)
    yield exporter
    tracing.shut_down()
