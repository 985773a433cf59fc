"""Handovers (离职交接): what became of somebody's clients when they left or moved away. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

RECALL = timedelta(days=30)
"""So long a handover can be taken back."""


class Why(StrEnum):
    LEFT = "left"
    MOVED = "moved"


class How(StrEnum):
    """By what it was decided who gets the clients."""

    SUCCESSOR = "successor"
    """Named by who wrote down that they leave."""
    SUPERVISOR = "supervisor"
    SPREAD = "spread"
    POOL = "pool"


@dataclass(frozen=True)
class Handover:
    """One handover; its id is that of the event that caused it."""

    id: str
    agent_id: str
    """Whose clients they were."""
    org_path: tuple[str, ...]
    """Where that was."""
    why: Why
    how: How
    at: datetime
    clients: int = 0
    recalled: int = 0

    def recallable(self, now: datetime) -> bool:
        """Whether it can still be taken back."""
        return now <= self.at + RECALL and self.recalled < self.clients

    def counted(self, clients: int) -> "Handover":
        """With so many clients more."""
        return replace(self, clients=self.clients + clients)


@dataclass(frozen=True)
class Line:
    """One client of a handover."""

    id: str
    handover_id: str
    client_id: str
    to_agent_id: str | None
    """None: the pool."""
    at: datetime
    """The moment since which they have the client, by which a touch since then is seen."""
    recalled_at: datetime | None = None


def line_id(handover_id: str, client_id: str) -> str:
    """The id of the line of this client: the same whenever it is asked."""
    return f"{handover_id}/{client_id}"
