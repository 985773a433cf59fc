"""Who looked after a client, from when to when, and why that changed. Pure."""

from dataclasses import dataclass
from datetime import datetime

from services.contracts.clients import Reassignment

KEPT = 50
"""Earlier owners that stay on the file; the timeline has all of them."""
LET_GO = (Reassignment.RELEASED, Reassignment.GIVEN_UP)
"""Endings by which an agent let a client go."""


@dataclass(frozen=True)
class Tenure:
    """The time of one owner, or of the pool."""

    agent_id: str | None
    """None: in the pool."""
    since: datetime
    until: datetime
    ended: Reassignment


@dataclass(frozen=True)
class Holding:
    """Since when, and why, the client has the owner they have; and who had them before."""

    since: datetime
    reason: Reassignment | None = None
    """None: whoever opened the file has it still."""
    earlier: tuple[Tenure, ...] = ()
    """The oldest first."""

    def passed(self, owner: str | None, at: datetime, reason: Reassignment) -> "Holding":
        """After this owner's time is over."""
        tenure = Tenure(owner, self.since, at, reason)
        return Holding(at, reason, (*self.earlier, tenure)[-KEPT:])

    def let_go_by(self, agent_id: str) -> datetime | None:
        """When this agent last let the client go into the pool; None for never."""
        moments = [each.until for each in self.earlier if each.agent_id == agent_id and each.ended in LET_GO]
        return max(moments, default=None)
