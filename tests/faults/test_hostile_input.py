"""Hostile input to every route of every service: whatever comes in, it is answered, and never with a 5xx."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from services.chassis.identity import new_id
from services.clients.app import DEFINITION as CLIENTS
from services.notifications.app import DEFINITION as NOTIFICATIONS
from services.recruiting.app import DEFINITION as RECRUITING
from services.training.app import DEFINITION as TRAINING
from tests.faults.site import Site, site_of

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]

SERVICES = {each.name: each for each in (RECRUITING, TRAINING, CLIENTS, NOTIFICATIONS)}
EXAMPLES = int(os.environ.get("MUSTER_FAULT_EXAMPLES", "5"))
"""For each route, kind of data and person."""
PEOPLE = ("head", "lin")
"""Head office, who may do nearly everything, and an agent, who may not."""
VERSIONS = ("*", '"1"', '"2"')


@pytest.fixture(params=sorted(SERVICES))
def site(
    request: pytest.FixtureRequest, mongodb_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MUSTER_DATABASE_PREFIX", f"{database_name}_")
    with site_of(SERVICES[request.param]) as site:
        yield site


def operations(site: Site) -> list[Any]:
    """Every operation in the service's OpenAPI document."""
    schema = schemathesis.openapi.from_dict(site.served.app.openapi())
    found: Iterable[Any] = schema.get_all_operations()
    return [result.ok() for result in found]


def test_no_generated_request_gets_a_5xx(site: Site) -> None:
    asked: set[int] = set()
    for operation in operations(site):
        for person_id in PEOPLE:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _try(site, operation, person_id, mode, asked)
    # otherwise nothing was tried but the door
    assert {200, 404, 422} <= asked


def _try(site: Site, operation: Any, person_id: str, mode: GenerationMode, asked: set[int]) -> None:
    session = requests.Session()
    session.trust_env = False
    session.cookies.update(site.cookies(person_id))
    ids = st.fixed_dictionaries(
        {name: st.none() | st.sampled_from(known) for name, known in site.known.items()}
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        ids=ids,
        version=st.none() | st.sampled_from(VERSIONS),
    )
    def ask(case: Any, ids: dict[str, str | None], version: str | None) -> None:
        for name, id_ in ids.items():
            if id_ is not None and name in (case.path_parameters or {}):
                case.path_parameters[name] = id_
        more = {} if version is None else {"If-Match": version, "Idempotency-Key": new_id()}
        answer = case.call(base_url=site.served.url, session=session, headers=more, timeout=15)
        asked.add(answer.status_code)
        assert answer.status_code < 500, f"{answer.status_code} {answer.text}\n{case.as_curl_command()}"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"], case.as_curl_command()

    try:
        ask()
    except Unsatisfiable:
        # an operation that takes nothing in cannot be asked wrongly
        assert mode is GenerationMode.NEGATIVE


NASTY_IDS = (
    *("%00", "a%00b", "%0d%0aSet-Cookie:%20a=b", "..%2f..%2fetc%2fpasswd", "%2e%2e", "x" * 5000),
    *("%ED%A0%80", "%FF%FE", "%F0%9F%92%A5", "$ne", '{"$gt":""}', "-1", "9" * 400, "%E2%80%AE", "null"),
)
NASTY_VALUES = (
    "\x00",
    "a\r\nSet-Cookie: a=b",
    "x" * 3_000,
    "💥",
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    '{"$gt":""}',
    "",
)
DEEP = 20_000
NASTY_BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b"\x00"),
    ("application/json", b"{"),
    ("application/json", b"null"),
    ("application/json", b"[" * DEEP + b"]" * DEEP),
    ("application/json", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ("application/json", b'{"name": "\\ud800", "title": "\\ud800", "code": "\\ud800", "reason": "\\ud800"}'),
    ("application/json", b'{"name": "\\u0000", "days": ' + b"9" * 5000 + b"}"),
    ("application/json", b'{"days": 1e999, "minutes": NaN, "starts_at": "9999-12-31T23:59:59-23:59"}'),
    ("application/json", b"\xff\xfe{\x00}\x00"),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    ("text/plain", b"name=a"),
    ("", b"name=a"),
    (
        "application/x-www-form-urlencoded",
        b"name=%00&code=%ED%A0%80&_version=9999999999999999999999&_key=%0d%0a",
    ),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=b" % n for n in range(5000))),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\x00'),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"A" * 100_000),
)


