"""The day's work: in which order, and where the time goes. Pure.

今日: worth is what a client may bring (intent before grade), urgency is how long they have been waiting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.clients import FollowUpRule, Grade, Intent

_WORTH_OF_INTENT = {Intent.REAL: 60.0, Intent.POTENTIAL: 30.0, Intent.LATENT: 12.0}
_WORTH_OF_GRADE = {Grade.A: 40.0, Grade.B: 20.0, Grade.C: 8.0, None: 15.0}
_MOST_OVERDUE_DAYS = 7.0
_DAY = timedelta(days=1)

PLANNED_MINUTES: Mapping[FollowUpRule, int] = {
    FollowUpRule.CADENCE: 10,
    FollowUpRule.NEXT_STEP: 20,
    FollowUpRule.SHOWING_FEEDBACK: 15,
    FollowUpRule.OWN_INITIATIVE: 10,
    FollowUpRule.UNPLANNED: 10,
    FollowUpRule.LISTING_MATCHED: 10,
    FollowUpRule.AFTER_SALE: 15,
    FollowUpRule.BIRTHDAY: 5,
    FollowUpRule.ANNIVERSARY: 5,
    FollowUpRule.YEARLY_REVIEW: 30,
    FollowUpRule.THANKS: 10,
    FollowUpRule.HANDOVER: 15,
}
"""What a follow-up usually takes."""
MINUTES_A_HOME = 30
"""What a showing usually takes for each home, the way included."""


_WORTH_OF_RULE: Mapping[FollowUpRule, float] = {
    FollowUpRule.NEXT_STEP: 1.5,
    FollowUpRule.SHOWING_FEEDBACK: 1.5,
    FollowUpRule.LISTING_MATCHED: 1.6,
    FollowUpRule.BIRTHDAY: 1.5,
    FollowUpRule.HANDOVER: 1.3,
    FollowUpRule.THANKS: 1.3,
    FollowUpRule.AFTER_SALE: 1.2,
    FollowUpRule.UNPLANNED: 0.8,
}
"""Promises to the client (feedback, an agreed step) and what is over by tomorrow (a new listing, a birthday) weigh half
as much again."""
_RARE = 200.0
"""More than anybody else is worth: for a client whom little suits, the one thing that does comes first."""


def rank(
    intent: Intent,
    grade: Grade | None,
    rule: FollowUpRule,
    due_at: datetime,
    now: datetime,
    *,
    rare: bool = False,
) -> float:
    """How early it stands in the list; the highest comes first.

    Being late doubles the weight over a week, and no more: what has waited for a month must not bury today's buyers.
    A rare match of a C client comes before all: nobody else would call them.
    """
    worth = _WORTH_OF_INTENT[intent] + _WORTH_OF_GRADE[grade]
    if rare and grade is Grade.C:
        worth += _RARE
    late = min(max((now - due_at) / _DAY, 0.0), _MOST_OVERDUE_DAYS)
    return worth * _WORTH_OF_RULE.get(rule, 1.0) * (1 + late / _MOST_OVERDUE_DAYS)


@dataclass(frozen=True)
class Share:
    """One intent's part of the time."""

    intent: Intent
    minutes: int
    percent: int
    target: int
    """Percent that it should have."""


@dataclass(frozen=True)
class Gauge:
    """Where the time goes, by intent in the order real, potential, latent."""

    shares: tuple[Share, ...]
    minutes: int


def gauge(spent: Iterable[tuple[Intent, int]], targets: Mapping[Intent, int]) -> Gauge:
    """The gauge of these minutes. The percents add up to 100, or are all 0 when there is no time at all."""
    minutes = dict.fromkeys(Intent, 0)
    for intent, some in spent:
        minutes[intent] += some
    total = sum(minutes.values())
    percents = _percents(minutes, total)
    return Gauge(
        tuple(Share(intent, minutes[intent], percents[intent], targets[intent]) for intent in Intent), total
    )


def _percents(minutes: Mapping[Intent, int], total: int) -> dict[Intent, int]:
    """Whole percents by largest remainder, so that they add up."""
    if total == 0:
        return dict.fromkeys(minutes, 0)
    percents = {intent: some * 100 // total for intent, some in minutes.items()}
    missing = 100 - sum(percents.values())
    by_remainder = sorted(minutes, key=lambda intent: -(minutes[intent] * 100 % total))
    for intent in by_remainder[:missing]:
        percents[intent] += 1
    return percents
