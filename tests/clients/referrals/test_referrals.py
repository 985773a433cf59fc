"""Who brought whom is a forest; what each is worth follows deals, late, twice and undone; merges keep the sums."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Conflict, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.testing.plans import no_collection_scan
from services.clients.files.views import Asker
from services.clients.referrals import views
from services.clients.referrals.commands import NameReferrer, name_referrer
from services.clients.referrals.model import Node, added, branch_of, grown, require_possible
from services.clients.referrals.store import NODES, to_node
from services.contracts.clients import (
    ClientMerged,
    ClientMergeUndone,
    DealClosed,
    DealKind,
    DealPart,
    DealShare,
    DealUndone,
    ReferralMade,
)
from services.contracts.event import Event
from tests.clients.company import UNITS, Company, received_of
from tests.clients.samples import NOW

TEAM = UNITS["team-1"][2]


def a_node(id_: str, referrer_id: str | None = None, **own: int) -> Node:
    return Node(id_, "lin", TEAM, "acme", referrer_id=referrer_id, own=own)


@st.composite
def forests(draw: st.DrawFn) -> list[Node]:
    nodes = []
    for place in range(draw(st.integers(1, 25))):
        above = draw(st.none() | st.integers(0, place - 1)) if place else None
        own = draw(st.dictionaries(st.sampled_from(["CNY", "USD"]), st.integers(0, 10**9)))
        nodes.append(a_node(f"c{place:02}", None if above is None else f"c{above:02}", **own))
    return draw(st.permutations(nodes))


@given(forests())
def test_every_figure_is_the_sum_of_what_stands_below(nodes: list[Node]) -> None:
    by_id = {node.id: node for node in grown(nodes)}
    for node in by_id.values():
        below = [other for other in by_id.values() if node.id in other.ancestors]
        assert node.brought_below == len(below)
        assert node.below == added(*(other.own for other in below))
        assert node.brought == sum(other.referrer_id == node.id for other in below)
        if node.referrer_id is not None:
            assert node.ancestors == (*by_id[node.referrer_id].ancestors, node.referrer_id)
    top = added(*(node.lifetime for node in by_id.values() if node.referrer_id is None))
    assert top == added(*(node.own for node in nodes))


def test_a_circle_is_refused_and_never_drawn() -> None:
    chain = {node.id: node for node in grown([a_node("a"), a_node("b", "a"), a_node("c", "b")])}
    with pytest.raises(Conflict):
        require_possible(chain["a"], chain["c"])
    with pytest.raises(Invalid):
        require_possible(chain["a"], chain["a"])
    with pytest.raises(Invalid):
        require_possible(chain["a"], replace(chain["c"], ancestors=(), company_id="other"))
    with pytest.raises(ValueError, match="circle"):
        grown([a_node("a", "b"), a_node("b", "a")])


def test_the_worthiest_stands_first() -> None:
    nodes = grown([a_node("a"), a_node("b", "a", CNY=1), a_node("c", "a"), a_node("d", "c", CNY=5)])
    tree = branch_of(nodes[0], nodes[1:])
    assert [child.node.id for child in tree.children] == ["c", "b"]
    assert [child.node.id for child in tree.children[0].children] == ["d"]


async def name(company: Company, client_id: str, referrer_id: str | None) -> None:
    await company.run(name_referrer, NameReferrer(client_id=client_id, referrer_id=referrer_id))


async def some(company: Company, *names: str) -> list[str]:
    return [(await company.register(each)).id for each in names]


async def node(company: Company, client_id: str) -> Node:
    document = await company.mongo.collection(NODES).find_one({"_id": client_id})
    assert document is not None
    return to_node(document)


def closed(client_id: str, commission: int, deal_id: str, currency: str = "CNY") -> DealClosed:
    share = DealShare(agent_id="lin", org_path=TEAM, part=DealPart.CLOSER, commission=commission)
    return DealClosed(
        occurred_at=NOW,
        deal_id=deal_id,
        client_id=client_id,
        listing_id=None,
        agent_id="lin",
        org_path=TEAM,
        kind=DealKind.SALE,
        amount=commission * 50,
        commission=commission,
        currency=currency,
        shares=(share,),
        signed_on=date(2026, 11, 23),
        starts_on=None,
    )


def undone(client_id: str, deal_id: str) -> DealUndone:
    return DealUndone(
        occurred_at=NOW,
        deal_id=deal_id,
        client_id=client_id,
        agent_id="lin",
        org_path=TEAM,
        closed_event_id="before",
        reason="financing",
    )


async def hear(company: Company, event: Event, subject: str, sequence: int) -> None:
    await company.deliver([received_of(event, subject, sequence, new_id())])


async def lifetimes(company: Company, *client_ids: str) -> list[Any]:
    return [(await node(company, client_id)).lifetime for client_id in client_ids]


async def test_value_runs_up_the_tree_and_is_taken_back(company: Company) -> None:
    first, second, third = await some(company, "王一", "王二", "王三")
    async with no_collection_scan(company.mongo):
        await name(company, second, first)
        await name(company, third, second)
        await hear(company, closed(third, 30_000, "d1"), "d1", 1)
        await hear(company, closed(first, 100, "d2", "USD"), "d2", 1)
    assert await lifetimes(company, first, second, third) == [
        {"CNY": 30_000, "USD": 100},
        {"CNY": 30_000},
        {"CNY": 30_000},
    ]
    await hear(company, closed(third, 30_000, "d1"), "d1", 1)
    await hear(company, undone(third, "d1"), "d1", 2)
    await hear(company, closed(third, 30_000, "d1"), "d1", 1)
    assert await lifetimes(company, first, second, third) == [{"USD": 100}, {}, {}]


async def test_who_is_named_late_brings_what_was_earned_before(company: Company) -> None:
    first, second, third = await some(company, "王一", "王二", "王三")
    await hear(company, closed(third, 500, "d1"), "d1", 1)
    await name(company, third, second)
    await name(company, second, first)
    assert await lifetimes(company, first, second, third) == [{"CNY": 500}] * 3
    assert (await node(company, first)).brought_below == 2
    await name(company, second, None)
    assert await lifetimes(company, first, second) == [{}, {"CNY": 500}]


async def test_others_hear_once_of_a_referral(company: Company) -> None:
    first, second, third = await some(company, "王一", "王二", "王三")
    for referrer_id in (first, first, third, None, first):
        await name(company, second, referrer_id)
    told = [each.event for each in await company.events() if isinstance(each.event, ReferralMade)]
    assert [(event.client_id, event.referrer_client_id) for event in told] == [(second, first)]
    assert (await node(company, second)).referrer_id == first
    assert (await node(company, third)).brought == 0


async def test_two_who_name_one_another_at_once_do_not_make_a_circle(company: Company) -> None:
    first, second = await some(company, "王一", "王二")

    async def attempt(client_id: str, referrer_id: str) -> bool:
        try:
            await name(company, client_id, referrer_id)
        except Conflict:
            return False
        return True

    done = await asyncio.gather(attempt(first, second), attempt(second, first))
    assert sorted(done) == [False, True]


async def test_a_merge_keeps_tree_and_value_and_can_be_undone(company: Company) -> None:
    top, kept, double, child = await some(company, "王一", "王二", "王二二", "王三")
    await name(company, double, top)
    await name(company, child, double)
    for client_id, deal_id, commission in ((kept, "d1", 100), (double, "d2", 20), (child, "d3", 3)):
        await hear(company, closed(client_id, commission, deal_id), deal_id, 1)
    before = await lifetimes(company, top, kept, double, child)
    common: dict[str, Any] = {"occurred_at": NOW, "agent_id": "lin", "org_path": TEAM}
    merged = ClientMerged(client_id=kept, merged_client_id=double, **common)
    await hear(company, merged, kept, 90)
    assert await lifetimes(company, top, kept, child) == [{"CNY": 123}, {"CNY": 123}, {"CNY": 3}]
    assert (await node(company, child)).referrer_id == kept
    await hear(company, undone(double, "d2"), "d2", 2)
    assert await lifetimes(company, top, kept) == [{"CNY": 103}, {"CNY": 103}]
    await hear(company, closed(double, 20, "d2"), "d2", 3)
    back = ClientMergeUndone(client_id=kept, merged_client_id=double, **common)
    await hear(company, back, kept, 91)
    assert await lifetimes(company, top, kept, double, child) == before
    assert (await node(company, child)).referrer_id == double


async def test_who_was_brought_by_their_own_double_stands_at_the_top_after_the_merge(
    company: Company,
) -> None:
    kept, double, between = await some(company, "王二", "王二二", "王三")
    await name(company, between, double)
    await name(company, kept, between)
    common: dict[str, Any] = {"occurred_at": NOW, "agent_id": "lin", "org_path": TEAM}
    merged = ClientMerged(client_id=kept, merged_client_id=double, **common)
    await hear(company, merged, kept, 90)
    assert (await node(company, between)).referrer_id == kept
    assert (await node(company, kept)).referrer_id is None
    back = ClientMergeUndone(client_id=kept, merged_client_id=double, **common)
    await hear(company, back, kept, 91)
    assert (await node(company, kept)).ancestors == (double, between)


async def test_a_tree_says_nothing_of_other_peoples_clients(company: Company) -> None:
    mine, mine_too = await some(company, "王一", "王二")
    theirs = (await company.register("李红", agent_id="zhao")).id
    await name(company, mine_too, mine)
    await name(company, theirs, mine)
    access = await views_access(company, "lin")
    async with no_collection_scan(company.mongo):
        client = (await company.client(mine)).value
        tree = await views.tree_of(company.mongo, company.personal, access, client)
        rows = await views.bringers(company.mongo, company.personal, access, own=True)
    assert {child.node.id for child in tree.branch.children} == {mine_too, theirs}
    assert set(tree.names) == {mine, mine_too}
    assert [(row.node.id, row.name) for row in rows.items] == [(mine, "王一")]


async def views_access(company: Company, person_id: str) -> Asker:
    return Asker(await Directory(company.mongo).access(person_id), "test", NOW)
