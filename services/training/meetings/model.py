"""One morning meeting (早会): what it is made of, and how it is planned. How it goes is told in `course`. Pure."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.chassis.errors import N_
from services.contracts.training import AttendanceStatus, TopicKind
from services.training.series.model import LONGEST, LONGEST_SEGMENT, MOST_SEGMENTS, SHORTEST, SegmentKind

CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
PRESENTED = (SegmentKind.POLICY, SegmentKind.TOPIC, SegmentKind.DRILL, SegmentKind.OTHER)
"""Kinds of segment with a presenter; the others are led by the host as a matter of course."""


class MeetingRuleBroken(ValueError):
    """The meeting does not allow it; the text is a gettext id and `field` names what to change."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Status(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    HELD = "held"
    CANCELLED = "cancelled"


class MentionKind(StrEnum):
    """What is worth a word in front of everybody."""

    AGENT_HIRED = "agent_hired"
    SHOWINGS_DONE = "showings_done"
    CLIENTS_GRADED_A = "clients_graded_a"
    CLIENTS_REGISTERED = "clients_registered"
    FOLLOW_UPS_DONE = "follow_ups_done"
    DEALS_CLOSED = "deals_closed"
    REFERRALS_MADE = "referrals_made"
    OVERDUE_A_CLIENTS = "overdue_a_clients"
    """A number without a name: whose they are is not said in public."""


@dataclass(frozen=True, kw_only=True)
class Mention:
    """One thing to say; the page puts it into words."""

    kind: MentionKind
    person_id: str | None
    count: int


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One timed part of the agenda."""

    id: str
    kind: SegmentKind
    minutes: int
    title: str = ""
    """Empty: the kind says enough."""
    presenter_id: str | None = None
    topic_kind: TopicKind | None = None
    """Only for a topic: one of the four kinds whose balance is kept."""
    notes: str = ""
    """What whoever directs wants to have before their eyes."""
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Somebody's attendance, while the meeting is not closed; who has none at the end was absent."""

    status: AttendanceStatus
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ActionItem:
    """Something that somebody is to do after the meeting. An unfinished one is carried to the next meeting."""

    id: str
    text: str
    owner_id: str | None
    raised_at: datetime
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """One meeting of a series."""

    id: str
    series_id: str
    unit_id: str
    org_path: tuple[str, ...]
    starts_at: datetime
    time_zone: str
    day: date
    """Of `starts_at`, in the unit's time zone."""
    slot: str | None
    """Series and day, so that a series has one meeting a day; None once it is cancelled."""
    title: str
    host_id: str
    slogan: str = ""
    agenda: tuple[Segment, ...]
    status: Status = Status.PLANNED
    segment_id: str | None = None
    """The segment that is on now."""
    segment_since: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    """By person id."""
    notes: str = ""
    """The minutes (会议纪要)."""
    notes_revision: int = 0
    """How often the notes were saved: two who write at once compare by this, as marks change the version all along."""
    action_items: tuple[ActionItem, ...] = ()
    came: int | None = None
    """How many were there in the end, guests too; None until it is closed."""
    counted: int | None = None
    """How many could have been there: everybody expected who was not on leave, and the guests."""

    @property
    def minutes(self) -> int:
        """The length of the agenda."""
        return sum(segment.minutes for segment in self.agenda)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a trainer decides about a meeting beforehand."""

    starts_at: datetime
    title: str
    host_id: str
    slogan: str
    agenda: tuple[Segment, ...]


def planned(
    plan: Plan,
    *,
    id_: str,
    series_id: str,
    unit_id: str,
    org_path: tuple[str, ...],
    time_zone: str,
    carried: tuple[ActionItem, ...] = (),
) -> Meeting:
    """A new meeting. Raises `MeetingRuleBroken`."""
    _check(plan)
    day = plan.starts_at.astimezone(ZoneInfo(time_zone)).date()
    return Meeting(
        id=id_,
        series_id=series_id,
        unit_id=unit_id,
        org_path=org_path,
        starts_at=plan.starts_at,
        time_zone=time_zone,
        day=day,
        slot=_slot(series_id, day),
        title=plan.title.strip(),
        host_id=plan.host_id,
        slogan=plan.slogan.strip(),
        agenda=plan.agenda,
        action_items=carried,
    )


def replan(meeting: Meeting, plan: Plan) -> Meeting:
    """The meeting, planned otherwise. Raises `MeetingRuleBroken`, also when it has begun."""
    require(meeting, Status.PLANNED)
    _check(plan)
    day = plan.starts_at.astimezone(ZoneInfo(meeting.time_zone)).date()
    return replace(
        meeting,
        starts_at=plan.starts_at,
        day=day,
        slot=_slot(meeting.series_id, day),
        title=plan.title.strip(),
        host_id=plan.host_id,
        slogan=plan.slogan.strip(),
        agenda=plan.agenda,
    )


def cancel(meeting: Meeting) -> Meeting:
    """The meeting, cancelled before it began; its day is free again. Raises `MeetingRuleBroken`."""
    require(meeting, Status.PLANNED)
    return replace(meeting, status=Status.CANCELLED, slot=None)


def presenters(meeting: Meeting) -> tuple[str, ...]:
    """Who presented something, in the order of the agenda, each once."""
    named = [one.presenter_id for one in meeting.agenda if one.presenter_id and one.kind in PRESENTED]
    return tuple(dict.fromkeys(named))


def topic_kinds(meeting: Meeting) -> tuple[TopicKind, ...]:
    """The kinds of topic that were on, in the order of the agenda, each once."""
    return tuple(dict.fromkeys(one.topic_kind for one in meeting.agenda if one.topic_kind))


def require(meeting: Meeting, *allowed: Status) -> None:
    """Do nothing when the meeting stands like this. Raises `MeetingRuleBroken`."""
    if meeting.status not in allowed:
        raise MeetingRuleBroken(_SAID[meeting.status])


_SAID = {
    Status.PLANNED: N_("The meeting has not begun yet"),
    Status.RUNNING: N_("The meeting is already running"),
    Status.HELD: N_("The meeting is already closed"),
    Status.CANCELLED: N_("The meeting was cancelled"),
}


def _slot(series_id: str, day: date) -> str:
    return f"{series_id}/{day.isoformat()}"


def _check(plan: Plan) -> None:
    if not 1 <= len(plan.title.strip()) <= 60:
        raise MeetingRuleBroken(N_("Give the meeting a name of up to 60 characters"), "title")
    if len(plan.slogan.strip()) > 60:
        raise MeetingRuleBroken(N_("A slogan has up to 60 characters"), "slogan")
    if not 1 <= len(plan.agenda) <= MOST_SEGMENTS:
        raise MeetingRuleBroken(N_("An agenda has 1 to 20 segments"), "segments")
    for segment in plan.agenda:
        if not 1 <= segment.minutes <= LONGEST_SEGMENT:
            raise MeetingRuleBroken(N_("A segment takes 1 to 60 minutes"), f"segments/{segment.id}/minutes")
        if segment.topic_kind and segment.kind is not SegmentKind.TOPIC:
            raise MeetingRuleBroken(
                N_("Only a topic has a kind of topic"), f"segments/{segment.id}/topic_kind"
            )
    if len({segment.id for segment in plan.agenda}) != len(plan.agenda):
        raise MeetingRuleBroken(N_("A segment stands in the agenda twice"), "segments")
    if not SHORTEST <= sum(segment.minutes for segment in plan.agenda) <= LONGEST:
        raise MeetingRuleBroken(N_("A morning meeting takes between 5 minutes and 2 hours"), "segments")
