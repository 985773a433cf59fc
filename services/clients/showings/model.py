"""Showings (带看): several homes in one outing, and what the client said of each. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.contracts.clients import Intent

MOST_HOMES = 12
LONGEST_LABEL = 60
MOST_MINUTES = 600
USUAL_MINUTES = 30
LEAST_MINUTES_A_HOME, MOST_MINUTES_A_HOME = 5, 240


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
    listing_id: str | None = None
    """None for a home that is none of our listings."""
    minutes: int = USUAL_MINUTES
    """Planned for it, the way to it included."""


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
    confirmed_at: datetime | None = None
    """When the client said that they come, to the moment as it is now."""

    @property
    def planned_minutes(self) -> int:
        """How long the whole way takes."""
        return sum(home.minutes for home in self.homes)

    @property
    def ends_at(self) -> datetime:
        """When it should be over."""
        return self.starts_at + timedelta(minutes=self.planned_minutes)

    @property
    def stops(self) -> tuple[tuple[datetime, Home], ...]:
        """The homes with the moment at which each begins."""
        begins, found = self.starts_at, []
        for home in self.homes:
            found.append((begins, home))
            begins += timedelta(minutes=home.minutes)
        return tuple(found)


def labels_of(labels: tuple[str, ...]) -> tuple[Home, ...]:
    """The homes with these labels, in order. Raises `Invalid` for none, too many, doubles and empty ones."""
    return route_of(tuple(Home(label) for label in labels))


def route_of(homes: tuple[Home, ...]) -> tuple[Home, ...]:
    """The homes of an outing, in order. Raises `Invalid` for none, too many, doubles, empty labels and odd minutes."""
    cleaned = tuple(replace(home, label=" ".join(home.label.split())) for home in homes)
    errors = [
        FieldError(f"/homes/{place}", N_("Give each home a short name"))
        for place, home in enumerate(cleaned)
        if not 0 < len(home.label) <= LONGEST_LABEL
    ]
    errors.extend(
        FieldError(f"/homes/{place}", N_("A home takes from five minutes to four hours"))
        for place, home in enumerate(cleaned)
        if not LEAST_MINUTES_A_HOME <= home.minutes <= MOST_MINUTES_A_HOME
    )
    if not 1 <= len(cleaned) <= MOST_HOMES:
        errors.append(FieldError("/homes", N_("A showing has one to twelve homes")))
    if len({home.label for home in cleaned}) != len(cleaned):
        errors.append(FieldError("/homes", N_("The same home stands there twice")))
    if errors:
        raise Invalid(errors=errors)
    return cleaned


def by_place(homes: tuple[tuple[tuple[str, ...], Home], ...]) -> tuple[Home, ...]:
    """The homes in a first order for the way: what lies in one area together. Those without a place come last."""
    ordered = sorted(homes, key=lambda each: (not each[0], each[0], each[1].label))
    return tuple(home for _, home in ordered)


def overlapping(showing: Showing, others: tuple[Showing, ...]) -> tuple[Showing, ...]:
    """Of other booked showings those at the same time."""
    return tuple(
        other
        for other in others
        if other.id != showing.id
        and other.status is Status.BOOKED
        and other.starts_at < showing.ends_at
        and showing.starts_at < other.ends_at
    )


def confirmed(showing: Showing, at: datetime) -> Showing:
    """The client said that they come. Raises `Conflict` when it is over already."""
    _require_booked(showing)
    return replace(showing, confirmed_at=showing.confirmed_at or at)


def moved(showing: Showing, starts_at: datetime, homes: tuple[Home, ...]) -> Showing:
    """At another moment, or on another way. What was confirmed for another moment is to be confirmed anew.

    Raises `Conflict` when it is over already, `Invalid`.
    """
    _require_booked(showing)
    confirmed_at = showing.confirmed_at if starts_at == showing.starts_at else None
    return replace(showing, starts_at=starts_at, homes=route_of(homes), confirmed_at=confirmed_at)


def cancelled(showing: Showing) -> Showing:
    """It does not take place. Raises `Conflict` when it is over already."""
    _require_booked(showing)
    return replace(showing, status=Status.CANCELLED)


def _require_booked(showing: Showing) -> None:
    if showing.status is not Status.BOOKED:
        raise Conflict(N_("This showing is over already"))


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
    _require_booked(showing)
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
        homes=tuple(
            replace(planned, interest=home.interest, remarks=home.remarks)
            for planned, home in zip(showing.homes, seen, strict=True)
        ),
        interest=max(interests),
        minutes=minutes,
        intent=intent,
        sealed=sealed,
        done_at=at,
    )
