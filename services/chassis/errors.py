"""Errors that are said to people and to other systems, whatever the door they came in by.

`message` is a gettext id in English with named places; `params` fill them. The web shell turns a `Problem` into
`application/problem+json` or a page, in the reader's language. Anything that is not a `Problem` is a bug or a
broken machine, and is treated as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - the gettext community's name for "extract, do not translate yet"
    """Mark a message for extraction; it is translated where it is shown."""
    return message


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; `pointer` is a JSON pointer such as `/contact/phone`."""

    pointer: str
    message: str


class Problem(Exception):
    """Something that somebody can act on. `status` is the HTTP status, `code` is stable for programs."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = N_("The request cannot be carried out")

    def __init__(self, message: str = "", /, *, errors: Sequence[FieldError] = (), **params: object) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.params: Mapping[str, object] = params
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Invalid(Problem):
    """The input breaks a rule; `errors` say where."""

    status = 422
    code = "invalid"
    title = N_("Some fields need your attention")


class NotFound(Problem):
    """It does not exist, or not for this reader: the two look alike on purpose."""

    status = 404
    code = "not-found"
    title = N_("This does not exist, or is not yours to see")


class Moved(Problem):
    """It stands at another address now: the part `old` of the path is `new` today."""

    status = 308
    code = "moved"
    title = N_("This stands at another address now")

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old = old
        self.new = new


class Forbidden(Problem):
    """The person is known and may see the thing, but not do this."""

    status = 403
    code = "forbidden"
    title = N_("Your role does not allow this")


class NotSignedIn(Problem):
    status = 401
    code = "not-signed-in"
    title = N_("Please sign in")


class Conflict(Problem):
    """The present state does not allow it, for example a meeting that is already closed."""

    status = 409
    code = "conflict"
    title = N_("This is not possible as things stand")


class StaleVersion(Problem):
    """Somebody else changed it since it was read (`If-Match` did not match)."""

    status = 412
    code = "stale-version"
    title = N_("Somebody changed this in the meantime")


class StoreUnavailable(Problem):
    """The database cannot be reached or did not answer in time; nothing was saved."""

    status = 503
    code = "store-unavailable"
    title = N_("Saving is not possible at the moment; please try again shortly")
