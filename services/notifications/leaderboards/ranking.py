"""Who stands where (排名): from standings to ranks, gains and sums over the tree."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Score:
    """What somebody, or a unit, has of one metric in one period."""

    id: str
    """A person's or a unit's."""
    points: float
    reached: datetime


@dataclass(frozen=True, slots=True)
class Ranked:
    rank: int
    """1, 2, 2, 4: equals share a rank, and the next one counts them all."""
    score: Score


@dataclass(frozen=True, slots=True)
class Improved:
    """Somebody who has more than in the whole period before (进步奖)."""

    id: str
    points: float
    before: float

    @property
    def gain(self) -> float:
        return self.points - self.before


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's sum, and what that is for each head."""

    unit_id: str
    points: int
    heads: int
    reached: datetime

    @property
    def per_head(self) -> float:
        """Points for each person who belongs to the unit; the sum itself where nobody does."""
        return self.points / self.heads if self.heads else float(self.points)


def best_of(people: int, most: int) -> int:
    """How many of so many people may be shown to everybody: the better half, and never the last.

    At least three where there are more than three, so that a small team has a board too.
    """
    return max(1, min(most, max(3, (people + 1) // 2), people - 1))


def merged(scores: Iterable[Score]) -> list[Score]:
    """One score for each id: whoever changed teams gets the sum of both places."""
    found: dict[str, Score] = {}
    for score in scores:
        other = found.get(score.id)
        found[score.id] = (
            score
            if other is None
            else Score(score.id, other.points + score.points, max(other.reached, score.reached))
        )
    return list(found.values())


def ranked(scores: Iterable[Score], first_rank: int = 1) -> list[Ranked]:
    """The scores above zero, best first; among equals, who got there first stands first."""
    order = sorted(
        (score for score in scores if score.points > 0),
        key=lambda score: (-score.points, score.reached, score.id),
    )
    result: list[Ranked] = []
    for place, score in enumerate(order, start=first_rank):
        same = result and result[-1].score.points == score.points
        result.append(Ranked(result[-1].rank if same else place, score))
    return result


def most_improved(
    now: Iterable[Score], before: Iterable[Score], *, known: Collection[str] | None = None, limit: int = 5
) -> list[Improved]:
    """Who gained most against the period before, the greatest gain first; nobody who did not gain.

    Whoever had nothing before counts too, if `known` says that they were there: else a newcomer always wins.
    """
    past = {score.id: score.points for score in before}
    gains = [
        Improved(score.id, score.points, past.get(score.id, 0))
        for score in now
        if score.id in past or known is None or score.id in known
    ]
    gains = [one for one in gains if one.gain > 0]
    return sorted(gains, key=lambda one: (-one.gain, -one.points, one.id))[:limit]


def summed_by_unit(
    sums: Iterable[tuple[str, int, datetime]], units: Collection[str], heads: Mapping[str, int]
) -> list[UnitScore]:
    """Each of the units with its sum; those without points too, for whoever leads them all."""
    found = {unit_id: (points, reached) for unit_id, points, reached in sums if unit_id in units}
    return [
        UnitScore(unit_id, *_swapped(found.get(unit_id), heads.get(unit_id, 0))) for unit_id in sorted(units)
    ]


def _swapped(found: tuple[int, datetime] | None, heads: int) -> tuple[int, int, datetime]:
    points, reached = found or (0, FAR_FUTURE)
    return points, heads, reached


@dataclass(frozen=True)
class Step:
    """A rung of a ladder: so many people have more than `points`."""

    points: int
    above: int


def ladder(counts: Iterable[tuple[int, int]], rungs: int = 500) -> tuple[Step, ...]:
    """A few steps through (points, people with exactly these points), from the most points to the fewest.

    Exact where there are no more different scores than rungs (at least 2); else evenly thinned, both ends kept.
    """
    steps: list[Step] = []
    above = 0
    for points, people in sorted(counts, reverse=True):
        steps.append(Step(points, above))
        above += people
    if len(steps) <= rungs:
        return tuple(steps)
    every = (len(steps) - 1) / (rungs - 1)
    return tuple(steps[round(index * every)] for index in range(rungs))


def rank_on(steps: Sequence[Step], points: int) -> int | None:
    """About which rank so many points have: exact where the ladder has this very step."""
    higher: Step | None = None
    for step in sorted(steps, key=attrgetter("points"), reverse=True):
        if step.points == points:
            return step.above + 1
        if step.points < points:
            if higher is None:
                return 1
            share = (higher.points - points) / (higher.points - step.points)
            return round(higher.above + share * (step.above - higher.above)) + 1
        higher = step
    return higher.above + 1 if higher else None
