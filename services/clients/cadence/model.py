"""What the grade decides: how often a client is called, and who hears of it when nobody calls. Pure.

跟进节奏: the settings of a unit are those of the unit above it, with what it says itself in their place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.clients.cadence.hours import (
    ContactHours,
    WorkingCalendar,
    first_opening,
    on_every_day,
)
from services.contracts.clients import Grade, Intent

RETRIES = 3
"""How often a client who does not answer is tried on the following days before the cadence goes on."""
LONGEST_DAYS = 365


class Level(StrEnum):
    """Whom an overdue follow-up concerns, in rising order."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    BRANCH = "branch"


LEVELS = tuple(Level)


@dataclass(frozen=True)
class CadencePolicy:
    """The settings that hold for one unit."""

    days_a: int = 2
    days_b: int = 7
    days_c: int = 14
    escalate_agent_after: int = 3
    """Working days after the due day; the same for the two below."""
    escalate_supervisor_after: int = 5
    escalate_branch_after: int = 7
    opens: int = 9 * 60
    """The hours of clients who named none, in minutes after midnight."""
    closes: int = 20 * 60
    working_days_only: bool = True
    share_real: int = 70
    """Percent of the time that real clients should have; the same for the two below."""
    share_potential: int = 20
    share_latent: int = 10
    remind_first_after: int = 7
    """Days without contact and without any plan, after which the agent is reminded; the same for the two below."""
    remind_second_after: int = 15
    remind_third_after: int = 30
    cooling_off_days: int = 14
    """How long nobody calls of their own accord after a complaint."""

    def __post_init__(self) -> None:
        """Raises ValueError, in words, when the settings contradict themselves."""
        if not all(1 <= days <= LONGEST_DAYS for days in (self.days_a, self.days_b, self.days_c)):
            raise ValueError(f"a cadence is 1 to {LONGEST_DAYS} days")
        if not 1 <= self.escalate_agent_after < self.escalate_supervisor_after < self.escalate_branch_after:
            raise ValueError("escalations come one after another")
        if min(self.shares.values()) < 0 or sum(self.shares.values()) != 100:
            raise ValueError("the shares of time add up to 100")
        if not 1 <= self.remind_first_after < self.remind_second_after < self.remind_third_after:
            raise ValueError("reminders come one after another")
        if not 1 <= self.cooling_off_days <= LONGEST_DAYS:
            raise ValueError(f"a cooling-off is 1 to {LONGEST_DAYS} days")
        ContactHours(self.opens, self.closes)

    def every(self, grade: Grade) -> int:
        """Days between two follow-ups of a client of this grade."""
        return {Grade.A: self.days_a, Grade.B: self.days_b, Grade.C: self.days_c}[grade]

    def after(self, level: Level) -> int:
        """Working days after the due day at which this level hears of it."""
        return {
            Level.AGENT: self.escalate_agent_after,
            Level.SUPERVISOR: self.escalate_supervisor_after,
            Level.BRANCH: self.escalate_branch_after,
        }[level]

    @property
    def shares(self) -> dict[Intent, int]:
        """Percent of time by intent."""
        return {
            Intent.REAL: self.share_real,
            Intent.POTENTIAL: self.share_potential,
            Intent.LATENT: self.share_latent,
        }

    @property
    def hours(self) -> ContactHours:
        """The hours of clients who named none."""
        return ContactHours(self.opens, self.closes)

    def reminders(self) -> Iterator[int]:
        """Days without contact after which a client without a plan is brought to mind; it goes on for ever."""
        yield self.remind_first_after
        yield self.remind_second_after
        days = self.remind_third_after
        while True:
            yield days
            days += self.remind_third_after


@dataclass(frozen=True)
class CadenceSettings:
    """What one unit says itself; None means "as the unit above"."""

    id: str
    """The unit's id."""
    days_a: int | None = None
    days_b: int | None = None
    days_c: int | None = None
    escalate_agent_after: int | None = None
    escalate_supervisor_after: int | None = None
    escalate_branch_after: int | None = None
    opens: int | None = None
    closes: int | None = None
    working_days_only: bool | None = None
    share_real: int | None = None
    share_potential: int | None = None
    share_latent: int | None = None
    remind_first_after: int | None = None
    remind_second_after: int | None = None
    remind_third_after: int | None = None
    cooling_off_days: int | None = None


@dataclass(frozen=True)
class Rhythm:
    """By what the follow-ups of one unit are planned."""

    policy: CadencePolicy
    calendar: WorkingCalendar

    @property
    def days(self) -> WorkingCalendar:
        """The days on which follow-ups are planned: all of them where the policy says so."""
        return days_of(self.policy, self.calendar)


def policy_of(chain: Iterable[CadenceSettings], base: CadencePolicy | None = None) -> CadencePolicy:
    """The policy that settings from the company down to a unit give. Raises ValueError when they contradict."""
    said: dict[str, int] = {}
    for settings in chain:
        for field in fields(settings):
            value = getattr(settings, field.name)
            if field.name != "id" and value is not None:
                said[field.name] = value
    return replace(base if base is not None else CadencePolicy(), **said)  # type: ignore[arg-type]


def days_of(policy: CadencePolicy, calendar: WorkingCalendar) -> WorkingCalendar:
    """The calendar by which follow-ups are planned: all days where the policy says so."""
    return calendar if policy.working_days_only else replace(calendar, works_on=on_every_day)


def next_step(
    counted_from: datetime, every: int, now: datetime, hours: ContactHours, calendar: WorkingCalendar
) -> datetime:
    """When a client is due who is called every so many days, counted from a moment, UTC.

    What is late gets the next step of its rhythm that is still to come, never the ones it missed: so a regrade of
    many clients spreads over their rhythms and nobody has a burst of them.
    """
    start = calendar.local_day(counted_from)
    passed = (calendar.local_day(now) - start).days
    steps = max(1, -(-passed // every))
    earliest = max(calendar.midnight(start + timedelta(days=steps * every)), now)
    return first_opening(earliest, calendar.minute_of_day(counted_from), hours, calendar)


def feedback_call(
    shown_at: datetime, now: datetime, hours: ContactHours, calendar: WorkingCalendar
) -> datetime:
    """When to ask what the client thinks after a showing: the next working day, at the hour they had time."""
    tomorrow = calendar.midnight(calendar.local_day(shown_at) + timedelta(days=1))
    return first_opening(max(tomorrow, now), calendar.minute_of_day(shown_at), hours, calendar)


def escalates_at(
    due_at: datetime, level: Level, policy: CadencePolicy, calendar: WorkingCalendar
) -> datetime:
    """When this level hears of a follow-up that was due then, UTC."""
    return calendar.working_days_after(due_at, policy.after(level))


def level_reached(
    due_at: datetime, now: datetime, policy: CadencePolicy, calendar: WorkingCalendar
) -> Level | None:
    """The highest level that should have heard by now: after an outage one word to the right one, not three."""
    reached = [level for level in LEVELS if escalates_at(due_at, level, policy, calendar) <= now]
    return reached[-1] if reached else None


def level_after(level: Level | None) -> Level | None:
    """Who hears of it next, or None after the last."""
    if level is None:
        return LEVELS[0]
    position = LEVELS.index(level) + 1
    return LEVELS[position] if position < len(LEVELS) else None
