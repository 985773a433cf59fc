"""What the JSON interface gives out."""

from collections.abc import Mapping
from datetime import date, datetime

from services.chassis.access import Access
from services.chassis.records import Stored
from services.chassis.web.validation import Output
from services.contracts.training import AttendanceStatus, TopicKind
from services.training.drafting.model import Draft
from services.training.meetings.model import ActionItem, Meeting, Mention, MentionKind, Status
from services.training.series.model import SegmentKind, SegmentPlan, Series
from services.training.sight import leads


class MentionOut(Output):
    kind: MentionKind
    person_id: str | None
    count: int

    @classmethod
    def of(cls, mention: Mention) -> "MentionOut":
        return cls(kind=mention.kind, person_id=mention.person_id, count=mention.count)


class SegmentOut(Output):
    id: str
    kind: SegmentKind
    minutes: int
    title: str
    presenter_id: str | None
    topic_kind: TopicKind | None
    notes: str
    mentions: tuple[MentionOut, ...]


class MarkOut(Output):
    status: AttendanceStatus
    at: datetime | None


class ActionItemOut(Output):
    id: str
    text: str
    owner_id: str | None
    raised_at: datetime
    done: bool

    @classmethod
    def of(cls, item: ActionItem) -> "ActionItemOut":
        return cls(
            id=item.id, text=item.text, owner_id=item.owner_id, raised_at=item.raised_at, done=item.done
        )


class MeetingOut(Output):
    id: str
    version: int
    series_id: str
    unit_id: str
    org_path: tuple[str, ...]
    starts_at: datetime
    time_zone: str
    day: date
    minutes: int
    title: str
    slogan: str
    host_id: str
    status: Status
    agenda: tuple[SegmentOut, ...]
    segment_id: str | None
    segment_since: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    came: int | None
    counted: int | None
    notes: str
    notes_revision: int
    action_items: tuple[ActionItemOut, ...]
    marks: dict[str, MarkOut]
    """Everybody's for who leads the unit; for others their own alone."""

    @classmethod
    def of(cls, stored: Stored[Meeting], visitor: Access) -> "MeetingOut":
        meeting = stored.value
        everybody = leads(visitor, meeting.org_path)
        return cls(
            version=stored.version,
            minutes=meeting.minutes,
            agenda=tuple(
                SegmentOut(
                    id=one.id,
                    kind=one.kind,
                    minutes=one.minutes,
                    title=one.title,
                    presenter_id=one.presenter_id,
                    topic_kind=one.topic_kind,
                    notes=one.notes,
                    mentions=tuple(MentionOut.of(mention) for mention in one.mentions),
                )
                for one in meeting.agenda
            ),
            action_items=tuple(ActionItemOut.of(item) for item in meeting.action_items),
            marks={
                person_id: MarkOut(status=mark.status, at=mark.at)
                for person_id, mark in meeting.marks.items()
                if everybody or person_id == visitor.person_id
            },
            **{name: getattr(meeting, name) for name in _SAME},
        )


_SAME = (
    "id",
    "series_id",
    "unit_id",
    "org_path",
    "starts_at",
    "time_zone",
    "day",
    "title",
    "slogan",
    "host_id",
    "status",
    "segment_id",
    "segment_since",
    "started_at",
    "ended_at",
    "came",
    "counted",
    "notes",
    "notes_revision",
)


class SegmentPlanOut(Output):
    kind: SegmentKind
    minutes: int

    @classmethod
    def of(cls, plan: SegmentPlan) -> "SegmentPlanOut":
        return cls(kind=plan.kind, minutes=plan.minutes)


class SeriesOut(Output):
    id: str
    version: int
    unit_id: str
    title: str
    weekdays: tuple[int, ...]
    starts: str
    time_zone: str
    host_id: str
    minutes: int
    agenda: tuple[SegmentPlanOut, ...]

    @classmethod
    def of(cls, stored: Stored[Series]) -> "SeriesOut":
        series = stored.value
        return cls(
            id=series.id,
            version=stored.version,
            unit_id=series.unit_id,
            title=series.title,
            weekdays=series.weekdays,
            starts=series.starts,
            time_zone=series.time_zone,
            host_id=series.host_id,
            minutes=series.minutes,
            agenda=tuple(SegmentPlanOut.of(plan) for plan in series.agenda),
        )


class DraftSegmentOut(Output):
    kind: SegmentKind
    minutes: int
    presenter_id: str | None
    topic_kind: TopicKind | None
    mentions: tuple[MentionOut, ...]


class DraftOut(Output):
    day: date
    starts_at: datetime
    title: str
    host_id: str
    segments: tuple[DraftSegmentOut, ...]
    carried: tuple[ActionItemOut, ...]

    @classmethod
    def of(cls, draft: Draft) -> "DraftOut":
        return cls(
            day=draft.day,
            starts_at=draft.starts_at,
            title=draft.title,
            host_id=draft.host_id,
            segments=tuple(
                DraftSegmentOut(
                    kind=one.kind,
                    minutes=one.minutes,
                    presenter_id=one.presenter_id,
                    topic_kind=one.topic_kind,
                    mentions=tuple(MentionOut.of(mention) for mention in one.mentions),
                )
                for one in draft.segments
            ),
            carried=tuple(ActionItemOut.of(item) for item in draft.carried),
        )


def marks_out(statuses: Mapping[str, AttendanceStatus]) -> dict[str, MarkOut]:
    """The final attendance of a meeting that was held."""
    return {person_id: MarkOut(status=status, at=None) for person_id, status in statuses.items()}
