"""Use cases of what a file knows beside contact data: family, consent, tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.chassis.errors import N_, Conflict, NotFound
from services.chassis.identity import new_id
from services.chassis.personal_data.audit import Did
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files import people
from services.clients.files.model import Client
from services.clients.files.notes import audit, tell
from services.clients.files.people import Channel, ConsentGiven, FamilyMember, KeptBirthday, Relation
from services.clients.files.personal import SealedContact
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.planning import plan_next

MOST_MEMBERS = 20


@dataclass(frozen=True, kw_only=True)
class KeepMember:
    client_id: str
    relation: Relation
    contact: SealedContact
    """Name, phone, note and birthday of the member."""
    member_id: str | None = None
    """Who is changed; None for somebody new."""
    expected_version: int | None = None


async def keep_member(tx: Transaction, command: KeepMember) -> Stored[Client]:
    """Write somebody of the family into the file. Raises `NotFound`, `StaleVersion`, `Conflict` for too many."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    client = stored.value
    member = FamilyMember(command.member_id or new_id(tx.now), command.relation, command.contact.fields)
    if command.member_id is None:
        if len(client.family) >= MOST_MEMBERS:
            raise Conflict(N_("This family is written down already, with twenty people"))
        family = (*client.family, member)
    else:
        require_member(client, command.member_id)
        family = tuple(member if each.id == member.id else each for each in client.family)
    birthday = command.contact.birthday
    return await _save(
        tx,
        stored,
        replace(client, family=family, birthdays=_birthdays(client, member.id, birthday)),
        command.relation,
        "changed" if command.member_id else "added",
    )


@dataclass(frozen=True, kw_only=True)
class RemoveMember:
    client_id: str
    member_id: str
    expected_version: int | None = None


async def remove_member(tx: Transaction, command: RemoveMember) -> Stored[Client]:
    """Take somebody of the family out of the file. Raises `NotFound`, `StaleVersion`."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    client = stored.value
    member = require_member(client, command.member_id)
    after = replace(
        client,
        family=tuple(each for each in client.family if each.id != member.id),
        birthdays=_birthdays(client, member.id, None),
    )
    return await _save(tx, stored, after, member.relation, "removed")


def require_member(client: Client, member_id: str) -> FamilyMember:
    """This member of the client's family. Raises `NotFound`."""
    for member in client.family:
        if member.id == member_id:
            return member
    raise NotFound


@dataclass(frozen=True, kw_only=True)
class KeepConsents:
    client_id: str
    said: Mapping[Channel, ConsentGiven | None]
    """How the client agreed to each channel; None: they do not, or no longer. Other channels stay as they are."""
    expected_version: int | None = None


async def keep_consents(tx: Transaction, command: KeepConsents) -> Stored[Client]:
    """Write down what the client agreed to; nothing new for what stands there. Raises `NotFound`, `StaleVersion`."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    consents = stored.value.consents
    for channel, how in command.said.items():
        if how is None and people.agrees(consents, channel):
            consents = people.withdrawn(consents, channel, tx.now)
            tell(tx, stored.id, "consent-withdrawn", channel=channel)
        elif how is not None and not people.agrees(consents, channel):
            consents = people.given(consents, channel, how, tx.now)
            tell(tx, stored.id, "consent-given", channel=channel, given=how)
    return await CLIENTS.save(tx, stored, replace(stored.value, consents=consents))


@dataclass(frozen=True, kw_only=True)
class Tag:
    client_id: str
    tags: Sequence[str]
    expected_version: int | None = None


async def tag(tx: Transaction, command: Tag) -> Stored[Client]:
    """Put these tags in the place of those that were. Raises `NotFound`, `StaleVersion`."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    return await CLIENTS.save(tx, stored, replace(stored.value, tags=tuple(dict.fromkeys(command.tags))))


def _birthdays(client: Client, whose: str, token: str | None) -> tuple[KeptBirthday, ...]:
    others = tuple(each for each in client.birthdays if each.whose != whose)
    return (*others, KeptBirthday(whose, token)) if token else others


async def _save(
    tx: Transaction, stored: Stored[Client], after: Client, relation: Relation, change: str
) -> Stored[Client]:
    tell(tx, stored.id, "family-changed", relation=relation, change=change)
    await audit(tx, Did.CHANGED, [stored.id], ["family"], "family")
    saved = await CLIENTS.save(tx, stored, after)
    if after.birthdays != stored.value.birthdays:
        await plan_next(tx, saved.id, new_id(tx.now))
    return saved
