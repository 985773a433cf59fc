"""What the use cases promise on a real database: one event for what happened, and nobody's mark lost."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.errors import Conflict, Invalid, NotFound, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.work import UnitOfWork
from services.contracts.training import AttendanceStatus
from services.training.attendance import store as attendance
from services.training.meetings.directing import (
    AddActionItem,
    CloseMeeting,
    GoToSegment,
    MarkAttendance,
    SettleActionItem,
    SignIn,
    StartMeeting,
    WriteNotes,
    add_action_item,
    close_meeting,
    go_to_segment,
    mark_attendance,
    settle_action_item,
    sign_in,
    start_meeting,
    write_notes,
)
from services.training.meetings.model import Meeting, Status
from services.training.meetings.planning import (
    CancelMeeting,
    PlanFromDraft,
    PlanMeeting,
    ReplanMeeting,
    cancel_meeting,
    plan_from_draft,
    plan_meeting,
    replan_meeting,
)
from services.training.meetings.store import meeting_of
from services.training.series.commands import CreateSeries, create_series
from tests.training.company import OF_BRANCH, founded
from tests.training.samples import EIGHT_THIRTY, MINUTE, agenda, plan

PRESENT, LATE, ABSENT, LEAVE = AttendanceStatus


@pytest.fixture
async def planned(work: UnitOfWork) -> Stored[Meeting]:
    await work.run(
        create_series, CreateSeries(series_id="series", unit_id="branch", host_id="trainer", title="早会")
    )
    return await work.run(plan_meeting, PlanMeeting(series_id="series", meeting_id="meeting", plan=plan()))


async def published(mongo: Mongo) -> list[dict[str, Any]]:
    """The payloads in the outbox, in order, each with its type's name."""
    documents = (
        await mongo.collection("outbox")
        .find({"aggregatetype": "muster.training.meeting"})
        .sort("_id")
        .to_list(None)
    )
    return [{"name": one["type"].split(".")[-2], **json.loads(one["payload"])} for one in documents]


async def test_a_planned_meeting_is_announced(planned: Stored[Meeting], mongo: Mongo) -> None:
    [event] = await published(mongo)
    assert event == {
        "name": "meeting-planned",
        "occurred_at": "2026-11-23T10:30:00Z",
        "meeting_id": "meeting",
        "series_id": "series",
        "unit_id": "branch",
        "org_path": ["company", "region", "branch"],
        "starts_at": "2026-11-24T00:30:00Z",
        "minutes": 30,
        "title": "早会",
        "host_id": "trainer",
    }


async def test_a_series_has_one_meeting_a_day(planned: Stored[Meeting], work: UnitOfWork) -> None:
    later = plan(starts_at=EIGHT_THIRTY + timedelta(hours=2))
    with pytest.raises(Conflict):
        await work.run(plan_meeting, PlanMeeting(series_id="series", plan=later))
    await work.run(cancel_meeting, CancelMeeting(meeting_id="meeting"))
    again = await work.run(plan_meeting, PlanMeeting(series_id="series", plan=later))
    assert again.value.status is Status.PLANNED


async def test_two_who_plan_the_same_day_at_once_make_one_meeting(work: UnitOfWork) -> None:
    await work.run(
        create_series, CreateSeries(series_id="series", unit_id="branch", host_id="trainer", title="早会")
    )
    outcomes = await asyncio.gather(
        *(
            work.run(plan_from_draft, PlanFromDraft(series_id="series", day=EIGHT_THIRTY.date()))
            for _ in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Stored) for one in outcomes) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == 3


async def test_only_what_others_hear_of_is_announced_again(
    planned: Stored[Meeting], work: UnitOfWork, mongo: Mongo
) -> None:
    slogan = replace(plan(), slogan="冲刺")
    changed = await work.run(replan_meeting, ReplanMeeting(meeting_id="meeting", plan=slogan))
    assert changed.version == 2
    assert len(await published(mongo)) == 1
    await work.run(
        replan_meeting, ReplanMeeting(meeting_id="meeting", plan=replace(slogan, title="周三早会"))
    )
    assert [event["title"] for event in await published(mongo)] == ["早会", "周三早会"]


