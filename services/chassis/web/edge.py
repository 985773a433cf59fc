"""The outermost layer of a request: correlation, time limit, size, origin, headers, a log line, a last answer."""

import asyncio
import re
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.identity import new_id
from services.chassis.telemetry import metrics, tracing
from services.chassis.telemetry.logging import get_logger
from services.chassis.web.problems import CrossOrigin, TooLarge, respond
from services.chassis.web.settings import WebSettings

log = get_logger(__name__)

CORRELATION_HEADER = "x-correlation-id"
_CORRELATION = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_UPLOAD_SECONDS = 120.0
"""A file of many megabytes comes slowly over a phone's line."""
_UNSEEN = {"/livez", "/readyz", "/metrics"}
_HTML_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": _HTML_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: WebSettings, uploads: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._uploads = uploads or {}
        self._settings = settings
        self._headers = dict(_ALWAYS)
        if settings.secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get(CORRELATION_HEADER, "")
        correlation_id = asked if _CORRELATION.match(asked) else new_id()
        scope["muster.correlation_id"] = correlation_id
        began = time.perf_counter()
        status = 0
        streaming = False
        deadline: asyncio.Timeout | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                own = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    own.setdefault(name, value)
                own[CORRELATION_HEADER] = correlation_id
                if deadline is not None and own.get("content-type", "").startswith("text/event-stream"):
                    deadline.reschedule(None)
                    streaming = True
                    metrics.HTTP_STREAMS_OPEN.inc()
            await send(message)

        request = Request(scope, receive)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        with tracing.running(tracing.request_span(scope["method"], "", headers.get("traceparent"))) as span:
            try:
                if _is_foreign(scope["method"], headers, self._settings.public_url):
                    raise CrossOrigin
                largest = self._uploads.get(scope["path"], 0)
                seconds = _UPLOAD_SECONDS if largest else self._settings.request_seconds
                limited = _limited(receive, headers, largest or self._settings.largest_body)
                async with asyncio.timeout(seconds) as deadline:
                    await self._app(scope, limited, send_with_headers)
            except Exception as error:
                tracing.failed(span, error)
                if status:
                    log.error("answer_broken_off", exc_info=error)
                else:
                    answer = await respond(request, error)
                    await answer(scope, receive, send_with_headers)
            finally:
                route = _template_of(scope)
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.route", route)
                if streaming:
                    metrics.HTTP_STREAMS_OPEN.dec()
                _note(scope, route, status, None if streaming else time.perf_counter() - began)


def _note(scope: Scope, route: str, status: int, seconds: float | None) -> None:
    """Count the request and write its line; `seconds` is None for a stream, whose length says nothing."""
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    metrics.HTTP_REQUESTS.labels(method, route, str(status)).inc()
    if seconds is not None:
        metrics.HTTP_REQUEST_DURATION.labels(method, route).observe(seconds)
    if scope["path"] in _UNSEEN or route.endswith("/assets/{digest}/{name:path}"):
        return
    milliseconds = None if seconds is None else round(seconds * 1000, 1)
    log.info("request", method=method, route=route, status=status, milliseconds=milliseconds)


def _template_of(scope: Scope) -> str:
    """The route's path with its prefixes and the names of its parameters, such as `/clients/api/clients/{id}`.

    FastAPI keeps the route as it was before it was included under a prefix, and beside it the whole; without the
    whole, the shorter one will do.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(whole, "path", "") or getattr(scope.get("route"), "path", "") or "unknown"


def _is_foreign(method: str, headers: Headers, public_url: str) -> bool:
    """Whether a request that may change something was sent by a page of another site.

    Browsers say so in Sec-Fetch-Site, older ones in Origin; what sends neither is not a browser and has no cookie of
    somebody's to abuse.
    """
    if method in _SAFE:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return True
    return host not in (headers.get("host", ""), urlsplit(public_url).netloc)


def _limited(receive: Receive, headers: Headers, largest: int) -> Receive:
    """The same body, refused when it is larger than it may be. Raises `TooLarge`."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 15 or int(declared) > largest):
        raise TooLarge
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > largest:
                raise TooLarge
        return message

    return counted
