"""Rows of a file become clients, or fill what was empty in the files of clients who are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from services.chassis.errors import N_, Problem
from services.chassis.identity import new_id
from services.chassis.organisation.model import Person
from services.chassis.personal_data.audit import Did
from services.chassis.records import Gathered, Stored
from services.chassis.work import Transaction
from services.clients.files.commands import own_birthday
from services.clients.files.model import Client, Standing
from services.clients.files.notes import audit, tell
from services.clients.files.people import KeptBirthday
from services.clients.files.personal import PHONES, PersonalData, birthday_token
from services.clients.files.sight import may_write
from services.clients.files.store import CLIENTS, of_ids
from services.clients.grading.commands import event_of
from services.clients.grading.model import Grading, Reason
from services.clients.imports import store
from services.clients.imports.model import Choice, Import, Outcome
from services.clients.imports.owners import Owners
from services.clients.imports.rows import Entry
from services.clients.imports.store import Finding
from services.clients.ownership.commands import TakeClient, take
from services.clients.ownership.tenure import Holding
from services.contracts.clients import ClientRegistered, ClientSource, GradedBy, Intent
from services.contracts.event import Event

if TYPE_CHECKING:
    from services.clients.imports.working import Judged

NOT_YOURS = N_("This is a client of somebody else")
NOTHING_MISSING = N_("The company knows this client, and nothing was missing")
KNOWN_ALREADY = N_("The company knows this client already")
DOOR = "import"


@dataclass
class _Desk:
    """What the rows of one chunk write into."""

    tx: Transaction
    import_: Import
    owners: Owners
    personal: PersonalData
    clients: dict[str, Stored[Client]]
    """Those that are known, by id, as this chunk leaves them."""
    gathered: Gathered[Client] = field(default_factory=lambda: Gathered(CLIENTS))
    filled: dict[str, tuple[str, ...]] = field(default_factory=dict)


async def write_rows(
    tx: Transaction,
    import_: Import,
    judged: "Sequence[Judged]",
    owners: Owners,
    personal: PersonalData,
) -> list[Finding]:
    """Write what these rows say, all in a few round trips; what came of each."""
    before = await store.findings(tx, import_.findings, [each.row.number for each in judged])
    passing = [each for each in judged if before.get(each.row.number, _UNKNOWN).outcome in _GO_ON]
    phones = sorted({phone for each in passing for phone in each.phones})
    known = await store.known_by_phones(tx, import_.org_path[0], phones)
    desk = _Desk(tx, import_, owners, personal, await of_ids(tx, set(known.values())))
    found: dict[int, Finding] = {}
    takes: list[tuple[int, str, Person]] = []
    for each in passing:
        number = each.row.number
        client_id = next((known[phone] for phone in each.phones if phone in known), None)
        if each.entry is None or each.owner is None:
            found[number] = Finding(number, Outcome.WRONG, each.phones, each.wrong)
        elif client_id is None:
            found[number] = await _create(desk, number, each.entry, each.owner, each.phones)
        elif import_.choice is Choice.FILL:
            found[number] = await _fill(desk, number, each.entry, client_id)
        elif import_.choice is Choice.TAKE and desk.clients[client_id].value.agent_id is None:
            takes.append((number, client_id, each.owner))
        else:
            found[number] = _skipped(number, KNOWN_ALREADY, client_id)
    await desk.gathered.write(tx)
    for client_id, fields in desk.filled.items():
        tell(tx, client_id, "contact-changed", fields=list(fields))
        await audit(tx, Did.CHANGED, [client_id], fields, DOOR)
    for number, client_id, owner in takes:
        found[number] = await _take(desk, number, client_id, owner)
    await store.keep_findings(tx, import_, found.values())
    return [found.get(each.row.number) or before.get(each.row.number, _UNKNOWN) for each in judged]


_UNKNOWN = Finding(0, Outcome.WRONG)
_GO_ON = (Outcome.NEW, Outcome.KNOWN)


async def _create(desk: _Desk, number: int, entry: Entry, owner: Person, phones: tuple[str, ...]) -> Finding:
    now = desk.tx.now
    contact = await desk.personal.seal(entry.contact, owner.org_path)
    registered_at = entry.registered_at or now
    plain = Client(
        id=new_id(now),
        agent_id=owner.id,
        org_path=owner.org_path,
        company_id=owner.org_path[0],
        source=ClientSource.IMPORT,
        sealed=contact.fields,
        phone_indexes=contact.phone_indexes,
        tokens=contact.tokens,
        birthdays=own_birthday(contact),
        registered_at=registered_at,
        standing=Standing(touched_at=entry.contacted_at or registered_at),
        # who was not called for long is not at once taken from an agent who only got them today
        holding=Holding(now),
        tags=entry.tags,
    )
    client = replace(plain, grading=_grading(entry, desk.tx))
    events: list[Event] = [
        ClientRegistered(
            occurred_at=now,
            client_id=client.id,
            agent_id=owner.id,
            org_path=client.org_path,
            source=client.source,
        )
    ]
    if client.grading is not None:
        events.append(event_of(plain, client))
    stored = desk.gathered.add(desk.tx, client, *events)
    return Finding(
        number,
        Outcome.CREATED,
        phones,
        client_id=client.id,
        version=stored.version,
        touched_at=client.standing.touched_at,
    )


def _grading(entry: Entry, tx: Transaction) -> Grading | None:
    if entry.grade is None:
        return None
    return Grading(entry.grade, entry.intent or Intent.LATENT, GradedBy.HAND, Reason.IMPORTED, tx.now)


async def _fill(desk: _Desk, number: int, entry: Entry, client_id: str) -> Finding:
    """Write what is empty in the file, and overwrite nothing; phones are for who knows the client to add."""
    stored = desk.clients[client_id]
    client = stored.value
    if not may_write(desk.owners.access, client.agent_id, client.org_path, client.shared_with):
        return _skipped(number, NOT_YOURS, None)
    missing = {
        name: text
        for name, text in entry.contact.known().items()
        if name not in client.sealed and name not in (*PHONES, "name")
    }
    # the file is sealed with the key of the branch whose client it is
    fields, _ = await desk.personal.seal_changed(missing, client.org_path, {})
    after = replace(client, sealed={**client.sealed, **fields})
    if "birthday" in missing and entry.contact.birthday is not None:
        token = birthday_token(desk.personal.index, entry.contact.birthday)
        after = replace(after, birthdays=(KeptBirthday("", token), *client.birthdays))
    events: list[Event] = []
    filled = tuple(sorted(missing))
    if client.grading is None and entry.grade is not None and client.agent_id is not None:
        after = replace(after, grading=_grading(entry, desk.tx))
        events.append(event_of(client, after))
        filled = (*filled, "grade")
    if not filled:
        return _skipped(number, NOTHING_MISSING, client_id)
    saved = desk.gathered.save(desk.tx, stored, after, *events)
    desk.clients[client_id] = saved
    desk.filled[client_id] = tuple(dict.fromkeys((*desk.filled.get(client_id, ()), *filled)))
    return Finding(number, Outcome.FILLED, client_id=client_id, version=saved.version, filled=filled)


async def _take(desk: _Desk, number: int, client_id: str, owner: Person) -> Finding:
    """Take a client out of the pool, by its rules: whose branch, the cooling-off, so many a day."""
    try:
        await take(desk.tx, TakeClient(client_id=client_id, agent_id=owner.id))
    except Problem as refused:
        return _skipped(number, KNOWN_ALREADY if refused.params else refused.message, None)
    return Finding(number, Outcome.TAKEN, client_id=client_id)


def _skipped(number: int, why: str, client_id: str | None) -> Finding:
    return Finding(number, Outcome.SKIPPED, reasons=(("", why),), client_id=client_id)


def counted(found: Sequence[Finding]) -> Mapping[Outcome, int]:
    """How many rows have which outcome."""
    return {outcome: sum(each.outcome is outcome for each in found) for outcome in Outcome}
