"""Answers to what somebody did: small enough to be kept, so that the same request sent twice gets the same one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

TOAST_COOKIE = "muster_toast"
_TOAST_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """A status with a JSON body and headers, or a place to go to."""

    status: int
    body: str = ""
    """JSON, or empty."""
    headers: Mapping[str, str] = field(default_factory=dict)
    toast: str = ""
    """Said once on the next page."""

    def response(self, request: Request) -> Response:
        """As HTTP. A redirect becomes `HX-Redirect` for htmx, which would swap the next page into a corner."""
        headers = dict(self.headers)
        status = self.status
        if status == 303 and "hx-request" in request.headers:
            status = 204
            headers["HX-Redirect"] = headers.pop("Location")
        response = Response(
            self.body.encode() if self.body else b"",
            status,
            headers,
            media_type="application/json" if self.body else None,
        )
        if self.toast:
            say_on_next_page(response, self.toast)
        return response


def say_on_next_page(response: Response, words: str) -> None:
    """The next page shows these words once."""
    response.set_cookie(
        TOAST_COOKIE, quote(words[:300]), max_age=_TOAST_SECONDS, path="/", httponly=True, samesite="lax"
    )


def toast(words: str, *, kind: str = "") -> dict[str, str]:
    """The header that makes the page say these words once, beside whatever is swapped; `kind` may be `error`."""
    return {"HX-Trigger": json.dumps({"muster:toast": {"text": words[:300], "kind": kind}})}


def etag(version: int) -> str:
    """An aggregate's version as an entity tag."""
    return f'"{version}"'


def _json(body: BaseModel | Mapping[str, Any]) -> str:
    if isinstance(body, BaseModel):
        return body.model_dump_json(by_alias=True)
    return json.dumps(body, ensure_ascii=False)


def created(location: str, body: BaseModel | Mapping[str, Any], *, version: int | None = None) -> Answer:
    """201 with where it is now, and its version as `ETag`."""
    headers = {"Location": location}
    if version is not None:
        headers["ETag"] = etag(version)
    return Answer(201, _json(body), headers)


def done(body: BaseModel | Mapping[str, Any], *, version: int | None = None) -> Answer:
    """200 with the state after it."""
    return Answer(200, _json(body), {"ETag": etag(version)} if version is not None else {})


def nothing() -> Answer:
    """204, when there is nothing to say; a page then shows the present state itself."""
    return Answer(204)


def see(location: str, *, toast: str = "") -> Answer:
    """On to another page of ours, where these words are said once."""
    return Answer(303, "", {"Location": location}, toast)
