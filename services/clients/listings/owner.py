"""The owner of a home (业主): personal data, sealed before it goes into a command and masked on its way out."""

from dataclasses import dataclass, fields

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.personal_data.disclosure import Sealed
from services.chassis.personal_data.phones import normalise_phone
from services.clients.files.personal import LONGEST, PersonalData, branch_in
from services.clients.files.views import Asker
from services.clients.listings.model import Listing
from services.clients.listings.sight import owner_level


@dataclass(frozen=True)
class Owner:
    """In clear; what is empty is not known."""

    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""


async def seal(personal: PersonalData, owner: Owner, org_path: tuple[str, ...]) -> dict[str, bytes]:
    """What the store keeps of the owner of a listing at this place. Raises `Invalid` at `/owner_phone` and so on."""
    values = {each.name: " ".join(getattr(owner, each.name).split()) for each in fields(Owner)}
    errors = [
        FieldError(f"/owner_{name}", N_("This is too long"))
        for name, value in values.items()
        if len(value) > LONGEST[name]
    ]
    if values["phone"]:
        try:
            values["phone"] = normalise_phone(values["phone"])
        except Invalid as invalid:
            errors.extend(FieldError("/owner_phone", error.message) for error in invalid.errors)
    if errors:
        raise Invalid(errors=errors)
    known = {name: value for name, value in values.items() if value}
    return await personal.vault.seal(branch_in(org_path), known)


async def show(personal: PersonalData, asker: Asker, listing: Listing) -> dict[str, str]:
    """What the asker may see of the owner; a look at it in full is written down."""
    level = owner_level(asker.access, listing)
    sealed = Sealed(listing.id, listing.sealed, level)
    return (await personal.disclosure.show([sealed], asker.viewer, asker.now))[0]
