"""Log lines can be read by machines and hold nothing about persons."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.chassis.telemetry.logging import configure, get_logger


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("clients", as_json=True, stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def only(lines: io.StringIO) -> dict[str, Any]:
    (line,) = lines.getvalue().splitlines()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_line_is_one_json_object_with_its_particulars(lines: io.StringIO) -> None:
    get_logger("services.clients").warning("relay waits", topic="muster.clients.client", pending=3)
    line = only(lines)
    assert line["event"] == "relay waits"
    assert (line["topic"], line["pending"]) == ("muster.clients.client", 3)
    assert (line["service"], line["level"], line["logger"]) == ("clients", "warning", "services.clients")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("key", ["phone", "full_name", "Address", "income", "birthday", "note"])
def test_values_under_personal_keys_are_withheld_at_any_depth(lines: io.StringIO, key: str) -> None:
    get_logger("x").info("saved", client_id="c-1", changed=[{key: "Wang Xiaoming"}], **{key: "Wang Xiaoming"})
    assert "Wang" not in lines.getvalue()
    assert only(lines)["client_id"] == "c-1"


@pytest.mark.parametrize("text", ["call 13812345678 now", "+86 138-1234-5678", "to wang@example.com"])
def test_phones_and_mail_addresses_inside_words_are_withheld(lines: io.StringIO, text: str) -> None:
    get_logger("x").info("refused", reason=text)
    assert "[withheld]" in only(lines)["reason"]
    assert not any(part in lines.getvalue() for part in ("5678", "wang@"))


def test_ids_and_figures_are_left_as_they_are(lines: io.StringIO) -> None:
    id_ = "01890a5d-ac96-7fff-bfff-138123456789"
    get_logger("x").info("sent", event_id=id_, offset=13812345678)
    assert (only(lines)["event_id"], only(lines)["offset"]) == (id_, 13812345678)


def test_libraries_speak_through_the_same_guard(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").error("cannot parse %s", "13812345678")
    assert only(lines)["event"] == "cannot parse [withheld]"


def test_a_library_with_a_voice_of_its_own_loses_it(lines: io.StringIO) -> None:
    aloud = io.StringIO()
    library = logging.getLogger("some.library")
    library.addHandler(logging.StreamHandler(aloud))
    library.propagate = False
    configure("clients", as_json=True, stream=lines)
    library.error("cannot parse %s", "13812345678")
    assert aloud.getvalue() == ""
    assert only(lines)["event"] == "cannot parse [withheld]"


def test_an_exception_is_in_its_line_and_guarded_too(lines: io.StringIO) -> None:
    try:
        raise ValueError("no such phone: 13812345678")
    except ValueError as error:
        get_logger("x").error("failed", exc_info=error)
    line = only(lines)
    assert "ValueError: no such phone: [withheld]" in line["exception"]
