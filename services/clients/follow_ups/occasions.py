"""Why somebody should call a client beside the cadence: a match, a deal, a birthday, a referral, a new agent. Pure.

An occasion (缘由) is a fact that an event brought. It is kept once, under a key that the fact itself gives, and is
closed when its call is made; an event that comes again finds it there, open or closed, and changes nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.clients.cadence.yearly import YearlyDay
from services.contracts.clients import FollowUpRule

AFTER_SALE_DAYS = (7, 30, 90)
"""After the move-in or the start of the policy."""
LEAD = timedelta(days=7)
"""How long before its day something yearly is planned, so that it can be prepared."""

ONE_OFF = (FollowUpRule.HANDOVER, FollowUpRule.LISTING_MATCHED, FollowUpRule.THANKS)
"""Due as soon as the client may be called, and then done with."""
DATED = (FollowUpRule.AFTER_SALE, FollowUpRule.ANNIVERSARY, FollowUpRule.YEARLY_REVIEW)
"""Due on days of the calendar, one after another."""


@dataclass(frozen=True)
class Occasion:
    id: str
    client_id: str
    rule: FollowUpRule
    cause_id: str
    """The id of the event that brought it."""
    at: datetime
    day: date | None = None
    """From which its days are counted."""
    after: date | None = None
    """This day and all before it are done with."""
    about: str = ""
    """The listing, the deal, the client who came, or the new agent."""
    rare: bool = False
    """Little else suits this client."""
    open: bool = True
    came_from: str = ""
    """The file that was merged into the client's, if it was that one's."""


def occasion_id(rule: FollowUpRule, about: str) -> str:
    """The key of an occasion: what it asks for, and the fact."""
    return f"{rule}/{about}"


def next_day(occasion: Occasion, since: date) -> date | None:
    """The first of its days from `since` on that is not done with; None when there is none, or none that we know.

    Whoever joins late gets the next one and never those that were missed.
    """
    if occasion.day is None:
        return None
    earliest = since if occasion.after is None else max(since, occasion.after + timedelta(days=1))
    if occasion.rule is FollowUpRule.AFTER_SALE:
        steps = (occasion.day + timedelta(days=days) for days in AFTER_SALE_DAYS)
        return next((day for day in steps if day >= earliest), None)
    yearly = YearlyDay(occasion.day.month, occasion.day.day)
    return yearly.next_from(max(earliest, occasion.day + timedelta(days=1)))
