"""The clock, so that it can be a parameter everywhere and be turned in tests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment: aware, UTC, whole milliseconds."""


def to_milliseconds(moment: datetime) -> datetime:
    """The moment as MongoDB keeps it: UTC, cut to whole milliseconds."""
    in_utc = moment.astimezone(UTC)
    return in_utc.replace(microsecond=in_utc.microsecond // 1000 * 1000)


def utc_now() -> datetime:
    """The real present moment."""
    return to_milliseconds(datetime.now(UTC))


class TurnedClock:
    """A clock that stands still until it is turned; for tests, dry runs and the demo company's past."""

    def __init__(self, start: datetime) -> None:
        self._now = to_milliseconds(start)

    def __call__(self) -> datetime:
        return self._now

    def turn(self, by: timedelta) -> datetime:
        """Move on by this much and return the new moment."""
        self._now = to_milliseconds(self._now + by)
        return self._now

    def turn_to(self, moment: datetime) -> datetime:
        """Jump to a moment, forwards or back, and return it."""
        self._now = to_milliseconds(moment)
        return self._now
