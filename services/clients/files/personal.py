"""What is personal in a client file: sealed before it goes into a command, masked by role on its way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import Mongo
from services.chassis.personal_data.audit import Viewer
from services.chassis.personal_data.blind_index import BlindIndex
from services.chassis.personal_data.disclosure import Disclosure, Sealed
from services.chassis.personal_data.masking import Kind, Level
from services.chassis.personal_data.master_key import MasterKey
from services.chassis.personal_data.phones import normalise_phone
from services.chassis.personal_data.vault import Vault

KINDS: Mapping[str, Kind] = {
    "name": Kind.NAME,
    "phone": Kind.PHONE,
    "address": Kind.ADDRESS,
    "note": Kind.OTHER,
}
LONGEST = {"name": 60, "phone": 30, "address": 200, "note": 500}


@dataclass(frozen=True)
class Contact:
    """A client's contact data in clear; what is empty is not known."""

    name: str
    phone: str = ""
    address: str = ""
    note: str = ""

    def cleaned(self) -> "Contact":
        """With spaces put right. Raises `Invalid`, for every field that is wrong."""
        values = {field: " ".join(getattr(self, field).split()) for field in KINDS}
        errors = [
            FieldError(f"/{field}", N_("This is too long"))
            for field, value in values.items()
            if len(value) > LONGEST[field]
        ]
        if not values["name"]:
            errors.append(FieldError("/name", N_("Enter a name")))
        if values["phone"]:
            try:
                values["phone"] = normalise_phone(values["phone"])
            except Invalid as invalid:
                errors.extend(invalid.errors)
        if errors:
            raise Invalid(errors=errors)
        return Contact(**values)


@dataclass(frozen=True)
class SealedContact:
    """The same, as the store keeps it."""

    fields: dict[str, bytes]
    phone_index: str | None
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class PersonalData:
    """Seals contact data and shows it; one for each process."""

    vault: Vault
    index: BlindIndex
    disclosure: Disclosure

    @classmethod
    def of(cls, mongo: Mongo, master_key: MasterKey) -> "PersonalData":
        """For the clients kept in this database."""
        vault = Vault(mongo, master_key)
        return cls(vault, BlindIndex(master_key, "clients"), Disclosure(vault, mongo.database, KINDS))

    async def seal(self, contact: Contact, org_path: tuple[str, ...]) -> SealedContact:
        """The contact for a client at this place. Raises `Invalid`."""
        clean = contact.cleaned()
        known = {field: getattr(clean, field) for field in KINDS if getattr(clean, field)}
        return SealedContact(
            fields=await self.vault.seal(branch_in(org_path), known),
            phone_index=self.index.phone(clean.phone) if clean.phone else None,
            tokens=tuple(self.index.search_tokens(clean.name, clean.phone or None)),
        )

    async def seal_note(self, text: str, org_path: tuple[str, ...]) -> dict[str, bytes] | None:
        """A note about a client at this place, or None when there is nothing to say."""
        clean = text.strip()
        return await self.vault.seal(branch_in(org_path), {"note": clean}) if clean else None

    async def show_note(
        self, client_id: str, sealed: Mapping[str, bytes], level: Level, viewer: Viewer, now: datetime
    ) -> str:
        """A note about this client as far as the viewer may see it; empty when not."""
        shown = await self.disclosure.show([Sealed(client_id, sealed, level)], viewer, now)
        return shown[0].get("note", "")


def branch_in(org_path: tuple[str, ...]) -> str:
    """Whose data key is used: the branch's, which is the third of the path, or the deepest unit there is."""
    return org_path[min(2, len(org_path) - 1)]
