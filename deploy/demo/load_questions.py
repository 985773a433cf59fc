"""The part of MongoDB's questions and changes that memory understands. Pure."""

from collections.abc import Mapping
from typing import Any

from services.chassis.mongo import Document

_COMPARISONS = {
    "$lt": lambda value, limit: value < limit,
    "$lte": lambda value, limit: value <= limit,
    "$gt": lambda value, limit: value > limit,
    "$gte": lambda value, limit: value >= limit,
}


class BeyondMemory(Exception):
    """Only the database can answer this."""


def wanted(question: Document) -> list[str] | None:
    """The ids that the question names, or None when it does not."""
    id_ = question.get("_id")
    if isinstance(id_, str):
        return [id_]
    if isinstance(id_, dict) and set(id_) == {"$in"}:
        return list(dict.fromkeys(id_["$in"]))
    return None


def by_fields(question: Document, index: Mapping[str, Mapping[Any, set[str]]]) -> list[str] | None:
    """The ids of documents that may answer, by the first indexed field that is asked for; None without one."""
    for field, ids in index.items():
        asked = question.get(field)
        if isinstance(asked, str):
            return sorted(ids.get(asked, ()))
        if isinstance(asked, dict) and set(asked) == {"$in"}:
            return sorted({id_ for value in asked["$in"] for id_ in ids.get(value, ())})
    return None


def matches(document: Document, question: Mapping[str, Any]) -> bool:
    """Whether the document answers the question. Raises `BeyondMemory`."""
    return all(_has(document, field, asked) for field, asked in question.items())


def changed(document: Document, change: Mapping[str, Any], *, inserts: bool = False) -> Document:
    """The document after `$set`, `$unset` and, for one that is new, `$setOnInsert`. Raises `BeyondMemory`."""
    if not set(change) <= {"$set", "$unset", "$setOnInsert"}:
        raise BeyondMemory(f"a change by {sorted(change)}")
    after = dict(document)
    for field, value in change.get("$set", {}).items():
        _put(after, field.split("."), value)
    if inserts:
        for field, value in change.get("$setOnInsert", {}).items():
            _put(after, field.split("."), value)
    for field in change.get("$unset", {}):
        after.pop(field, None)
    return after


def _has(document: Document, field: str, asked: Any) -> bool:
    if field[0] == "$":
        raise BeyondMemory(field)
    there, value = _value(document, field) if "." in field else (field in document, document.get(field))
    if not isinstance(asked, dict):
        return _equals(value, asked)
    return all(_satisfies(there, value, operator, operand) for operator, operand in asked.items())


def _satisfies(there: bool, value: Any, operator: str, operand: Any) -> bool:
    if operator == "$in":
        return any(_equals(value, each) for each in operand)
    if operator == "$ne":
        return not _equals(value, operand)
    if operator == "$exists":
        return there is bool(operand)
    if operator in _COMPARISONS and not isinstance(value, list):
        return value is not None and bool(_COMPARISONS[operator](value, operand))
    raise BeyondMemory(operator)


def _equals(value: Any, asked: Any) -> bool:
    return value == asked or (isinstance(value, list) and asked in value)


def _value(document: Document, field: str) -> tuple[bool, Any]:
    value: Any = document
    for name in field.split("."):
        if not isinstance(value, dict):
            if isinstance(value, list):
                raise BeyondMemory(field)
            return False, None
        if name not in value:
            return False, None
        value = value[name]
    return True, value


def _put(document: Document, path: list[str], value: Any) -> None:
    """Set the value in place; the parts on the way are copied, because others may hold them."""
    for name in path[:-1]:
        document[name] = dict(document[name])
        document = document[name]
    document[path[-1]] = value
