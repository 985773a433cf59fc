"""Use cases of needs."""

from dataclasses import dataclass, replace

from services.chassis.errors import N_, Conflict
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.store import CLIENTS
from services.clients.listings.places import Place
from services.clients.listings.store import remember_place
from services.clients.matching import narrowing
from services.clients.needs import model
from services.clients.needs.model import MOST_NEEDS, Condition, Need, Suggestion, Wish
from services.clients.needs.store import NEEDS, open_needs_of
from services.contracts.clients import ListingKind


@dataclass(frozen=True, kw_only=True)
class Looking:
    """What a client says they look for."""

    kind: ListingKind
    currency: str = "CNY"
    places: tuple[Place, ...] = ()
    avoid: tuple[Place, ...] = ()
    limits: tuple[Condition, ...] = ()
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpenNeed(Looking):
    client_id: str
    need_id: str | None = None
    """Given by who writes many and wants to know it beforehand."""


async def open_need(tx: Transaction, command: OpenNeed) -> Stored[Need]:
    """Write down what a client looks for. Raises `NotFound`, `Invalid`; `Conflict` for too many at once."""
    client = (await CLIENTS.get(tx, command.client_id)).value
    if len(await open_needs_of(tx, client.id)) >= MOST_NEEDS:
        raise Conflict(N_("A client has at most eight open needs"))
    need = Need(
        id=command.need_id or new_id(tx.now),
        client_id=client.id,
        company_id=client.company_id,
        kind=command.kind,
        currency=command.currency,
        places=command.places,
        avoid=command.avoid,
        limits=command.limits,
        wishes=command.wishes,
        opened_at=tx.now,
    )
    stored = await NEEDS.add(tx, model.settled(need))
    await _remember_places(tx, stored.value)
    return stored


@dataclass(frozen=True, kw_only=True)
class ChangeNeed(Looking):
    need_id: str
    expected_version: int | None = None


async def change_need(tx: Transaction, command: ChangeNeed) -> Stored[Need]:
    """Write it down anew; a need that was closed is open again. Raises `NotFound`, `StaleVersion`, `Invalid`."""
    stored = await NEEDS.get(tx, command.need_id, command.expected_version)
    after = replace(
        stored.value,
        kind=command.kind,
        currency=command.currency,
        places=command.places,
        avoid=command.avoid,
        limits=command.limits,
        wishes=command.wishes,
        open=True,
    )
    saved = await NEEDS.save(tx, stored, model.settled(after))
    await _remember_places(tx, saved.value)
    return saved


@dataclass(frozen=True, kw_only=True)
class CloseNeed:
    need_id: str
    expected_version: int | None = None


async def close_need(tx: Transaction, command: CloseNeed) -> Stored[Need]:
    """The client found something, or no longer looks. Raises `NotFound`, `StaleVersion`."""
    stored = await NEEDS.get(tx, command.need_id, command.expected_version)
    return await NEEDS.save(tx, stored, model.closed(stored.value))


@dataclass(frozen=True, kw_only=True)
class AnswerSuggestion:
    need_id: str
    suggestion: Suggestion
    accept: bool
    expected_version: int | None = None


async def answer(tx: Transaction, command: AnswerSuggestion) -> Stored[Need]:
    """Narrow the need as suggested, or leave it as it is. Raises `NotFound`, `StaleVersion`, `Conflict`, `Invalid`."""
    stored = await NEEDS.get(tx, command.need_id, command.expected_version)
    if command.suggestion not in stored.value.suggestions:
        raise Conflict(N_("This suggestion is answered already"))
    decide = narrowing.taken if command.accept else narrowing.left
    return await NEEDS.save(tx, stored, decide(stored.value, command.suggestion))


async def _remember_places(tx: Transaction, need: Need) -> None:
    for place in need.places:
        await remember_place(tx, need.company_id, place)
