"""CloudEvents 1.0 on Kafka: an event to a record in binary mode, and a record in binary or structured mode to an event.

A reader meets four kinds of record: an event it wants, a tombstone, an event of a type it does not want
(`UnknownEventType`, to be skipped), and one that is not what it says (`MalformedEvent`, for the dead letters).
Header names and values are those of the Kafka protocol binding; `traceparent` and `content-type` have no prefix.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from services.contracts.catalogue import BY_TYPE
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event

Headers = Sequence[tuple[str, bytes | None]]
Types = Mapping[str, type[Event]]

SPECVERSION = b"1.0"
JSON = b"application/json"
STRUCTURED = b"application/cloudevents"
SEQUENCE_DIGITS = 10
"""The sequence extension wants text that sorts as the numbers do, so it is padded to the digits of 2**31."""


class Record(NamedTuple):
    """What a Kafka producer sends."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Reason(StrEnum):
    """What is wrong with a record that cannot be read."""

    SPECVERSION = "specversion"
    """Not version 1.0."""
    ATTRIBUTE = "attribute"
    """An attribute is missing, empty or cannot be read."""
    CONTENT_TYPE = "content_type"
    """The payload, or the whole event, is in a format that is not read here."""
    JSON = "json"
    """Not JSON at all."""
    SCHEMA = "schema"
    """JSON, but not what the type's schema asks for."""


