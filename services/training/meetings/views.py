"""Reading for the pages: a month of meetings, one meeting with the people in it, the director's view."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pypinyin import lazy_pinyin

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person, Unit
from services.chassis.records import Stored
from services.contracts.training import AttendanceStatus
from services.training.attendance import store as attendance
from services.training.meetings import course, model, store
from services.training.meetings.model import Mark, Meeting, Segment, Status
from services.training.meetings.timeline import Timeline, elapsed_by_agenda, timeline
from services.training.series import store as series_store
from services.training.series.model import DEFAULT_AGENDA, Series, meets_on
from services.training.series.public_calendar import calendar_of
from services.training.sight import directs, leads, place, sees

USUAL_MINUTES = sum(segment.minutes for segment in DEFAULT_AGENDA)
LOOK_AHEAD = timedelta(days=14)
STILL_TODAY = timedelta(hours=12)
"""A meeting that should have begun this long ago is still shown as the next one."""


@dataclass(frozen=True)
class Row:
    """A day of the calendar: a meeting, or one that the series has but nobody planned yet."""

    day: date
    starts: str
    title: str
    meeting: Meeting | None
    series: Series | None = None


@dataclass(frozen=True)
class Week:
    monday: date
    rows: tuple[Row, ...]


async def month(
    mongo: Mongo, visitor: Access, first: date, now: datetime, planned_by: Sequence[Series]
) -> list[Week]:
    """The meetings in sight in the month that begins on `first`, by week, with the days of these series that nobody
    has planned yet. This week and those to come stand first, then the past ones, newest first.
    """
    zone = ZoneInfo(visitor.time_zone)
    after = (first + timedelta(days=32)).replace(day=1)
    bounds = [datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after)]
    found = [one.value for one in await store.between(mongo, place(visitor), bounds[0], bounds[1])]
    rows = [
        Row(one.day, one.starts_at.astimezone(zone).strftime("%H:%M"), one.title, one)
        for one in found
        if one.status is not Status.CANCELLED
    ]
    taken = {(row.meeting.series_id, row.day) for row in rows if row.meeting}
    today = now.astimezone(zone).date()
    for series in planned_by:
        calendar = calendar_of(series.time_zone)
        for ahead in range(1, LOOK_AHEAD.days + 1):
            day = today + timedelta(days=ahead)
            inside = first <= day < after and (series.id, day) not in taken
            if inside and meets_on(series, day, calendar(day)):
                rows.append(Row(day, series.starts, series.title, None, series))
    weeks: dict[date, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.day, row.starts, row.title)):
        weeks.setdefault(row.day - timedelta(days=row.day.weekday()), []).append(row)
    ordered = [Week(monday, tuple(of_week)) for monday, of_week in weeks.items()]
    this = today - timedelta(days=today.weekday())
    to_come = [week for week in ordered if week.monday >= this]
    return [*to_come, *reversed([week for week in ordered if week.monday < this])]


async def upcoming(mongo: Mongo, visitor: Access, now: datetime) -> Stored[Meeting] | None:
    """The next meeting of the visitor's own units, or the one that is on."""
    return await store.next_of(mongo, visitor.org_path, now - STILL_TODAY)


async def own_series(mongo: Mongo, visitor: Access) -> list[Stored[Series]]:
    """The series that the visitor plans, those of the own units first."""
    found = await series_store.under(mongo, [*visitor.unit_ids, *visitor.org_path])
    planned = [one for one in found if directs(visitor, one.value.org_path)]
    return sorted(planned, key=lambda one: one.value.unit_id not in visitor.org_path)


async def series_in_sight(mongo: Mongo, visitor: Access) -> list[Stored[Series]]:
    """All series in sight, by title."""
    found = await series_store.under(mongo, [*visitor.unit_ids, *visitor.org_path])
    return [one for one in found if sees(visitor, one.value.org_path)]


async def people_in(
    directory: Directory, meeting: Meeting | None, more: Iterable[str | None] = ()
) -> dict[str, Person]:
    """Everybody whom the page of a meeting names, by id."""
    ids = {*more}
    if meeting:
        ids |= {meeting.host_id, *meeting.marks, *(item.owner_id for item in meeting.action_items)}
        for segment in meeting.agenda:
            ids |= {segment.presenter_id, *(mention.person_id for mention in segment.mentions)}
    return await directory.people(id_ for id_ in ids if id_)