def test_no_handwritten_nastiness_gets_a_5xx(site: Site) -> None:
    """Pages, forms and JSON alike: every route that the application has, also those no document names."""
    with site.as_person("head") as asking:
        for method, path in routes(site):
            filled = path.format_map(_Known(site.known))
            for id_ in NASTY_IDS if "{" in path else ():
                _send(asking, method, path.format_map(_Always(id_)))
            if method == "GET":
                _ask_with_nasty_query(asking, filled)
                continue
            for content_type, body in NASTY_BODIES:
                _send(asking, method, filled, content_type, body)


def test_what_is_too_large_is_refused(site: Site) -> None:
    """Also when its length is not said beforehand."""
    refused = 0
    with site.as_person("head") as asking:
        for path, methods in site.served.app.openapi()["paths"].items():
            for method, operation in methods.items():
                if "requestBody" in operation:
                    url = path.format_map(_Known(site.known))
                    answer = _send(asking, method.upper(), url, "application/json", _ten_megabytes())
                    if "application/json" not in operation["requestBody"]["content"]:
                        # files may be as large, but head office reads none in
                        assert answer in (403, 413, 415, 422, None), f"{method} {url}: {answer}"
                        continue
                    assert answer in (413, None), f"{method} {url}: {answer}"
                    refused += answer == 413
    assert refused


def _ten_megabytes() -> Iterator[bytes]:
    yield b'{"name": "'
    for _ in range(40):
        yield b"x" * 250_000
    yield b'"}'


LEFT_OUT = ("/sign-out",)
"""Would end the session with which we ask."""


def routes(site: Site) -> Sequence[tuple[str, str]]:
    """Method and path of everything that the application answers, but for streams, which have no end."""
    found: set[tuple[str, str]] = set()
    for route in iter_route_contexts(site.served.app.routes):
        for method in route.methods or ():
            path = (route.path or "").replace(":path}", "}")
            if method != "HEAD" and not path.endswith("/live") and path not in LEFT_OUT:
                found.add((method, path))
    # otherwise we would only knock at the door
    assert len(found) > len(operations(site))
    return sorted(found)


def _ask_with_nasty_query(asking: httpx.Client, path: str) -> None:
    names = ("cursor", "size", "q", "unit", "unit_id", "period", "metric", "day", "as_of", "next", "state")
    for value in NASTY_VALUES:
        _send(asking, "GET", f"{path}?{httpx.QueryParams(dict.fromkeys(names, value))}")
    for query in ("cursor=%ED%A0%80&q=%ED%A0%80", "size=%00&q=%FF", "&&&=&=a&q", "q=" + "%00" * 100):
        _send(asking, "GET", f"{path}?{query}")


def _send(
    asking: httpx.Client, method: str, url: str, content_type: str = "", body: bytes | Iterator[bytes] = b""
) -> int | None:
    headers = {"If-Match": "*", "Idempotency-Key": new_id(), "Accept": "text/html, application/json"}
    if content_type:
        headers["Content-Type"] = content_type
    try:
        answer = asking.request(method, url, content=body or None, headers=headers)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        # refused before all of it was taken in
        return None
    assert answer.status_code < 500, f"{method} {url[:300]} {content_type}: {answer.text[:600]}"
    assert "a=b" not in answer.headers.get("set-cookie", "")
    return answer.status_code


class _Always(dict[str, str]):
    """The same for every parameter."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = value

    def __missing__(self, key: str) -> str:
        return self._value


class _Known(dict[str, str]):
    """Something that is there, for the parameters that we know."""

    def __init__(self, known: dict[str, list[str]]) -> None:
        super().__init__({name: ids[0] for name, ids in known.items()})

    def __missing__(self, key: str) -> str:
        return "agent" if key == "role" else "nothing"
