"""Counting on a real MongoDB: the ledger, the standings that are its sums, and nothing twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Document, Mongo
from services.chassis.schedule.items import DUE_ITEMS, item_of
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.envelope import Received
from services.notifications.leaderboards import views
from services.notifications.leaderboards.commands import PLACE, count, place_due
from services.notifications.leaderboards.ladders import LADDER, build_due, plan_ladders
from services.notifications.leaderboards.model import EFFORT, Metric, summed
from services.notifications.leaderboards.periods import Period, WorkCalendar
from services.notifications.leaderboards.store import Generation, entry, switch_to
from services.notifications.leaderboards.views import Leaderboards
from tests.notifications.company import AT, Company, path_of, shuffled_days

TODAY = Period.from_key("day:2026-11-23")
MONTH = Period.from_key("month:2026-11")
ONE = Generation()


async def figures(mongo: Mongo, generation: Generation = ONE) -> dict[str, Document]:
    """All standings by id, without the fields that are their ids."""
    documents = await mongo.collection(generation.standings).find().to_list(None)
    return {each["_id"]: each for each in documents}


async def assert_sums_of_ledger(mongo: Mongo, generation: Generation = ONE) -> None:
    """The promise of promises: standings are what adding up the ledger gives, figure for figure."""
    ledger = [entry(each) for each in await mongo.collection(generation.entries).find().to_list(None)]
    places = {one.org_path[-1] for one in ledger}
    expected = {one.id: one for one in summed(ledger, dict.fromkeys(places, WorkCalendar()))}
    got = await figures(mongo, generation)
    assert got.keys() == expected.keys()
    for id_, one in expected.items():
        assert (got[id_]["points"], got[id_]["reached"]) == (one.points, one.reached)


async def test_an_event_stands_in_the_ledger_and_in_every_period(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(count, [company.showing("li")])
    boards = Leaderboards(mongo)
    for key in ("day:2026-11-23", "week:2026-W48", "month:2026-11", "quarter:2026-Q4", "year:2026"):
        board = await boards.board("xuhui-1", Metric.SHOWINGS, Period.from_key(key), own="li")
        assert [(one.rank, one.score.id, one.score.points) for one in board.top] == [(1, "li", 1)]
        assert board.own is not None
        assert (board.own.rank, board.own.points) == (1, 1)
    assert (await boards.of_person("li", TODAY)) == {Metric.SHOWINGS: 1, EFFORT: 5}


@pytest.mark.parametrize("seed", range(3))
async def test_any_batches_any_order_and_tenfold_delivery_give_the_same_figures(
    mongo: Mongo, work: UnitOfWork, company: Company, seed: int
) -> None:
    chance = random.Random(seed)
    events = shuffled_days(["li", "wang", "sun", "wu", "he"], 9)
    await work.run(count, events)
    once = await figures(mongo)
    stream = [event for event in events for _ in range(10)]
    chance.shuffle(stream)
    while stream:
        size = chance.randint(1, 60)
        # the reader drops doubles inside one batch; everything else is ours
        batch = {received.envelope.id: received for received in stream[:size]}
        stream = stream[size:]
        await work.run(count, list(batch.values()))
    assert await figures(mongo) == once
    await assert_sums_of_ledger(mongo)


async def test_workers_side_by_side_lose_nothing_and_double_nothing(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    events = shuffled_days(["li", "wang", "sun", "qian", "wu", "he"], 30)

    async def worker(mine: Sequence[Received[Any]]) -> None:
        for start in range(0, len(mine), 10):
            await work.run(count, mine[start : start + 10])

    # every event is given to two of four workers, and all of them touch the same people
    await asyncio.gather(
        *(worker([e for n, e in enumerate(events) if k in (n % 4, (n + 1) % 4)]) for k in range(4))
    )
    assert await mongo.collection(ONE.entries).count_documents({}) == len(events)
    await assert_sums_of_ledger(mongo)


async def test_whoever_changes_teams_takes_points_along_but_the_old_team_keeps_its_own(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(
        count,
        [
            *(company.showing("li", unit="xuhui-1") for _ in range(3)),
            *(company.showing("li", unit="pudong-1") for _ in range(2)),
            company.showing("wang"),
        ],
    )
    boards = Leaderboards(mongo)

    async def points(unit: str) -> dict[str, float]:
        return {
            one.score.id: one.score.points for one in (await boards.board(unit, Metric.SHOWINGS, TODAY)).top
        }

    assert await points("xuhui-1") == {"li": 3, "wang": 1}
    assert await points("pudong") == {"li": 2}
    assert await points("co") == {"li": 5, "wang": 1}
    sums = {unit: total for unit, total, _ in await boards.sums("co", 2, Metric.SHOWINGS, TODAY)}
    assert sums == {"xuhui": 4, "pudong": 2}


async def test_a_person_nobody_has_heard_of_counts_all_the_same(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(count, [company.showing("stranger", unit="xuhui-1")])
    assert [
        one.score.id for one in (await Leaderboards(mongo).board("xuhui", Metric.SHOWINGS, TODAY)).top
    ] == ["stranger"]


async def test_an_event_of_an_unknown_unit_counts_as_soon_as_the_unit_is_known(
    mongo: Mongo, work: UnitOfWork, clock: TurnedClock
) -> None:
    company = Company(start_days={"xuhui-1": 26})
    evening = AT.replace(day=27)
    await work.run(count, [company.showing("li", evening), company.showing("wang", evening)])
    assert await mongo.collection(ONE.entries).count_documents({}) == 2
    assert await figures(mongo) == {}

    async def look(tx: Transaction) -> None:
        due = await tx.collection(DUE_ITEMS).find({"kind": PLACE, "state": "open"}).to_list(None)
        await place_due(tx, [item_of(each) for each in due])

    clock.turn(timedelta(seconds=5))
    await work.run(look)
    assert await figures(mongo) == {}
    await work.run(company.enter)
    clock.turn(timedelta(seconds=5))
    await work.run(look)
    # counted by the unit's own calendar: 27 November is in its December
    december = await Leaderboards(mongo).board("xuhui", Metric.SHOWINGS, Period.from_key("month:2026-12"))
    assert {one.score.id for one in december.top} == {"li", "wang"}
    once = await figures(mongo)
    clock.turn(timedelta(seconds=5))
    await work.run(look)
    assert await figures(mongo) == once


async def test_every_point_opens_to_its_events_as_of_any_moment(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    hours = [AT + timedelta(hours=hour) for hour in range(5)]
    await work.run(count, [company.showing("li", hour, id_=f"e{n}") for n, hour in enumerate(hours)])
    await work.run(count, [company.follow_up("li", AT), company.showing("wang", AT)])
    boards = Leaderboards(mongo)
    everything = await boards.entries("li", Metric.SHOWINGS, TODAY)
    assert [one.event_id for one in everything] == ["e4", "e3", "e2", "e1", "e0"]
    [newest, second, *_] = everything
    rest = await boards.entries("li", Metric.SHOWINGS, TODAY, after=(second.occurred_at, second.id), limit=2)
    assert [one.event_id for one in rest] == ["e2", "e1"]
    assert await boards.points_as_of("li", Metric.SHOWINGS, TODAY, as_of=hours[1]) == 2
    assert await boards.points_as_of("li", EFFORT, TODAY) == 26
    assert newest.org_path == path_of("xuhui-1")


async def test_in_very_large_units_an_order_is_kept_and_says_the_same(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    events = shuffled_days(["li", "wang", "sun", "qian", "wu"], 12)
    await work.run(count, events)
    small = await Leaderboards(mongo).board("east", Metric.SHOWINGS, MONTH, own="wu")
    ordered = ONE.following({"east"})
    await mongo.prepare(ordered.indexes)
    await work.run(switch_to, ordered)
    await work.run(count, events)
    large = await Leaderboards(mongo).board("east", Metric.SHOWINGS, MONTH, own="wu")
    assert large.top == small.top
    assert large.own == small.own
    assert await Leaderboards(mongo).board("xuhui", Metric.SHOWINGS, MONTH, own="wu")


async def test_deep_down_in_a_very_large_unit_the_rank_is_read_from_the_ladder(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "EXACT_TO", 2)
    ordered = ONE.following({"co"})
    await mongo.prepare(ordered.indexes)
    await work.run(switch_to, ordered)
    people = ["li", "wang", "sun", "qian", "wu", "he"]
    await work.run(
        count, [company.showing(who) for place, who in enumerate(people) for _ in range(9 - place)]
    )
    boards = Leaderboards(mongo)
    before = (await boards.board("co", Metric.SHOWINGS, MONTH, own="he")).own
    assert before is not None
    assert (before.rank, before.exact) == (None, False)
    await work.run(plan_ladders, ordered)
    clock.turn(timedelta(minutes=10))
    due = await mongo.collection(DUE_ITEMS).find({"kind": LADDER, "due_at": {"$lte": clock()}}).to_list(None)
    await work.run(build_due, [item_of(each) for each in due])
    deep = (await boards.board("co", Metric.SHOWINGS, MONTH, own="he")).own
    high = (await boards.board("co", Metric.SHOWINGS, MONTH, own="wang")).own
    assert deep is not None
    assert high is not None
    assert (deep.rank, deep.exact, deep.to_next) == (6, False, 1)
    assert (high.rank, high.exact) == (2, True)


async def test_standings_are_sums_of_entries_by_person_too(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    events = shuffled_days(["li", "wang", "sun"], 6)
    await work.run(count, events)
    expected = Counter(
        received.event.agent_id
        for received in events
        if received.event.occurred_at >= AT - timedelta(hours=9)
    )
    board = await Leaderboards(mongo).board("co", Metric.SHOWINGS, TODAY)
    assert {one.score.id: one.score.points for one in board.top} == expected


async def test_a_score_opens_by_the_calendar_it_was_counted_by(mongo: Mongo, work: UnitOfWork) -> None:
    company = Company(start_days={"xuhui-1": 26})
    await work.run(company.enter)
    late_october = AT.replace(month=10, day=28)
    await work.run(count, [company.showing("li", late_october), company.showing("li", AT)])
    boards = Leaderboards(mongo)
    assert (await boards.board("co", Metric.SHOWINGS, MONTH)).top[0].score.points == 2
    assert await boards.points_as_of("li", Metric.SHOWINGS, MONTH) == 2
    assert await boards.points_as_of("li", Metric.SHOWINGS, MONTH, unit_id="xuhui") == 2
    assert await boards.points_as_of("li", Metric.SHOWINGS, MONTH, unit_id="pudong") == 0
