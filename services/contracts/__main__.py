"""`python -m services.contracts`: release schemas, prove them compatible, print AsyncAPI documents."""

import argparse
import inspect
import sys
from collections.abc import Sequence

import orjson

from services.contracts import asyncapi
from services.contracts.catalogue import BY_TYPE, EVENTS
from services.contracts.release import RELEASED, release
from services.contracts.topics import SERVICES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when all is well, 1 when a promise is broken, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="python -m services.contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("events", help="print the table of all events, as the README has it")
    commands.add_parser("release", help="write the schemas that are not released yet; change none that is")
    commands.add_parser("check", help="prove that models, released schemas and samples fit, both ways")
    document = commands.add_parser("asyncapi", help="print the AsyncAPI document of a service")
    document.add_argument("service", choices=SERVICES)
    document.add_argument(
        "--reads", nargs="*", choices=sorted(BY_TYPE), default=[], metavar="TYPE", help="event types it reads"
    )
    chosen = parser.parse_args(arguments)
    if chosen.command == "events":
        print(table())
        return 0
    if chosen.command == "release":
        return _release()
    if chosen.command == "check":
        return _check()
    return _asyncapi(chosen.service, chosen.reads)


def table() -> str:
    """All events in Markdown: type, topic, present version of the schema, and what happened."""
    rows = ["| type | topic | schema | what happened |", "|---|---|---|---|"]
    for event in EVENTS:
        words = inspect.cleandoc(event.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        rows.append(
            f"| `{event.event_type()}` | `{event.aggregate.topic}` | {event.schema_version} | {words} |"
        )
    return "\n".join(rows)


def _release() -> int:
    written, changed = release()
    for path in written:
        print(f"released {path.relative_to(RELEASED)}")
    for path in changed:
        print(f"not changed: {path.relative_to(RELEASED)} is released; raise schema_version", file=sys.stderr)
    return 1 if changed else 0


def _check() -> int:
    try:
        from services.contracts.compatibility import faults
    except ImportError:
        print("the check needs the development packages (jsonschema)", file=sys.stderr)
        return 2
    found = faults()
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print("models, released schemas and samples fit, both ways")
    return 1 if found else 0


def _asyncapi(service: str, reads: Sequence[str]) -> int:
    document = asyncapi.document(service, [BY_TYPE[name] for name in reads])
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
