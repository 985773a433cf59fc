"""What a TV shows at one moment, ready to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person, Unit
from services.notifications.boards.model import (
    FRESH_NEWS,
    MEETING_TAKES,
    NEWS_ROOM,
    ROWS,
    Board,
    Slot,
    SlotKind,
    given_name,
)
from services.notifications.boards.store import newest_news, next_meeting
from services.notifications.leaderboards.periods import Period, WorkCalendar, period_on, previous
from services.notifications.leaderboards.ranking import Ranked, best_of
from services.notifications.leaderboards.views import Leaderboards


@dataclass(frozen=True)
class Row:
    """A line of a ranking."""

    person_id: str
    name: str
    team: str
    rank: int
    points: int
    share: float
    """Of the first one's points, 0 to 1: the length of the bar."""


@dataclass(frozen=True)
class Riser:
    person_id: str
    name: str
    gain: int
    points: int


@dataclass(frozen=True)
class Joy:
    """A piece of good news."""

    id: str
    kind: str
    at: datetime
    person_id: str
    name: str
    team: str
    by: str = ""
    homes: int = 0
    what: str = ""
    """The kind of a deal."""


@dataclass(frozen=True)
class NextMeeting:
    title: str
    starts_at: datetime
    minutes: int
    host: str


@dataclass(frozen=True)
class Screen:
    """Everything on a TV at one moment."""

    board: Board
    unit: Unit
    above: Unit | None
    slot: Slot | None
    period: Period | None
    place: int
    """Which of the rankings is on, from 0."""
    places: int
    rows: Sequence[Row]
    improved: Sequence[Riser]
    news: Sequence[Joy]
    meeting: NextMeeting | None
    now: datetime


async def screen(mongo: Mongo, directory: Directory, board: Board, now: datetime) -> Screen:
    """The screen as of this moment. Raises `NotFound` while the directory does not know the unit."""
    unit = await directory.unit(board.unit_id)
    work = WorkCalendar(unit.time_zone, unit.period_start_day)
    today = work.local_date(now)
    leaderboards = Leaderboards(mongo)
    members = await directory.people_under(unit.id)
    limit = best_of(len(members), ROWS)
    slot: Slot | None = None
    period: Period | None = None
    ranking: tuple[Ranked, ...] = ()
    for turn in board.rankings_from(now):
        this = period_on(turn.period, today, work)
        top = (await leaderboards.board(unit.id, turn.metric, this, limit=limit)).top
        if slot is None or top:
            slot, period, ranking = turn, this, tuple(top)
        # a ranking on which nobody stands yet, as every morning, leaves its turn to the next one
        if ranking:
            break
    rising: Slot | None = board.slot(SlotKind.IMPROVED)
    improved = []
    if rising is not None:
        current = period_on(rising.period, today, work)
        known = frozenset(person.id for person in members)
        improved = await leaderboards.improved(unit.id, rising.metric, current, previous(current), known, 2)
    meeting = await next_meeting(mongo, unit.org_path, now) if board.slot(SlotKind.MEETING) else None
    room = NEWS_ROOM - (MEETING_TAKES if meeting else 0) - (1 + len(improved) if improved else 0)
    news = await newest_news(mongo, unit.id, now - FRESH_NEWS, room) if board.slot(SlotKind.NEWS) else []
    names = _Names(
        await directory.people(
            [
                *(one.score.id for one in ranking),
                *(one.id for one in improved),
                *(one["person_id"] for one in news),
                *(one["by"] for one in news if one.get("by")),
                *([meeting["host_id"]] if meeting else []),
            ]
        ),
        await directory.units(
            [unit.parent_id or "", *(path for one in news for path in one["org_path"][-1:])]
        ),
    )
    teams = await directory.units({person.unit_id for person in names.people.values()})
    best = max((one.score.points for one in ranking), default=0)
    rankings = [each for each in board.slots if each.kind is SlotKind.RANKING]
    return Screen(
        board=board,
        unit=unit,
        above=names.units.get(unit.parent_id or ""),
        slot=slot,
        period=period,
        place=rankings.index(slot) if slot else 0,
        places=len(rankings),
        rows=[
            Row(
                one.score.id,
                names.of(one.score.id),
                _name_of(teams, names.people.get(one.score.id), unit),
                one.rank,
                int(one.score.points),
                one.score.points / best,
            )
            for one in ranking
        ],
        improved=[Riser(one.id, names.of(one.id), int(one.gain), int(one.points)) for one in improved],
        news=[_joy(one, names) for one in news],
        meeting=NextMeeting(
            meeting["title"], meeting["starts_at"], meeting["minutes"], names.of(meeting["host_id"])
        )
        if meeting
        else None,
        now=now,
    )


@dataclass(frozen=True)
class _Names:
    people: dict[str, Person]
    units: dict[str, Unit]

    def of(self, person_id: str) -> str:
        """What the board calls somebody; nothing while the directory does not know them."""
        person = self.people.get(person_id)
        return given_name(person.name) if person else ""


def _name_of(teams: dict[str, Unit], person: Person | None, shown: Unit) -> str:
    if person is None or person.unit_id == shown.id or person.unit_id not in teams:
        return ""
    return teams[person.unit_id].name


def _joy(one: dict[str, Any], names: _Names) -> Joy:
    place = names.units.get(one["org_path"][-1]) if one["org_path"] else None
    return Joy(
        id=one["_id"],
        kind=one["kind"],
        at=one["at"],
        person_id=one["person_id"],
        name=names.of(one["person_id"]) or given_name(one.get("name", "")),
        team=place.name if place else "",
        by=names.of(one.get("by") or ""),
        homes=one.get("homes", 0),
        what=one.get("what", ""),
    )
