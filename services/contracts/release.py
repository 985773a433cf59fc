"""Released schemas and their samples: files that are written once and never changed.

`schemas/<service>/<event>/v<version>.json` is the JSON Schema that `dataschema` names, and
`schemas/<service>/<event>/samples/v<version>.json` a list of payloads of that version.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from services.contracts.catalogue import EVENTS
from services.contracts.event import Event
from services.contracts.samples import samples_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RELEASED = Path(__file__).parent / "schemas"

Json = dict[str, Any]

WORDS = frozenset({"title", "description"})
"""Keywords that explain and demand nothing: improving them is no change of the schema."""


def schema_of(event: type[Event]) -> Json:
    """The JSON Schema of the payload as the model stands now: what a reader may rely on, nothing it must send."""
    return {"$schema": DIALECT, "$id": event.dataschema(), **event.model_json_schema(mode="validation")}


def schema_path(event: type[Event], root: Path = RELEASED) -> Path:
    """Where the schema of the event's present version is released."""
    return root / event.aggregate.service / event.event_name / f"v{event.schema_version}.json"


def samples_path(schema: Path) -> Path:
    """Where the samples of a released schema are."""
    return schema.parent / "samples" / schema.name


def released(event: type[Event], root: Path = RELEASED) -> list[Path]:
    """The schemas released so far for this major version of the event, oldest first."""
    found = schema_path(event, root).parent.glob(f"v{event.major}.*.json")
    return sorted(found, key=lambda path: int(path.stem.partition(".")[2]))


def demands(schema: Any) -> Any:
    """The schema without its words. Two schemas with equal demands accept the same payloads."""
    if isinstance(schema, list):
        return [demands(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: {name: demands(part) for name, part in value.items()}
        if keyword in ("properties", "$defs")
        else demands(value)
        for keyword, value in schema.items()
        if keyword not in WORDS
    }


def release(events: Iterable[type[Event]] = EVENTS, root: Path = RELEASED) -> tuple[list[Path], list[Path]]:
    """Write the schemas and samples that are not there yet.

    Returns what was written, and the released schemas that the models no longer equal: those stay as they are,
    and their event needs the next version.
    """
    written, changed = [], []
    for event in events:
        path = schema_path(event, root)
        if path.exists():
            if demands(orjson.loads(path.read_bytes())) != demands(schema_of(event)):
                changed.append(path)
            continue
        _write(path, schema_of(event))
        payloads = [sample.model_dump(mode="json", exclude_unset=True) for sample in samples_of(event)]
        _write(samples_path(path), payloads)
        written.append(path)
    return written, changed


def _write(path: Path, content: Json | list[Json]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
