"""Taking an import back: files that nobody has worked with are gone again, and what was filled in is empty again."""

from collections.abc import Collection
from dataclasses import replace

from services.chassis.errors import N_
from services.chassis.identity import new_id
from services.chassis.records import Gathered, Stored
from services.chassis.work import Transaction
from services.clients.deals.store import DEALS
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS, of_ids
from services.clients.follow_ups.planning import Desk
from services.clients.imports import model, store
from services.clients.imports.model import ROWS_A_CHUNK, Import, Outcome
from services.clients.imports.store import Finding
from services.clients.needs.store import NEEDS
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import ClientErased

WORKED_WITH = N_("Somebody has worked with this client since")
NOT_THERE = N_("This client is no longer there")


async def take_back(tx: Transaction, import_: Import) -> Import:
    """Take back some more rows; the import after it."""
    found = await store.made(tx, import_.findings, (Outcome.CREATED, Outcome.FILLED), ROWS_A_CHUNK)
    if not found:
        return model.ended(import_, tx.now)
    ids = [each.client_id for each in found if each.client_id]
    clients = await of_ids(tx, ids)
    busy = await _busy(tx, ids)
    gathered: Gathered[Client] = Gathered(CLIENTS)
    outcomes: dict[int, tuple[Outcome, str]] = {}
    gone: list[str] = []
    for each in found:
        stored = clients.get(each.client_id or "")
        if stored is None:
            outcomes[each.row] = (Outcome.KEPT, NOT_THERE)
        elif each.outcome is Outcome.FILLED:
            outcomes[each.row] = _empty_again(tx, gathered, stored, each)
        elif _untouched(stored, each) and stored.id not in busy:
            gathered.save(tx, stored, _nobody(stored.value, tx), _erased(tx, stored.value))
            gone.append(stored.id)
            outcomes[each.row] = (Outcome.REMOVED, "")
        else:
            outcomes[each.row] = (Outcome.KEPT, WORKED_WITH)
    await gathered.write(tx)
    await _no_more_calls(tx, gone)
    if gone:
        await tx.collection(CLIENTS.collection).delete_many({"_id": {"$in": gone}}, session=tx.session)
    await store.set_outcomes(tx, import_.findings, outcomes)
    return model.taken_back(
        import_, [each.outcome for each in found], [outcome for outcome, _ in outcomes.values()]
    )


def _untouched(stored: Stored[Client], finding: Finding) -> bool:
    client = stored.value
    return (
        stored.version == finding.version
        and client.standing.touched_at == finding.touched_at
        and client.standing.tries == 0
        and not client.standing.lost
        and client.deals == 0
        and client.erased_at is None
    )


async def _busy(tx: Transaction, client_ids: Collection[str]) -> set[str]:
    """Those of the clients about whom there is more than the file."""
    busy: set[str] = set()
    for collection in (SHOWINGS.collection, DEALS.collection, NEEDS.collection):
        found = tx.collection(collection).find(
            {"client_id": {"$in": list(client_ids)}}, {"client_id": 1}, session=tx.session
        )
        busy |= {document["client_id"] for document in await found.to_list(None)}
    return busy


def _nobody(client: Client, tx: Transaction) -> Client:
    return replace(
        client,
        sealed={},
        phone_indexes=(),
        tokens=(),
        birthdays=(),
        tags=(),
        erased_at=tx.now,
        standing=client.standing.given_up(client.standing.touched_at),
    )


def _erased(tx: Transaction, client: Client) -> ClientErased:
    return ClientErased(occurred_at=tx.now, client_id=client.id, org_path=client.org_path)


async def _no_more_calls(tx: Transaction, client_ids: Collection[str]) -> None:
    """Cancel what was planned for clients that are gone, while they can still be found."""
    if not client_ids:
        return
    cause = new_id(tx.now)
    desk = await Desk.of(tx, client_ids, [cause])
    for client_id in client_ids:
        desk.replan(tx, client_id, cause)
    await desk.write()


def _empty_again(
    tx: Transaction, gathered: Gathered[Client], stored: Stored[Client], finding: Finding
) -> tuple[Outcome, str]:
    client = stored.value
    if stored.version != finding.version or client.erased_at is not None:
        return Outcome.KEPT, WORKED_WITH
    after = replace(
        client, sealed={name: value for name, value in client.sealed.items() if name not in finding.filled}
    )
    if "birthday" in finding.filled:
        after = replace(after, birthdays=tuple(each for each in client.birthdays if each.whose))
    gathered.save(tx, stored, after)
    return Outcome.REMOVED, ""
