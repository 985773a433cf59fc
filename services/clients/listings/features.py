"""What is known of a listing and what can be asked of it: figures and choices, with their bounds and units. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.contracts.clients import ListingKind


class Feature(StrEnum):
    PRICE = "price"
    """Price, monthly rent, or yearly premium (from, to), in minor units."""
    ROOMS = "rooms"
    LIVING_ROOMS = "living_rooms"
    SIZE = "size"
    """Tenths of a square metre."""
    FLOOR = "floor"
    LIFT = "lift"
    """1 or 0."""
    PARKING = "parking"
    """How many places."""
    YEAR = "year"
    """In which the house was built."""
    ORIENTATION = "orientation"
    DECORATION = "decoration"
    SCHOOL = "school"
    """The school area (学区) by name."""
    POLICY_TYPE = "policy_type"
    TERM = "term"
    """Years that a policy runs."""
    AGE = "age"
    """Insured ages, from and to."""
    PLACE = "place"


class Orientation(StrEnum):
    SOUTH = "south"
    NORTH_SOUTH = "north_south"
    """南北通透: air goes through."""
    EAST = "east"
    WEST = "west"
    NORTH = "north"


class Decoration(StrEnum):
    BARE = "bare"
    """毛坯."""
    SIMPLE = "simple"
    FINE = "fine"
    """精装."""
    LUXURY = "luxury"


class PolicyType(StrEnum):
    LIFE = "life"
    CRITICAL_ILLNESS = "critical_illness"
    MEDICAL = "medical"
    ACCIDENT = "accident"
    ANNUITY = "annuity"
    SAVINGS = "savings"


@dataclass(frozen=True)
class Bounds:
    """What a figure can be, and how far beside a wish it may lie before it is worth nothing."""

    lowest: int
    highest: int
    slack: int = 0
    """In the figure's own unit."""
    slack_percent: int = 0
    """Of what is wished; the larger of the two counts."""

    def slack_of(self, wished: int) -> int:
        """How far beside this wish nothing is left of it; at least 1."""
        return max(1, self.slack, abs(wished) * self.slack_percent // 100)


LARGEST_AMOUNT = 10**15
FIGURES: Mapping[Feature, Bounds] = {
    Feature.PRICE: Bounds(1, LARGEST_AMOUNT, slack_percent=20),
    Feature.ROOMS: Bounds(0, 20, slack=2),
    Feature.LIVING_ROOMS: Bounds(0, 10, slack=2),
    Feature.SIZE: Bounds(10, 100_000, slack_percent=25),
    Feature.FLOOR: Bounds(-3, 150, slack=6),
    Feature.LIFT: Bounds(0, 1),
    Feature.PARKING: Bounds(0, 10, slack=2),
    Feature.YEAR: Bounds(1800, 2100, slack=15),
    Feature.TERM: Bounds(1, 120, slack=10),
    Feature.AGE: Bounds(0, 120, slack=5),
}
CHOICES: Mapping[Feature, tuple[str, ...]] = {
    Feature.ORIENTATION: tuple(Orientation),
    Feature.DECORATION: tuple(Decoration),
    Feature.POLICY_TYPE: tuple(PolicyType),
    Feature.SCHOOL: (),
}
"""What a code can be; empty for a name that somebody gives."""
LONGEST_CODE = 40

OF_HOMES = frozenset(Feature) - {Feature.POLICY_TYPE, Feature.TERM, Feature.AGE}
OF_POLICIES = frozenset({Feature.PRICE, Feature.POLICY_TYPE, Feature.TERM, Feature.AGE})
FEATURES: Mapping[ListingKind, frozenset[Feature]] = {
    ListingKind.SALE: OF_HOMES,
    ListingKind.RENTAL: OF_HOMES,
    ListingKind.POLICY: OF_POLICIES,
}
REQUIRED: Mapping[ListingKind, tuple[Feature, ...]] = {
    ListingKind.SALE: (Feature.PRICE, Feature.ROOMS, Feature.SIZE),
    ListingKind.RENTAL: (Feature.PRICE, Feature.ROOMS, Feature.SIZE),
    ListingKind.POLICY: (Feature.PRICE, Feature.POLICY_TYPE),
}


@dataclass(frozen=True)
class Facts:
    """What is known of one listing. A feature that is in neither is not known."""

    figures: dict[Feature, int]
    codes: dict[Feature, str]
    tops: dict[Feature, int]
    """The upper end, for figures that are a range: premiums and ages of policies."""

    def top(self, feature: Feature) -> int:
        """The upper end of a figure that is known."""
        return self.tops.get(feature, self.figures[feature])
