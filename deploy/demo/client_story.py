"""What happens between one client and their agent, told day by day, as the cadence asks for it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.demo import deals, places
from deploy.demo.commands import (
    BookShowing,
    Command,
    FollowUpDone,
    GradeClient,
    RecordShowing,
    RegisterClient,
    SeenHome,
)
from deploy.demo.drawing import Draw
from deploy.demo.staff import Person
from deploy.demo.working_days import (
    at_time,
    is_holiday,
    is_working_day,
    local_day,
    working_day_after,
    working_day_from,
)

CADENCE_DAYS = {"A": 2, "B": 7, "C": 14}
GRADES = {"A": 10.0, "B": 30.0, "C": 60.0}
_INTENTS = {
    "A": {"real": 8.5, "potential": 1.5},
    "B": {"real": 1.5, "potential": 7.0, "latent": 1.5},
    "C": {"potential": 1.5, "latent": 8.5},
}
_REASONS = {
    "A": ("budget_confirmed", "buying_soon", "decision_maker"),
    "B": ("comparing", "waiting", "referred"),
    "C": ("just_looking", "no_budget", "waiting"),
}
_OUTCOMES = {
    "A": {"reached": 7.1, "no_answer": 2.0, "not_now": 0.8, "lost": 0.1},
    "B": {"reached": 5.8, "no_answer": 3.0, "not_now": 1.0, "lost": 0.2},
    "C": {"reached": 4.3, "no_answer": 3.7, "not_now": 1.5, "lost": 0.5},
}
_MINUTES = {"A": (8, 26), "B": (5, 16), "C": (3, 9)}
_WANTS_TO_SEE = {"A": 0.22, "B": 0.09, "C": 0.015}
_AGREES_ON_A_DAY = {"A": 0.12, "B": 0.10, "C": 0.05}
_INTEREST = {"A": (5, 12, 35, 32, 16), "B": (12, 28, 38, 17, 5), "C": (30, 35, 25, 8, 2)}
_SIGNS = 0.3
"""How often a client who is ready after a showing signs."""
_REGRADED_IN_14_DAYS = 0.09
_NEGLECTED_IN_14_DAYS = 0.02
"""How often an agent lets a client slip for good, times how little diligence they have."""
_RETRIES = 3
_OPENS, _CLOSES = 9 * 60 + 10, 19 * 60
_LIKES = ("likes_light", "likes_layout", "likes_place", "likes_price")
_DISLIKES = ("too_dear", "too_small", "too_far", "too_noisy", "needs_work", "family_decides")


@dataclass(frozen=True)
class Start:
    """Where a client's story begins."""

    client_id: str
    agent: Person
    source: str
    name: str
    phone: str
    address: str
    registered_at: datetime
    city: str
    colleagues: tuple[Person, ...]
    """Of the same team."""
    lead_id: str
    """Who confirms the shares of a deal."""


