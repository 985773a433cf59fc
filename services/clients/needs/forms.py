"""The form of a need: a line for each feature, with how much it matters, from nice to have up to a must."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from babel.numbers import get_currency_precision
from pydantic import Field

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.web.forms import Form
from services.chassis.web.validation import Input
from services.clients.listings.amounts import minor_of, tenths_of, tenths_written, written
from services.clients.listings.features import CHOICES, Feature
from services.clients.listings.places import place_of, text_of
from services.clients.needs.commands import Looking
from services.clients.needs.model import MOST_PLACES, Condition, Need, Weight, Wish
from services.contracts.clients import ListingKind

MUST = "must"
CURRENCY = "CNY"


@dataclass(frozen=True)
class Line:
    """How a feature is asked for."""

    feature: Feature
    ends: str = ""
    """`both`, `low` (from), `exact`, or empty where something is chosen or named."""
    unit: str = ""
    usual: str = ""
    """How much it matters unless somebody says otherwise; empty for not at all."""


_HOME = (
    Line(Feature.PRICE, "both", "¥", MUST),
    Line(Feature.ROOMS, "both", "", MUST),
    Line(Feature.SIZE, "both", "m²", Weight.IMPORTANT),
    Line(Feature.LIVING_ROOMS, "low"),
    Line(Feature.FLOOR, "both"),
    Line(Feature.LIFT),
    Line(Feature.PARKING, "low"),
    Line(Feature.YEAR, "low"),
    Line(Feature.ORIENTATION),
    Line(Feature.DECORATION),
    Line(Feature.SCHOOL),
    Line(Feature.PLACE),
)
LINES: Mapping[ListingKind, tuple[Line, ...]] = {
    ListingKind.SALE: _HOME,
    ListingKind.RENTAL: _HOME,
    ListingKind.POLICY: (
        Line(Feature.PRICE, "both", "¥", MUST),
        Line(Feature.POLICY_TYPE, usual=MUST),
        Line(Feature.AGE, "exact", usual=MUST),
        Line(Feature.TERM, "both"),
    ),
}


class NeedForm(Input):
    """What every need says; the lines of features have names of their own, such as `price-low` and `price-how`."""

    kind: ListingKind
    places: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=MOST_PLACES)] = ()


def looking_of(form: Form[NeedForm]) -> Looking:
    """What somebody typed. Raises `Invalid`, at the fields of the form."""
    sent = form["kind"].value
    if sent not in tuple(ListingKind):
        raise Invalid(errors=[FieldError("/kind", N_("Please choose one of the list"))])
    kind = ListingKind(sent)
    limits: list[Condition] = []
    wishes: list[Wish] = []
    for line in LINES[kind]:
        condition = _condition(form, line)
        how = form[f"{line.feature}-how"].value
        if condition is None or not how:
            continue
        if how == MUST:
            limits.append(condition)
        elif how in tuple(Weight):
            wishes.append(Wish(condition, Weight(how)))
        else:
            raise Invalid(errors=[FieldError(f"/{line.feature}-how", N_("Please choose one of the list"))])
    places = [] if kind is ListingKind.POLICY else form["places"].values
    return Looking(
        kind=kind,
        currency=CURRENCY,
        places=tuple(place_of(text, "/places") for text in places if text.strip()),
        avoid=tuple(place_of(text, "/avoid") for text in form["avoid"].values if text.strip()),
        limits=tuple(limits),
        wishes=tuple(wishes),
    )


def values_of(need: Need) -> dict[str, object]:
    """What the need says, as the form shows it."""
    values: dict[str, object] = {
        "kind": need.kind,
        "places": [text_of(place) for place in need.places],
        "avoid": [text_of(place) for place in need.avoid],
    }
    said = [(limit, MUST) for limit in need.limits]
    said += [(wish.condition, wish.weight.value) for wish in need.wishes]
    for condition, how in said:
        name = condition.feature
        values |= {
            f"{name}-how": how,
            f"{name}-low": _shown(name, condition.at_least),
            f"{name}-high": _shown(name, condition.at_most),
            f"{name}-codes": list(condition.one_of) or [text_of(place) for place in condition.places],
        }
    return values


def fresh_values(kind: ListingKind) -> dict[str, object]:
    """An empty need of this kind."""
    return {"kind": kind, **{f"{line.feature}-how": line.usual for line in LINES[kind] if line.usual}}


def _condition(form: Form[NeedForm], line: Line) -> Condition | None:
    feature = line.feature
    if feature is Feature.LIFT:
        return Condition(feature, at_least=1)
    codes = tuple(value.strip() for value in form[f"{feature}-codes"].values if value.strip())
    if feature is Feature.PLACE:
        return (
            Condition(feature, places=tuple(place_of(code, f"/{feature}-codes") for code in codes))
            if codes
            else None
        )
    if feature in CHOICES:
        return Condition(feature, one_of=codes) if codes else None
    low = _read(feature, form[f"{feature}-low"].value, f"/{feature}-low")
    high = _read(feature, form[f"{feature}-high"].value, f"/{feature}-high")
    if line.ends == "exact":
        high = low
    return Condition(feature, low, high) if (low, high) != (None, None) else None


def _read(feature: Feature, text: str, pointer: str) -> int | None:
    text = text.strip()
    if feature is Feature.PRICE:
        return minor_of(text, get_currency_precision(CURRENCY), pointer)
    if feature is Feature.SIZE:
        return tenths_of(text, pointer)
    if not text:
        return None
    if not (text.isascii() and text.lstrip("-").isdigit() and len(text) < 6):
        raise Invalid(errors=[FieldError(pointer, N_("Please give a whole number"))])
    return int(text)


def _shown(feature: Feature, value: int | None) -> str:
    if feature is Feature.PRICE:
        return written(value, get_currency_precision(CURRENCY))
    if feature is Feature.SIZE:
        return tenths_written(value)
    return "" if value is None else str(value)
