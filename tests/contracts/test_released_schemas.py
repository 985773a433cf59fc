"""A released schema is a promise: it is never changed, and it is kept both ways."""

import json
from pathlib import Path
from types import new_class
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.contracts import compatibility, release
from services.contracts.__main__ import main
from services.contracts.catalogue import EVENTS
from services.contracts.clients import CLIENT
from services.contracts.event import Event
from services.contracts.samples import NOON


def test_nobody_is_broken_by_what_is_committed() -> None:
    assert compatibility.faults() == []


def test_check_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert "fit, both ways" in capsys.readouterr().out


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event_name)
def test_a_schema_stands_where_dataschema_says_and_is_json_schema(event: type[Event]) -> None:
    path = release.schema_path(event)
    assert event.dataschema().endswith(str(path.relative_to(release.RELEASED)))
    schema = json.loads(path.read_bytes())
    assert schema["$id"] == event.dataschema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


# --- an event through its versions ------------------------------------------------------------------------------


def praised(version: str, doc: str = "", **changes: Any) -> type[Event]:
    """`ClientPraised` as it stands in one version: a field for each annotation, with its default where given."""
    annotations: dict[str, Any] = {"client_id": str, "stars": int}
    defaults: dict[str, Any] = {}
    for name, change in changes.items():
        if change is None:
            annotations.pop(name)
        elif isinstance(change, tuple):
            annotations[name], defaults[name] = change
        else:
            annotations[name] = change
    body = {
        "__annotations__": annotations,
        "__module__": __name__,
        "__doc__": doc,
        "schema_version": version,
        "major": int(version.partition(".")[0]),
        **defaults,
    }
    event = new_class("ClientPraised", (Event,), {"aggregate": CLIENT}, lambda names: names.update(body))
    assert issubclass(event, Event)
    return event


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The fields of today's only sample; the test changes them."""
    today: dict[str, Any] = {"occurred_at": NOON, "client_id": "c", "stars": 5}

    def samples_of(event: type[Event]) -> tuple[Event, ...]:
        return (event(**today),)

    monkeypatch.setattr(release, "samples_of", samples_of)
    monkeypatch.setattr(compatibility, "samples_of", samples_of)
    return today


@pytest.fixture
def root(tmp_path: Path, samples: dict[str, Any]) -> Path:
    """Where version 1.0 has been released."""
    written, changed = release.release([praised("1.0")], tmp_path)
    assert (len(written), changed) == (1, [])
    return tmp_path


def test_releasing_again_writes_nothing(root: Path) -> None:
    assert release.release([praised("1.0")], root) == ([], [])
    assert compatibility.faults([praised("1.0")], root) == []


def test_better_words_need_no_new_version(root: Path) -> None:
    reworded = praised("1.0", doc="Somebody said thank you.")
    assert release.schema_of(reworded)["description"] == "Somebody said thank you."
    assert release.release([reworded], root) == ([], [])
    assert compatibility.faults([reworded], root) == []


def test_a_released_schema_is_never_changed(root: Path) -> None:
    path = release.schema_path(praised("1.0"), root)
    before = path.read_bytes()
    changed = praised("1.0", title=(str, ""))
    assert release.release([changed], root) == ([], [path])
    assert path.read_bytes() == before
    assert any("no longer equals" in fault for fault in compatibility.faults([changed], root))


def test_an_optional_field_is_a_compatible_version(root: Path, samples: dict[str, Any]) -> None:
    event = praised("1.1", occasion=(str, "deal"))
    samples["occasion"] = "birthday"
    written, changed = release.release([event], root)
    assert ([path.name for path in written], changed) == (["v1.1.json"], [])
    assert compatibility.faults([event], root) == []


def test_a_version_that_was_not_released_is_told(root: Path) -> None:
    assert any("is not released" in fault for fault in compatibility.faults([praised("1.1")], root))


def test_a_required_field_cannot_read_old_samples(root: Path, samples: dict[str, Any]) -> None:
    event = praised("1.1", occasion=str)
    samples["occasion"] = "deal"
    release.release([event], root)
    assert any("can no longer be read: occasion" in fault for fault in compatibility.faults([event], root))


def test_a_field_that_is_gone_breaks_old_readers(root: Path, samples: dict[str, Any]) -> None:
    event = praised("1.1", stars=None)
    release.release([event], root)
    assert any("breaks v1.0" in fault and "'stars'" in fault for fault in compatibility.faults([event], root))


def test_a_field_of_another_type_breaks_both(root: Path, samples: dict[str, Any]) -> None:
    event = praised("1.1", stars=str)
    samples["stars"] = "five"
    release.release([event], root)
    found = compatibility.faults([event], root)
    assert any("can no longer be read: stars" in fault for fault in found)
    assert any("breaks v1.0 at $.stars" in fault for fault in found)


def test_a_breaking_change_is_free_in_the_next_major_version(root: Path, samples: dict[str, Any]) -> None:
    first = praised("1.0")
    second = praised("2.0", stars=None, level=(str, "high"))
    release.release([second], root)
    assert compatibility.faults([first, second], root) == []


def test_an_event_is_not_lost_by_accident(root: Path) -> None:
    (fault,) = compatibility.faults([], root)
    assert fault.startswith("clients/client-praised/v1.0.json")


def test_versions_are_counted_as_numbers(root: Path) -> None:
    release.release([praised("1.2"), praised("1.10")], root)
    names = [path.name for path in release.released(praised("1.10"), root)]
    assert names == ["v1.0.json", "v1.2.json", "v1.10.json"]
