"""Grade and intent of a client: given by hand, or by a rule from what the client did. Pure.

客户分级: a grade that somebody gave by hand is never overwritten by a rule; the rule then only suggests.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.contracts.clients import Grade, GradedBy, Intent


class Reason(StrEnum):
    """Why somebody gave this grade. Codes, so that reports can count them and events carry no free text."""

    BUDGET_CONFIRMED = "budget_confirmed"
    BUYING_SOON = "buying_soon"
    DECISION_MAKER = "decision_maker"
    COMPARING = "comparing"
    WAITING = "waiting"
    """Wants to, but something must happen first: a sale, a school year, a policy running out."""
    JUST_LOOKING = "just_looking"
    NO_BUDGET = "no_budget"
    REFERRED = "referred"
    SHOWING_KEEN = "showing_keen"
    SHOWING_OPEN = "showing_open"
    SHOWING_COOL = "showing_cool"
    IMPORTED = "imported"
    """The grade stood in a file of old clients."""


BY_HAND = tuple(
    reason for reason in Reason if reason is not Reason.IMPORTED and not reason.startswith("showing_")
)
"""What somebody can choose; the others are given by the rules."""


@dataclass(frozen=True)
class Grading:
    """The grade that holds."""

    grade: Grade
    intent: Intent
    by: GradedBy
    reason: str
    at: datetime


@dataclass(frozen=True)
class Suggestion:
    """What a rule would say of a client, and from what."""

    grade: Grade
    intent: Intent
    reason: str
    cause_id: str
    """The id of the event behind it; ids sort by time, so a later one is fresher."""


def after_showing(interest: int, cause_id: str) -> Suggestion:
    """What an interest of 1 (none) to 5 (ready) after a showing says. Raises ValueError for another number."""
    if not 1 <= interest <= 5:
        raise ValueError(f"interest is 1 to 5, not {interest}")
    if interest >= 4:
        return Suggestion(Grade.A, Intent.REAL, Reason.SHOWING_KEEN, cause_id)
    if interest == 3:
        return Suggestion(Grade.B, Intent.POTENTIAL, Reason.SHOWING_OPEN, cause_id)
    return Suggestion(Grade.C, Intent.LATENT, Reason.SHOWING_COOL, cause_id)


@dataclass(frozen=True)
class Weighed:
    """What becomes of a suggestion: at most one of the two is there."""

    grading: Grading | None = None
    """The new grade, to be given by rule."""
    suggestion: Suggestion | None = None
    """To be shown to the agent, who decides."""


def weigh(current: Grading | None, fresh: Suggestion, at: datetime) -> Weighed:
    """What follows from a suggestion for a client who is graded so."""
    if current is not None and (current.grade, current.intent) == (fresh.grade, fresh.intent):
        return Weighed()
    if current is not None and current.by is GradedBy.HAND:
        return Weighed(suggestion=fresh)
    return Weighed(grading=Grading(fresh.grade, fresh.intent, GradedBy.RULE, fresh.reason, at))
