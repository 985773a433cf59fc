"""The geometry of bars and gauges that the server draws as SVG; no rule of a page, only lengths."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100.0


@dataclass(frozen=True)
class Bar:
    """A bar with a tick for its target, both in hundredths of the width."""

    filled: float
    tick: float | None
    over: bool
    """The target is reached."""


def bar(value: float, target: float | None, top: float | None = None) -> Bar:
    """A bar whose end is `top`: by default the target, with room behind the tick when it is passed."""
    if top is None:
        top = max(target or 0, value) * (1.0 if target is None else 1.15) or 1.0
    return Bar(
        filled=round(min(max(value / top, 0.0), 1.0) * WIDTH, 2),
        tick=round(min(target / top, 1.0) * WIDTH, 2) if target else None,
        over=target is not None and target > 0 and value >= target,
    )


@dataclass(frozen=True)
class Share:
    """One part of a divided bar, in hundredths of its width."""

    start: float
    width: float


def shares(values: Sequence[float]) -> list[Share]:
    """The parts side by side; empty parts when there is nothing to divide."""
    total = sum(values)
    parts: list[Share] = []
    start = 0.0
    for value in values:
        width = value / total * WIDTH if total > 0 else 0.0
        parts.append(Share(round(start, 2), round(width, 2)))
        start += width
    return parts


def sparkline(values: Sequence[float], width: float = 96, height: float = 28) -> str:
    """The `points` of a polyline through the values, the last at the right edge."""
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = width / max(len(values) - 1, 1)
    inner = height - 4
    return " ".join(
        f"{index * step:.1f},{2 + inner - (value - low) / span * inner:.1f}"
        for index, value in enumerate(values)
    )
