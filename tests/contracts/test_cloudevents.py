"""The codec: what the specification shows is read, and what is written comes back the same."""

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import EnumType
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from services.contracts.catalogue import EVENTS
from services.contracts.clients import CLIENT, ClientGraded, ClientRegistered
from services.contracts.cloudevents import (
    Record,
    UnknownEventType,
    decode,
    encode,
    envelope_of,
    headers_of,
    types_of,
)
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.samples import samples_of

NOW = datetime(2026, 3, 2, 4, 12, 7, 250_000, tzinfo=UTC)


def envelope_for(event: Event, **other: Any) -> Envelope:
    standing = Envelope(
        id="019cacbb-8f00-7b22-9d62-4a7a2e3b00aa",
        source="/muster/clients",
        type=event.event_type(),
        subject="019cacbb-8f00-7e55-8095-7dad516e0001",
        time=NOW,
        dataschema=event.dataschema(),
        sequence=7,
        org_path=("company", "region", "branch"),
        correlation_id="correlation",
        causation_id="cause",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    return replace(standing, **other)


GRADED = samples_of(ClientGraded)[0]


# --- what the Kafka protocol binding of CloudEvents shows -------------------------------------------------------


class SomeEvent(Event, aggregate=CLIENT):
    """The event of the specification's examples."""

    TYPE: ClassVar[str] = "com.example.someevent"

    appinfo: str

    @classmethod
    def event_type(cls) -> str:
        return cls.TYPE


SPEC_BINARY: list[tuple[str, bytes | None]] = [
    ("ce_specversion", b"1.0"),
    ("ce_type", b"com.example.someevent"),
    ("ce_source", b"/mycontext/subcontext"),
    ("ce_id", b"1234-1234-1234"),
    ("ce_time", b"2018-04-05T03:56:24Z"),
]
SPEC_STRUCTURED = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext/subcontext",
    "id": "1234-1234-1234",
    "time": "2018-04-05T03:56:24Z",
}
STRUCTURED_TYPE: list[tuple[str, bytes | None]] = [
    ("content-type", b"application/cloudevents+json; charset=UTF-8")
]

FURTHER = {
    "subject": "mykey",
    "dataschema": SomeEvent.dataschema(),
    "sequence": "0000000003",
    "correlationid": "c",
}
SPEC_ENVELOPE = Envelope(
    id="1234-1234-1234",
    source="/mycontext/subcontext",
    type="com.example.someevent",
    subject="mykey",
    time=datetime(2018, 4, 5, 3, 56, 24, tzinfo=UTC),
    dataschema=SomeEvent.dataschema(),
    sequence=3,
    org_path=(),
    correlation_id="c",
)
DATA = {"occurred_at": "2018-04-05T03:56:24Z", "appinfo": "abc"}
SPEC_EVENT = SomeEvent(occurred_at=datetime(2018, 4, 5, 3, 56, 24, tzinfo=UTC), appinfo="abc")


def test_the_binary_example_is_a_cloudevent_of_a_type_we_do_not_know() -> None:
    avro: list[tuple[str, bytes | None]] = [*SPEC_BINARY, ("content-type", b"application/avro")]
    with pytest.raises(UnknownEventType) as caught:
        decode(b"mykey", b"\x02\x06foo", avro)
    assert caught.value.event_type == "com.example.someevent"


def test_the_structured_example_is_a_cloudevent_of_a_type_we_do_not_know() -> None:
    whole = {**SPEC_STRUCTURED, "datacontenttype": "application/xml", "data": "<much wow='xml'/>"}
    with pytest.raises(UnknownEventType) as caught:
        decode(b"mykey", json.dumps(whole).encode(), STRUCTURED_TYPE)
    assert caught.value.event_type == "com.example.someevent"


