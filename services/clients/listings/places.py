"""The tree of places (区域): city, district, area, community, each by its name under the one above. Pure."""

from typing import TypeAlias

from services.chassis.errors import N_, FieldError, Invalid

Place: TypeAlias = tuple[str, ...]
"""From the city down, such as ("上海", "静安", "曹家渡", "静安枫景"); empty for everywhere."""

LEVELS = 4
LONGEST_NAME = 40
SEPARATOR = "/"


def place_of(text: str, pointer: str = "/place") -> Place:
    """The place that somebody wrote as `上海/静安/曹家渡`; empty for an empty text. Raises `Invalid` at the pointer."""
    names = tuple(" ".join(name.split()) for name in text.replace("／", SEPARATOR).split(SEPARATOR))
    return checked(tuple(name for name in names if name), pointer)


def checked(place: Place, pointer: str = "/place") -> Place:
    """The same place. Raises `Invalid` at the pointer for too many or too long names, and for one with a slash."""
    if len(place) > LEVELS:
        raise Invalid(
            errors=[FieldError(pointer, N_("City, district, area and community: at most four names"))]
        )
    if any(not 0 < len(name) <= LONGEST_NAME or SEPARATOR in name for name in place):
        raise Invalid(errors=[FieldError(pointer, N_("The name of a place has 1 to 40 characters"))])
    return place


def text_of(place: Place) -> str:
    """上海/静安/曹家渡."""
    return SEPARATOR.join(place)


def with_those_above(place: Place) -> tuple[Place, ...]:
    """Everywhere, the city, ... and the place itself: all places that it lies in."""
    return tuple(place[:level] for level in range(len(place) + 1))


def lies_in(place: Place, wider: Place) -> bool:
    """Whether the place is the wider one, or lies under it."""
    return place[: len(wider)] == wider


def near(place: Place, wished: Place) -> bool:
    """Whether it lies beside what is wished: not in it, but in what is right above it. Cities are never near."""
    return len(wished) > 1 and not lies_in(place, wished) and lies_in(place, wished[:-1])
