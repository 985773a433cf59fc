"""The audit trail (X3): who looked at whose personal data, at what of it, when, and why. Never what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.identity import new_id
from services.chassis.mongo import ASCENDING, DESCENDING, Database, Indexes, IndexModel, Session

AUDIT_TRAIL = "audit_trail"
INDEXES: Indexes = {
    AUDIT_TRAIL: [
        IndexModel([("whose", ASCENDING), ("at", DESCENDING)], name="whose"),
        IndexModel([("who", ASCENDING), ("at", DESCENDING)], name="who"),
    ]
}


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
) -> None:
    """Write an entry for each look, in one round trip, in the transaction of `session` or at once when None."""
    entries = [
        {
            "_id": new_id(now),
            "at": now,
            "who": viewer.person_id,
            "whose": look.whose,
            "fields": list(look.fields),
            "route": viewer.route,
            "reason": viewer.reason,
        }
        for look in looks
        if look.fields
    ]
    if entries:
        await database.get_collection(AUDIT_TRAIL).insert_many(entries, ordered=False, session=session)
