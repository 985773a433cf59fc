"""Chance that is the same for the same seed, whatever else is drawn beside it."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from statistics import NormalDist
from typing import TypeVar
from uuid import UUID

from deploy.demo.working_days import at_time

T = TypeVar("T")

_PHONES = 100_000
_FIRST_PHONE, _PHONE_STEP = 27_183, 61_643  # the step is prime, so it meets every number once


class Draw(random.Random):
    """One source of chance for one matter, such as `Draw(seed, "client", 17)`."""

    def __init__(self, *matter: object) -> None:
        super().__init__("/".join(map(str, matter)))

    def one_of(self, weights: Mapping[T, float]) -> T:
        """A key, as often as its weight says."""
        return self.choices(list(weights), list(weights.values()))[0]

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def new_id(self, moment: datetime) -> str:
        """A UUID of version 7 with this moment in it."""
        bits = self.getrandbits(74)
        milliseconds = round(moment.timestamp() * 1000)
        high, low = bits >> 62, bits & ((1 << 62) - 1)
        return str(UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low))

    def moment(self, day: date, first: int, last: int) -> datetime:
        """A second of this day between two minutes after the company's midnight."""
        return at_time(day, self.randint(first, last - 1), self.randrange(60))


def phone_number(place: int) -> str:
    """A mobile number that no other place has; there are 100,000.

    They lie in 1990 00x xxxx. No range in China is reserved for fiction, so nobody can promise that none is ever
    handed out; but a run of zeros after the prefix is not usual, and the demo company calls nobody.
    """
    if not 0 <= place < _PHONES:
        raise ValueError(f"there are {_PHONES} demo numbers")
    return f"199000{(_FIRST_PHONE + place * _PHONE_STEP) % _PHONES:05}"


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in by_remainder[: total - sum(counts)]:
        counts[place] += 1
    return counts


def talents(draw: Draw, count: int, spread: float) -> list[float]:
    """Log-normal talents with median 1, in random order: few stars, many average, some who find it hard.

    Taken at even steps of the distribution rather than by chance, so that a small company has its stars as well.
    """
    normal = NormalDist(0, spread)
    values = [2.718281828 ** normal.inv_cdf((place + 0.5) / count) for place in range(count)]
    draw.shuffle(values)
    return values
