"""Reminders come once, at the moment, and never for what was done, cancelled, moved, or long ago."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.schedule.items import DUE_ITEMS, OPEN, closing, item_of
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.clients import (
    FollowUpCancelled,
    FollowUpDone,
    FollowUpMissed,
    FollowUpRule,
    FollowUpScheduled,
    Intent,
    ShowingBooked,
    ShowingCancelled,
    ShowingMoved,
)
from services.contracts.envelope import Received
from services.contracts.training import MeetingCancelled, MeetingPlanned
from services.notifications.app import due_handlers
from services.notifications.inbox import stream as inbox
from services.notifications.inbox.model import Kind
from services.notifications.inbox.store import ITEMS, mark_all_read, mark_read, newest, unread
from services.notifications.reminders.commands import meeting_cancelled, meeting_planned, tasks_changed
from tests.notifications.company import AT, Company, path_of, received

DUE = AT + timedelta(hours=3)


def scheduled(sequence: int = 1, due: Any = DUE) -> Received[Any]:
    event = FollowUpScheduled(
        occurred_at=AT,
        follow_up_id="f",
        client_id="c",
        agent_id="li",
        org_path=path_of("xuhui-1"),
        rule=FollowUpRule.CADENCE,
        due_at=due,
    )
    return received(event, f"f-{sequence}", "f", sequence)


def done(sequence: int = 2) -> Received[Any]:
    event = FollowUpDone(
        occurred_at=AT,
        follow_up_id="f",
        client_id="c",
        agent_id="li",
        org_path=path_of("xuhui-1"),
        rule=FollowUpRule.CADENCE,
        outcome="reached",
        minutes=3,
        intent=Intent.REAL,
        due_at=DUE,
    )
    return received(event, f"f-{sequence}", "f", sequence)


def cancelled(sequence: int = 2) -> Received[Any]:
    event = FollowUpCancelled(
        occurred_at=AT,
        follow_up_id="f",
        client_id="c",
        agent_id="li",
        org_path=path_of("xuhui-1"),
        reason="regraded",
    )
    return received(event, f"f-{sequence}", "f", sequence)


def meeting(sequence: int = 1, starts: Any = DUE) -> Received[Any]:
    event = MeetingPlanned(
        occurred_at=AT,
        meeting_id="m",
        series_id="s",
        unit_id="xuhui",
        org_path=path_of("xuhui"),
        starts_at=starts,
        minutes=30,
        title="早会",
        host_id="zhao",
    )
    return received(event, f"m-{sequence}", "m", sequence)


async def _do_due(tx: Transaction) -> None:
    """What the schedule does with everything that is due, in one go."""
    found = (
        await tx.collection(DUE_ITEMS)
        .find({"state": OPEN, "due_at": {"$lte": tx.now}}, session=tx.session)
        .to_list(None)
    )
    for document in found:
        await tx.collection(DUE_ITEMS).update_one(
            {"_id": document["_id"]}, closing("done", tx.now), session=tx.session
        )
        handlers = due_handlers()
        if document["kind"] in handlers:
            await handlers[document["kind"]](tx, [item_of(document)])


async def kinds(mongo: Mongo, person: str = "li") -> list[Kind]:
    return [one.item.kind for one in await newest(mongo, person)]


async def test_a_follow_up_is_reminded_of_at_its_moment_and_once(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    await work.run(tasks_changed, [scheduled()])
    clock.turn_to(DUE - timedelta(milliseconds=1))
    await work.run(_do_due)
    assert await kinds(mongo) == []
    clock.turn_to(DUE)
    for _ in range(3):
        await work.run(_do_due)
        await work.run(tasks_changed, [scheduled()])
    assert await kinds(mongo) == [Kind.FOLLOW_UP_DUE]
    assert (await newest(mongo, "li"))[0].item.at == DUE


@pytest.mark.parametrize("over", [done(), cancelled()])
@pytest.mark.parametrize("together", [True, False])
async def test_what_is_over_is_not_reminded_of(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock, over: Received[Any], together: bool
) -> None:
    if together:
        await work.run(tasks_changed, [scheduled(), over])
    else:
        await work.run(tasks_changed, [scheduled()])
        await work.run(tasks_changed, [over])
    # delivered again, out of its order
    await work.run(tasks_changed, [scheduled()])
    clock.turn_to(DUE)
    await work.run(_do_due)
    assert await kinds(mongo) == []


def showing(kind: type[Any], sequence: int, **more: Any) -> Received[Any]:
    event = kind(
        occurred_at=AT, showing_id="v", client_id="c", agent_id="li", org_path=path_of("xuhui-1"), **more
    )
    return received(event, f"v-{sequence}", "v", sequence)


async def test_a_showing_is_reminded_of_an_hour_before_also_when_it_was_moved(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    begins = AT + timedelta(hours=5)
    booked = showing(ShowingBooked, 1, starts_at=DUE, homes=2)
    moved = showing(ShowingMoved, 2, starts_at=begins, homes=2)
    await work.run(tasks_changed, [booked])
    await work.run(tasks_changed, [moved, booked])
    clock.turn_to(begins - timedelta(hours=1, milliseconds=1))
    await work.run(_do_due)
    assert await kinds(mongo) == []
    clock.turn_to(begins - timedelta(hours=1))
    for _ in range(2):
        await work.run(_do_due)
    assert await kinds(mongo) == [Kind.SHOWING_SOON]
    assert (await newest(mongo, "li"))[0].item.params == {"moment": begins}


async def test_nobody_is_reminded_of_a_showing_that_is_cancelled_or_has_begun(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    await work.run(tasks_changed, [showing(ShowingBooked, 1, starts_at=DUE, homes=1)])
    await work.run(tasks_changed, [showing(ShowingCancelled, 2, reason="client")])
    clock.turn_to(DUE + timedelta(minutes=1))
    await work.run(tasks_changed, [showing(ShowingBooked, 1, starts_at=DUE, homes=1)])
    await work.run(_do_due)
    assert await kinds(mongo) == []


async def test_a_follow_up_that_is_moved_is_reminded_of_at_the_new_moment(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    later = DUE + timedelta(days=1)
    await work.run(tasks_changed, [scheduled()])
    await work.run(tasks_changed, [scheduled(2, later)])
    clock.turn_to(DUE)
    await work.run(_do_due)
    assert await kinds(mongo) == []
    clock.turn_to(later)
    await work.run(_do_due)
    assert await kinds(mongo) == [Kind.FOLLOW_UP_DUE]


async def test_a_history_that_is_read_again_reminds_of_nothing(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(tasks_changed, [scheduled(due=AT - timedelta(days=30))])
    await work.run(meeting_planned, meeting(starts=AT - timedelta(days=30)))
    await work.run(_do_due)
    assert await mongo.collection(ITEMS).count_documents({}) == 0


async def test_a_meeting_is_announced_and_reminded_of_ten_minutes_before(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    for _ in range(2):
        await work.run(meeting_planned, meeting())
    assert await kinds(mongo, "sun") == [Kind.MEETING_PLANNED]
    assert await kinds(mongo, "wu") == []
    clock.turn_to(DUE - timedelta(minutes=10))
    for _ in range(2):
        await work.run(_do_due)
    assert await kinds(mongo, "sun") == [Kind.MEETING_SOON, Kind.MEETING_PLANNED]


async def test_a_meeting_that_is_moved_or_cancelled_is_not_reminded_of_at_its_old_time(
    mongo: Mongo, work: UnitOfWork, company: Company, clock: TurnedClock
) -> None:
    await work.run(meeting_planned, meeting())
    await work.run(meeting_planned, meeting(2, DUE + timedelta(hours=2)))
    clock.turn_to(DUE)
    await work.run(_do_due)
    assert Kind.MEETING_SOON not in await kinds(mongo)
    event = MeetingCancelled(occurred_at=AT, meeting_id="m", unit_id="xuhui", org_path=path_of("xuhui"))
    await work.run(meeting_cancelled, received(event, "m-3", "m", 3))
    clock.turn_to(DUE + timedelta(hours=2))
    await work.run(_do_due)
    assert await kinds(mongo) == [Kind.MEETING_CANCELLED, Kind.MEETING_PLANNED, Kind.MEETING_PLANNED]


@pytest.mark.parametrize(
    ("escalated_to", "told"), [("agent", {"li"}), ("supervisor", {"zhou"}), ("branch", {"chen"})]
)
async def test_a_missed_follow_up_concerns_who_it_was_escalated_to(
    mongo: Mongo, work: UnitOfWork, company: Company, escalated_to: str, told: set[str]
) -> None:
    event = FollowUpMissed(
        occurred_at=AT,
        follow_up_id="f",
        client_id="c",
        agent_id="li",
        org_path=path_of("xuhui-1"),
        due_at=AT,
        escalated_to=escalated_to,
    )
    once = received(event)
    for _ in range(10):
        await work.run(inbox.follow_up_missed, once)
    items = await mongo.collection(ITEMS).find().to_list(None)
    assert {each["person_id"] for each in items} == told
    assert len(items) == 1


async def test_a_new_agent_is_announced_to_the_leader_of_the_team(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    await work.run(inbox.agent_hired, company.hire("new", unit="xuhui-2", recruiter="zhao"))
    assert await kinds(mongo, "xu") == [Kind.NEW_AGENT]
    assert await kinds(mongo, "zhou") == []


async def test_reading_is_for_oneself_and_stays_after_a_replay(
    mongo: Mongo, work: UnitOfWork, company: Company
) -> None:
    hire = company.hire("new", unit="xuhui-2", recruiter="zhao")
    await work.run(inbox.agent_hired, hire)
    [item] = await newest(mongo, "xu")
    assert not await work.run(mark_read, "zhou", item.id)
    assert await unread(mongo, "xu") == 1
    assert await work.run(mark_read, "xu", item.id)
    await work.run(inbox.agent_hired, hire)
    assert await unread(mongo, "xu") == 0
    await work.run(meeting_planned, meeting())
    await work.run(mark_all_read, "xu")
    assert await unread(mongo, "xu") == 0
