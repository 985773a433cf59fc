"""What a benchmark found, and how it is written down: as one table, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich import box
from rich.table import Table


@dataclass(frozen=True)
class Aim:
    """What a figure should be; exactly one of the two is given."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether this value is good enough."""
        if self.at_most is not None:
            return value <= self.at_most
        return self.at_least is not None and value >= self.at_least

    def __str__(self) -> str:
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}"
        return f"≥ {shown(self.at_least or 0)}"


@dataclass(frozen=True)
class Figure:
    """One thing that was measured in each of several rounds; its value is their median."""

    what: str
    unit: str
    """`ms`, `/s`, `×` (a ratio) or empty for a count."""
    rounds: tuple[float, ...]
    aim: Aim | None = None

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def is_met(self) -> bool | None:
        """None when nothing was aimed at."""
        return self.aim.is_met(self.value) if self.aim else None

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "what": self.what,
            "unit": self.unit,
            "median": self.value,
            "rounds": list(self.rounds),
            "aim": str(self.aim) if self.aim else None,
            "met": self.is_met,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share (0 to 1) of the values lies; of values that were measured, none between."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def shown(value: float) -> str:
    """With three digits that matter."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(found: Mapping[str, Sequence[Figure]]) -> Table:
    """All figures, those of one benchmark together."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("benchmark")
    drawn.add_column("figure")
    drawn.add_column("median", justify="right")
    drawn.add_column("lowest – highest", justify="right")
    drawn.add_column("aim", justify="right")
    drawn.add_column("")
    for name, figures in found.items():
        for place, figure in enumerate(figures):
            drawn.add_row(
                "" if place else name,
                figure.what,
                f"{shown(figure.value)} {figure.unit}".strip(),
                f"{shown(min(figure.rounds))} – {shown(max(figure.rounds))}",
                str(figure.aim or ""),
                {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[figure.is_met],
                end_section=place == len(figures) - 1,
            )
    return drawn
