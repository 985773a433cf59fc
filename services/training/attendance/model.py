"""What somebody's attendance (出勤) adds up to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.contracts.training import AttendanceStatus
from services.training.meetings.model import CAME


@dataclass(frozen=True)
class Figures:
    """Attendance over some meetings. Leave counts neither for nor against anybody."""

    meetings: int
    """Those that count."""
    came: int
    late: int
    streak: int
    """How many in a row they came to, up to the last one."""

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None while no meeting counts."""
        return self.came / self.meetings if self.meetings else None


def figures(statuses: Sequence[AttendanceStatus]) -> Figures:
    """The figures of these meetings, newest first."""
    counted = [status for status in statuses if status is not AttendanceStatus.LEAVE]
    streak = next((n for n, status in enumerate(counted) if status not in CAME), len(counted))
    return Figures(
        meetings=len(counted),
        came=sum(status in CAME for status in counted),
        late=counted.count(AttendanceStatus.LATE),
        streak=streak,
    )
