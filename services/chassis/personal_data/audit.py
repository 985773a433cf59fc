"""The audit trail (X3): who saw, changed or took out whose personal data, when, what of it and why; never what it said.

A list that shows thirty people is one entry with their ids, not thirty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.identity import new_id
from services.chassis.mongo import ASCENDING, DESCENDING, Database, Document, Indexes, IndexModel, Session

AUDIT_TRAIL = "audit_trail"
MOST_IN_ENTRY = 500
"""Ids: a longer list is several entries."""
INDEXES: Indexes = {
    AUDIT_TRAIL: [
        IndexModel([("whose", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="about_whom"),
        IndexModel([("who", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="by_whom"),
    ]
}


class Did(StrEnum):
    """What somebody did with personal data."""

    SAW = "saw"
    CHANGED = "changed"
    EXPORTED = "exported"
    MERGED = "merged"
    ERASED = "erased"


@dataclass(frozen=True)
class Viewer:
    """Who is looking, and what for."""

    person_id: str
    route: str
    """The door, such as `GET /clients/{id}` or `export`; without ids or search words in it."""
    reason: str = ""
    """A code where the door asks for one, such as `complaint`; never free text."""


@dataclass(frozen=True)
class Look:
    """Full values of one person, about to be shown."""

    whose: str
    """The id of the client or candidate."""
    fields: tuple[str, ...]


async def record_looks(
    database: Database,
    viewer: Viewer,
    looks: Sequence[Look],
    now: datetime,
    session: Session | None = None,
    did: Did = Did.SAW,
) -> None:
    """Write down these looks, in one round trip, in the transaction of `session` or at once when None.

    Several looks at one person are one; people of whom the same fields were shown stand in one entry.
    """
    of_person: dict[str, set[str]] = {}
    for look in looks:
        if look.fields:
            of_person.setdefault(look.whose, set()).update(look.fields)
    together: dict[tuple[str, ...], list[str]] = {}
    for whose, fields in of_person.items():
        together.setdefault(tuple(sorted(fields)), []).append(whose)
    entries = [
        _entry(viewer, did, whose, fields, now) for fields, ids in together.items() for whose in _chunks(ids)
    ]
    if entries:
        await database.get_collection(AUDIT_TRAIL).insert_many(entries, ordered=False, session=session)


def _entry(viewer: Viewer, did: Did, whose: list[str], fields: Iterable[str], now: datetime) -> Document:
    return {
        "_id": new_id(now),
        "at": now,
        "who": viewer.person_id,
        "did": did.value,
        "whose": whose,
        "fields": list(fields),
        "route": viewer.route,
        "reason": viewer.reason,
    }


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + MOST_IN_ENTRY] for start in range(0, len(ids), MOST_IN_ENTRY))
