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
    SHOWING_SOON = "showing_soon"
    MEETING_PLANNED = "meeting_planned"
    MEETING_SOON = "meeting_soon"
    MEETING_CANCELLED = "meeting_cancelled"
    NEW_AGENT = "new_agent"
    NEW_MENTEE = "new_mentee"
    BOARD_STALE = "board_stale"
    CLIENTS_RECEIVED = "clients_received"
    """One entry however many came at once; the same for the two below."""
    CLIENTS_RELEASED = "clients_released"
    LISTING_MATCHED = "listing_matched"
    DEAL_PROPOSED = "deal_proposed"
    DEAL_CLOSED = "deal_closed"
    DEAL_UNDONE = "deal_undone"


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
    Kind.SHOWING_SOON: Wording(N_("Your showing begins at %(moment)s"), "home-search", site.TODAY.path),
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
    Kind.CLIENTS_RECEIVED: Wording(
        N_("Clients that are yours now: %(count)s"), "user-share", site.CLIENTS.path
    ),
    Kind.CLIENTS_RELEASED: Wording(
        N_("Clients that went into the pool because nobody was in touch: %(count)s"),
        "lifebuoy",
        site.CLIENTS.path,
    ),
    Kind.LISTING_MATCHED: Wording(
        N_("A listing suits your clients: %(count)s of them"), "home-heart", site.LISTINGS_PATH
    ),
    Kind.DEAL_PROPOSED: Wording(
        N_("%(person)s signed a deal: please confirm the shares"), "certificate", site.DEALS_PATH
    ),
    Kind.DEAL_CLOSED: Wording(
        N_("The deal of %(person)s counts; your share: %(money)s"), "trophy", site.DEALS_PATH
    ),
    Kind.DEAL_UNDONE: Wording(
        N_("The deal of %(person)s is void; your share does not count"), "ban", site.DEALS_PATH
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
    """`person_id`, `moment`, `title`, `minor` with `currency`: ids and facts that the wording needs."""

    @property
    def id(self) -> str:
        return f"{self.cause}|{self.person_id}|{self.kind}"
