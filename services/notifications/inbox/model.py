"""The inbox (消息): what concerns a person, known by the event that caused it. Texts are made when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import N_
from services.contracts import site


class Kind(StrEnum):
    FOLLOW_UP_DUE = "follow_up_due"
    FOLLOW_UP_MISSED = "follow_up_missed"
    MEETING_PLANNED = "meeting_planned"
    MEETING_SOON = "meeting_soon"
    MEETING_CANCELLED = "meeting_cancelled"
    NEW_AGENT = "new_agent"
    NEW_MENTEE = "new_mentee"
    BOARD_STALE = "board_stale"


@dataclass(frozen=True)
class Wording:
    """How a kind is said and shown. `%(person)s` is a person's name, `%(moment)s` a moment of the reader's day."""

    title: str
    icon: str
    path: str
    """Where a click leads."""


WORDINGS: Mapping[Kind, Wording] = {
    Kind.FOLLOW_UP_DUE: Wording(N_("A follow-up is due now"), "phone-call", site.TODAY.path),
    Kind.FOLLOW_UP_MISSED: Wording(
        N_("%(person)s has an overdue follow-up, due %(moment)s"), "alarm", site.CLIENTS.path
    ),
    Kind.MEETING_PLANNED: Wording(N_("Meeting %(title)s: %(moment)s"), "calendar-event", site.MEETINGS.path),
    Kind.MEETING_SOON: Wording(
        N_("Meeting %(title)s begins in 10 minutes"), "bell-ringing", site.MEETINGS.path
    ),
    Kind.MEETING_CANCELLED: Wording(
        N_("Meeting %(title)s (%(moment)s) is cancelled"), "calendar-off", site.MEETINGS.path
    ),
    Kind.NEW_AGENT: Wording(N_("%(person)s has joined your team"), "user-plus", site.LEADERBOARDS.path),
    Kind.NEW_MENTEE: Wording(
        N_("%(person)s has joined, and you are the mentor"), "heart-handshake", site.LEADERBOARDS.path
    ),
    Kind.BOARD_STALE: Wording(
        N_("A TV board has been dark since %(moment)s"), "device-tv-off", site.BOARDS.path
    ),
}


@dataclass(frozen=True)
class Item:
    """One line in somebody's inbox."""

    cause: str
    """The id of the event that caused it, or the key of the due item that an event planned."""
    person_id: str
    kind: Kind
    at: datetime
    params: Mapping[str, object] = field(default_factory=dict)
    """`person_id`, `moment`, `title`: ids and facts that the wording needs."""

    @property
    def id(self) -> str:
        return f"{self.cause}|{self.person_id}|{self.kind}"
