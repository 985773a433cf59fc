"""Log lines: one JSON object a line in production, readable in a terminal, and never about a person.

    log = get_logger(__name__)
    log.info("relay active", lease=lease.token)

Say what happened in the event's words and put the particulars into keys; ids are welcome, names are not.
"""

import logging
import re
import sys
from typing import TYPE_CHECKING, TextIO, cast

import orjson
import structlog
from opentelemetry import trace

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

WITHHELD = "[withheld]"

PERSONAL_KEYS = frozenset(
    {
        "address",
        "answer",
        "birthday",
        "comment",
        "email",
        "family",
        "full_name",
        "hobbies",
        "id_number",
        "income",
        "mobile",
        "mood",
        "note",
        "notes",
        "password",
        "person_name",
        "phone",
        "pinyin",
        "secret",
        "text",
        "token",
        "work",
    }
)
"""Keys whose values are taken out of a line, at any depth: the fields that the data model marks as personal."""

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")

_QUIET = {
    "aiokafka": logging.WARNING,
    "asyncio": logging.WARNING,
    "faust": logging.WARNING,
    "httpx": logging.WARNING,
    "mode": logging.WARNING,
    "pymongo": logging.WARNING,
    "uvicorn.access": logging.WARNING,
}
"""What libraries have to say below this level is said better by our own lines and metrics."""


def get_logger(name: str) -> "FilteringBoundLogger":
    """The logger of a module; cheap, and safe to call at import."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def configure(service: str, *, as_json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send our lines and those of every library through the same processors to `stream` (standard error)."""
    target = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _without_colours,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _of_service(service),
        add_trace,
    ]
    last: list[Processor]
    if as_json:
        last = [structlog.processors.format_exc_info, withhold, structlog.processors.JSONRenderer(_to_json)]
    else:
        plain = structlog.dev.plain_traceback
        last = [
            withhold,
            structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=plain),
        ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for known in list(root.manager.loggerDict.values()):
        # some libraries give their loggers a voice of their own, past the guard
        if isinstance(known, logging.Logger):
            known.handlers.clear()
            known.propagate = True
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(quiet, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def withhold(_logger: "WrappedLogger", _method: str, line: "EventDict") -> "EventDict":
    """The line without values under personal keys, and without anything that looks like a phone or a mail address.

    A guard behind the rule that such things are not logged, not a licence to log them.
    """
    return {key: _guarded(key, value) for key, value in line.items()}


def add_trace(_logger: "WrappedLogger", _method: str, line: "EventDict") -> "EventDict":
    """The line with the ids of the running trace, so that a line leads to its trace and back."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = format(context.trace_id, "032x")
        line["span_id"] = format(context.span_id, "016x")
    return line


def _guarded(key: object, value: object) -> object:
    if isinstance(key, str) and key.lower() in PERSONAL_KEYS:
        return WITHHELD
    if isinstance(value, str):
        return _EMAIL.sub(WITHHELD, _PHONE.sub(WITHHELD, value))
    if isinstance(value, dict):
        return {inner: _guarded(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_guarded(None, each) for each in value]
    return value


def _without_colours(_logger: "WrappedLogger", _method: str, line: "EventDict") -> "EventDict":
    # uvicorn says everything a second time, with escape sequences
    line.pop("color_message", None)
    return line


def _of_service(service: str) -> "Processor":
    def add(_logger: "WrappedLogger", _method: str, line: "EventDict") -> "EventDict":
        line["service"] = service
        return line

    return add


def _to_json(line: object, **_options: object) -> str:
    return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
