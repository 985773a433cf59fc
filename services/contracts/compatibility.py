"""Proof that nobody is broken: readers of yesterday with events of today, and the other way round.

Needs the development package `jsonschema`; nothing that runs in a service imports this module.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from services.contracts.catalogue import EVENTS
from services.contracts.event import Event
from services.contracts.release import RELEASED, demands, released, samples_path, schema_of, schema_path
from services.contracts.samples import samples_of


def faults(events: Iterable[type[Event]] = EVENTS, root: Path = RELEASED) -> list[str]:
    """What breaks the promise, a line each; empty when all is well."""
    events = tuple(events)
    return [*(line for event in events for line in _faults_of(event, root)), *_orphans(events, root)]


def _faults_of(event: type[Event], root: Path) -> Iterator[str]:
    path = schema_path(event, root)
    name = event.event_type()
    if not path.exists():
        yield f"{name}: schema {event.schema_version} is not released; run `release`"
    elif demands(orjson.loads(path.read_bytes())) != demands(schema_of(event)):
        yield f"{name}: the model no longer equals its released schema {event.schema_version}; raise the version"
    new = [orjson.loads(sample.model_dump_json()) for sample in samples_of(event)]
    if not new:
        yield f"{name}: has no sample"
    for old_schema in released(event, root):
        for payload in orjson.loads(samples_path(old_schema).read_bytes()):
            yield from _unreadable(event, old_schema, payload)
        validator = Draft202012Validator(
            orjson.loads(old_schema.read_bytes()), format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        for payload in new:
            for error in validator.iter_errors(payload):
                yield f"{name}: a sample of today breaks {old_schema.stem} at {error.json_path}: {error.message}"


def _unreadable(event: type[Event], schema: Path, payload: Any) -> Iterator[str]:
    try:
        event.model_validate_json(orjson.dumps(payload), strict=True)
    except ValidationError as error:
        places = ", ".join("/".join(map(str, fault["loc"])) for fault in error.errors())
        yield f"{event.event_type()}: a sample of {schema.stem} can no longer be read: {places}"


def _orphans(events: tuple[type[Event], ...], root: Path) -> Iterator[str]:
    """Released schemas that no model reads any more: a type is retired by taking its folder away, not by accident."""
    kept = {path for event in events for path in released(event, root)}
    for path in sorted(root.glob("*/*/v*.json")):
        if path not in kept:
            yield f"{path.relative_to(root)}: no event of this name and major version is in the catalogue"
