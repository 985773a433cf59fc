"""A closed period never changes again."""

from datetime import UTC, datetime, timedelta

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import DUE_ITEMS
from services.chassis.work import UnitOfWork
from services.notifications.leaderboards.closing import CLOSE, CLOSED, CLOSINGS, close
from services.notifications.leaderboards.commands import count
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import Period
from services.notifications.leaderboards.views import Leaderboards
from tests.notifications.company import AT, Company

TODAY = Period.from_key("day:2026-11-23")
CLOSING = "Asia/Shanghai|1|day:2026-11-23"


async def test_each_period_that_got_points_will_be_closed_after_its_end(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(count, [company.showing("li")])
    await work.run(count, [company.showing("wang")])
    due = {
        each["_id"]: each["due_at"]
        for each in await mongo.collection(DUE_ITEMS).find({"kind": CLOSE}).to_list(None)
    }
    assert len(due) == 5
    assert due[f"close|{CLOSING}"] == datetime(2026, 11, 23, 18, tzinfo=UTC)
    assert due["close|Asia/Shanghai|1|year:2026"] == datetime(2027, 1, 3, 16, tzinfo=UTC)


async def test_a_past_that_arrives_only_now_has_its_grace_from_now(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    await work.run(count, [company.showing("li", AT - timedelta(days=90))])
    for each in await mongo.collection(DUE_ITEMS).find({"kind": CLOSE}).to_list(None):
        assert each["due_at"] >= clock() + timedelta(hours=2)


async def test_what_comes_late_corrects_the_ledger_but_not_the_snapshot(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    await work.run(count, [company.showing("li"), company.showing("li"), company.showing("wang")])
    clock.turn(timedelta(days=1))
    await work.run(close, CLOSING)
    snapshot = await mongo.collection(CLOSED).find().to_list(None)
    await work.run(count, [company.showing("wang", AT) for _ in range(5)])
    await work.run(close, CLOSING)
    assert await mongo.collection(CLOSED).find().to_list(None) == snapshot
    assert await mongo.collection(CLOSINGS).count_documents({"closed_at": {"$ne": None}}) == 1
    boards = Leaderboards(mongo)
    board = await boards.board("co", Metric.SHOWINGS, TODAY)
    assert board.closed
    assert [(one.score.id, one.score.points) for one in board.top] == [("li", 2), ("wang", 1)]
    assert (await boards.of_person("wang", TODAY))[Metric.SHOWINGS] == 6


async def test_a_period_is_closed_when_all_its_calendars_are(
    mongo: Mongo, work: UnitOfWork, clock: TurnedClock
) -> None:
    company = Company(start_days={"pudong-1": 26})
    await work.run(company.enter)
    await work.run(count, [company.showing("li"), company.showing("wu")])
    november = Period.from_key("month:2026-11")
    boards = Leaderboards(mongo)
    await work.run(close, "Asia/Shanghai|26|month:2026-11")
    assert not (await boards.board("co", Metric.SHOWINGS, november)).closed
    await work.run(close, "Asia/Shanghai|1|month:2026-11")
    board = await boards.board("co", Metric.SHOWINGS, november)
    assert board.closed
    assert {one.score.id for one in board.top} == {"li", "wu"}