def test_the_binary_example_with_further_attributes_is_read() -> None:
    headers = [
        *SPEC_BINARY,
        *((f"ce_{name}", value.encode()) for name, value in FURTHER.items()),
        ("content-type", b"application/json"),
    ]
    received = decode(b"mykey", json.dumps(DATA).encode(), headers, types_of([SomeEvent]))
    assert received == Received(SPEC_ENVELOPE, SPEC_EVENT)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/cloudevents+json; charset=UTF-8",
        "application/cloudevents+json",
        "Application/CloudEvents+JSON",
    ],
)
def test_the_structured_example_with_further_attributes_is_read(content_type: str) -> None:
    whole = {**SPEC_STRUCTURED, **FURTHER, "causationid": None, "data": DATA}
    headers = [("content-type", content_type.encode())]
    received = decode(b"mykey", json.dumps(whole).encode(), headers, types_of([SomeEvent]))
    assert received == Received(SPEC_ENVELOPE, SPEC_EVENT)


def test_structured_mode_reads_base64_data_and_a_sequence_that_is_a_number() -> None:
    data = base64.b64encode(json.dumps(DATA).encode()).decode()
    whole = {**SPEC_STRUCTURED, **FURTHER, "sequence": 3, "datacontenttype": "text/json", "data_base64": data}
    received = decode(None, json.dumps(whole).encode(), STRUCTURED_TYPE, types_of([SomeEvent]))
    assert received == Received(SPEC_ENVELOPE, SPEC_EVENT)


def test_the_trace_of_the_last_hop_wins_in_structured_mode() -> None:
    whole = json.dumps({**SPEC_STRUCTURED, **FURTHER, "traceparent": "00-making", "data": DATA}).encode()
    types = types_of([SomeEvent])
    within = decode(None, whole, STRUCTURED_TYPE, types)
    beside = decode(None, whole, [*STRUCTURED_TYPE, ("traceparent", b"00-hop")], types)
    assert within is not None
    assert beside is not None
    assert (within.envelope.traceparent, beside.envelope.traceparent) == ("00-making", "00-hop")


# --- what we write ----------------------------------------------------------------------------------------------


def test_a_record_is_the_payload_with_every_attribute_in_a_header() -> None:
    record = encode(envelope_for(GRADED), GRADED)
    assert record.key == b"019cacbb-8f00-7e55-8095-7dad516e0001"
    assert json.loads(record.value) == {
        "occurred_at": "2026-03-02T04:12:07.250000Z",
        "client_id": GRADED.client_id,
        "agent_id": GRADED.agent_id,
        "org_path": list(GRADED.org_path),
        "grade": "A",
        "previous_grade": "B",
        "intent": "real",
        "graded_by": "hand",
        "reason": "budget_confirmed",
    }
    assert dict(record.headers) == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": b"019cacbb-8f00-7b22-9d62-4a7a2e3b00aa",
        "ce_source": b"/muster/clients",
        "ce_type": b"io.muster.clients.client-graded.v1",
        "ce_time": b"2026-03-02T04:12:07.250Z",
        "ce_subject": record.key,
        "ce_dataschema": b"https://schemas.muster.io/clients/client-graded/v1.0.json",
        "ce_partitionkey": record.key,
        "ce_sequence": b"0000000007",
        "ce_correlationid": b"correlation",
        "ce_causationid": b"cause",
        "ce_orgpath": b"company/region/branch",
        "traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    assert len(record.headers) == len(dict(record.headers))


def test_what_is_unknown_has_no_header() -> None:
    bare = envelope_for(GRADED, causation_id=None, traceparent=None, org_path=())
    assert {"ce_causationid", "traceparent", "ce_orgpath"}.isdisjoint(dict(headers_of(bare)))


def test_moments_of_any_offset_are_written_in_utc() -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    assert dict(headers_of(envelope_for(GRADED, time=shanghai)))["ce_time"] == b"2026-03-02T04:12:07.250Z"
    event = GRADED.model_copy(update={"occurred_at": NOW})
    assert (
        ClientGraded(**{**event.model_dump(), "occurred_at": shanghai}).model_dump_json()
        == event.model_dump_json()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": ClientRegistered.event_type()},
        {"time": NOW.replace(tzinfo=None)},
        {"org_path": ("a/b", "c")},
        {"org_path": ("a", "")},
    ],
)
def test_an_envelope_that_would_not_come_back_the_same_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode(envelope_for(GRADED, **wrong), GRADED)


