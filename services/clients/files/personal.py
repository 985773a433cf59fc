"""What is personal in a client file: sealed before it goes into a command, masked by role on its way out."""

import re
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
from services.clients.files.people import Birthday, every_birthday

KINDS: Mapping[str, Kind] = {
    "name": Kind.NAME,
    "phone": Kind.PHONE,
    "phone_2": Kind.PHONE,
    "phone_3": Kind.PHONE,
    "phone_4": Kind.PHONE,
    "phone_5": Kind.PHONE,
    "phone_6": Kind.PHONE,
    "wechat": Kind.OTHER,
    "email": Kind.OTHER,
    "address": Kind.ADDRESS,
    "work_address": Kind.ADDRESS,
    "employer": Kind.OTHER,
    "occupation": Kind.OTHER,
    "income": Kind.OTHER,
    "hobbies": Kind.OTHER,
    "note": Kind.OTHER,
    "birthday": Kind.OTHER,
}
"""What may be known of a client, and of a member of the family, and how each is masked."""
LONGEST: Mapping[str, int] = {
    "name": 60,
    "phone": 30,
    "phone_2": 30,
    "phone_3": 30,
    "phone_4": 30,
    "phone_5": 30,
    "phone_6": 30,
    "wechat": 60,
    "email": 120,
    "address": 200,
    "work_address": 200,
    "employer": 100,
    "occupation": 60,
    "income": 60,
    "hobbies": 200,
    "note": 500,
}
PHONES = ("phone", "phone_2", "phone_3", "phone_4", "phone_5", "phone_6")
"""Three are asked for; a merge may bring three more."""
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class Contact:
    """What is known of a client in clear; what is empty is not known."""

    name: str
    phone: str = ""
    address: str = ""
    note: str = ""
    phone_2: str = ""
    phone_3: str = ""
    phone_4: str = ""
    phone_5: str = ""
    phone_6: str = ""
    wechat: str = ""
    email: str = ""
    work_address: str = ""
    employer: str = ""
    occupation: str = ""
    income: str = ""
    hobbies: str = ""
    birthday: Birthday | None = None

    def cleaned(self) -> "Contact":
        """With spaces put right. Raises `Invalid`, for every field that is wrong."""
        values = {field: " ".join(getattr(self, field).split()) for field in LONGEST}
        errors = [
            FieldError(f"/{field}", N_("This is too long"))
            for field, value in values.items()
            if len(value) > LONGEST[field]
        ]
        if not values["name"]:
            errors.append(FieldError("/name", N_("Enter a name")))
        if values["email"] and not _EMAIL.fullmatch(values["email"]):
            errors.append(FieldError("/email", N_("This is not a mail address")))
        for field in PHONES:
            try:
                values[field] = values[field] and normalise_phone(values[field], pointer=f"/{field}")
            except Invalid as invalid:
                errors.extend(invalid.errors)
        if errors:
            raise Invalid(errors=errors)
        return Contact(**values, birthday=self.birthday)

    @property
    def phones(self) -> tuple[str, ...]:
        """All numbers, each once."""
        return tuple(dict.fromkeys(number for field in PHONES if (number := getattr(self, field))))

    def known(self) -> dict[str, str]:
        """What is known, as texts."""
        values = {field: getattr(self, field) for field in LONGEST}
        return {field: text for field, text in values.items() if text} | (
            {"birthday": str(self.birthday)} if self.birthday else {}
        )


@dataclass(frozen=True)
class SealedContact:
    """The same, as the store keeps it."""

    fields: dict[str, bytes]
    phone_indexes: tuple[str, ...]
    tokens: tuple[str, ...]
    birthday: str | None = None
    """The token of the birthday, where it is known."""
    changed: tuple[str, ...] = ()
    """The fields that differ from what was kept before; names only."""


def birthday_token(index: BlindIndex, birthday: Birthday) -> str:
    """By which everybody with this birthday is found: `Client.birthdays.token`.

    Whoever asks who has a birthday on a day asks for the tokens of all birthdays that are kept on it, solar and lunar.
    """
    return index.word("birthday", birthday.key)


def birthdays_by_token(index: BlindIndex) -> dict[str, Birthday]:
    """Which day each token means, for who holds the key: a millisecond's work, to be done once for a process."""
    return {birthday_token(index, birthday): birthday for birthday in every_birthday()}


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

    async def seal(
        self, contact: Contact, org_path: tuple[str, ...], kept: Mapping[str, bytes] | None = None
    ) -> SealedContact:
        """The contact for a client at this place. Of `kept`, what says the same stays as it is. Raises `Invalid`."""
        clean = contact.cleaned()
        fields, changed = await self.seal_changed(clean.known(), org_path, kept or {})
        tokens: set[str] = set()
        for number in clean.phones or (None,):
            tokens.update(self.index.search_tokens(clean.name, number))
        return SealedContact(
            fields=fields,
            phone_indexes=tuple(self.index.phone(number) for number in clean.phones),
            tokens=tuple(sorted(tokens)),
            birthday=birthday_token(self.index, clean.birthday) if clean.birthday else None,
            changed=changed,
        )

    async def seal_changed(
        self, known: Mapping[str, str], org_path: tuple[str, ...], kept: Mapping[str, bytes]
    ) -> tuple[dict[str, bytes], tuple[str, ...]]:
        """These fields sealed, those that say the same as `kept` left as they are; and the names of the others."""
        before = await self.vault.open(kept) if kept else {}
        fresh = {field: text for field, text in known.items() if before.get(field) != text}
        same = {field: kept[field] for field in known if field not in fresh}
        sealed = same | await self.vault.seal(branch_in(org_path), fresh)
        changed = set(fresh) | (before.keys() - known.keys())
        return {field: sealed[field] for field in known}, tuple(sorted(changed))

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
