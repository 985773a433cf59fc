"""The AsyncAPI documents: valid, complete, and about the records that are really sent."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from services.contracts import asyncapi
from services.contracts.__main__ import main
from services.contracts.catalogue import EVENTS
from services.contracts.clients import ClientGraded
from services.contracts.cloudevents import headers_of
from services.contracts.envelope import Envelope
from services.contracts.recruiting import AgentHired
from services.contracts.samples import NOON
from services.contracts.topics import DOMAIN, SERVICES

PUBLISHED = Path(__file__).parents[2] / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"

READS = (AgentHired, ClientGraded)
every_service = pytest.mark.parametrize("service", SERVICES)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def resolve(document: Any, reference: str) -> Any:
    for name in reference.removeprefix("#/").split("/"):
        document = document[name]
    return document


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """AsyncAPI's own schema of version 3.0, with that of the Kafka bindings in it."""
    if not PUBLISHED.exists():
        pytest.skip("AsyncAPI's schema is not installed (npm ci)")
    return Draft7Validator(json.loads(PUBLISHED.read_bytes()))


@every_service
def test_the_document_passes_the_published_schema(service: str, validator: Draft7Validator) -> None:
    document = asyncapi.document(service, READS)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_the_published_schema_notices_what_is_wrong(validator: Draft7Validator) -> None:
    document = asyncapi.document("clients")
    document["channels"]["clients.client"]["bindings"]["kafka"]["partitions"] = 0
    assert not validator.is_valid(document)


@every_service
def test_every_reference_leads_somewhere(service: str) -> None:
    document = asyncapi.document(service, READS)
    found = set(references(document))
    assert found
    for reference in found:
        assert resolve(document, reference)


@every_service
def test_a_service_sends_all_its_events_and_no_others(service: str) -> None:
    document = asyncapi.document(service, READS)
    sent = {
        resolve(document, resolve(document, message["$ref"])["$ref"])["name"]
        for operation in document["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    }
    assert sent == {event.event_type() for event in EVENTS if event.aggregate.service == service}


def test_what_is_read_is_what_was_said_by_the_group_of_the_service() -> None:
    operations = asyncapi.document("notifications", READS)["operations"]
    received = {name: value for name, value in operations.items() if value["action"] == "receive"}
    assert set(received) == {"receive.recruiting.person", "receive.clients.client"}
    for operation in received.values():
        assert operation["bindings"]["kafka"]["groupId"]["const"] == "muster.notifications"


def test_channels_say_what_the_topics_are() -> None:
    channels = [c for service in SERVICES for c in asyncapi.document(service)["channels"].values()]
    assert {channel["address"]: channel["bindings"]["kafka"] for channel in channels} == {
        topic.name: {
            "topic": topic.name,
            "partitions": topic.partitions,
            "replicas": topic.replication,
            "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
            "bindingVersion": "0.5.0",
        }
        for topic in DOMAIN
    }


def test_the_described_headers_are_those_that_are_sent() -> None:
    full = Envelope("i", "/s", "t", "s", NOON, "d", 1, ("u",), "c", "c", "t")
    bare = Envelope("i", "/s", "t", "s", NOON, "d", 1, (), "c")
    described = asyncapi.document("clients")["components"]["messageTraits"]["cloudEvents"]["headers"]
    headers = {name: value.decode() for name, value in headers_of(full)}
    del headers["content-type"]
    assert set(described["properties"]) == set(headers)
    assert set(described["required"]) == {name for name, _ in headers_of(bare)} - {"content-type"}
    sent = {**headers, "ce_specversion": "1.0"}
    assert [error.message for error in Draft7Validator(described).iter_errors(sent)] == []


@every_service
def test_the_examples_fit_their_payload(service: str) -> None:
    document = asyncapi.document(service)
    for message in document["components"]["messages"].values():
        schema = {**message["payload"], "components": document["components"]}
        assert message["examples"]
        for example in message["examples"]:
            assert [e.message for e in Draft7Validator(schema).iter_errors(example["payload"])] == []


def test_a_service_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no service of this name"):
        asyncapi.document("kitchen")


def test_the_command_prints_the_document(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["asyncapi", "clients", "--reads", AgentHired.event_type()]) == 0
    assert json.loads(capsysbinary.readouterr().out) == asyncapi.document("clients", [AgentHired])
