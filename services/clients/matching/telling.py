"""A listing is compared with all needs, and the agents of the best matches are told, each client once for ever.

Two steps, so that a listing that suits thousands takes little memory and no long transaction: the first walks over all
candidates by pages and keeps for each agent only the few that could be told; the second tells them by pieces. Both may
be repeated at any point without telling anybody twice: a match is kept under its listing and client.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.chassis.identity import new_id
from services.chassis.mongo import Document
from services.chassis.schedule.items import DueHandlers, DueItem, plan, plan_all
from services.chassis.work import Transaction
from services.clients.cadence.hours import WorkingCalendar
from services.clients.cadence.store import rhythm_of
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS
from services.clients.listings.model import Status
from services.clients.listings.store import find as find_listing
from services.clients.matching import ranking
from services.clients.matching.asking import MATCH_LISTING
from services.clients.matching.finding import Suiting, all_needs_for, listings_for
from services.clients.matching.ranking import RARE_AT_MOST, Found
from services.clients.matching.store import MATCHES, Match, of_clients, told_on
from services.clients.needs.model import Need
from services.contracts.clients import Grade, ListingMatched

TELL_MATCHES = "tell-matches"
PIECE = 50
"""Matches that are told in one transaction."""
_AT_ONCE = 8
"""Items in one transaction, so that none takes too long; the others wait for the next."""
_LOOKED_AT = 4 * (RARE_AT_MOST + 1)
"""Candidates after which a client has enough to choose from."""


async def compare(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Find whom the listing suits, and plan who is told. Of many listings at once the last ones wait for their turn."""
    for item in items[_AT_ONCE:]:
        await plan(item.cause_of(tx), f"{item.key}+", MATCH_LISTING, tx.now, item.payload)
    for item in items[:_AT_ONCE]:
        listing_id = item.payload["listing_id"]
        stored = await find_listing(tx, listing_id)
        if stored is None or stored.value.status is not Status.OFFERED:
            continue
        kept: list[Found] = []
        async for page in all_needs_for(tx.mongo, stored.value):
            kept = ranking.chosen([*kept, *await _found(tx, page)])
        pieces = [
            DueItem(
                key=f"{TELL_MATCHES}/{item.key}/{begin}",
                kind=TELL_MATCHES,
                due_at=tx.now,
                payload={
                    "listing_id": listing_id,
                    "found": [_told(each) for each in kept[begin : begin + PIECE]],
                },
            )
            for begin in range(0, len(kept), PIECE)
        ]
        await plan_all(item.cause_of(tx), pieces)


async def tell(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Tell the agents, as many as they can take today, what is rare first."""
    for item in items[_AT_ONCE:]:
        await plan(item.cause_of(tx), f"{item.key}+", TELL_MATCHES, tx.now, item.payload)
    told: dict[tuple[str, str], int] = {}
    calendars: dict[tuple[str, ...], WorkingCalendar] = {}
    for item in items[:_AT_ONCE]:
        listing_id = item.payload["listing_id"]
        found = [_heard(each) for each in item.payload["found"]]
        known = await of_clients(tx, listing_id, [each.client_id for each in found])
        clients = await _clients(tx, [each.client_id for each in found])
        for each in found:
            client = clients.get(each.client_id)
            if client is None or client.agent_id is None or client.standing.lost or client.id in known:
                continue
            if client.org_path not in calendars:
                calendars[client.org_path] = (await rhythm_of(tx.mongo, client.org_path, tx.session)).calendar
            day = calendars[client.org_path].local_day(tx.now)
            limit = (client.agent_id, day.isoformat())
            if limit not in told:
                told[limit] = await told_on(tx, *limit)
            if not ranking.allowed(each, told[limit]):
                continue
            await _keep(item.cause_of(tx), listing_id, each, client, *limit)
            told[limit] += 1


HANDLERS: DueHandlers = {MATCH_LISTING: compare, TELL_MATCHES: tell}


async def _keep(
    tx: Transaction, listing_id: str, found: Found, client: Client, agent_id: str, day: str
) -> None:
    match = Match(
        id=new_id(tx.now),
        listing_id=listing_id,
        client_id=client.id,
        need_id=found.need_id,
        agent_id=agent_id,
        org_path=client.org_path,
        score=found.score,
        rare=found.rare,
        comparable=found.comparable,
        told_at=tx.now,
        told_on=day,
    )
    event = ListingMatched(
        occurred_at=tx.now,
        match_id=match.id,
        listing_id=listing_id,
        client_id=client.id,
        agent_id=agent_id,
        org_path=client.org_path,
        grade=client.grade,
        score=found.score,
        rare=found.rare,
    )
    await MATCHES.add(tx, match, event)


async def _found(tx: Transaction, page: Iterable[Suiting]) -> list[Found]:
    """Of a page the matches that may be worth telling, with whose they are."""
    near = [each for each in page if each.verdict.suits or each.verdict.comparable]
    clients = await _clients(tx, [each.need.client_id for each in near])
    found = []
    for each in near:
        client = clients.get(each.need.client_id)
        if client is None or client.agent_id is None or client.standing.lost:
            continue
        one = Found(
            client_id=client.id,
            need_id=each.need.id,
            agent_id=client.agent_id,
            grade=client.grade,
            score=each.verdict.score,
            comparable=not each.verdict.suits,
        )
        if one.grade is Grade.C and not one.comparable:
            one = replace(one, rare=await _is_rare(tx, each.need))
        if one.worth_telling:
            found.append(one)
    return found


async def _is_rare(tx: Transaction, need: Need) -> bool:
    """Whether little else suits. Who has many candidates has enough to choose from, whatever suits of them."""
    matches = await listings_for(tx.mongo, need, most=_LOOKED_AT)
    return not matches.more and len(matches.suiting) <= RARE_AT_MOST + 1


async def _clients(tx: Transaction, client_ids: Iterable[str]) -> dict[str, Client]:
    found = tx.collection(CLIENTS.collection).find(
        {"_id": {"$in": list(set(client_ids))}}, session=tx.session
    )
    return {document["_id"]: CLIENTS.stored(document).value for document in await found.to_list(None)}


def _told(found: Found) -> Document:
    return {
        "client_id": found.client_id,
        "need_id": found.need_id,
        "agent_id": found.agent_id,
        "grade": found.grade.value if found.grade else None,
        "score": found.score,
        "comparable": found.comparable,
        "rare": found.rare,
    }


def _heard(document: Document) -> Found:
    grade = document["grade"]
    return Found(**{**document, "grade": Grade(grade) if grade else None})
