"""Errors as others see them: `application/problem+json` (RFC 9457) for programs, a page in words for people.

A stack trace never leaves the process. What is neither a `Problem` nor a fault of the input is a bug: it is logged with
the correlation id that the answer names.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.chassis.access import Access
from services.chassis.errors import (
    N_,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    Moved,
    NotFound,
    NotSignedIn,
    Problem,
    StoreUnavailable,
)
from services.chassis.mongo import DuplicateKeyError, PyMongoError, is_transient
from services.chassis.telemetry.logging import get_logger
from services.chassis.web.page import writer_for
from services.chassis.web.session import SESSION_COOKIE
from services.chassis.web.site import site_of
from services.chassis.web.validation import field_errors

log = get_logger(__name__)

TYPE_BASE = "https://schemas.muster.io/problems/"
RETRY_AFTER_SECONDS = 2


class Unexpected(Problem):
    status = 500
    code = "unexpected"
    title = N_("Something went wrong on our side; it was noted")


class NotUnderstood(Problem):
    status = 400
    code = "bad-request"
    title = N_("The request cannot be understood")


class NotAllowedHere(Problem):
    status = 405
    code = "method-not-allowed"
    title = N_("This cannot be done here")


class TooLarge(Problem):
    status = 413
    code = "too-large"
    title = N_("That is more than can be taken in at once")


class CrossOrigin(Forbidden):
    code = "cross-origin"
    title = N_("The request came from another site and was refused")


_BY_STATUS: dict[int, type[Problem]] = {
    400: NotUnderstood,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    405: NotAllowedHere,
    409: Conflict,
    413: TooLarge,
    422: Invalid,
    503: StoreUnavailable,
}


def problem_of(error: Exception) -> Problem:
    """What to say about an exception that reached the edge."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _from_validation(error)
    if isinstance(error, HTTPException):
        if isinstance(error.__cause__, Problem):
            # FastAPI calls whatever goes wrong while it reads a body a bad request
            return error.__cause__
        return _BY_STATUS.get(error.status_code, NotUnderstood if error.status_code < 500 else Unexpected)()
    if isinstance(error, TimeoutError) or is_transient(error):
        return StoreUnavailable()
    if isinstance(error, DuplicateKeyError):
        return Conflict()
    if isinstance(error, OverflowError | UnicodeEncodeError):
        # a number beyond 64 bits or half a character: the database refuses it, and so do we
        return Invalid(errors=[FieldError("", N_("This has a value that cannot be kept"))])
    return Unexpected()


def _from_validation(error: RequestValidationError) -> Problem:
    errors = error.errors()
    if any(one["type"] == "json_invalid" for one in errors):
        return NotUnderstood(N_("The body is not JSON"))
    if errors and all(one["loc"] and one["loc"][0] == "path" for one in errors):
        return NotFound()
    return Invalid(errors=field_errors(errors))


def wants_json(request: Request) -> bool:
    """Whether a program asks: everything under `/<service>/api`, and whoever does not take HTML."""
    service = site_of(request).service
    path = request.url.path
    if path == f"/{service}/api" or path.startswith(f"/{service}/api/"):
        return True
    return "text/html" not in request.headers.get("accept", "")


async def respond(request: Request, error: Exception) -> Response:
    """The answer to a request that ended in this exception."""
    problem = problem_of(error)
    correlation_id: str = request.scope.get("muster.correlation_id", "")
    if isinstance(problem, Unexpected):
        log.error("unexpected_error", correlation_id=correlation_id, exc_info=error)
    elif problem.status >= 500:
        log.warning("unavailable", correlation_id=correlation_id, error=type(error).__name__)
    headers: dict[str, str] = {}
    if problem.status in (503, 429) or problem.code == "still-running":
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(problem, Moved):
        return _to_new_address(request, problem)
    if isinstance(error, HTTPException) and error.headers and "allow" in {k.lower() for k in error.headers}:
        headers["Allow"] = next(v for k, v in error.headers.items() if k.lower() == "allow")
    if wants_json(request):
        return problem_json(request, problem, headers)
    return await _page(request, problem, headers, correlation_id)


def problem_json(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """RFC 9457 with our members `code` and `errors`."""
    language = site_of(request).language_of(request)
    body: dict[str, Any] = {
        "type": TYPE_BASE + problem.code,
        "title": language.say(problem.title),
        "status": problem.status,
        "detail": language.say_problem(problem),
        "instance": quote(request.url.path, safe="/:@!$&'()*+,;=-._~"),
        "code": problem.code,
        "correlation_id": request.scope.get("muster.correlation_id", ""),
    }
    if problem.errors:
        body["errors"] = [
            {"detail": language.say_field(error), "pointer": "#" + error.pointer} for error in problem.errors
        ]
    return JSONResponse(
        body,
        problem.status,
        {"Content-Language": language.tag, "Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


async def _page(request: Request, problem: Problem, headers: dict[str, str], correlation_id: str) -> Response:
    by_htmx = "hx-request" in request.headers
    if isinstance(problem, NotSignedIn):
        return _to_sign_in(request, by_htmx)
    writer = writer_for(request, await _reader(request, problem))
    if by_htmx:
        # an error is said beside what is on the screen, never swapped into it
        words = {"text": writer.language.say_problem(problem), "kind": "error"}
        headers["HX-Reswap"] = "none"
        headers["HX-Trigger"] = json.dumps({"muster:toast": words})
        return Response(b"", problem.status, headers)
    phrase = HTTPStatus(problem.status).phrase
    return writer.show(
        "chassis/problem.html",
        status=problem.status,
        headers=headers,
        problem=problem,
        phrase=phrase,
        correlation_id=correlation_id,
    )


async def _reader(request: Request, problem: Problem) -> Access | None:
    """Who reads the error, so that it stands in their shell; nobody when that cannot be asked now."""
    known: Access | None = getattr(request.state, "visitor", None)
    if known is not None or problem.status not in (404, 405):
        return known
    site = site_of(request)
    person_id = site.signer.person_in(request.cookies.get(SESSION_COOKIE, ""), site.clock())
    if person_id is None:
        return None
    try:
        return await site.directory.access(person_id)
    except (Problem, PyMongoError):
        return None


def _to_new_address(request: Request, moved: Moved) -> Response:
    parts = [moved.new if part == moved.old else part for part in request.url.path.split("/")]
    path = quote("/".join(parts), safe="/:@!$&'()*+,;=-._~")
    target = path + (f"?{request.url.query}" if request.url.query else "")
    return Response(b"", moved.status, {"Location": target, "Cache-Control": "no-store"})


def _to_sign_in(request: Request, by_htmx: bool) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if by_htmx:
        return Response(b"", 401, {"HX-Redirect": "/sign-in", "Cache-Control": "no-store"})
    target = "/sign-in" if request.method != "GET" else f"/sign-in?next={quote(path, safe='')}"
    return Response(b"", 303, {"Location": target, "Cache-Control": "no-store"})


def install(app: FastAPI) -> None:
    """Answers for everything that a route may raise."""

    async def answer(request: Request, error: Exception) -> Response:
        return await respond(request, error)

    for kind in (
        Problem,
        RequestValidationError,
        HTTPException,
        PyMongoError,
        OverflowError,
        UnicodeEncodeError,
    ):
        app.add_exception_handler(kind, answer)
