"""One AsyncAPI 3.0 document a service: what it sends, and what it says it reads."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from services.contracts.catalogue import EVENTS
from services.contracts.event import Event
from services.contracts.samples import samples_of
from services.contracts.topics import Topic, consumer_group, topic_of

VERSION = "1.0.0"
"""Of the documents. Events carry versions of their own, in type and dataschema."""
BINDING = "0.5.0"

Json = dict[str, Any]


def document(service: str, reads: Iterable[type[Event]] = ()) -> Json:
    """The AsyncAPI document of a service; `reads` are the events its reader asks for, from any service.

    Raises ValueError when the service neither sends nor reads anything.
    """
    sends = tuple(event for event in EVENTS if event.aggregate.service == service)
    reads = tuple(reads)
    events = tuple(dict.fromkeys((*sends, *reads)))
    if not events:
        raise ValueError(f"no service of this name sends an event, and none is read: {service!r}")
    payloads, definitions = models_json_schema(
        [(event, "validation") for event in events], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:muster:{service}",
        "info": {
            "title": f"Muster {service}",
            "version": VERSION,
            "description": "CloudEvents 1.0 on Kafka in binary mode: attributes are headers, the value is the payload.",
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(group): _channel(group) for group in _by_topic(events).values()},
        "operations": {
            **_operations("send", sends, {}),
            **_operations("receive", reads, {"kafka": _group_binding(service)}),
        },
        "components": {
            "messages": {
                _message_id(event): _message(event, payloads[event, "validation"]) for event in events
            },
            "messageTraits": {"cloudEvents": CLOUD_EVENTS},
            "schemas": definitions.get("$defs", {}),
        },
    }


def _by_topic(events: Iterable[type[Event]]) -> dict[str, list[type[Event]]]:
    groups: dict[str, list[type[Event]]] = {}
    for event in events:
        groups.setdefault(event.aggregate.topic, []).append(event)
    return groups


def _channel_id(events: list[type[Event]]) -> str:
    aggregate = events[0].aggregate
    return f"{aggregate.service}.{aggregate.name}"


def _message_id(event: type[Event]) -> str:
    return f"{event.aggregate.service}.{event.event_name}.v{event.major}"


def _channel(events: list[type[Event]]) -> Json:
    aggregate = events[0].aggregate
    return {
        "address": aggregate.topic,
        "description": f"Everything about each {aggregate.name}, in order; the key is its id.",
        "messages": {
            _message_id(event): {"$ref": f"#/components/messages/{_message_id(event)}"} for event in events
        },
        "bindings": {"kafka": _topic_binding(topic_of(aggregate))},
    }


def _topic_binding(topic: Topic) -> Json:
    return {
        "topic": topic.name,
        "partitions": topic.partitions,
        "replicas": topic.replication,
        "topicConfiguration": {
            "cleanup.policy": list(topic.cleanup),
            "retention.ms": topic.retention_ms,
        },
        "bindingVersion": BINDING,
    }


def _operations(action: str, events: Iterable[type[Event]], bindings: Mapping[str, Json]) -> Json:
    operations: Json = {}
    for group in _by_topic(events).values():
        channel = _channel_id(group)
        operations[f"{action}.{channel}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "messages": [{"$ref": f"#/channels/{channel}/messages/{_message_id(event)}"} for event in group],
            **({"bindings": bindings} if bindings else {}),
        }
    return operations


def _group_binding(service: str) -> Json:
    return {
        "groupId": {"type": "string", "const": consumer_group(service)},
        "bindingVersion": BINDING,
    }


def _message(event: type[Event], payload: Json) -> Json:
    return {
        "name": event.event_type(),
        "title": event.event_name.replace("-", " "),
        **({"description": inspect.cleandoc(event.__doc__)} if event.__doc__ else {}),
        "traits": [{"$ref": "#/components/messageTraits/cloudEvents"}],
        "headers": {
            "type": "object",
            "properties": {
                "ce_type": {"const": event.event_type()},
                "ce_dataschema": {"const": event.dataschema()},
            },
        },
        "payload": payload,
        "examples": [{"payload": sample.model_dump(mode="json")} for sample in samples_of(event)],
    }


def _text(description: str, **more: object) -> Json:
    return {"type": "string", "description": description, **more}


CLOUD_EVENTS: Json = {
    "contentType": "application/json",
    "correlationId": {
        "description": "Shared by everything that one request set off.",
        "location": "$message.header#/ce_correlationid",
    },
    "headers": {
        "type": "object",
        "required": [
            "ce_specversion",
            "ce_id",
            "ce_source",
            "ce_type",
            "ce_time",
            "ce_subject",
            "ce_dataschema",
            "ce_partitionkey",
            "ce_sequence",
            "ce_correlationid",
        ],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": _text(
                "UUIDv7; with the source it names the event, and readers drop repeats by the two."
            ),
            "ce_source": _text(
                "The service that sent it.", format="uri-reference", examples=["/muster/clients"]
            ),
            "ce_type": _text("Reverse-DNS name with the major version."),
            "ce_time": _text("RFC 3339, UTC.", format="date-time"),
            "ce_subject": _text("The aggregate's id."),
            "ce_dataschema": _text("The schema of the payload, with its minor version.", format="uri"),
            "ce_partitionkey": _text("Equals the record's key and the subject."),
            "ce_sequence": _text(
                "The event's number within its aggregate, without a gap; padded with zeros so that it sorts.",
                pattern="^[0-9]{10}$",
            ),
            "ce_correlationid": _text("Shared by everything that one request set off."),
            "ce_causationid": _text("The id of the event that caused this one."),
            "ce_orgpath": _text('Unit ids from the company down, joined with "/".'),
            "traceparent": _text("W3C trace context of the last hop."),
        },
    },
    "bindings": {
        "kafka": {"key": _text("The aggregate's id."), "bindingVersion": BINDING},
    },
}
