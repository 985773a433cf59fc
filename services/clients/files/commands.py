"""Use cases of the client file."""

from dataclasses import dataclass, replace

from services.chassis.errors import N_, Conflict
from services.chassis.identity import new_id
from services.chassis.mongo import DuplicateKeyError
from services.chassis.organisation.directory import Directory
from services.chassis.personal_data.audit import Did
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.cadence.hours import ContactHours
from services.clients.files.model import Client, Standing
from services.clients.files.notes import audit, tell
from services.clients.files.people import KeptBirthday
from services.clients.files.personal import SealedContact
from services.clients.files.store import CLIENTS, known_by_phone
from services.clients.follow_ups.planning import plan_next
from services.contracts.clients import ClientRegistered, ClientSource


class ClientKnown(Conflict):
    """The company has a client with this phone already. Whose it is is said only to who may see that client."""

    code = "client-known"

    def __init__(
        self,
        message: str = N_("A client with this phone number is known already"),
        /,
        *,
        company_id: str = "",
        phone_indexes: tuple[str, ...] = (),
        **params: str,
    ) -> None:
        super().__init__(message, errors=(), **params)
        self.company_id = company_id
        self.phone_indexes = phone_indexes


@dataclass(frozen=True, kw_only=True)
class RegisterClient:
    agent_id: str
    source: ClientSource
    contact: SealedContact
    hours: ContactHours | None = None
    client_id: str | None = None
    """Given by who registers in bulk and wants to know it beforehand."""


async def register(tx: Transaction, command: RegisterClient) -> Stored[Client]:
    """Open a file for a client of this agent. Raises `ClientKnown`; `NotFound` for an unknown agent."""
    agent = await Directory(tx.mongo, tx.session).person(command.agent_id)
    company_id = agent.org_path[0]
    await _refuse_known(tx, company_id, command.contact.phone_indexes)
    client = Client(
        id=command.client_id or new_id(tx.now),
        agent_id=agent.id,
        org_path=agent.org_path,
        company_id=company_id,
        source=command.source,
        sealed=command.contact.fields,
        phone_indexes=command.contact.phone_indexes,
        tokens=command.contact.tokens,
        birthdays=own_birthday(command.contact),
        registered_at=tx.now,
        standing=Standing(touched_at=tx.now),
        hours=command.hours,
    )
    event = ClientRegistered(
        occurred_at=tx.now,
        client_id=client.id,
        agent_id=agent.id,
        org_path=client.org_path,
        source=client.source,
    )
    try:
        return await CLIENTS.add(tx, client, event)
    except DuplicateKeyError:
        raise known_client(company_id, command.contact.phone_indexes) from None


@dataclass(frozen=True, kw_only=True)
class EditContact:
    client_id: str
    contact: SealedContact
    hours: ContactHours | None
    expected_version: int | None = None


async def edit_contact(tx: Transaction, command: EditContact) -> Stored[Client]:
    """Write new contact data into the file; planned calls move into new hours.

    Raises `NotFound`, `StaleVersion`, `ClientKnown`.
    """
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    before = stored.value
    fresh = tuple(index for index in command.contact.phone_indexes if index not in before.phone_indexes)
    await _refuse_known(tx, before.company_id, fresh)
    after = replace(
        before,
        sealed=command.contact.fields,
        phone_indexes=command.contact.phone_indexes,
        tokens=command.contact.tokens,
        birthdays=(*own_birthday(command.contact), *(each for each in before.birthdays if each.whose)),
        hours=command.hours,
    )
    try:
        saved = await CLIENTS.save(tx, stored, after)
    except DuplicateKeyError:
        raise known_client(before.company_id, fresh) from None
    if command.contact.changed:
        tell(tx, saved.id, "contact-changed", fields=list(command.contact.changed))
        await audit(tx, Did.CHANGED, [saved.id], command.contact.changed, "contact")
    if (after.hours, after.birthdays) != (before.hours, before.birthdays):
        await plan_next(tx, saved.id, new_id(tx.now))
    return saved


def own_birthday(contact: SealedContact) -> tuple[KeptBirthday, ...]:
    """The client's own birthday, as the day finds it."""
    return (KeptBirthday("", contact.birthday),) if contact.birthday else ()


async def _refuse_known(tx: Transaction, company_id: str, phone_indexes: tuple[str, ...]) -> None:
    for phone_index in phone_indexes:
        if await known_by_phone(tx, company_id, phone_index):
            raise known_client(company_id, (phone_index,))


def known_client(company_id: str, phone_indexes: tuple[str, ...]) -> ClientKnown:
    """The refusal; which of several phones it was, the reader is told by who they may see."""
    return ClientKnown(company_id=company_id, phone_indexes=phone_indexes)
