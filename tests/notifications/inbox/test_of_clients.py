"""What clients, matches and deals put into whose inbox."""

from collections.abc import Sequence
from typing import Any

from services.chassis.mongo import Mongo
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.clients import (
    ClientReassigned,
    DealProposed,
    Grade,
    ListingMatched,
    Reassignment,
)
from services.contracts.envelope import Received
from services.notifications.inbox import store, stream
from services.notifications.inbox.model import Kind
from tests.notifications.company import AT, Company, path_of, received

TEAM = path_of("xuhui-1")


async def told(work: UnitOfWork, *events: Received[Any]) -> None:
    async def apply(tx: Transaction) -> None:
        for one in events:
            if type(one.event) in stream.HANDLERS:
                await stream.HANDLERS[type(one.event)](tx, one)
        for batch in stream.BATCHES:
            theirs = [one for one in events if isinstance(one.event, batch.events)]
            if theirs:
                await batch.handler(tx, theirs)

    await work.run(apply)


async def inbox(mongo: Mongo, person_id: str) -> list[tuple[Kind, object, bool]]:
    """Kind, what it says, and whether it is unread; the newest first."""
    return [
        (one.item.kind, one.item.params.get("count", one.item.params.get("minor")), one.unread)
        for one in await store.newest(mongo, person_id)
    ]


def reassigned(
    to: str | None, before: str | None, reason: Reassignment, numbers: Sequence[int]
) -> list[Received[Any]]:
    return [
        received(
            ClientReassigned(
                occurred_at=AT,
                client_id=f"c{number}",
                agent_id=to,
                previous_agent_id=before,
                org_path=TEAM,
                reason=reason,
            ),
            f"{reason}-{number}",
        )
        for number in numbers
    ]


async def test_a_leavers_clients_are_one_entry_however_many_and_however_often_told(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    events = reassigned("li", "wang", Reassignment.HANDOVER, range(30))
    await told(work, *events[:10])
    await told(work, *events, *events[:5])
    assert await inbox(mongo, "li") == [(Kind.CLIENTS_RECEIVED, 30, True)]
    assert await inbox(mongo, "wang") == []


async def test_who_lost_clients_to_the_pool_hears_of_it_and_who_took_one_does_not(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await told(
        work,
        *reassigned(None, "li", Reassignment.RELEASED, range(3)),
        *reassigned("wang", None, Reassignment.TAKEN, range(3)),
    )
    assert await inbox(mongo, "li") == [(Kind.CLIENTS_RELEASED, 3, True)]
    assert await inbox(mongo, "wang") == []


async def test_one_listing_is_one_entry_and_unread_again_when_it_suits_another_client(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    def matched(listing: str, client: str, agent: str) -> Received[Any]:
        event = ListingMatched(
            occurred_at=AT,
            match_id=f"{listing}-{client}",
            listing_id=listing,
            client_id=client,
            agent_id=agent,
            org_path=TEAM,
            grade=Grade.B,
            score=87,
            rare=False,
        )
        return received(event, f"matched-{listing}-{client}")

    await told(work, matched("l1", "c1", "li"), matched("l1", "c2", "li"), matched("l1", "c3", "wang"))
    assert await inbox(mongo, "li") == [(Kind.LISTING_MATCHED, 2, True)]
    await work.run(store.mark_all_read, "li")
    await told(work, matched("l1", "c1", "li"))
    assert await inbox(mongo, "li") == [(Kind.LISTING_MATCHED, 2, False)]
    await told(work, matched("l1", "c9", "li"))
    assert await inbox(mongo, "li") == [(Kind.LISTING_MATCHED, 3, True)]


async def test_leaders_are_asked_and_everybody_with_a_share_is_told(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    proposed = DealProposed(
        occurred_at=AT,
        deal_id="d",
        client_id="c",
        agent_id="li",
        org_path=TEAM,
        commission=1000,
        currency="CNY",
    )
    await told(work, received(proposed))
    for leader in ("zhou", "chen"):
        assert await inbox(mongo, leader) == [(Kind.DEAL_PROPOSED, None, True)]
    closed = company.deal({"li": 600, "wu": 400})
    await told(work, closed, closed)
    undone = company.undo(closed)
    await told(work, undone, undone)
    for person, minor in (("li", 600), ("wu", 400)):
        assert {(kind, said) for kind, said, _ in await inbox(mongo, person)} == {
            (Kind.DEAL_CLOSED, minor),
            (Kind.DEAL_UNDONE, None),
        }