class MalformedEvent(ValueError):
    """The record will never be readable, however often it is tried. The message names no value of the payload."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class UnknownEventType(LookupError):
    """A CloudEvent of a type that the reader does not know or did not ask for: not a fault, to be skipped."""

    def __init__(self, event_type: str) -> None:
        super().__init__(event_type)
        self.event_type = event_type


def types_of(events: Iterable[type[Event]]) -> Types:
    """The set of types a reader asks `decode` for."""
    return {event.event_type(): event for event in events}


def encode(envelope: Envelope, event: Event) -> Record:
    """The record of one event, in binary mode. Raises ValueError when envelope and event are of two types."""
    if envelope.type != event.event_type():
        raise ValueError(f"an envelope of {envelope.type} around {event.event_type()}")
    return Record(envelope.subject.encode(), event.model_dump_json().encode(), headers_of(envelope))


def headers_of(envelope: Envelope) -> list[tuple[str, bytes]]:
    """The headers of binary mode; for who holds the payload as JSON text already.

    Raises ValueError when the envelope cannot be said in headers: a time without offset, a unit id with "/".
    """
    subject = envelope.subject.encode()
    headers = [
        ("content-type", JSON),
        ("ce_specversion", SPECVERSION),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_time", _rfc3339(envelope.time).encode()),
        ("ce_subject", subject),
        ("ce_dataschema", envelope.dataschema.encode()),
        ("ce_partitionkey", subject),
        ("ce_sequence", b"%0*d" % (SEQUENCE_DIGITS, envelope.sequence)),
        ("ce_correlationid", envelope.correlation_id.encode()),
    ]
    if envelope.causation_id is not None:
        headers.append(("ce_causationid", envelope.causation_id.encode()))
    if envelope.org_path:
        path = "/".join(envelope.org_path)
        if path.count("/") != len(envelope.org_path) - 1 or "" in envelope.org_path:
            raise ValueError(f"not a path of unit ids: {envelope.org_path}")
        headers.append(("ce_orgpath", path.encode()))
    if envelope.traceparent is not None:
        headers.append(("traceparent", envelope.traceparent.encode()))
    return headers


def decode(
    key: bytes | None, value: bytes | None, headers: Headers, types: Types = BY_TYPE
) -> Received[Event] | None:
    """The event in a record of either mode; None for a tombstone, which has a key and nothing else.

    `types` are those the reader wants: of a record of any other type only the header is looked at. Raises
    `UnknownEventType` and `MalformedEvent`. The key is not compared with `partitionkey`: a record that was
    keyed anew on its way is still the same event.
    """
    if value is None:
        return None
    attributes = dict(headers)
    content_type = attributes.get("content-type")
    if content_type is None or content_type == JSON:
        return _binary(attributes, value, types)
    if content_type[: len(STRUCTURED)].lower() == STRUCTURED:
        return _structured(attributes, content_type, value, types)
    _known(attributes, types)
    if not _is_json(content_type):
        raise MalformedEvent(Reason.CONTENT_TYPE, _text(content_type))
    return _binary(attributes, value, types)


def envelope_of(headers: Headers) -> Envelope:
    """The envelope of a record in binary mode, whatever its type; the payload is left alone.

    Raises `MalformedEvent` where an attribute that every event of ours has is missing or unreadable.
    """
    return _envelope(dict(headers))


def _binary(attributes: Mapping[str, bytes | None], value: bytes, types: Types) -> Received[Event]:
    event = _known(attributes, types)
    envelope = _envelope(attributes)
    return Received(envelope, _payload(event, envelope, value))


def _structured(
    headers: Mapping[str, bytes | None], content_type: bytes, value: bytes, types: Types
) -> Received[Event]:
    if content_type.partition(b";")[0].strip().lower() != STRUCTURED + b"+json":
        raise MalformedEvent(Reason.CONTENT_TYPE, _text(content_type))
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise MalformedEvent(Reason.JSON, str(error)) from error
    if not isinstance(whole, dict):
        raise MalformedEvent(Reason.JSON, "the event is not an object")
    attributes: dict[str, bytes | None] = {
        f"ce_{name}": _attribute(name, member)
        for name, member in whole.items()
        if member is not None and name not in ("data", "data_base64")
    }
    # the trace of the last hop stands in the record, that of the event's making inside the event
    attributes["traceparent"] = headers.get("traceparent") or attributes.get("ce_traceparent")
    _known(attributes, types)
    data_type = attributes.get("ce_datacontenttype")
    if data_type is not None and not _is_json(data_type):
        raise MalformedEvent(Reason.CONTENT_TYPE, _text(data_type))
    return _binary(attributes, _data(whole), types)


def _attribute(name: str, member: object) -> bytes:
    """The attribute as binary mode has it: CloudEvents knows texts, whole numbers and truth values."""
    if isinstance(member, str):
        return member.encode()
    if isinstance(member, int):
        return orjson.dumps(member)
    raise MalformedEvent(Reason.ATTRIBUTE, f"ce_{name} is neither text nor a whole number")


def _data(whole: Mapping[str, object]) -> bytes:
    encoded = whole.get("data_base64")
    if encoded is None:
        return orjson.dumps(whole.get("data"))
    try:
        return base64.b64decode(encoded if isinstance(encoded, str) else "?", validate=True)
    except binascii.Error as error:
        raise MalformedEvent(Reason.JSON, "data_base64 is not Base64") from error


def _known(attributes: Mapping[str, bytes | None], types: Types) -> type[Event]:
    """The class of the event, after what every CloudEvent must have was looked for."""
    if attributes.get("ce_specversion") != SPECVERSION:
        raise MalformedEvent(Reason.SPECVERSION, _required(attributes, "ce_specversion"))
    name = _required(attributes, "ce_type")
    event = types.get(name)
    if event is None:
        _required(attributes, "ce_id")
        _required(attributes, "ce_source")
        raise UnknownEventType(name)
    return event


def _envelope(attributes: Mapping[str, bytes | None]) -> Envelope:
    return Envelope(
        id=_required(attributes, "ce_id"),
        source=_required(attributes, "ce_source"),
        type=_required(attributes, "ce_type"),
        subject=_required(attributes, "ce_subject"),
        time=_moment(_required(attributes, "ce_time")),
        dataschema=_required(attributes, "ce_dataschema"),
        sequence=_number(_required(attributes, "ce_sequence")),
        org_path=_org_path(attributes.get("ce_orgpath")),
        correlation_id=_required(attributes, "ce_correlationid"),
        causation_id=_optional(attributes, "ce_causationid"),
        traceparent=_optional(attributes, "traceparent"),
    )


def _payload(event: type[Event], envelope: Envelope, value: bytes) -> Event:
    if not envelope.dataschema.startswith(_schemas_of(event)):
        raise MalformedEvent(Reason.SCHEMA, f"{envelope.type} with dataschema {envelope.dataschema}")
    try:
        # strict: what the published schema refuses ("5" for 5) is refused here too
        return event.model_validate_json(value, strict=True)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        if faults[0]["type"] == "json_invalid":
            raise MalformedEvent(Reason.JSON, faults[0]["msg"]) from None
        detail = "; ".join(f"/{'/'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:5])
        raise MalformedEvent(Reason.SCHEMA, detail) from None


@lru_cache
def _schemas_of(event: type[Event]) -> str:
    """What the address of every schema of this major version begins with."""
    return event.dataschema().removesuffix(f"{event.schema_version}.json") + f"{event.major}."


def _required(attributes: Mapping[str, bytes | None], name: str) -> str:
    value = attributes.get(name)
    if not value:
        raise MalformedEvent(Reason.ATTRIBUTE, f"{name} is missing")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise MalformedEvent(Reason.ATTRIBUTE, f"{name} is not UTF-8") from None


def _optional(attributes: Mapping[str, bytes | None], name: str) -> str | None:
    return _required(attributes, name) if attributes.get(name) else None


@lru_cache(maxsize=4096)
def _split(path: bytes) -> tuple[str, ...]:
    """Units are few and events are many: one tuple serves all events of a unit."""
    return tuple(path.decode().split("/"))


def _org_path(path: bytes | None) -> tuple[str, ...]:
    if not path:
        return ()
    try:
        return _split(path)
    except UnicodeDecodeError:
        raise MalformedEvent(Reason.ATTRIBUTE, "ce_orgpath is not UTF-8") from None


def _number(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise MalformedEvent(Reason.ATTRIBUTE, "ce_sequence is not a number")
    return int(digits)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedEvent(Reason.ATTRIBUTE, "ce_time is not RFC 3339") from None
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise MalformedEvent(Reason.ATTRIBUTE, "ce_time has no offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise MalformedEvent(Reason.ATTRIBUTE, "ce_time is beyond the years that can be told") from None


def _rfc3339(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time without offset")
    in_utc = moment.astimezone(UTC).replace(tzinfo=None)
    return in_utc.isoformat(timespec="microseconds" if in_utc.microsecond % 1000 else "milliseconds") + "Z"


def _is_json(content_type: bytes) -> bool:
    subtype = content_type.partition(b";")[0].strip().lower().partition(b"/")[2]
    return subtype == b"json" or subtype.endswith(b"+json")


def _text(header: bytes) -> str:
    return header.decode(errors="replace")
