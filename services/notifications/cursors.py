"""Positions in lists that are ordered by a moment and an id."""

from datetime import datetime

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.web.paging import decode_cursor


def moment_position(cursor: str) -> tuple[datetime, str] | None:
    """The moment and the id of a cursor; None for the empty one. Raises `Invalid` for one that we did not make."""
    position = decode_cursor(cursor, 2)
    if position is None:
        return None
    text, id_ = position
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not isinstance(id_, str):
            raise ValueError(cursor)
    except (TypeError, ValueError):
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))]) from None
    return moment, id_
