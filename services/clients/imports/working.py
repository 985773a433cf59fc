"""The work of imports, a chunk at a time: each in one transaction with the note of how far it has come.

A worker that is killed leaves the chunk it was in undone, and the next one does it: a row is read in once. The rows
are judged again in the run, because the company has new clients since the check.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.chassis.errors import N_, NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.model import Person
from services.chassis.personal_data.master_key import MasterKey
from services.chassis.schedule.items import DueHandler, DueHandlers, DueItem
from services.chassis.work import Transaction
from services.clients.files.personal import PersonalData
from services.clients.imports import model, store
from services.clients.imports.commands import WORK, go_on
from services.clients.imports.model import AT_WORK, Import, Outcome, Stage
from services.clients.imports.owners import Owners, owners_for
from services.clients.imports.reading import Row
from services.clients.imports.rows import Entry, Wrong, entry_of
from services.clients.imports.store import IMPORTS, Finding
from services.clients.imports.taking_back import take_back
from services.clients.imports.writing import write_rows


@dataclass(frozen=True)
class Judged:
    """A row with what it says."""

    row: Row
    entry: Entry | None
    wrong: tuple[Wrong, ...]
    owner: Person | None
    phones: tuple[str, ...]
    """Blind indexes."""


def handlers(key: Callable[[], MasterKey]) -> DueHandlers:
    """Who does the work that is due; the key is asked for when there is some."""
    return {WORK: worker(lambda mongo: PersonalData.of(mongo, key()))}


def worker(personal_of: Callable[[Mongo], PersonalData]) -> DueHandler:
    """Does what is due with the personal data of its database."""
    known: list[PersonalData] = []

    async def work(tx: Transaction, items: Sequence[DueItem]) -> None:
        if not known:
            known.append(personal_of(tx.mongo))
        for item in items:
            payload = item.payload
            await work_on(
                item.cause_of(tx), known[0], payload["import_id"], payload["attempt"], payload["position"]
            )

    return work


async def work_on(
    tx: Transaction, personal: PersonalData, import_id: str, attempt: int, position: int
) -> None:
    """Do one chunk of an import's present stage; nothing for work of an earlier start, or done before."""
    try:
        before = await IMPORTS.get(tx, import_id)
    except NotFound:
        return
    import_ = before.value
    if (import_.attempt, import_.position) != (attempt, position) or import_.stage not in AT_WORK:
        return
    acting = replace(tx, actor=import_.person_id)
    if import_.stage is Stage.UNDOING:
        after = await take_back(acting, import_)
    else:
        try:
            owners = await owners_for(tx.mongo, import_.person_id, tx.session)
        except NotFound:
            # whoever began it is no longer here
            after = model.ended(import_, tx.now)
        else:
            rows = await store.chunk(tx.mongo, personal.vault, import_.id, position)
            judged = [_judged(row, import_, owners, personal, acting) for row in rows]
            if import_.stage is Stage.CHECKING:
                found = await _check(acting, import_, judged)
            else:
                found = await write_rows(acting, import_, judged, owners, personal)
            after = model.worked(import_, len(rows), [each.outcome for each in found], tx.now)
    if after.stage in AT_WORK:
        await go_on(acting, after)
    await IMPORTS.save(acting, before, after)


async def _check(tx: Transaction, import_: Import, judged: Sequence[Judged]) -> list[Finding]:
    """Say of each row what it would be: new, known, a double of one further up, or wrong."""
    phones = sorted({phone for each in judged for phone in each.phones})
    company_id = import_.org_path[0]
    known = await store.known_by_phones(tx, company_id, phones)
    first = judged[0].row.number if judged else 0
    above = await store.rows_above(tx, import_.findings, phones, first)
    found = []
    for each in judged:
        doubled = next((above[phone] for phone in each.phones if phone in above), None)
        if each.wrong:
            finding = Finding(each.row.number, Outcome.WRONG, reasons=each.wrong)
        elif doubled is not None:
            finding = Finding(each.row.number, Outcome.DOUBLE, reasons=(("phone", str(doubled)),))
        elif client_id := next((known[phone] for phone in each.phones if phone in known), None):
            finding = Finding(each.row.number, Outcome.KNOWN, each.phones, client_id=client_id)
        else:
            finding = Finding(each.row.number, Outcome.NEW, each.phones)
        if finding.outcome in (Outcome.NEW, Outcome.KNOWN):
            above |= {phone: each.row.number for phone in each.phones if phone not in above}
        found.append(finding)
    await store.keep_findings(tx, import_, found, first=True)
    return found


def _judged(row: Row, import_: Import, owners: Owners, personal: PersonalData, tx: Transaction) -> Judged:
    zone = ZoneInfo(owners.access.time_zone)
    entry, wrong = entry_of(row.cells, import_.columns, zone, tx.now)
    owner: Person | None = None
    if entry is not None:
        owner = owners.named(entry.owner) if entry.owner else owners.by_id.get(import_.owner_id)
        if owner is None:
            wrong.append(("owner", N_("No agent of yours is called so, or several are")))
    phones = tuple(personal.index.phone(number) for number in entry.phones()) if entry else ()
    return Judged(row, entry if not wrong else None, tuple(wrong), owner, phones)
