"""Showings (带看): several homes in one outing, and what the client said of each. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.contracts.clients import Intent

MOST_HOMES = 12
LONGEST_LABEL = 60
MOST_MINUTES = 600


class Status(StrEnum):
    BOOKED = "booked"
    DONE = "done"
    CANCELLED = "cancelled"


class Remark(StrEnum):
    """What clients say of a home, in codes that can be counted."""

    LIKES_LIGHT = "likes_light"
    LIKES_LAYOUT = "likes_layout"
    LIKES_PLACE = "likes_place"
    LIKES_PRICE = "likes_price"
    TOO_DEAR = "too_dear"
    TOO_SMALL = "too_small"
    TOO_FAR = "too_far"
    TOO_NOISY = "too_noisy"
    NEEDS_WORK = "needs_work"
    FAMILY_DECIDES = "family_decides"


@dataclass(frozen=True)
class Home:
    """One home on the way. `label` names the home, such as "静安枫景 3-1201", and nobody."""

    label: str
    interest: int | None = None
    """1 (none) to 5 (ready), after it was seen; None when it was not seen."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Showing:
    id: str
    client_id: str
    agent_id: str
    org_path: tuple[str, ...]
    starts_at: datetime
    homes: tuple[Home, ...]
    status: Status = Status.BOOKED
    intent: Intent = Intent.LATENT
    """The client's when it was booked, and when it took place."""
    interest: int | None = None
    minutes: int = 0
    sealed: dict[str, bytes] | None = None
    """`note`: what the client said in their own words."""
    done_at: datetime | None = None
    answered_by: str | None = None
    """The feedback follow-up that it led to; empty when none was needed any more."""


def labels_of(labels: tuple[str, ...]) -> tuple[Home, ...]:
    """The homes with these labels, in order. Raises `Invalid` for none, too many, doubles and empty ones."""
    cleaned = [" ".join(label.split()) for label in labels]
    errors = [
        FieldError(f"/homes/{place}", N_("Give each home a short name"))
        for place, label in enumerate(cleaned)
        if not 0 < len(label) <= LONGEST_LABEL
    ]
    if not 1 <= len(cleaned) <= MOST_HOMES:
        errors.append(FieldError("/homes", N_("A showing has one to twelve homes")))
    if len(set(cleaned)) != len(cleaned):
        errors.append(FieldError("/homes", N_("The same home stands there twice")))
    if errors:
        raise Invalid(errors=errors)
    return tuple(Home(label) for label in cleaned)


def recorded(
    showing: Showing,
    seen: tuple[Home, ...],
    minutes: int,
    sealed: dict[str, bytes] | None,
    intent: Intent,
    at: datetime,
) -> Showing:
    """The showing after it took place; its interest is that in the home they liked best.

    Raises `Conflict` when it is over already, `Invalid` when it lay ahead or no home was seen.
    """
    if showing.status is not Status.BOOKED:
        raise Conflict(N_("This showing is over already"))
    interests = [home.interest for home in seen if home.interest is not None]
    errors = []
    if showing.starts_at > at:
        errors.append(FieldError("/starts_at", N_("This showing has not begun yet")))
    if [home.label for home in seen] != [home.label for home in showing.homes]:
        errors.append(FieldError("/homes", N_("These are not the homes of this showing")))
    if not interests:
        errors.append(FieldError("/homes", N_("Say of at least one home how much they liked it")))
    if any(not 1 <= interest <= 5 for interest in interests):
        errors.append(FieldError("/homes", N_("Interest is a number from 1 to 5")))
    if errors:
        raise Invalid(errors=errors)
    return replace(
        showing,
        status=Status.DONE,
        homes=seen,
        interest=max(interests),
        minutes=minutes,
        intent=intent,
        sealed=sealed,
        done_at=at,
    )
