"""Whose agent hears of a listing that suits (匹配通知), and who does not, so that nobody drowns. Pure.

First come C clients for whom little else is offered: the one call that is worth making. Then A clients, then B with
what is comparable as well, then the others where the listing suits very well. What is not told is not lost: it stands
in the client's matches all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.contracts.clients import Grade

RARE_AT_MOST = 3
"""So many other listings suit, and the match is rare."""
A_DAY = 12
"""For one agent."""
KEPT_FOR_RARE = 4
"""Of these."""
OF_ONE_LISTING = 5
"""For one agent."""
LOWEST: Mapping[Grade | None, int] = {Grade.A: 40, Grade.B: 55, Grade.C: 85, None: 85}
"""The score from which a match that is not rare is told."""


@dataclass(frozen=True)
class Found:
    """A client whom a listing suits."""

    client_id: str
    need_id: str
    agent_id: str
    grade: Grade | None
    score: int
    comparable: bool = False
    """It suits but for one limit, by a little."""
    rare: bool = False

    @property
    def worth_telling(self) -> bool:
        if self.comparable:
            return self.grade is Grade.B and self.score >= LOWEST[Grade.B]
        return self.rare or self.score >= LOWEST[self.grade]

    @property
    def order(self) -> tuple[int, int, str]:
        """Smaller is told first."""
        if self.comparable:
            place = 3
        elif self.rare and self.grade is Grade.C:
            place = 0
        else:
            place = {Grade.A: 1, Grade.B: 2}.get(self.grade, 4) if self.grade else 5
        return place, -self.score, self.client_id


def best_of_each(found: Iterable[Found]) -> list[Found]:
    """One for each client: of several needs of one, the one that the listing suits best."""
    best: dict[str, Found] = {}
    for each in found:
        present = best.get(each.client_id)
        if present is None or each.order < present.order:
            best[each.client_id] = each
    return list(best.values())


def chosen(found: Iterable[Found]) -> list[Found]:
    """Who hears of one listing, in order: for each agent the few that are most worth a call."""
    told: dict[str, int] = {}
    picked = []
    for each in sorted(best_of_each(found), key=lambda each: each.order):
        if each.worth_telling and told.get(each.agent_id, 0) < OF_ONE_LISTING:
            told[each.agent_id] = told.get(each.agent_id, 0) + 1
            picked.append(each)
    return picked


def allowed(found: Found, told_today: int) -> bool:
    """Whether the agent hears of one more today; the last few of the day are kept for what is rare."""
    return told_today < (A_DAY if found.rare else A_DAY - KEPT_FOR_RARE)
