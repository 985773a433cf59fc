"""Reminders (提醒): what events make of the moments at which somebody is to be reminded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.contracts.clients import (
    FollowUpCancelled,
    FollowUpDone,
    FollowUpScheduled,
    ShowingBooked,
    ShowingCancelled,
    ShowingDone,
    ShowingMoved,
)
from services.contracts.envelope import Received
from services.contracts.event import Event

BEFORE_MEETING = timedelta(minutes=10)
BEFORE_SHOWING = timedelta(hours=1)
TOO_OLD = timedelta(days=1)
"""A reminder that comes so late reminds of nothing: an event of the past that is read again."""


class Task(StrEnum):
    """What an agent is reminded of."""

    FOLLOW_UP = "follow-up"
    SHOWING = "showing"


@dataclass(frozen=True)
class Reminded:
    """What is known of one task: as of the last of its events, by its number within the aggregate."""

    task: Task
    id: str
    sequence: int
    agent_id: str
    begins_at: datetime | None
    """When a follow-up is due or a showing begins; None once it is over or cancelled."""

    @property
    def key(self) -> str | None:
        """Of the reminder: another moment is another reminder."""
        return f"{self.task}|{self.id}|{self.begins_at:%Y%m%dT%H%M%S%fZ}" if self.begins_at else None

    @property
    def remind_at(self) -> datetime | None:
        """A follow-up at its moment, a showing an hour before."""
        if self.begins_at is None:
            return None
        return self.begins_at - BEFORE_SHOWING if self.task is Task.SHOWING else self.begins_at

    def has_sense(self, now: datetime) -> bool:
        """Whether there is still something to be reminded of."""
        if self.begins_at is None:
            return False
        return self.begins_at > now - (timedelta(0) if self.task is Task.SHOWING else TOO_OLD)


REMINDED_EVENTS: tuple[type[Event], ...] = (
    FollowUpScheduled,
    FollowUpDone,
    FollowUpCancelled,
    ShowingBooked,
    ShowingMoved,
    ShowingCancelled,
    ShowingDone,
)


def latest(batch: Iterable[Received[Event]]) -> dict[str, Reminded]:
    """Each task of the batch, as the last of its events leaves it."""
    found: dict[str, Reminded] = {}
    for received in batch:
        one = _reminded(received.event, received.envelope.sequence)
        if one is not None and (one.id not in found or found[one.id].sequence < one.sequence):
            found[one.id] = one
    return found


def _reminded(event: Event, sequence: int) -> Reminded | None:
    match event:
        case FollowUpScheduled():
            return Reminded(Task.FOLLOW_UP, event.follow_up_id, sequence, event.agent_id, event.due_at)
        case FollowUpDone() | FollowUpCancelled():
            return Reminded(Task.FOLLOW_UP, event.follow_up_id, sequence, event.agent_id, None)
        case ShowingBooked() | ShowingMoved():
            return Reminded(Task.SHOWING, event.showing_id, sequence, event.agent_id, event.starts_at)
        case ShowingDone() | ShowingCancelled():
            return Reminded(Task.SHOWING, event.showing_id, sequence, event.agent_id, None)
        case _:
            return None


def meeting_key(meeting_id: str, starts_at: datetime) -> str:
    """Of the reminder before a meeting: one that is moved is reminded of again."""
    return f"meeting|{meeting_id}|{starts_at:%Y%m%dT%H%M%S%fZ}"
