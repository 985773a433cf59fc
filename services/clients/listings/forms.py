"""Forms of listings as somebody types them, and what they become."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from babel.numbers import get_currency_precision
from pydantic import Field, ValidationError

from services.chassis.errors import Invalid
from services.chassis.web.validation import Input, field_errors
from services.clients.listings.amounts import minor_of, tenths_of, tenths_written, written
from services.clients.listings.api import DescribedIn, ListingIn, OwnerIn
from services.clients.listings.features import LONGEST_CODE, Decoration, Feature, Orientation, PolicyType
from services.clients.listings.model import LONGEST_TITLE, Listing
from services.clients.listings.places import LEVELS, LONGEST_NAME
from services.contracts.clients import ListingKind

Written = Annotated[str, Field(max_length=30)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
_PLACE = ("city", "district", "area", "community")
_OWNER = ("name", "phone", "address", "note")


class ListingForm(Input):
    """A listing in the words of a form: amounts as 520万, sizes as 89.5."""

    kind: ListingKind
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    city: Name = ""
    district: Name = ""
    area: Name = ""
    community: Name = ""
    price: Written
    price_to: Written = ""
    rooms: Annotated[int | None, Field(ge=0, le=20)] = None
    living_rooms: Annotated[int | None, Field(ge=0, le=10)] = None
    size: Written = ""
    floor: Annotated[int | None, Field(ge=-3, le=150)] = None
    lift: Literal["yes", "no"] | None = None
    parking: Annotated[int | None, Field(ge=0, le=10)] = None
    year: Annotated[int | None, Field(ge=1800, le=2100)] = None
    orientation: Orientation | None = None
    decoration: Decoration | None = None
    school: Annotated[str, Field(max_length=LONGEST_CODE)] = ""
    policy_type: PolicyType | None = None
    term: Annotated[int | None, Field(ge=1, le=120)] = None
    age: Annotated[int | None, Field(ge=0, le=120)] = None
    age_to: Annotated[int | None, Field(ge=0, le=120)] = None
    exclusive: bool = False
    expires_on: date | None = None
    owner_name: Annotated[str, Field(max_length=60)] = ""
    owner_phone: Annotated[str, Field(max_length=30)] = ""
    owner_address: Annotated[str, Field(max_length=200)] = ""
    owner_note: Annotated[str, Field(max_length=500)] = ""

    def listing(self, currency: str = "CNY") -> ListingIn:
        """As it is sent to the same rules as JSON. Raises `Invalid`, at the fields of the form."""
        digits = get_currency_precision(currency)
        names = [getattr(self, name) for name in _PLACE]
        while names and not names[-1]:
            names.pop()
        values = {
            **self.model_dump(
                exclude={*_PLACE, *(f"owner_{name}" for name in _OWNER), "price", "price_to", "size", "lift"}
            ),
            "currency": currency,
            "place": names if self.kind is not ListingKind.POLICY else (),
            "price": minor_of(self.price, digits),
            "price_to": minor_of(self.price_to, digits, "/price_to"),
            "size": tenths_of(self.size, "/size"),
            "lift": None if self.lift is None else self.lift == "yes",
            "owner": OwnerIn(**{name: getattr(self, f"owner_{name}") for name in _OWNER}),
        }
        try:
            return ListingIn.model_validate(values)
        except ValidationError as error:
            raise Invalid(errors=field_errors(error.errors())) from None

    def described(self, listing: Listing) -> DescribedIn:
        """The same for a change of a listing, whose kind and currency stay. Raises `Invalid`."""
        sent = self.listing(listing.currency)
        return DescribedIn(**sent.model_dump(exclude={"kind", "owner"}), owner=sent.owner)


def values_of(listing: Listing, owner: Mapping[str, str]) -> dict[str, object]:
    """What stands in the listing, as the form shows it."""
    facts, digits = listing.facts, get_currency_precision(listing.currency)
    values: dict[str, object] = {feature.value: figure for feature, figure in facts.figures.items()}
    lift = facts.figures.get(Feature.LIFT)
    return {
        **values,
        **{feature.value: code for feature, code in facts.codes.items()},
        "kind": listing.kind,
        "title": listing.title,
        **{
            name: listing.place[at] if at < len(listing.place) else ""
            for at, name in enumerate(_PLACE[:LEVELS])
        },
        "price": written(listing.price, digits),
        "price_to": written(facts.tops.get(Feature.PRICE), digits),
        "age_to": facts.tops.get(Feature.AGE),
        "size": tenths_written(facts.figures.get(Feature.SIZE)),
        "lift": None if lift is None else "yes" if lift else "no",
        "exclusive": listing.exclusive,
        "expires_on": listing.expires_on,
        **{f"owner_{name}": owner.get(name, "") for name in _OWNER},
    }
