"""Reminders (提醒): what events make of the moments at which somebody is to be reminded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.clients import FollowUpCancelled, FollowUpDone, FollowUpScheduled
from services.contracts.envelope import Received
from services.contracts.event import Event

BEFORE_MEETING = timedelta(minutes=10)
TOO_OLD = timedelta(days=1)
"""A reminder that comes so late reminds of nothing: an event of the past that is read again."""


@dataclass(frozen=True)
class FollowUp:
    """What is known of one follow-up: as of the last of its events, by its number within the aggregate."""

    id: str
    sequence: int
    agent_id: str
    due_at: datetime | None
    """None once it is done or cancelled."""

    @property
    def key(self) -> str | None:
        """Of the reminder: another moment is another reminder."""
        return f"follow-up|{self.id}|{self.due_at:%Y%m%dT%H%M%S%fZ}" if self.due_at else None


FOLLOW_UP_EVENTS: tuple[type[Event], ...] = (FollowUpScheduled, FollowUpDone, FollowUpCancelled)


def latest(batch: Iterable[Received[Event]]) -> dict[str, FollowUp]:
    """Each follow-up of the batch, as the last of its events leaves it."""
    found: dict[str, FollowUp] = {}
    for received in batch:
        event = received.event
        if not isinstance(event, FollowUpScheduled | FollowUpDone | FollowUpCancelled):
            continue
        due_at = event.due_at if isinstance(event, FollowUpScheduled) else None
        one = FollowUp(event.follow_up_id, received.envelope.sequence, event.agent_id, due_at)
        if one.id not in found or found[one.id].sequence < one.sequence:
            found[one.id] = one
    return found


def meeting_key(meeting_id: str, starts_at: datetime) -> str:
    """Of the reminder before a meeting: one that is moved is reminded of again."""
    return f"meeting|{meeting_id}|{starts_at:%Y%m%dT%H%M%S%fZ}"
