"""Use cases of matching: what a client says of a listing."""

from dataclasses import dataclass, replace

from services.chassis.errors import NotFound
from services.chassis.identity import new_id
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS
from services.clients.listings.store import LISTINGS, find
from services.clients.matching.finding import Suiting, offer_of
from services.clients.matching.model import judge
from services.clients.matching.narrowing import PRAISE, Feedback, Said, suggested
from services.clients.matching.store import MATCHES, Match, of_clients
from services.clients.needs.model import Need
from services.clients.needs.store import NEEDS, open_needs_of
from services.clients.showings.model import Remark
from services.clients.showings.store import SHOWINGS

KEEN = 4
"""The interest in a home, of five, from which on they liked it."""
SAID_AT_SHOWING: dict[Remark, Said] = {
    Remark.LIKES_LAYOUT: Said.LIKES_LAYOUT,
    Remark.LIKES_PLACE: Said.LIKES_PLACE,
    Remark.LIKES_PRICE: Said.LIKES_PRICE,
    Remark.TOO_DEAR: Said.TOO_DEAR,
    Remark.TOO_SMALL: Said.TOO_SMALL,
    Remark.TOO_FAR: Said.TOO_FAR,
    Remark.TOO_NOISY: Said.TOO_NOISY,
    Remark.NEEDS_WORK: Said.NEEDS_WORK,
}


@dataclass(frozen=True, kw_only=True)
class GiveFeedback:
    client_id: str
    listing_id: str
    liked: bool
    said: tuple[Said, ...] = ()


async def give_feedback(tx: Transaction, command: GiveFeedback) -> Stored[Match]:
    """Write down what a client says of a listing; what follows for the need is suggested. Raises `NotFound`."""
    client = (await CLIENTS.get(tx, command.client_id)).value
    listing = (await LISTINGS.get(tx, command.listing_id)).value
    if listing.company_id != client.company_id:
        raise NotFound
    feedback = Feedback(command.liked, command.said, tx.now)
    return await _learn(tx, client, await _best(tx, client.id, listing.id), listing.id, feedback)


async def learn_from_showing(tx: Transaction, showing_id: str) -> None:
    """The same from what was said at a showing; nothing for what is known, or for homes that are no listings."""
    try:
        showing = (await SHOWINGS.get(tx, showing_id)).value
        client = (await CLIENTS.get(tx, showing.client_id)).value
    except NotFound:
        return
    for home in showing.homes:
        if home.listing_id is None or home.interest is None or showing.done_at is None:
            continue
        if await find(tx, home.listing_id) is None:
            continue
        known = (await of_clients(tx, home.listing_id, [client.id])).get(client.id)
        if known and known.value.feedback and known.value.feedback.at >= showing.done_at:
            continue
        said = tuple(SAID_AT_SHOWING[remark] for remark in home.remarks if remark in SAID_AT_SHOWING)
        feedback = Feedback(home.interest >= KEEN, said, showing.done_at)
        await _learn(tx, client, await _best(tx, client.id, home.listing_id), home.listing_id, feedback)


async def _learn(
    tx: Transaction,
    client: Client,
    best: tuple[Stored[Need], Suiting] | None,
    listing_id: str,
    feedback: Feedback,
) -> Stored[Match]:
    if best is not None:
        stored, suiting = best
        # of what they like only what draws them there says something about the need
        said = [word for word in feedback.said if not feedback.liked or word in PRAISE]
        await NEEDS.save(tx, stored, suggested(stored.value, suiting.offer, said))
    known = (await of_clients(tx, listing_id, [client.id])).get(client.id)
    if known is not None:
        return await MATCHES.save(tx, known, replace(known.value, feedback=feedback))
    match = Match(
        id=new_id(tx.now),
        listing_id=listing_id,
        client_id=client.id,
        need_id=best[0].id if best else "",
        agent_id=client.agent_id or tx.actor,
        org_path=client.org_path,
        score=best[1].verdict.score if best else 0,
        comparable=best is not None and best[1].verdict.comparable,
        feedback=feedback,
    )
    return await MATCHES.add(tx, match)


async def _best(tx: Transaction, client_id: str, listing_id: str) -> tuple[Stored[Need], Suiting] | None:
    """The client's open need that the listing suits best, also when it breaks limits; None when none is comparable."""
    offer = offer_of((await LISTINGS.get(tx, listing_id)).value)
    judged = [
        (stored, Suiting(stored.value, offer, verdict))
        for stored in await open_needs_of(tx, client_id)
        if (verdict := judge(stored.value, offer)) is not None
    ]
    return max(judged, key=_closeness, default=None)


def _closeness(judged: tuple[Stored[Need], Suiting]) -> tuple[int, int]:
    verdict = judged[1].verdict
    return -len(verdict.gaps), verdict.score