async def test_a_stale_plan_is_refused(planned: Stored[Meeting], work: UnitOfWork) -> None:
    await work.run(
        replan_meeting, ReplanMeeting(meeting_id="meeting", plan=plan(slogan="冲刺"), expected_version=1)
    )
    with pytest.raises(StaleVersion):
        await work.run(
            replan_meeting, ReplanMeeting(meeting_id="meeting", plan=plan(slogan="开张"), expected_version=1)
        )


@pytest.mark.parametrize("presenter", ["nobody", "stranger"])
async def test_somebody_of_another_company_cannot_present(
    planned: Stored[Meeting], work: UnitOfWork, presenter: str
) -> None:
    parts = (replace(agenda()[0], presenter_id=presenter), *agenda()[1:])
    with pytest.raises(Invalid) as refused:
        await work.run(replan_meeting, ReplanMeeting(meeting_id="meeting", plan=plan(agenda=parts)))
    assert [error.pointer for error in refused.value.errors] == ["/segments/s1/presenter_id"]


async def test_a_cancelled_meeting_is_announced_and_cannot_begin(
    planned: Stored[Meeting], work: UnitOfWork, mongo: Mongo
) -> None:
    await work.run(cancel_meeting, CancelMeeting(meeting_id="meeting", expected_version=1))
    assert [event["name"] for event in await published(mongo)] == ["meeting-planned", "meeting-cancelled"]
    with pytest.raises(Conflict):
        await work.run(start_meeting, StartMeeting(meeting_id="meeting"))


async def test_a_meeting_that_was_held_is_told_with_everybodys_attendance(
    planned: Stored[Meeting], work: UnitOfWork, clock: TurnedClock, mongo: Mongo
) -> None:
    await work.run(mark_attendance, MarkAttendance(meeting_id="meeting", marks={"wu": LEAVE}))
    clock.turn_to(EIGHT_THIRTY)
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    await work.run(sign_in, SignIn(meeting_id="meeting", person_id="li"))
    clock.turn(5 * MINUTE)
    await work.run(sign_in, SignIn(meeting_id="meeting", person_id="he"))
    await work.run(sign_in, SignIn(meeting_id="meeting", person_id="regional"))
    await work.run(go_to_segment, GoToSegment(meeting_id="meeting", segment_id="s4"))
    clock.turn(26 * MINUTE)
    await work.run(close_meeting, CloseMeeting(meeting_id="meeting"))
    held = (await published(mongo))[-1]
    assert (held["name"], held["started_at"], held["ended_at"]) == (
        "meeting-held",
        "2026-11-24T00:30:00Z",
        "2026-11-24T01:01:00Z",
    )
    statuses = {one["person_id"]: one["status"] for one in held["attendance"]}
    assert statuses == {
        "trainer": "present",  # who begins it is there
        "li": "present",
        "he": "late",
        "wu": "leave",
        "manager": "absent",
        "supervisor": "absent",
        "regional": "late",  # a guest
    }
    kept = await attendance.of_meeting(mongo, "meeting")
    assert {person: status.value for person, status in kept.items()} == statuses
    [of_he] = await attendance.of_person(mongo, "he")
    assert (of_he.meeting_id, of_he.status) == ("meeting", LATE)


