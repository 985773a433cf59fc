"""What routes and forms take in, shared by both doors."""

from datetime import UTC, date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from services.chassis.clock import to_milliseconds
from services.chassis.web.validation import Input, Line
from services.contracts.training import TopicKind
from services.training.meetings.model import Mention, MentionKind, Plan, Segment
from services.training.series.model import LONGEST_SEGMENT, MOST_SEGMENTS, SegmentKind

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))
]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_SEGMENT)]
ShortLine = Annotated[str, Field(max_length=100)]


class MentionIn(Input):
    kind: MentionKind
    person_id: Id | None = None
    count: Annotated[int, Field(ge=1, le=100_000)]

    def mention(self) -> Mention:
        return Mention(kind=self.kind, person_id=self.person_id, count=self.count)


class SegmentBase(Input):
    kind: SegmentKind
    minutes: Minutes
    title: ShortLine = ""
    presenter_id: Id | None = None
    topic_kind: TopicKind | None = None
    notes: Annotated[str, Field(max_length=1000)] = ""


class SegmentIn(SegmentBase):
    id: Id
    """Made up by the caller, unique within the agenda."""
    mentions: Annotated[tuple[MentionIn, ...], Field(max_length=20)] = ()

    def segment(self) -> Segment:
        return Segment(
            **self.model_dump(exclude={"mentions"}), mentions=tuple(one.mention() for one in self.mentions)
        )


class PlanIn(Input):
    """A meeting as JSON says it."""

    starts_at: Moment
    title: Line
    host_id: Id
    slogan: ShortLine = ""
    segments: Annotated[tuple[SegmentIn, ...], Field(min_length=1, max_length=MOST_SEGMENTS)]

    def plan(self) -> Plan:
        return Plan(
            starts_at=to_milliseconds(self.starts_at),
            title=self.title,
            host_id=self.host_id,
            slogan=self.slogan,
            agenda=tuple(segment.segment() for segment in self.segments),
        )


MentionText = Annotated[str, StringConstraints(pattern=r"^[a-z_]+:[A-Za-z0-9_-]*:\d{1,5}$")]


def mention_text(mention: Mention) -> str:
    """A mention as the value of a checkbox."""
    return f"{mention.kind.value}:{mention.person_id or ''}:{mention.count}"


class SegmentFields(SegmentBase):
    """A segment as the form sends it; a mention that was unticked is not sent."""

    mentions: Annotated[dict[Id, MentionText], Field(max_length=20)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_mentions(self) -> "SegmentFields":
        self.said()
        return self

    def said(self) -> tuple[Mention, ...]:
        parts = [text.split(":") for text in self.mentions.values()]
        return tuple(
            Mention(kind=MentionKind(kind), person_id=person or None, count=int(count))
            for kind, person, count in parts
        )

    def segment(self, id_: str) -> Segment:
        # only a topic has a kind of topic; the field of another segment is hidden, and may still be filled
        topic = self.topic_kind if self.kind is SegmentKind.TOPIC else None
        return Segment(
            id=id_,
            **self.model_dump(exclude={"mentions", "topic_kind"}),
            topic_kind=topic,
            mentions=self.said(),
        )


class PlanFields(Input):
    """A meeting as the planner's form sends it: segments by their id, in the order in which they stand on the page."""

    day: Day
    time: ClockTime
    title: Line
    host_id: Id
    slogan: ShortLine = ""
    segments: Annotated[dict[Id, SegmentFields], Field(min_length=1, max_length=MOST_SEGMENTS)] = Field(
        default_factory=dict, validate_default=True
    )

    def plan(self, time_zone: str) -> Plan:
        local = datetime.combine(self.day, time.fromisoformat(self.time), ZoneInfo(time_zone))
        return Plan(
            starts_at=local.astimezone(UTC),
            title=self.title,
            host_id=self.host_id,
            slogan=self.slogan,
            agenda=tuple(fields.segment(id_) for id_, fields in self.segments.items()),
        )


class SegmentPlanIn(Input):
    kind: SegmentKind
    minutes: Minutes


Weekdays = Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1, max_length=7)]