def test_an_envelope_is_read_without_the_payload() -> None:
    envelope = envelope_for(GRADED)
    assert envelope_of(headers_of(envelope)) == envelope


def test_other_events_than_those_wanted_are_told_by_their_header_alone() -> None:
    record = encode(envelope_for(GRADED), GRADED)
    with pytest.raises(UnknownEventType) as caught:
        decode(record.key, b"not even JSON", record.headers, types_of([ClientRegistered]))
    assert caught.value.event_type == ClientGraded.event_type()


def test_a_null_value_is_a_tombstone_with_and_without_headers() -> None:
    assert decode(b"key", None, []) is None
    assert decode(b"key", None, encode(envelope_for(GRADED), GRADED).headers) is None


def test_fields_that_a_later_version_adds_are_ignored() -> None:
    record = encode(envelope_for(GRADED), GRADED)
    later = json.dumps({**json.loads(record.value), "added_later": {"a": 1}}).encode()
    headers = [
        (name, value.replace(b"v1.0.json", b"v1.9.json") if name == "ce_dataschema" else value)
        for name, value in record.headers
    ]
    received = decode(record.key, later, [*headers, ("ce_comexampleextension", b"x")])
    assert received is not None
    assert received.event == GRADED


# --- whatever the event: it comes back as it was ------------------------------------------------------------------

moments = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001
    max_value=datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
words = st.text(min_size=1, max_size=40)


def values(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    """Any value that a field of this type may hold."""
    if annotation is AwareDatetime:
        return moments
    if annotation is date:
        return st.dates()
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        patterns = [limit.pattern for limit in metadata if getattr(limit, "pattern", None)]
        return st.from_regex(patterns[0], fullmatch=True) if patterns else st.text(max_size=40)
    if annotation is int:
        low = max((limit.ge for limit in metadata if hasattr(limit, "ge")), default=-(2**53))
        high = min((limit.le for limit in metadata if hasattr(limit, "le")), default=2**53)
        return st.integers(low, high)
    if annotation is NoneType:
        return st.none()
    if isinstance(annotation, EnumType):
        return st.sampled_from(list(annotation))
    if get_origin(annotation) is Annotated:
        return values(get_args(annotation)[0], list(annotation.__metadata__))
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        return st.one_of([values(part, []) for part in get_args(annotation)])
    if get_origin(annotation) is tuple:
        return st.lists(values(get_args(annotation)[0], []), max_size=4).map(tuple)
    assert issubclass(annotation, BaseModel), annotation
    return models(annotation)


def models(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    fields = {name: values(field.annotation, field.metadata) for name, field in model.model_fields.items()}
    return st.builds(model, **fields)


envelopes = st.builds(
    Envelope,
    id=words,
    source=words,
    type=st.just(""),
    subject=words,
    time=moments,
    dataschema=st.just(""),
    sequence=st.integers(1, 2**31 - 1),
    org_path=st.lists(st.text("abc-é0", min_size=1), max_size=5).map(tuple),
    correlation_id=words,
    causation_id=st.none() | words,
    traceparent=st.none() | words,
)


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda event: event.event_name)
def test_every_event_comes_back_as_it_was(event_class: type[Event]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(models(event_class), envelopes)
    def round_trip(event: Event, envelope: Envelope) -> None:
        envelope = replace(envelope, type=event.event_type(), dataschema=event.dataschema())
        record = encode(envelope, event)
        assert decode(*record) == Received(envelope, event)
        assert decode(record.key, *structured(record)) == Received(envelope, event)

    round_trip()


def structured(record: Record) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    """The same event in structured mode."""
    names = {name: value.decode() for name, value in record.headers if name != "content-type"}
    whole = {name.removeprefix("ce_"): value for name, value in names.items()}
    return json.dumps({**whole, "data": json.loads(record.value)}).encode(), STRUCTURED_TYPE


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 2**31 - 1), min_size=2))
def test_sequences_sort_as_text_as_they_do_as_numbers(numbers: list[int]) -> None:
    texts = [dict(headers_of(envelope_for(GRADED, sequence=n)))["ce_sequence"] for n in numbers]
    assert [int(text) for text in sorted(texts)] == sorted(numbers)
