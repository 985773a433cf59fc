"""JSON: somebody's own attendance."""

from datetime import date

from fastapi import APIRouter

from services.chassis.web.dependencies import Store, Visitor
from services.chassis.web.validation import Output
from services.contracts.training import AttendanceStatus
from services.training.attendance import store
from services.training.attendance.model import figures

router = APIRouter(tags=["attendance"])


class AttendedOut(Output):
    meeting_id: str
    day: date
    status: AttendanceStatus


class AttendanceOut(Output):
    meetings: int
    came: int
    late: int
    streak: int
    rate: float | None
    latest: tuple[AttendedOut, ...]


@router.get("/attendance/mine", response_model=AttendanceOut)
async def mine(visitor: Visitor, database: Store) -> AttendanceOut:
    """The figures of the visitor's latest meetings, and these meetings, newest first."""
    attended = await store.of_person(database, visitor.person_id)
    found = figures([one.status for one in attended])
    return AttendanceOut(
        meetings=found.meetings,
        came=found.came,
        late=found.late,
        streak=found.streak,
        rate=found.rate,
        latest=tuple(
            AttendedOut(meeting_id=one.meeting_id, day=one.day, status=one.status) for one in attended
        ),
    )
