"""What is wrong with an input, by JSON pointer and in words that can be translated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.chassis.errors import N_, FieldError

_SAID: dict[str, str] = {
    "missing": N_("Please fill this in"),
    "string_too_short": N_("At least %(min_length)s characters, please"),
    "string_too_long": N_("At most %(max_length)s characters, please"),
    "string_pattern_mismatch": N_("This does not look right"),
    "string_type": N_("Please give a text"),
    "string_unicode": N_("This text has characters that cannot be kept"),
    "int_parsing": N_("Please give a whole number"),
    "int_type": N_("Please give a whole number"),
    "int_from_float": N_("Please give a whole number"),
    "int_parsing_size": N_("This number is too large"),
    "float_parsing": N_("Please give a number"),
    "finite_number": N_("Please give a number"),
    "greater_than": N_("Must be more than %(gt)s"),
    "greater_than_equal": N_("Must be at least %(ge)s"),
    "less_than": N_("Must be less than %(lt)s"),
    "less_than_equal": N_("Must be at most %(le)s"),
    "enum": N_("Please choose one of the list"),
    "literal_error": N_("Please choose one of the list"),
    "bool_parsing": N_("Please answer yes or no"),
    "date_parsing": N_("Please give a date"),
    "date_from_datetime_parsing": N_("Please give a date"),
    "datetime_parsing": N_("Please give a date and a time"),
    "datetime_from_date_parsing": N_("Please give a date and a time"),
    "timezone_aware": N_("Please give a time with its offset"),
    "time_parsing": N_("Please give a time"),
    "json_invalid": N_("This is not JSON"),
    "extra_forbidden": N_("There is no such field"),
    "too_short": N_("Please choose at least %(min_length)s"),
    "too_long": N_("Please choose at most %(max_length)s"),
}
_OTHERWISE = N_("This does not look right")
_PLACES = {"body", "query", "path", "header", "cookie", "form"}

LARGEST_INTEGER = 2**63 - 1

Integer = Annotated[int, Field(ge=-(2**63), le=LARGEST_INTEGER)]
"""A whole number that the database can keep."""

Line = Annotated[str, Field(min_length=1, max_length=200)]
"""One line of text."""

Text = Annotated[str, Field(max_length=4000)]
"""A longer text, which may be empty."""


class Input(BaseModel):
    """What a route or a form takes in: unknown fields are refused, spaces around texts are cut."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, frozen=True)


class Output(BaseModel):
    """What a route gives out."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class InputError(FieldError):
    """A field's error whose message has places to fill."""

    params: Mapping[str, object] = field(default_factory=dict)


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Pydantic's errors as ours; a ValueError raised by a model speaks for itself."""
    return [_field_error(error) for error in errors]


def _field_error(error: Mapping[str, Any]) -> FieldError:
    kind: str = error["type"]
    context: Mapping[str, object] = error.get("ctx", {})
    pointer = json_pointer(error["loc"])
    if kind == "value_error":
        return InputError(pointer, str(context.get("error", "")) or _OTHERWISE)
    message = _SAID.get(kind, _OTHERWISE)
    return InputError(pointer, message, context if "%(" in message else {})


def json_pointer(location: Sequence[str | int]) -> str:
    """RFC 6901; the kind of place (`body`, `query` ...) that FastAPI puts in front is left out."""
    parts = [str(part) for part in location]
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
