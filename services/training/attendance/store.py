"""Every query on attendance, with the indexes they use: one document for each meeting that was held and person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.mongo import ASCENDING, DESCENDING, Indexes, IndexModel, Mongo
from services.chassis.work import Transaction
from services.contracts.training import AttendanceStatus
from services.training.meetings.model import Meeting

ATTENDANCE = "attendance"

INDEXES: Indexes = {
    ATTENDANCE: [
        IndexModel([("person_id", ASCENDING), ("at", DESCENDING)], name="of_person"),
        IndexModel([("meeting_id", ASCENDING)], name="of_meeting"),
    ]
}

COUNTED = 60
"""So many meetings count for somebody's figures: about three months."""


@dataclass(frozen=True)
class Attended:
    """One meeting in somebody's record."""

    meeting_id: str
    day: date
    at: datetime
    status: AttendanceStatus


async def keep(tx: Transaction, meeting: Meeting, statuses: Mapping[str, AttendanceStatus]) -> None:
    """Write down who was there, once the meeting is closed."""
    if statuses:
        await tx.collection(ATTENDANCE).insert_many(
            [
                {
                    "_id": f"{meeting.id}/{person_id}",
                    "meeting_id": meeting.id,
                    "person_id": person_id,
                    "day": meeting.day.isoformat(),
                    "at": meeting.starts_at,
                    "status": status.value,
                }
                for person_id, status in statuses.items()
            ],
            ordered=False,
            session=tx.session,
        )


async def of_person(mongo: Mongo, person_id: str, limit: int = COUNTED) -> list[Attended]:
    """The person's latest meetings, newest first."""
    cursor = (
        mongo.collection(ATTENDANCE).find({"person_id": person_id}).sort([("at", DESCENDING)]).limit(limit)
    )
    return [
        Attended(
            meeting_id=document["meeting_id"],
            day=date.fromisoformat(document["day"]),
            at=document["at"],
            status=AttendanceStatus(document["status"]),
        )
        for document in await cursor.to_list(None)
    ]


async def of_meeting(mongo: Mongo, meeting_id: str) -> dict[str, AttendanceStatus]:
    """Who was there, by person id."""
    documents = await mongo.collection(ATTENDANCE).find({"meeting_id": meeting_id}).to_list(None)
    return {document["person_id"]: AttendanceStatus(document["status"]) for document in documents}
