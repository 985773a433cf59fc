"""What every event of the catalogue must be."""

import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from services.contracts import clients, notifications, recruiting, training
from services.contracts.__main__ import main
from services.contracts.catalogue import BY_TYPE, EVENTS
from services.contracts.clients import CLIENT, ClientGraded
from services.contracts.event import Event
from services.contracts.samples import SAMPLES, samples_of

README = Path(recruiting.__file__).with_name("README.md")
every_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event_name)

PERSONAL = {
    "address", "age", "birth", "birthday", "comment", "description", "document", "email", "family", "gender",
    "hobby", "identity", "income", "mail", "memo", "message", "mobile", "mood", "note", "notes", "passport",
    "phone", "photo", "remark", "salary", "score", "tel", "telephone", "text", "wechat", "weixin",
}  # fmt: skip
"""Words of field names that hint at what a payload never carries."""
OF_THINGS = {"score"}
"""How well a listing suits; a mark for a person would be another matter."""
NAMED = {"UnitOpened", "UnitRenamed", "PersonRegistered", "AgentHired"}
"""Events that carry a name on purpose: of a unit, or the one somebody of the staff goes by at work."""


def fields(model: Any) -> Iterator[str]:
    """The names of all fields of a payload, those of the values within it too."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            yield name
            yield from fields(field.annotation)
    for part in typing.get_args(model):
        yield from fields(part)


def test_types_are_unique() -> None:
    assert len(BY_TYPE) == len(EVENTS)
    assert len({event.dataschema() for event in EVENTS}) == len(EVENTS)


def test_no_event_of_the_modules_is_left_out() -> None:
    declared = {
        value
        for module in (recruiting, training, clients, notifications)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value is not Event
    }
    assert declared == set(EVENTS)


@every_event
def test_an_event_is_named_by_its_service_its_name_and_its_major_version(event: type[Event]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", event.event_name)
    assert event.event_type() == f"io.muster.{event.aggregate.service}.{event.event_name}.v{event.major}"
    assert BY_TYPE[event.event_type()] is event
    assert event.dataschema().startswith(
        f"https://schemas.muster.io/{event.aggregate.service}/{event.event_name}/v{event.major}."
    )
    assert f"services.contracts.{event.aggregate.service}" == event.__module__


@every_event
def test_an_event_has_a_sample_that_gives_every_field(event: type[Event]) -> None:
    samples = samples_of(event)
    assert samples
    assert samples[0].model_fields_set == set(event.model_fields)


@every_event
def test_an_event_says_what_happened(event: type[Event]) -> None:
    assert event.__doc__


def test_the_readme_has_the_table_of_all_events(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events"]) == 0
    assert capsys.readouterr().out in README.read_text()


def test_every_sample_is_of_an_event_in_the_catalogue() -> None:
    assert {type(sample) for sample in SAMPLES} == set(EVENTS)


@every_event
def test_an_event_names_the_aggregate_it_is_about(event: type[Event]) -> None:
    assert f"{event.aggregate.name.replace('-', '_')}_id" in event.model_fields


@every_event
def test_no_field_hints_at_personal_data(event: type[Event]) -> None:
    hints = {name for name in fields(event) if PERSONAL & set(name.split("_"))}
    assert hints - OF_THINGS == set()


@every_event
def test_only_staff_and_units_have_a_name(event: type[Event]) -> None:
    assert ("name" in set(fields(event))) == (event.__name__ in NAMED)


def test_a_second_major_version_stands_beside_the_first() -> None:
    class ClientGradedV2(Event, aggregate=CLIENT, name="client-graded"):
        major = 2
        schema_version = "2.0"

    assert ClientGradedV2.event_type() == "io.muster.clients.client-graded.v2"
    assert ClientGradedV2.dataschema() == "https://schemas.muster.io/clients/client-graded/v2.0.json"
    assert ClientGraded.event_type() == "io.muster.clients.client-graded.v1"


def test_a_major_version_with_the_schema_of_another_is_refused() -> None:
    with pytest.raises(TypeError, match=r"major version 2, but schema 1\.0"):

        class ClientGradedV2(Event, aggregate=CLIENT):
            major = 2


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        samples_of(ClientGraded)[0].reason = "other"  # type: ignore[misc]