async def usual_minutes(mongo: Mongo, series_id: str) -> int:
    """How long the series usually takes."""
    try:
        return (await series_store.series_of(mongo, series_id)).value.minutes
    except NotFound:
        return USUAL_MINUTES


@dataclass(frozen=True)
class Present:
    """A line of the sign-in list."""

    person: Person
    team: str
    mark: Mark | None


@dataclass(frozen=True)
class Direction:
    """What the director's view shows."""

    meeting: Meeting
    people: dict[str, Person]
    bar: Timeline
    reached: float
    """Where the meeting is on the bar, in hundredths."""
    segment: Segment | None
    following: Segment | None
    preceding: Segment | None
    in_segment: timedelta
    overtime: timedelta
    lines: tuple[Present, ...]
    """Everybody of the unit, by team and name, and after them the guests."""

    def count(self, *statuses: AttendanceStatus) -> int:
        """How many have one of these marks."""
        return sum(mark.status in statuses for mark in self.meeting.marks.values())

    @property
    def came(self) -> int:
        return self.count(*model.CAME)

    @property
    def before(self) -> int:
        """Minutes that the agenda has before the segment that is on."""
        ids = [one.id for one in self.meeting.agenda]
        if self.segment is None:
            return 0
        return sum(one.minutes for one in self.meeting.agenda[: ids.index(self.segment.id)])

    @property
    def left(self) -> int:
        """Seconds that the segment has left; negative when it takes too long."""
        length = timedelta(minutes=self.segment.minutes if self.segment else 0)
        return round((length - self.in_segment).total_seconds())

    @property
    def behind(self) -> int:
        """Seconds behind the agenda; negative when ahead of it."""
        return round(self.overtime.total_seconds())

    @property
    def missing(self) -> int:
        """How many of the unit have no mark."""
        return sum(line.mark is None for line in self.lines)


async def direction(mongo: Mongo, directory: Directory, meeting: Meeting, now: datetime) -> Direction:
    """The director's view at this moment."""
    staff = await directory.people_under(meeting.unit_id)
    ids = {person.id for person in staff}
    people = await people_in(directory, meeting)
    guests = [people[id_] for id_ in meeting.marks if id_ not in ids and id_ in people]
    units = await directory.units(person.unit_id for person in [*staff, *guests])
    ordered = sorted(staff, key=lambda one: (len(one.org_path), _name(units, one), _spoken(one.name), one.id))
    in_segment = now - meeting.segment_since if meeting.segment_since else timedelta(0)
    bar = timeline(meeting.agenda, await usual_minutes(mongo, meeting.series_id), meeting.segment_id)
    return Direction(
        meeting=meeting,
        people={**people, **{person.id: person for person in staff}},
        bar=bar,
        reached=bar.place(elapsed_by_agenda(meeting, in_segment)),
        segment=next((one for one in meeting.agenda if one.id == meeting.segment_id), None),
        following=course.following(meeting),
        preceding=course.preceding(meeting),
        in_segment=in_segment,
        overtime=course.overtime(meeting, now),
        lines=tuple(
            Present(person, _name(units, person), meeting.marks.get(person.id))
            for person in [*ordered, *guests]
        ),
    )


def _name(units: Mapping[str, Unit], person: Person) -> str:
    unit = units.get(person.unit_id)
    return unit.name if unit else ""


@lru_cache(maxsize=4096)
def _spoken(name: str) -> tuple[str, ...]:
    """The name by its sound, so that a list of names has the order in which people look for them."""
    return tuple(lazy_pinyin(name))


@dataclass(frozen=True)
class Roll:
    """Who was at a meeting that was held."""

    own: AttendanceStatus | None
    by_status: dict[AttendanceStatus, list[Person]]
    """By name; empty for who does not lead the unit: a weak figure is nobody else's business."""


async def roll(mongo: Mongo, directory: Directory, visitor: Access, meeting: Meeting) -> Roll:
    """The attendance of a meeting that was held, as far as it is the visitor's to see."""
    statuses = await attendance.of_meeting(mongo, meeting.id)
    own = statuses.get(visitor.person_id)
    if not leads(visitor, meeting.org_path):
        return Roll(own, {})
    people = await directory.people(statuses)
    by_status: dict[AttendanceStatus, list[Person]] = {}
    for person in sorted(people.values(), key=lambda one: (_spoken(one.name), one.id)):
        by_status.setdefault(statuses[person.id], []).append(person)
    return Roll(own, by_status)