class Story:
    """One client. `due` is the day of the call that is still open at the end, None when there is none."""

    def __init__(self, draw: Draw, start: Start, last_day: date, idle_from: date) -> None:
        self.draw = draw
        self.client = start
        self.agent = start.agent
        self.last_day = last_day
        self.idle_from = idle_from
        """From this day on the agent has not come to the calls yet: they stand in today's list."""
        self.grade = draw.one_of(GRADES)
        self.intent = draw.one_of(_INTENTS[self.grade])
        self.rule = "cadence"
        self.tries = 0
        self.due: date | None = None

    def commands(self) -> Iterator[Command]:
        """In order of time. What would lie after the last day is not told."""
        start = self.client
        yield RegisterClient(
            at=start.registered_at,
            by=self.agent.id,
            client_id=start.client_id,
            source=start.source,
            name=start.name,
            phone=start.phone,
            address=start.address,
            note=places.wish(self.draw),
        )
        moment = start.registered_at + timedelta(seconds=self.draw.randint(40, 900))
        yield self.graded(moment)
        next_at: datetime | None = None
        while True:
            due = local_day(next_at) if next_at else self.due_after(moment)
            day = self.day_of_doing(due)
            if day is None or day >= self.idle_from:
                self.due = due
                return
            moment = next_at or self.draw.moment(day, _OPENS, _CLOSES)
            if day != due:
                moment = self.draw.moment(day, _OPENS, _CLOSES)
            outcome = self.draw.one_of(_OUTCOMES[self.grade])
            next_at = self.agreed(day) if outcome == "reached" else None
            books = outcome == "reached" and next_at is None and self.draw.happens(self.wants_to_see())
            yield self.called(moment, "appointment" if books else outcome, next_at)
            if outcome == "lost":
                return
            self.tries = self.tries + 1 if outcome == "no_answer" else 0
            self.rule = "next_step" if next_at else "cadence"
            if books:
                told, moment = self.showing(moment)
                yield from told
                if local_day(moment) > self.last_day:
                    return
            elif self.draw.happens(self.within(_REGRADED_IN_14_DAYS)):
                moment += timedelta(seconds=self.draw.randint(20, 200))
                yield from self.regraded(moment, self.draw.one_of(GRADES))

    def due_after(self, touched: datetime) -> date:
        """The day of the next call that the cadence asks for."""
        day = local_day(touched)
        if self.rule == "showing_feedback":
            return working_day_after(day)
        days = 1 if 0 < self.tries <= _RETRIES else CADENCE_DAYS[self.grade]
        return working_day_from(day + timedelta(days=days))

    def day_of_doing(self, due: date) -> date | None:
        """When the agent gets to it: mostly on the day, sometimes later, now and then never."""
        if self.draw.happens(self.within(_NEGLECTED_IN_14_DAYS) * (1.6 - self.agent.diligence)):
            return None
        late = 0 if self.draw.happens(self.agent.diligence) else self.draw.choice((1, 1, 1, 2, 2, 3, 5))
        day = working_day_after(due, late) if late else due
        return day if day <= self.last_day else None

    def within(self, in_14_days: float) -> float:
        """The chance at one call of what has this chance in two weeks, so that A clients have no more of it."""
        return in_14_days * CADENCE_DAYS[self.grade] / 14

    def agreed(self, day: date) -> datetime | None:
        """The moment that agent and client agree on for the next talk, if they do."""
        if not self.draw.happens(_AGREES_ON_A_DAY[self.grade]):
            return None
        later = working_day_after(day, self.draw.randint(1, 4))
        return at_time(later, self.draw.randrange(10 * 60, 18 * 60 + 30, 30))

    def wants_to_see(self) -> float:
        """How likely a talk leads to a showing: what stars do better than others."""
        return min(0.8, _WANTS_TO_SEE[self.grade] * math.sqrt(self.agent.talent))

    def called(self, moment: datetime, outcome: str, next_at: datetime | None) -> FollowUpDone:
        minutes = 1 if outcome == "no_answer" else self.draw.randint(*_MINUTES[self.grade])
        return FollowUpDone(
            at=moment,
            by=self.agent.id,
            client_id=self.client.client_id,
            rule=self.rule,
            outcome=outcome,
            minutes=minutes,
            intent=self.intent,
            next_step_at=next_at,
        )

    def showing(self, booked_at: datetime) -> tuple[list[Command], datetime]:
        """The showing that was agreed on, and the moment after it; the next call asks what they think."""
        booked_at += timedelta(seconds=self.draw.randint(30, 240))
        day = self.day_of_showing(local_day(booked_at))
        starts_at = at_time(day, self.draw.randrange(10 * 60, 17 * 60 + 30, 30))
        homes = places.homes(self.draw, self.draw.choice((1, 1, 2, 2, 2, 3, 3, 4)))
        showing_id = self.draw.new_id(booked_at)
        booked = BookShowing(
            at=booked_at,
            by=self.agent.id,
            showing_id=showing_id,
            client_id=self.client.client_id,
            starts_at=starts_at,
            homes=homes,
        )
        minutes = 30 * len(homes) + self.draw.randint(-10, 25)
        over_at = starts_at + timedelta(minutes=minutes + self.draw.randint(3, 50))
        interest = self.draw.choices((1, 2, 3, 4, 5), _INTEREST[self.grade])[0]
        recorded = RecordShowing(
            at=over_at,
            by=self.agent.id,
            showing_id=showing_id,
            client_id=self.client.client_id,
            interest=interest,
            minutes=minutes,
            homes=tuple(self.seen(label, place, interest) for place, label in enumerate(homes)),
        )
        self.rule, self.tries = "showing_feedback", 0
        told: list[Command] = [booked, recorded]
        if interest == 5 and self.draw.happens(_SIGNS):
            told.append(self.signed(over_at))
        if interest >= 4 and self.draw.happens(0.4):
            told += self.regraded(over_at + timedelta(minutes=2), "A")
        elif interest <= 2 and self.draw.happens(0.5):
            told += self.regraded(over_at + timedelta(minutes=2), "B" if self.grade == "A" else "C")
        return told, over_at + timedelta(minutes=2)

    def signed(self, shown_at: datetime) -> Command:
        """The deal that the showing led to."""
        start = self.client
        return deals.deal(
            self.draw,
            shown_at,
            self.agent,
            start.client_id,
            start.colleagues,
            start.lead_id,
            start.city,
        )

    def day_of_showing(self, today: date) -> date:
        """In the next days, at the weekend when it can be: then clients have time."""
        days = [today + timedelta(days=ahead) for ahead in range(1, 6)]
        weights = [0.4 if is_holiday(day) else 1.0 if is_working_day(day) else 2.0 for day in days]
        return self.draw.choices(days, weights)[0]

    def seen(self, label: str, place: int, interest: int) -> SeenHome:
        """What was said of one home; the first one is the one that the interest comes from."""
        own = interest if place == 0 else max(1, interest - self.draw.randint(0, 2))
        said = _LIKES if own >= 4 else _DISLIKES if own <= 2 else _LIKES + _DISLIKES
        return SeenHome(
            label=label, interest=own, remarks=tuple(self.draw.sample(said, self.draw.randint(0, 2)))
        )

    def graded(self, moment: datetime) -> GradeClient:
        return GradeClient(
            at=moment,
            by=self.agent.id,
            client_id=self.client.client_id,
            grade=self.grade,
            intent=self.intent,
            reason=self.draw.choice(_REASONS[self.grade]),
        )

    def regraded(self, moment: datetime, grade: str) -> list[Command]:
        """The new grade, or nothing when it is the old one."""
        if grade == self.grade:
            return []
        self.grade = grade
        self.intent = self.draw.one_of(_INTENTS[grade])
        return [self.graded(moment)]
