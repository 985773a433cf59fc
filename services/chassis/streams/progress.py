"""Whether a consumer gets on: committed offsets against end offsets, not whether it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.streams.consumer import Standing


@dataclass(frozen=True)
class Health:
    """What the probes say, and in words why."""

    alive: bool
    """False when only a restart, or somebody, can help."""
    ready: bool
    """False while it cannot work for a passing reason, such as a database that is away."""
    reason: str = ""


class Progress:
    """Remembers since when each partition is behind without moving. Seconds are of a monotonic clock."""

    def __init__(self, stalled_seconds: float) -> None:
        self.stalled_seconds = stalled_seconds
        self._since: dict[tuple[str, int], tuple[int | None, float]] = {}

    def observe(self, standings: Mapping[tuple[str, int], Standing], now: float) -> None:
        """Take note of how far each partition is at this moment."""
        since = {}
        for partition, standing in standings.items():
            if _is_behind(standing):
                committed, moment = self._since.get(partition, (standing.committed, now))
                moved = committed != standing.committed
                since[partition] = (standing.committed, now if moved else moment)
        self._since = since

    def stalled(self, now: float) -> tuple[str, int] | None:
        """A partition that has been behind without moving for too long, if there is one."""
        for partition, (_, moment) in self._since.items():
            if now - moment > self.stalled_seconds:
                return partition
        return None

    def seconds_behind(self, now: float) -> dict[str, float]:
        """By topic: for how long its slowest partition has been behind without moving."""
        seconds: dict[str, float] = {}
        for (topic, _), (_, moment) in self._since.items():
            seconds[topic] = max(seconds.get(topic, 0.0), now - moment)
        return seconds


def _is_behind(standing: Standing) -> bool:
    return standing.end is not None and (standing.committed or 0) < standing.end
