"""How big the company is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    name: str
    regions: int
    branches: int
    teams: int
    people: int
    """At the end, hires included."""
    hires: int
    """Of those, how many came through the pipeline within the history."""
    clients: int
    days: int
    """Length of the history, today included."""

    def __post_init__(self) -> None:
        if not 1 <= self.regions <= self.branches <= self.teams:
            raise ValueError("every region has a branch, and every branch has a team")


FULL = Scale("full", regions=3, branches=12, teams=40, people=600, hires=90, clients=20_000, days=184)
SMALL = Scale("small", regions=1, branches=3, teams=7, people=60, hires=6, clients=500, days=26)
SCALES = {scale.name: scale for scale in (SMALL, FULL)}
