"""Use cases of the sample: notes with a version."""

from dataclasses import dataclass, replace

from services.chassis.errors import FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.mongo import Indexes
from services.chassis.records import Records, Stored
from services.chassis.work import OUTBOX, TIMELINE, Transaction
from services.contracts.clients import CLIENT


@dataclass(frozen=True)
class Note:
    id: str
    title: str
    minutes: int
    agent_id: str
    org_path: tuple[str, ...]


NOTES = Records("notes", Note, aggregate=CLIENT, org_path=lambda note: note.org_path)
INDEXES: Indexes = {"notes": [], OUTBOX: [], TIMELINE: []}


async def write(tx: Transaction, title: str, minutes: int) -> Stored[Note]:
    if title == "forbidden":
        raise Invalid(errors=[FieldError("/title", "Please fill this in")])
    return await NOTES.add(tx, Note(new_id(tx.now), title, minutes, tx.actor, ("co", "b1")))


async def rewrite(
    tx: Transaction, note_id: str, version: int | None, title: str, minutes: int
) -> Stored[Note]:
    stored = await NOTES.get(tx, note_id, version)
    return await NOTES.save(tx, stored, replace(stored.value, title=title, minutes=minutes))
