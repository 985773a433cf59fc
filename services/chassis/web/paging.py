"""Lists by cursor: a page starts after the last one's last row, so nothing is skipped or shown twice."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Query
from starlette.requests import Request

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import Document

T = TypeVar("T")
DEFAULT_SIZE = 50
LARGEST_SIZE = 200

CursorParam = Annotated[str, Query(max_length=500, description="Where the last page ended")]
SizeParam = Annotated[int, Query(ge=1, le=LARGEST_SIZE, description="How many rows at most")]


def encode_cursor(*position: str | int | float | bool | None) -> str:
    """The position of a row in its order, opaque to others; moments go in as ISO text."""
    raw = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> tuple[Any, ...] | None:
    """The position, or None for the empty cursor. Raises `Invalid` for one that we did not make."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        position = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        position = None
    if not isinstance(position, list) or len(position) != length:
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    if any(isinstance(part, dict | list) for part in position):
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    return tuple(position)


def after(order: Sequence[tuple[str, int]], position: Sequence[Any] | None) -> Document:
    """The MongoDB filter of rows that come after the position; `order` is a sort with a unique last field."""
    if position is None:
        return {}
    branches: list[Document] = []
    for index, (field, direction) in enumerate(order):
        equal = {name: position[i] for i, (name, _) in enumerate(order[:index])}
        branches.append({**equal, field: {"$gt" if direction > 0 else "$lt": position[index]}})
    return {"$or": branches}


@dataclass(frozen=True)
class Rows(Generic[T]):
    """One page of a list."""

    items: tuple[T, ...]
    next_cursor: str
    """Empty on the last page."""

    @classmethod
    def of(cls, found: Sequence[T], size: int, position: Callable[[T], tuple[Any, ...]]) -> "Rows[T]":
        """A page from a query that asked for one row more than `size`."""
        items = tuple(found[:size])
        more = len(found) > size
        return cls(items, encode_cursor(*position(items[-1])) if more else "")


def link_header(request: Request, next_cursor: str) -> dict[str, str]:
    """The `Link` header (RFC 8288) to the next page, as a dictionary of headers; empty on the last page."""
    if not next_cursor:
        return {}
    query = [(key, value) for key, value in parse_qsl(request.url.query) if key != "cursor"]
    target = f"{request.url.path}?{urlencode([*query, ('cursor', next_cursor)])}"
    return {"Link": f'<{target}>; rel="next"'}
