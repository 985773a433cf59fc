"""A record that is not what it says is named as such, with the reason, and never with a value of the payload."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.clients import ClientGraded, ShowingDone
from services.contracts.cloudevents import (
    Headers,
    MalformedEvent,
    Reason,
    UnknownEventType,
    decode,
    encode,
    envelope_of,
)
from services.contracts.envelope import Envelope
from services.contracts.samples import samples_of

GRADED = samples_of(ClientGraded)[0]
GOOD = encode(
    Envelope(
        id="1",
        source="/muster/clients",
        type=ClientGraded.event_type(),
        subject=GRADED.client_id,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        dataschema=ClientGraded.dataschema(),
        sequence=1,
        org_path=GRADED.org_path,
        correlation_id="c",
    ),
    GRADED,
)


def with_header(name: str, value: bytes | None) -> Headers:
    return [*((key, held) for key, held in GOOD.headers if key != name), (name, value)]


def without_header(name: str) -> Headers:
    return [(key, held) for key, held in GOOD.headers if key != name]


def with_field(name: str, value: Any) -> bytes:
    return json.dumps({**json.loads(GOOD.value), name: value}).encode()


def fault(value: bytes, headers: Headers) -> MalformedEvent:
    with pytest.raises(MalformedEvent) as caught:
        decode(b"key", value, headers)
    return caught.value


REQUIRED = [
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_subject",
    "ce_dataschema",
    "ce_sequence",
    "ce_correlationid",
]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("how", ["missing", "empty", "null", "not UTF-8"])
def test_every_attribute_must_be_there_and_readable(name: str, how: str) -> None:
    headers = {
        "missing": without_header(name),
        "empty": with_header(name, b""),
        "null": with_header(name, None),
        "not UTF-8": with_header(name, b"\xff"),
    }[how]
    found = fault(GOOD.value, headers)
    assert found.reason is Reason.ATTRIBUTE
    assert name in found.detail


@pytest.mark.parametrize("name", ["ce_orgpath", "ce_causationid", "traceparent"])
def test_an_attribute_that_may_be_missing_must_be_readable(name: str) -> None:
    assert fault(GOOD.value, with_header(name, b"\xff")).reason is Reason.ATTRIBUTE


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ce_specversion", b"0.3", Reason.SPECVERSION),
        ("ce_specversion", b"2.0", Reason.SPECVERSION),
        ("ce_time", b"yesterday", Reason.ATTRIBUTE),
        ("ce_time", b"2026-03-02T04:12:07", Reason.ATTRIBUTE),
        ("ce_sequence", b"-1", Reason.ATTRIBUTE),
        ("ce_sequence", "٣".encode(), Reason.ATTRIBUTE),
        ("ce_dataschema", b"https://elsewhere.example/v1.0.json", Reason.SCHEMA),
        ("ce_dataschema", b"https://schemas.muster.io/clients/client-graded/v2.0.json", Reason.SCHEMA),
        ("content-type", b"application/avro", Reason.CONTENT_TYPE),
        ("content-type", b"application/cloudevents+avro", Reason.CONTENT_TYPE),
        ("content-type", b"application/cloudevents-batch+json", Reason.CONTENT_TYPE),
        ("content-type", b"application/cloudevents", Reason.CONTENT_TYPE),
    ],
)
def test_a_wrong_header_is_named(name: str, value: bytes, reason: Reason) -> None:
    assert fault(GOOD.value, with_header(name, value)).reason is reason


@pytest.mark.parametrize("content_type", [b"application/json; charset=utf-8", b"application/x+JSON", None])
def test_any_json_is_read(content_type: bytes | None) -> None:
    assert decode(GOOD.key, GOOD.value, with_header("content-type", content_type)) is not None


@pytest.mark.parametrize("value", [b"", b"{", b"\xff\xfe", b"nothing", b'{"a":1}}', b"[" * 100_000])
def test_bad_json_is_named(value: bytes) -> None:
    assert fault(value, GOOD.headers).reason is Reason.JSON


@pytest.mark.parametrize(
    "value",
    [
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        with_field("grade", "D"),
        with_field("client_id", 5),
        with_field("org_path", "a/b"),
        with_field("occurred_at", 1772424727),
        with_field("occurred_at", "2026-03-02T04:12:07"),
        with_field("occurred_at", "9999-12-31T23:59:59-23:59"),
    ],
)
def test_json_that_the_schema_refuses_is_named(value: bytes) -> None:
    assert fault(value, GOOD.headers).reason is Reason.SCHEMA


def test_a_number_in_quotes_is_no_number() -> None:
    payload = {**samples_of(ShowingDone)[0].model_dump(mode="json"), "homes": "3"}
    headers = [(name, value.replace(b"client-graded", b"showing-done")) for name, value in GOOD.headers]
    assert fault(json.dumps(payload).encode(), headers).detail.startswith("/homes: ")


def test_the_message_names_places_and_no_values() -> None:
    found = fault(with_field("grade", "13800138000"), GOOD.headers)
    assert "/grade" in str(found)
    assert "13800138000" not in str(found)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", Reason.JSON),
        (b"[]", Reason.JSON),
        (b"{}", Reason.ATTRIBUTE),
        (json.dumps({"specversion": "0.2"}).encode(), Reason.SPECVERSION),
        (b'{"specversion": 1.0}', Reason.ATTRIBUTE),
        (b'{"specversion": "1.0", "id": {}}', Reason.ATTRIBUTE),
    ],
)
def test_a_structured_event_is_held_to_the_same(value: bytes, reason: Reason) -> None:
    assert fault(value, [("content-type", b"application/cloudevents+json")]).reason is reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"datacontenttype": "application/xml", "data": "<a/>"}, Reason.CONTENT_TYPE),
        ({"data_base64": "not base64!"}, Reason.JSON),
        ({"data_base64": 5}, Reason.JSON),
        ({}, Reason.SCHEMA),
        ({"data": None}, Reason.SCHEMA),
        ({"data": json.dumps(GRADED.model_dump(mode="json"))}, Reason.SCHEMA),
    ],
)
def test_the_data_of_a_structured_event_is_held_to_the_same(more: dict[str, Any], reason: Reason) -> None:
    attributes = {
        name.removeprefix("ce_"): held.decode() for name, held in GOOD.headers if name != "content-type"
    }
    value = json.dumps({**attributes, **more}).encode()
    assert fault(value, [("content-type", b"application/cloudevents+json")]).reason is reason


def test_an_envelope_alone_is_held_to_the_same() -> None:
    with pytest.raises(MalformedEvent) as caught:
        envelope_of(without_header("ce_subject"))
    assert caught.value.reason is Reason.ATTRIBUTE


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200) | st.just(GOOD.value),
    st.lists(
        st.tuples(
            st.sampled_from([*REQUIRED, "content-type", "ce_orgpath", "traceparent"]),
            st.none()
            | st.binary(max_size=20)
            | st.sampled_from(
                [b"application/cloudevents+json", b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+14:00"]
            ),
        ),
        max_size=3,
    ),
)
def test_no_record_whatever_raises_anything_else(
    value: bytes, changes: list[tuple[str, bytes | None]]
) -> None:
    try:
        received = decode(b"key", value, [*GOOD.headers, *changes])
    except (MalformedEvent, UnknownEventType):
        return
    assert received is not None
