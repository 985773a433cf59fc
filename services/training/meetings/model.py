"""One morning meeting: planned, directed, closed (早会的计划、执行与总结). Rules only."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

SEGMENT_KINDS = ("attendance", "results", "policy", "topic", "drill", "targets", "other")
TOPIC_KINDS = ("mindset", "theory", "product", "behaviour")
LATE_AFTER = timedelta(minutes=0)
"""Who signs in after the meeting has begun is late."""


class MeetingRuleBroken(ValueError):
    """The meeting does not allow it; the text is a gettext id and `field` names what to change."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One timed part of the agenda."""

    id: str
    kind: str
    title: str
    minutes: int
    presenter_id: str | None = None
    topic_kind: str | None = None
    """Only for a topic: one of the four kinds whose balance is kept."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Somebody's attendance."""

    status: str
    """`present`, `late`, `leave`; who has no mark at the end was absent."""
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ActionItem:
    id: str
    text: str
    owner_id: str | None
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
    title: str
    host_id: str
    slogan: str = ""
    agenda: tuple[Segment, ...] = ()
    status: str = "planned"
    """`planned`, `running`, `held`, `cancelled`."""
    segment_id: str | None = None
    """The segment that is on now."""
    segment_since: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    """By person id."""
    notes: str = ""
    action_items: tuple[ActionItem, ...] = ()

    @property
    def minutes(self) -> int:
        """The length of the agenda."""
        return sum(segment.minutes for segment in self.agenda)


def edit_agenda(meeting: Meeting, agenda: tuple[Segment, ...]) -> Meeting:
    """The meeting with another agenda. Raises `MeetingRuleBroken`."""
    _check_status(meeting, "planned")
    if not agenda:
        raise MeetingRuleBroken("An agenda has at least one segment", "agenda")
    for number, segment in enumerate(agenda):
        if segment.kind not in SEGMENT_KINDS:
            raise MeetingRuleBroken("This kind of segment is not known", f"agenda/{number}/kind")
        if not 1 <= segment.minutes <= 60:
            raise MeetingRuleBroken("A segment takes 1 to 60 minutes", f"agenda/{number}/minutes")
        if segment.topic_kind and (segment.kind != "topic" or segment.topic_kind not in TOPIC_KINDS):
            raise MeetingRuleBroken("This kind of topic is not known", f"agenda/{number}/topic_kind")
    if len({segment.id for segment in agenda}) != len(agenda):
        raise MeetingRuleBroken("A segment stands in the agenda twice", "agenda")
    return replace(meeting, agenda=agenda)


def start(meeting: Meeting, now: datetime) -> Meeting:
    """The meeting, begun with its first segment. Raises `MeetingRuleBroken`."""
    _check_status(meeting, "planned")
    if not meeting.agenda:
        raise MeetingRuleBroken("Plan the agenda first")
    return replace(
        meeting, status="running", started_at=now, segment_id=meeting.agenda[0].id, segment_since=now
    )


def go_to(meeting: Meeting, segment_id: str, now: datetime) -> Meeting:
    """The meeting at another segment, forwards or back. Raises `MeetingRuleBroken`."""
    _check_status(meeting, "running")
    if segment_id not in {segment.id for segment in meeting.agenda}:
        raise MeetingRuleBroken("This segment is not part of the agenda")
    if segment_id == meeting.segment_id:
        return meeting
    return replace(meeting, segment_id=segment_id, segment_since=now)


def sign_in(meeting: Meeting, person_id: str, now: datetime) -> Meeting:
    """The meeting with this person there, in time or late. The first sign-in counts.

    Raises `MeetingRuleBroken` when the meeting is over.
    """
    _check_status(meeting, "planned", "running")
    already = meeting.marks.get(person_id)
    if already and already.status != "leave":
        return meeting
    begun = meeting.started_at or meeting.starts_at
    status = "late" if now > max(begun, meeting.starts_at) + LATE_AFTER else "present"
    return replace(meeting, marks={**meeting.marks, person_id: Mark(status=status, at=now)})


def excuse(meeting: Meeting, person_id: str, now: datetime) -> Meeting:
    """The meeting with this person on leave (请假). Raises `MeetingRuleBroken` when it is over."""
    _check_status(meeting, "planned", "running")
    return replace(meeting, marks={**meeting.marks, person_id: Mark(status="leave", at=now)})


def take_back(meeting: Meeting, person_id: str) -> Meeting:
    """The meeting without that person's mark: a wrong tap. Raises `MeetingRuleBroken` when it is over."""
    _check_status(meeting, "planned", "running")
    return replace(
        meeting, marks={person: mark for person, mark in meeting.marks.items() if person != person_id}
    )


def close(meeting: Meeting, now: datetime) -> Meeting:
    """The meeting, held. Raises `MeetingRuleBroken` unless it is running."""
    _check_status(meeting, "running")
    return replace(meeting, status="held", ended_at=now, segment_id=None, segment_since=None)


def cancel(meeting: Meeting) -> Meeting:
    """The meeting, cancelled before it began. Raises `MeetingRuleBroken`."""
    _check_status(meeting, "planned")
    return replace(meeting, status="cancelled")


def attendance(meeting: Meeting, expected: frozenset[str]) -> dict[str, str]:
    """The status of everybody expected and of every guest who came: without a mark, `absent`."""
    people = expected | meeting.marks.keys()
    return {
        person: meeting.marks[person].status if person in meeting.marks else "absent"
        for person in sorted(people)
    }


def overtime(meeting: Meeting, now: datetime) -> timedelta:
    """How far the meeting is behind its agenda; negative when ahead of it, zero unless it is running."""
    if meeting.status != "running" or meeting.started_at is None or meeting.segment_since is None:
        return timedelta(0)
    before = timedelta(0)
    for segment in meeting.agenda:
        length = timedelta(minutes=segment.minutes)
        if segment.id == meeting.segment_id:
            in_segment = now - meeting.segment_since
            reached = meeting.segment_since - meeting.started_at - before
            return reached + max(timedelta(0), in_segment - length)
        before += length
    return timedelta(0)


def _check_status(meeting: Meeting, *allowed: str) -> None:
    if meeting.status in allowed:
        return
    messages = {
        "planned": "The meeting has not begun yet",
        "running": "The meeting is already running",
        "held": "The meeting is already closed",
        "cancelled": "The meeting was cancelled",
    }
    raise MeetingRuleBroken(messages[meeting.status])
