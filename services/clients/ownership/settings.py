"""By what clients change hands: settings of a unit, each inherited from above until a unit says it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from services.contracts.clients import Grade

LONGEST_DAYS = 365
MOST_TAKES = 200


class HandoverRule(StrEnum):
    """Who gets what a leaver leaves behind when no successor is named."""

    SUPERVISOR = "supervisor"
    """Whoever leads the team."""
    SPREAD = "spread"
    """The team's agents, evenly by grade and load."""
    POOL = "pool"
    """Nobody yet: who wants a client takes them."""


class Following(StrEnum):
    """Whether the clients of an agent who moves go along."""

    WITHIN_BRANCH = "within_branch"
    """Inside the branch they do; from one branch to another they stay behind."""
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class OwnershipPolicy:
    """The settings that hold for one unit."""

    idle_days_a: int = 7
    """Days without a touch after which a client of this grade goes into the pool; the same for the two below."""
    idle_days_b: int = 21
    idle_days_c: int = 45
    warning_days: int = 2
    """So long before, the agent is told."""
    takes_a_day: int = 10
    cooling_off_days: int = 30
    """So long whoever let a client go cannot take them back."""
    protection_days: int = 7
    """So long a client who was taken stays, whatever their grade."""
    handover: HandoverRule = HandoverRule.SUPERVISOR
    following: Following = Following.WITHIN_BRANCH

    def __post_init__(self) -> None:
        """Raises ValueError, in words, for what cannot be meant."""
        days = (self.idle_days_a, self.idle_days_b, self.idle_days_c)
        if not all(1 <= each <= LONGEST_DAYS for each in days):
            raise ValueError(f"a client is idle for 1 to {LONGEST_DAYS} days")
        if not all(0 <= each <= LONGEST_DAYS for each in (self.cooling_off_days, self.protection_days)):
            raise ValueError(f"0 to {LONGEST_DAYS} days")
        if not 0 <= self.warning_days < min(days):
            raise ValueError("the warning comes before the release")
        if not 0 <= self.takes_a_day <= MOST_TAKES:
            raise ValueError(f"0 to {MOST_TAKES} clients a day")

    def idle(self, grade: Grade | None) -> timedelta:
        """How long nobody may be in touch with a client of this grade; one without a grade counts as C."""
        days = {Grade.A: self.idle_days_a, Grade.B: self.idle_days_b}.get(grade or Grade.C, self.idle_days_c)
        return timedelta(days=days)


@dataclass(frozen=True)
class OwnershipSettings:
    """What a unit says itself; None is inherited."""

    id: str
    """The unit's id."""
    idle_days_a: int | None = None
    idle_days_b: int | None = None
    idle_days_c: int | None = None
    warning_days: int | None = None
    takes_a_day: int | None = None
    cooling_off_days: int | None = None
    protection_days: int | None = None
    handover: HandoverRule | None = None
    following: Following | None = None


def policy_of(chain: Iterable[OwnershipSettings]) -> OwnershipPolicy:
    """The policy that settings from the company down to a unit give. Raises ValueError when they contradict."""
    said: dict[str, Any] = {}
    for settings in chain:
        for field in fields(settings):
            value = getattr(settings, field.name)
            if field.name != "id" and value is not None:
                said[field.name] = value
    return replace(OwnershipPolicy(), **said)
