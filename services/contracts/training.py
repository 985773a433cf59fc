"""What training publishes: morning meetings."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.contracts.event import Aggregate, Event, Instant
from services.contracts.organisation import OrgPath

MEETING = Aggregate("training", "meeting")


class AttendanceStatus(StrEnum):
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    LEAVE = "leave"


class TopicKind(StrEnum):
    """The four kinds of topic whose balance a trainer keeps."""

    MINDSET = "mindset"
    """理念."""
    THEORY = "theory"
    PRODUCT = "product"
    """产品条款."""
    BEHAVIOUR = "behaviour"


class Attendance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    person_id: str
    status: AttendanceStatus


class MeetingPlanned(Event, aggregate=MEETING):
    """A morning meeting (早会) is on the calendar, or was moved."""

    meeting_id: str
    series_id: str
    unit_id: str
    org_path: OrgPath
    starts_at: Instant
    minutes: int
    title: str
    host_id: str


class MeetingHeld(Event, aggregate=MEETING):
    """A morning meeting was closed by who directed it."""

    meeting_id: str
    series_id: str
    unit_id: str
    org_path: OrgPath
    title: str
    host_id: str
    started_at: Instant
    ended_at: Instant
    attendance: tuple[Attendance, ...]
    presenter_ids: tuple[str, ...] = ()
    topic_kinds: tuple[TopicKind, ...] = ()


class MeetingCancelled(Event, aggregate=MEETING):
    """A planned meeting will not be held."""

    meeting_id: str
    unit_id: str
    org_path: OrgPath


EVENTS: tuple[type[Event], ...] = (MeetingPlanned, MeetingHeld, MeetingCancelled)
