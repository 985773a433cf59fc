"""No query of ours walks through a whole collection."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.access import Access, Grant
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.work import UnitOfWork
from services.contracts.organisation import Role
from services.notifications.boards.commands import offer, pair, tell_news
from services.notifications.boards.model import new_pairing
from services.notifications.boards.store import boards_under, by_device
from services.notifications.boards.views import screen
from services.notifications.inbox import store as inbox
from services.notifications.inbox.model import Item, Kind
from services.notifications.leaderboards import drill_down, reading
from services.notifications.leaderboards.commands import count
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import Period
from services.notifications.leaderboards.store import Generation, switch_to
from services.notifications.leaderboards.views import Leaderboards
from services.notifications.reminders.commands import tasks_changed
from tests.notifications.company import AT, Company, path_of, shuffled_days
from tests.notifications.reminders.test_reminders import done, scheduled

TRAINER = Access(
    "zhao", "赵丽华", (Grant(Role.TRAINER, "xuhui", path_of("xuhui")),), "xuhui", path_of("xuhui")
)
MONTH = Period.from_key("month:2026-11")
SMALL = {"leaderboard_generations", "units", "people", "leases"}
"""One document, or the directory, whose own tests these are."""


@pytest.fixture
async def profiled(mongo: Mongo) -> AsyncIterator[Mongo]:
    yield mongo
    await mongo.database.command("profile", 0)


def _stages(plan: dict[str, Any]) -> str:
    return str(plan.get("planSummary", ""))


async def test_no_query_scans(profiled: Mongo, work: UnitOfWork, company: Company) -> None:
    mongo = profiled
    events = shuffled_days(["li", "wang", "sun", "wu", "he"], 10)
    await work.run(count, events)
    ordered = Generation(1, frozenset({"co"}))
    await work.run(switch_to, ordered)
    pairing = new_pairing()
    await mongo.database.command("profile", 2)

    await work.run(count, [*events, company.showing("li")])
    await work.run(tell_news, [company.showing("wang")])
    await work.run(tasks_changed, [scheduled(), done()])
    await work.run(inbox.put, [Item("e", "zhao", Kind.MEETING_SOON, AT, {"title": "早会"})])
    await work.run(offer, pairing)
    board = await work.run(pair, pairing.code, await Directory(mongo).unit("xuhui"))
    await by_device(mongo, board.value.device)
    await boards_under(mongo, ["xuhui"], (AT + timedelta(days=1), "z"))
    await screen(mongo, Directory(mongo), board.value, AT)
    for unit in ("co", "xuhui"):
        await Leaderboards(mongo).board(unit, Metric.SHOWINGS, MONTH, own="li")
    await reading.read(mongo, Directory(mongo), TRAINER, reading.Wish(), AT)
    await drill_down.opened(mongo, Directory(mongo), TRAINER, "li", reading.Wish(Metric.SHOWINGS), AT)
    await inbox.newest(mongo, "zhao", (AT + timedelta(days=1), "z"))
    await inbox.unread(mongo, "zhao")
    await work.run(inbox.mark_all_read, "zhao")

    await mongo.database.command("profile", 0)
    scans = [
        (each["ns"], each.get("command", {}))
        for each in await mongo.collection("system.profile").find({"op": {"$ne": "insert"}}).to_list(None)
        if "COLLSCAN" in _stages(each) and each["ns"].split(".", 1)[1] not in SMALL
    ]
    assert not scans
    seen = await mongo.collection("system.profile").count_documents(
        {"planSummary": {"$regex": "IXSCAN|IDHACK"}}
    )
    assert seen > 20
