"""Pairing, what is on when, freshness, news: on a real MongoDB."""

from datetime import datetime, timedelta

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.errors import Invalid, NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.schedule.items import DUE_ITEMS, item_of
from services.chassis.work import OUTBOX, Transaction, UnitOfWork
from services.contracts.notifications import BoardStale
from services.notifications.boards.commands import (
    FRESHNESS,
    check_freshness,
    offer,
    pair,
    revoke,
    show,
    tell_news,
)
from services.notifications.boards.model import (
    DEFAULT_SLOTS,
    ROWS,
    Board,
    Pairing,
    Slot,
    SlotKind,
    as_typed,
    digest,
    given_name,
    new_pairing,
)
from services.notifications.boards.store import by_device, seen
from services.notifications.boards.views import screen
from services.notifications.leaderboards.commands import count
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import PeriodKind
from tests.notifications.company import AT, Company

TV = Pairing("ABC234", "token")


async def paired(mongo: Mongo, work: UnitOfWork, unit_id: str = "xuhui") -> Board:
    await work.run(offer, TV)
    return (await work.run(pair, "abc 234", await Directory(mongo).unit(unit_id))).value


async def check(tx: Transaction) -> None:
    due = await tx.collection(DUE_ITEMS).find({"kind": FRESHNESS, "state": "open"}).to_list(None)
    await check_freshness(tx, [item_of(each) for each in due if each["due_at"] <= tx.now])
    ids = [each["_id"] for each in due if each["due_at"] <= tx.now]
    await tx.collection(DUE_ITEMS).update_many({"_id": {"$in": ids}}, {"$set": {"state": "done"}})


@pytest.mark.parametrize(
    ("name", "shown"),
    [("李梦瑶", "梦瑶"), ("蒋敏", "蒋敏"), ("欧阳娜娜", "娜娜"), ("Anna Kowalska", "Anna"), ("", "")],
)
def test_a_board_calls_people_by_their_given_name(name: str, shown: str) -> None:
    assert given_name(name) == shown


def test_a_code_is_read_as_people_type_it() -> None:
    assert as_typed("abc-2 34") == "ABC234"
    code = new_pairing().code
    assert as_typed(code.lower()) == code


def test_rankings_take_turns_and_all_boards_turn_together() -> None:
    board = Board("b", "u", ("u",), "d", "p", AT)
    rankings = [slot for slot in DEFAULT_SLOTS if slot.kind is SlotKind.RANKING]
    turns = len(rankings)
    on = [board.rankings_from(AT + timedelta(seconds=15 * turn)) for turn in range(turns + 1)]
    assert all(sorted(map(str, each)) == sorted(map(str, rankings)) for each in on)
    assert {each[0] for each in on[:turns]} == set(rankings)
    assert on[turns] == on[0]
    assert board.rankings_from(AT + timedelta(seconds=board.turns_in(AT) - 0.001)) == on[0]
    assert Board("b", "u", ("u",), "d", "p", AT, slots=(Slot(SlotKind.NEWS),)).rankings_from(AT) == ()


async def test_the_code_is_good_once_and_the_token_opens_the_board(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    board = await paired(mongo, work)
    found = await by_device(mongo, digest(TV.token))
    assert found is not None
    assert found.value == board
    assert await by_device(mongo, digest("another")) is None
    with pytest.raises(Invalid):
        await work.run(pair, TV.code, await Directory(mongo).unit("pudong"))


async def test_a_code_that_ran_out_pairs_nothing(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    await work.run(offer, TV)
    clock.turn(timedelta(minutes=16))
    with pytest.raises(Invalid):
        await work.run(pair, TV.code, await Directory(mongo).unit("xuhui"))


async def test_a_revoked_board_opens_to_nobody(mongo: Mongo, work: UnitOfWork, company: Company) -> None:
    board = await paired(mongo, work)
    await work.run(revoke, board.id)
    assert await by_device(mongo, digest(TV.token)) is None
    with pytest.raises(NotFound):
        await work.run(revoke, board.id)


async def test_a_board_without_any_ranking_is_refused(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    board = await paired(mongo, work)
    with pytest.raises(Invalid):
        await work.run(show, board.id, [Slot(SlotKind.NEWS)], 20, None)


async def test_a_dark_tv_is_told_of_once_and_again_only_after_it_came_back(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    board = await paired(mongo, work)
    told = mongo.collection(OUTBOX)
    stale = {"type": BoardStale.event_type()}

    async def pass_by(minutes: int) -> None:
        for _ in range(minutes // 10):
            clock.turn(timedelta(minutes=10))
            await work.run(check)

    for _ in range(3):
        await seen(mongo, board.id, clock())
        await pass_by(20)
    assert await told.count_documents(stale) == 0
    await pass_by(120)
    assert await told.count_documents(stale) == 1
    await seen(mongo, board.id, clock())
    await pass_by(20)
    await seen(mongo, board.id, clock())
    await pass_by(20)
    assert await told.count_documents(stale) == 1
    await pass_by(90)
    assert await told.count_documents(stale) == 2


async def test_the_screen_shows_the_best_the_news_and_never_the_last(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    board = await paired(mongo, work)
    people = ["li", "wang", "zhou", "sun", "qian", "xu", "zhao", "chen"]
    events = [company.showing(who) for place, who in enumerate(people) for _ in range(8 - place)]
    hire = company.hire("new", unit="xuhui-2", recruiter="zhao", referrer="li", at=AT + timedelta(minutes=1))
    await work.run(count, [*events, hire])
    await work.run(tell_news, [*events[:2], hire])
    only = Slot(SlotKind.RANKING, Metric.SHOWINGS, PeriodKind.DAY)
    stored = await work.run(show, board.id, [only, Slot(SlotKind.NEWS)], 15, None)
    on = await screen(mongo, Directory(mongo), stored.value, clock())
    assert [(row.rank, row.name, row.points) for row in on.rows] == [
        (1, "梦瑶", 8),
        (2, "子轩", 7),
        (3, "晓峰", 6),
        (4, "佳怡", 5),
    ]
    assert len(on.rows) < ROWS
    newest = on.news[0]
    assert (newest.kind, newest.name, newest.by) == ("hired", "小雨", "梦瑶")


async def test_a_ranking_on_which_nobody_stands_yet_leaves_its_turn(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    board = await paired(mongo, work)
    await work.run(count, [company.showing("li", AT - timedelta(days=3))])
    shown = set()
    for _ in range(len(DEFAULT_SLOTS)):
        on = await screen(mongo, Directory(mongo), board, clock())
        assert [row.name for row in on.rows] == ["梦瑶"], on.slot
        shown.add(on.period.kind if on.period else None)
        clock.turn(timedelta(seconds=board.seconds))
    assert PeriodKind.DAY not in shown


async def test_old_events_are_history_and_no_news(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    board = await paired(mongo, work)
    fresh = company.showing("li")
    await work.run(tell_news, [company.showing("li", AT - timedelta(days=60)), fresh])
    await work.run(tell_news, [fresh])
    on = await screen(mongo, Directory(mongo), board, clock())
    assert [one.id for one in on.news] == [fresh.envelope.id]


def test_a_moment_is_the_same_turn_everywhere() -> None:
    moment = datetime.fromisoformat("2026-11-23T10:00:07+08:00")
    assert Board("a", "u", ("u",), "d", "p", AT).turns_in(moment) == 8
