"""The geometry of the bar that shows an agenda against the usual length. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.training.meetings.model import Meeting, Segment


@dataclass(frozen=True)
class Part:
    """One segment on the bar, in hundredths of its width."""

    segment: Segment
    start: float
    width: float
    state: str
    """`past`, `now`, `next` or nothing, while the meeting runs."""

    @property
    def middle(self) -> float:
        return round(self.start + self.width / 2, 2)


@dataclass(frozen=True)
class Timeline:
    """The bar. It is as long as the agenda or the usual length, whichever is longer."""

    parts: tuple[Part, ...]
    minutes: int
    usual: int
    tick: float
    """Where the usual length ends."""

    @property
    def difference(self) -> int:
        """Minutes over the usual length; negative when under it."""
        return self.minutes - self.usual

    def place(self, elapsed: timedelta) -> float:
        """Where so much time after the beginning is, in hundredths."""
        whole = max(self.minutes, self.usual, 1)
        return round(min(max(elapsed.total_seconds() / 60 / whole, 0.0), 1.0) * 100, 2)


def timeline(segments: Sequence[Segment], usual: int, on: str | None = None) -> Timeline:
    """The bar of these segments; `on` is the one that runs."""
    minutes = sum(segment.minutes for segment in segments)
    whole = max(minutes, usual, 1)
    ids = [segment.id for segment in segments]
    current = ids.index(on) if on in ids else None
    parts = []
    start = 0
    for number, segment in enumerate(segments):
        state = ""
        if current is not None:
            state = "past" if number < current else "now" if number == current else "next"
        parts.append(
            Part(segment, round(start / whole * 100, 2), round(segment.minutes / whole * 100, 2), state)
        )
        start += segment.minutes
    return Timeline(tuple(parts), minutes, usual, round(usual / whole * 100, 2))


def elapsed_by_agenda(meeting: Meeting, in_segment: timedelta) -> timedelta:
    """How far into the agenda a running meeting is: the earlier segments as planned, and this one up to its end."""
    before = timedelta(0)
    for segment in meeting.agenda:
        length = timedelta(minutes=segment.minutes)
        if segment.id == meeting.segment_id:
            return before + min(in_segment, length)
        before += length
    return before
