"""Market, legal and product news (市场与政策快讯): written by trainers, sent by agents to clients who agreed. Pure.

Sending is no touch (跟进): whoever got a text that everybody got was not spoken to, and the cadence goes on as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.clients.files.model import Client
from services.clients.files.people import Channel, agrees
from services.contracts.clients import UpdateKind

LONGEST_TITLE = 60
LONGEST_TEXT = 2_000
LONGEST_VALID = timedelta(days=366)


@dataclass(frozen=True)
class Update:
    """One text for many."""

    id: str
    unit_id: str
    """Whose agents may send it: those of this unit, and below."""
    org_path: tuple[str, ...]
    author_id: str
    kind: UpdateKind
    title: str
    text: str
    link: str
    """Where it is from."""
    valid_until: date
    """The last day on which it may be sent, where the unit is."""
    published_at: datetime
    withdrawn_at: datetime | None = None

    def may_be_sent(self, today: date) -> bool:
        """Whether it still holds."""
        return self.withdrawn_at is None and today <= self.valid_until


@dataclass(frozen=True)
class Round:
    """What one agent has sent of one update."""

    id: str
    update_id: str
    agent_id: str
    org_path: tuple[str, ...]
    sent: int = 0


def checked(update: Update, today: date) -> Update:
    """The update as it is. Raises `Invalid`."""
    errors = []
    if not today <= update.valid_until <= today + LONGEST_VALID:
        errors.append(FieldError("/valid_until", N_("Choose a day within the coming year")))
    if not 0 < len(update.title) <= LONGEST_TITLE:
        errors.append(FieldError("/title", N_("Give it a short title")))
    if not 0 < len(update.text) <= LONGEST_TEXT:
        errors.append(FieldError("/text", N_("Write what is new, in two thousand characters at most")))
    if update.link and not update.link.startswith(("https://", "http://")):
        errors.append(FieldError("/link", N_("A link begins with https://")))
    if errors:
        raise Invalid(errors=errors)
    return update


def withdrawn(update: Update, at: datetime) -> Update:
    """The update that nobody may send any more. Raises `Conflict` when it is so already."""
    if update.withdrawn_at is not None:
        raise Conflict(N_("This update is withdrawn already"))
    return replace(update, withdrawn_at=at)


def may_get(client: Client, now: datetime) -> bool:
    """Whether the client agreed to such news, and is to be left in peace for no reason."""
    standing = client.standing
    quiet = standing.quiet_until is not None and standing.quiet_until > now
    return (
        agrees(client.consents, Channel.UPDATES)
        and not standing.lost
        and not quiet
        and client.erased_at is None
    )


def sendable(update: Update, clients: Sequence[Client], today: date, now: datetime) -> None:
    """Do nothing when it may be sent to all of these. Raises `Conflict` for the update, `Invalid` for a client."""
    if not update.may_be_sent(today):
        raise Conflict(N_("This update is withdrawn, or no longer valid"))
    if not all(may_get(client, now) for client in clients):
        raise Invalid(errors=[FieldError("/client_ids", N_("Somebody here did not agree to get such news"))])


def letter(greeting: str, update: Update, sender: str) -> str:
    """The text as one client gets it."""
    parts = [greeting, update.title, update.text, update.link, sender]
    return "\n\n".join(part for part in parts if part)
