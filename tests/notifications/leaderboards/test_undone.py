"""A deal that is undone is taken back where it counted; what was closed stays."""

from datetime import timedelta

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.work import UnitOfWork
from services.notifications.boards.commands import tell_news
from services.notifications.boards.store import NEWS
from services.notifications.leaderboards.closing import CLOSED, close
from services.notifications.leaderboards.commands import count
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import Period
from services.notifications.leaderboards.store import Generation, switch_to
from services.notifications.leaderboards.views import Leaderboards, order_query
from tests.notifications.company import AT, Company
from tests.notifications.leaderboards.test_counting import assert_sums_of_ledger, figures

TODAY = Period.from_key("day:2026-11-23")
MONTH = Period.from_key("month:2026-11")
CLOSING = "Asia/Shanghai|1|day:2026-11-23"


async def test_a_deal_counts_once_and_its_commission_for_each_share(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(count, [company.deal({"li": 6_456_001, "wu": 4_304_000})])
    boards = Leaderboards(mongo)
    assert await boards.of_person("li", MONTH) == {
        Metric.DEALS_CLOSED: 1,
        Metric.COMMISSION: 6_456_001,
        Metric.RESULT_POINTS: 30,
    }
    assert await boards.of_person("wu", MONTH) == {Metric.COMMISSION: 4_304_000}
    # each share belongs to the place of its owner
    assert (await boards.board("pudong", Metric.COMMISSION, MONTH)).top[0].score.points == 4_304_000
    entries = await boards.entries("li", Metric.COMMISSION, MONTH)
    assert [(one.scores[0], one.subject) for one in entries] == [((Metric.COMMISSION, 6_456_001), "d")]


@pytest.mark.parametrize("together", [True, False])
async def test_an_undone_deal_leaves_the_figures_as_if_it_had_never_been(
    mongo: Mongo, work: UnitOfWork, company: Company, together: bool
) -> None:
    await work.run(count, [company.showing("li"), company.deal({"li": 100}, AT - timedelta(days=40))])
    without = await figures(mongo)
    closed = company.deal({"li": 600, "wu": 400}, AT + timedelta(minutes=5))
    undone = company.undo(closed, AT + timedelta(days=3))
    if together:
        await work.run(count, [closed, undone])
    else:
        await work.run(count, [closed])
        assert await figures(mongo) != without
        await work.run(count, [undone])
    assert await figures(mongo) == without
    # told again, in any order, nothing of it counts
    await work.run(count, [undone])
    await work.run(count, [closed])
    assert await figures(mongo) == without
    await assert_sums_of_ledger(mongo)
    boards = Leaderboards(mongo)
    assert await boards.entries("wu", Metric.COMMISSION, MONTH) == []
    assert (await boards.board("pudong", Metric.COMMISSION, MONTH)).top == ()


async def test_a_closed_period_keeps_what_prizes_were_given_for(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    closed = company.deal({"li": 600})
    await work.run(count, [closed, company.showing("wang")])
    clock.turn(timedelta(days=1))
    await work.run(close, CLOSING)
    snapshot = await mongo.collection(CLOSED).find().to_list(None)
    await work.run(count, [company.undo(closed, AT + timedelta(days=1))])
    assert await mongo.collection(CLOSED).find().to_list(None) == snapshot
    boards = Leaderboards(mongo)
    assert (await boards.board("co", Metric.COMMISSION, TODAY)).top[0].score.points == 600
    assert (await boards.board("co", Metric.COMMISSION, MONTH)).top == ()


async def test_the_order_of_a_very_large_unit_is_put_right_too(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    large = Generation(2, frozenset({"co"}))
    await mongo.prepare(large.indexes)
    await work.run(switch_to, large)
    one, other = company.deal({"li": 600}), company.deal({"li": 50})
    await work.run(count, [one, other])
    await work.run(count, [company.undo(one)])
    query = order_query("co", Metric.COMMISSION, MONTH.key)
    assert [each["points"] for each in await mongo.collection(large.orders).find(query).to_list(None)] == [50]


async def test_an_undone_deal_is_no_news(mongo: Mongo, work: UnitOfWork, company: Company) -> None:
    closed, other = company.deal({"li": 600}), company.deal({"wu": 400})
    await work.run(tell_news, [closed, other])
    assert await mongo.collection(NEWS).count_documents({"kind": "deal"}) == 2
    await work.run(tell_news, [company.undo(closed)])
    left = await mongo.collection(NEWS).find({}).to_list(None)
    assert [each["_id"] for each in left] == [other.envelope.id]
