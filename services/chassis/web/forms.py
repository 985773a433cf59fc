"""Forms: what somebody typed, checked by a model, and shown again with what is wrong beside each field.

A field's name is its place in the model; `contact.phone` is the field `phone` of the field `contact`. An empty field
counts as not given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, Generic, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from services.chassis.errors import FieldError, Invalid
from services.chassis.web.validation import field_errors

M = TypeVar("M", bound=BaseModel)

KEY_FIELD = "_key"
VERSION_FIELD = "version"


@dataclass(frozen=True)
class FormField:
    """One field as it is shown."""

    name: str
    values: tuple[str, ...] = ()
    error: FieldError | None = None
    theirs: str | None = None
    """What somebody else put there in the meantime, when it differs."""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class Form(Generic[M]):
    """A form of a model: empty, filled from what is kept, or as somebody sent it."""

    model: type[M]
    data: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()
    version: int | None = None
    """The version that was read, for forms that change something."""
    key: str | None = None
    """The `_key` it was sent with; a form that is shown for the first time gets a fresh one."""
    theirs: Mapping[str, str] = field(default_factory=dict)
    stale: bool = False

    @classmethod
    def of(
        cls,
        model: type[M],
        values: Mapping[str, object] | BaseModel | None = None,
        *,
        version: int | None = None,
    ) -> "Form[M]":
        """A form to fill in, with these values in it."""
        return cls(model, data=_as_text(values or {}), version=version)

    def __getitem__(self, name: str) -> FormField:
        pointer = "/" + name.replace(".", "/")
        error = next(
            (e for e in self.errors if e.pointer == pointer or e.pointer.startswith(pointer + "/")), None
        )
        return FormField(name, tuple(self.data.get(name, ())), error, self.theirs.get(name))

    @property
    def general_errors(self) -> list[FieldError]:
        """What is wrong with the whole, or with something that is not a field here."""
        names = {"/" + name.replace(".", "/") for name in self.data} | {
            "/" + name for name in self.model.model_fields
        }
        return [
            e for e in self.errors if not any(e.pointer == n or e.pointer.startswith(n + "/") for n in names)
        ]

    def valid(self) -> M:
        """What was sent, as the model. Raises `Invalid` with an error for each field that is wrong."""
        try:
            return self.model.model_validate(_nested(self.model, self.data))
        except ValidationError as error:
            raise Invalid(errors=field_errors(error.errors())) from None

    def with_errors(self, problem: Invalid) -> "Form[M]":
        """The same form, saying what is wrong."""
        return replace(self, errors=problem.errors or (FieldError("", problem.message),))

    def against(self, values: Mapping[str, object] | BaseModel, *, version: int) -> "Form[M]":
        """After a stale version: what was typed is kept, and beside it stands what the others made of it."""
        now = _as_text(values)
        theirs = {
            name: ", ".join(now[name])
            for name in now
            if name in self.data and list(now[name]) != list(self.data[name])
        }
        return replace(self, theirs=theirs, version=version, stale=True, key=None)


def form_of(model: type[M]) -> Any:
    """The dependency that reads a form of this model: `Annotated[Form[X], Depends(form_of(X))]`."""

    async def read(request: Request) -> Form[M]:
        return read_form(model, await request.form())

    return read


def read_form(model: type[M], sent: FormData) -> Form[M]:
    """The form as it was sent. Files are not text and are left out."""
    data: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str):
            data.setdefault(name, []).append(value)
    key = data.pop(KEY_FIELD, [None])[0]
    version = data.pop(VERSION_FIELD, [""])[0]
    return Form(model, data, key=key, version=_version(version))


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _nested(model: type[BaseModel], data: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, values in data.items():
        given = [value for value in (value.strip() for value in values) if value]
        if not given:
            continue
        *parents, leaf = name.split(".")
        branch: Any = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
            if not isinstance(branch, dict):
                break
        else:
            branch[leaf] = given if _takes_many(model, [*parents, leaf]) else given[-1]
    return tree


def _takes_many(model: type[BaseModel], path: Sequence[str]) -> bool:
    info = model.model_fields.get(path[0])
    if info is None:
        return False
    if len(path) > 1:
        inner = info.annotation
        return isinstance(inner, type) and issubclass(inner, BaseModel) and _takes_many(inner, path[1:])
    return get_origin(info.annotation) in (list, tuple, set, frozenset)


def _as_text(values: Mapping[str, object] | BaseModel, prefix: str = "") -> dict[str, list[str]]:
    items = values.model_dump() if isinstance(values, BaseModel) else values
    data: dict[str, list[str]] = {}
    for name, value in items.items():
        if isinstance(value, Mapping):
            data.update(_as_text(value, f"{prefix}{name}."))
        elif isinstance(value, list | tuple | set | frozenset):
            data[prefix + name] = [_text(part) for part in value]
        else:
            data[prefix + name] = [] if value is None else [_text(value)]
    return data


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