async def test_a_meeting_is_closed_once(planned: Stored[Meeting], work: UnitOfWork, mongo: Mongo) -> None:
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    outcomes = await asyncio.gather(
        *(work.run(close_meeting, CloseMeeting(meeting_id="meeting")) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in outcomes) == 2
    assert [event["name"] for event in await published(mongo)].count("meeting-held") == 1


async def test_forty_phones_at_once_and_two_directors_lose_no_mark(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    phones = [f"agent-{number:02}" for number in range(40)]
    await mongo.collection("people").delete_many({"_id": {"$exists": True}})
    await mongo.collection("units").delete_many({"_id": {"$exists": True}})
    await founded(mongo, {phone: (f"员工{phone}", "team", "agent") for phone in phones})
    await work.run(
        create_series, CreateSeries(series_id="series", unit_id="branch", host_id="trainer", title="早会")
    )
    await work.run(plan_meeting, PlanMeeting(series_id="series", meeting_id="meeting", plan=plan()))
    clock.turn_to(EIGHT_THIRTY)
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    await asyncio.gather(
        *(work.run(sign_in, SignIn(meeting_id="meeting", person_id=phone)) for phone in phones),
        *(
            work.run(mark_attendance, MarkAttendance(meeting_id="meeting", marks={person: status}))
            for person, status in (("li", PRESENT), ("wu", LEAVE), ("he", LATE))
        ),
        work.run(go_to_segment, GoToSegment(meeting_id="meeting", segment_id="s2")),
        work.run(go_to_segment, GoToSegment(meeting_id="meeting", segment_id="s2")),
        work.run(write_notes, WriteNotes(meeting_id="meeting", notes="今天很好")),
    )
    meeting = (await meeting_of(mongo, "meeting")).value
    assert {person: mark.status for person, mark in meeting.marks.items()} == {
        "trainer": PRESENT,
        "li": PRESENT,
        "wu": LEAVE,
        "he": LATE,
        **dict.fromkeys(phones, PRESENT),
    }
    assert (meeting.segment_id, meeting.notes) == ("s2", "今天很好")


async def test_somebody_of_another_company_cannot_sign_in(planned: Stored[Meeting], work: UnitOfWork) -> None:
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    with pytest.raises(Invalid):
        await work.run(sign_in, SignIn(meeting_id="meeting", person_id="stranger"))


async def test_two_who_write_the_minutes_do_not_overwrite_each_other(
    planned: Stored[Meeting], work: UnitOfWork
) -> None:
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    await work.run(write_notes, WriteNotes(meeting_id="meeting", notes="甲", expected_revision=0))
    with pytest.raises(StaleVersion):
        await work.run(write_notes, WriteNotes(meeting_id="meeting", notes="乙", expected_revision=0))
    await work.run(sign_in, SignIn(meeting_id="meeting", person_id="li"))
    after = await work.run(write_notes, WriteNotes(meeting_id="meeting", notes="甲乙", expected_revision=1))
    assert after.value.notes == "甲乙"


async def test_what_is_not_done_is_carried_to_the_next_meeting(
    planned: Stored[Meeting], work: UnitOfWork, clock: TurnedClock
) -> None:
    clock.turn_to(EIGHT_THIRTY)
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    for item_id in ("call", "report"):
        await work.run(
            add_action_item,
            AddActionItem(meeting_id="meeting", text=f"任务 {item_id}", owner_id="li", item_id=item_id),
        )
    await work.run(settle_action_item, SettleActionItem(meeting_id="meeting", item_id="report", done=True))
    clock.turn(30 * MINUTE)
    await work.run(close_meeting, CloseMeeting(meeting_id="meeting"))
    following = await work.run(plan_from_draft, PlanFromDraft(series_id="series"))
    assert [(item.id, item.raised_at) for item in following.value.action_items] == [("call", EIGHT_THIRTY)]


async def test_the_draft_takes_the_next_day_without_a_meeting(
    planned: Stored[Meeting], work: UnitOfWork
) -> None:
    days = [
        (await work.run(plan_from_draft, PlanFromDraft(series_id="series"))).value.day.isoformat()
        for _ in range(4)
    ]
    assert days == ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"]


async def test_an_unknown_meeting_does_not_exist(work: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        await work.run(start_meeting, StartMeeting(meeting_id="nowhere"))


async def test_everybody_of_the_unit_is_expected_and_nobody_else(
    planned: Stored[Meeting], work: UnitOfWork, mongo: Mongo
) -> None:
    await work.run(start_meeting, StartMeeting(meeting_id="meeting"))
    await work.run(close_meeting, CloseMeeting(meeting_id="meeting"))
    assert tuple(sorted(await attendance.of_meeting(mongo, "meeting"))) == OF_BRANCH
