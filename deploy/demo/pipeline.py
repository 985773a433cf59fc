"""Candidates (增员): who was found, how far they came, and who became an agent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.demo.commands import AdvanceCandidate, Command, HireCandidate, LoseCandidate, RegisterCandidate
from deploy.demo.drawing import Draw, phone_number
from deploy.demo.names import name_of_staff
from deploy.demo.staff import Branch, Person, Staff
from deploy.demo.working_days import (
    at_time,
    busyness,
    is_working_day,
    local_day,
    working_day_before,
    working_day_from,
)

STAGES = ("listed", "contacted", "first_interview", "deep_interview", "opportunity_talk", "commitment")
"""The default pipeline up to the last stage before hiring."""
_OPTIONAL = {"deep_interview": 0.75, "opportunity_talk": 0.6}
"""How often a stage that may be left out takes place."""
_SOURCES = {"referral": 5.0, "job_board": 2.5, "campus": 1.0, "walk_in": 0.7, "campaign": 0.8}
_LOST_AFTER = {
    "listed": 2.0,
    "contacted": 3.0,
    "first_interview": 2.5,
    "deep_interview": 1.5,
    "opportunity_talk": 1.0,
    "commitment": 0.4,
}
_LOST_BECAUSE = {
    "not_interested": 3.0,
    "income_worries": 3.0,
    "family": 2.0,
    "other_company": 2.0,
    "unreachable": 1.5,
    "unsuitable": 1.0,
}
_LOST_FOR_ONE_HIRED = 3.5
_OPEN_IN_A_STAGE = {
    "listed": 3,
    "contacted": 3,
    "first_interview": 2,
    "deep_interview": 2,
    "opportunity_talk": 1,
    "commitment": 1,
}


@dataclass(frozen=True)
class Ready:
    """A candidate who can be hired on the last day."""

    candidate_id: str
    branch_id: str
    name: str


class Pipeline:
    """The candidates of all branches; `places` are numbers of phones that nobody else has."""

    def __init__(self, seed: int, staff: Staff, days: list[date], places: Iterator[int]) -> None:
        self.seed = seed
        self.staff = staff
        self.days = days
        self.places = places
        self.ready: list[Ready] = []

    def commands(self) -> Iterator[Command]:
        """Everything about candidates, each one's own in order."""
        number = 0
        for branch in self.staff.branches:
            hired = [person for person in self.staff.of_branch(branch) if person.hired]
            lost = round(_LOST_FOR_ONE_HIRED * max(1, len(hired)))
            for person in hired:
                yield from self.hired(Draw(self.seed, "hired", person.id), branch, person)
            for _ in range(lost):
                number += 1
                yield from self.lost(Draw(self.seed, "lost", number), branch)
            for stage, count in _OPEN_IN_A_STAGE.items():
                for _ in range(count):
                    number += 1
                    yield from self.still_open(Draw(self.seed, "open", number), branch, stage)

    def hired(self, draw: Draw, branch: Branch, person: Person) -> Iterator[Command]:
        signs = person.starts
        moment = draw.moment(signs, 8 * 60, 8 * 60 + 25)  # before the morning meeting greets them
        file = self.file(draw, branch, person.name, signs, STAGES[-1])
        recruiter = branch.trainers[0]
        mentors = [
            each
            for team in branch.teams
            if team.id == person.unit_id
            for each in self.staff.members(team, "supervisor")
        ]
        yield from file
        yield HireCandidate(
            at=moment,
            by=recruiter.id,
            candidate_id=_candidate(file),
            person_id=person.id,
            name=person.name,
            team_id=person.unit_id,
            mentor_id=mentors[0].id,
            start_date=signs,
            licence_expires=date(signs.year + 3, signs.month, min(signs.day, 28)),
        )

    def lost(self, draw: Draw, branch: Branch) -> Iterator[Command]:
        stage = draw.one_of(_LOST_AFTER)
        first = len(self.days) // 6
        day = draw.choices(self.days[first:], [busyness(day) for day in self.days[first:]])[0]
        file = self.file(draw, branch, name_of_staff(draw), day, stage)
        yield from file
        given_up = working_day_from(day)
        if given_up <= self.days[-1]:
            yield LoseCandidate(
                at=draw.moment(given_up, 17 * 60, 18 * 60),
                by=file[0].by,
                candidate_id=_candidate(file),
                reason=draw.one_of(_LOST_BECAUSE),
            )

    def still_open(self, draw: Draw, branch: Branch, stage: str) -> Iterator[Command]:
        """Somebody who stands in this stage today, for some days already."""
        name = name_of_staff(draw)
        last_move_before = self.days[-1] - timedelta(days=draw.choice((0, 0, 1, 2, 4, 8)))
        if stage == STAGES[-1]:
            last_move_before = self.days[-1]
        earliest = self.days[0] + timedelta(days=4)
        file = self.file(draw, branch, name, max(last_move_before, earliest), stage)
        if stage == STAGES[-1]:
            self.ready.append(Ready(_candidate(file), branch.unit.id, name))
        yield from file

    def file(self, draw: Draw, branch: Branch, name: str, before: date, last_stage: str) -> list[Command]:
        """Registered and moved on up to a stage, the last move on a working day before the given day."""
        stages = [
            stage
            for stage in STAGES[: STAGES.index(last_stage) + 1]
            if stage == last_stage or draw.happens(_OPTIONAL.get(stage, 1.0))
        ]
        moments = self._moments(draw, len(stages), before)
        source = draw.one_of(_SOURCES)
        referrer = self._referrer(draw, branch, local_day(moments[0])) if source == "referral" else None
        recruiter = branch.trainers[0] if draw.happens(0.7) else branch.manager
        candidate_id = draw.new_id(moments[0])
        registered = RegisterCandidate(
            at=moments[0],
            by=recruiter.id,
            candidate_id=candidate_id,
            branch_id=branch.unit.id,
            source=source if source != "referral" or referrer else "walk_in",
            referrer_id=referrer,
            name=name,
            phone=phone_number(next(self.places)),
        )
        moves = [
            AdvanceCandidate(at=moment, by=recruiter.id, candidate_id=candidate_id, to_stage=stage)
            for stage, moment in zip(stages[1:], moments[1:], strict=True)
        ]
        return [registered, *moves]

    def _moments(self, draw: Draw, count: int, before: date) -> list[datetime]:
        """Moments in working hours, rising; the last one on the last working day before the given day."""
        last = max(working_day_before(before), self.days[0])
        possible = [day for day in self.days if is_working_day(day) and day < last][-4 * count :]
        days = [*sorted(draw.choices(possible or [last], k=count - 1)), last]
        minutes = sorted(draw.sample(range(10 * 60, 17 * 60), count))  # so that two on one day rise as well
        return [at_time(day, minute, draw.randrange(60)) for day, minute in zip(days, minutes, strict=True)]

    def _referrer(self, draw: Draw, branch: Branch, day: date) -> str | None:
        known = [
            person.id
            for person in self.staff.of_branch(branch)
            if person.role == "agent" and person.starts < day
        ]
        return draw.choice(known) if known else None


def _candidate(file: list[Command]) -> str:
    first = file[0]
    assert isinstance(first, RegisterCandidate)  # noqa: S101 - a file begins with its registration
    return first.candidate_id
