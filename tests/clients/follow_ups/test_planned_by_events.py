"""From event to follow-up, on the database."""

import random
from datetime import timedelta

import pytest

from services.chassis.errors import Conflict, Invalid, StaleVersion
from services.clients.cadence.hours import ContactHours
from services.clients.cadence.model import Level
from services.clients.files.commands import EditContact, edit_contact
from services.clients.files.personal import Contact
from services.clients.follow_ups import overdue
from services.clients.follow_ups.commands import (
    CompleteFollowUp,
    LogContact,
    NextStep,
    SnoozeFollowUp,
    complete,
    log_contact,
    snooze,
)
from services.clients.follow_ups.model import Outcome, Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.contracts.clients import FollowUpRule, Grade, Intent
from tests.clients.company import Company
from tests.clients.samples import NOW, SHANGHAI

CADENCE, NEXT_STEP, FEEDBACK = FollowUpRule.CADENCE, FollowUpRule.NEXT_STEP, FollowUpRule.SHOWING_FEEDBACK


async def test_a_grade_plans_a_follow_up_that_stands_on_the_client(company: Company) -> None:
    client = await company.register()
    assert await company.open_follow_ups(client.id) == {}
    await company.grade(client.id, Grade.A)
    await company.hear()
    follow_up = (await company.open_follow_ups(client.id))[CADENCE]
    assert follow_up.due_at == NOW + timedelta(days=2)
    upcoming = (await company.client(client.id)).value.standing.next
    assert upcoming is not None
    assert (upcoming.id, upcoming.due_at) == (follow_up.id, follow_up.due_at)
    assert sorted(await company.names()) == ["client-graded", "client-registered", "follow-up-scheduled"]


async def test_planning_leaves_the_files_version_to_the_people(company: Company) -> None:
    client = await company.register()
    graded = await company.grade(client.id, Grade.A)
    await company.hear()
    assert (await company.client(client.id)).version == graded.version == 2


async def test_a_regrade_moves_what_is_open_at_once(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    before = (await company.open_follow_ups(client.id))[CADENCE]
    await company.grade(client.id, Grade.C)
    await company.hear()
    after = (await company.open_follow_ups(client.id))[CADENCE]
    assert (after.id, after.due_at) == (before.id, NOW + timedelta(days=14))
    upcoming = (await company.client(client.id)).value.standing.next
    assert upcoming is not None
    assert upcoming.due_at == after.due_at
    assert (await company.names()).count("follow-up-scheduled") == 2


async def test_done_leads_to_the_next_by_cadence(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    first = (await company.open_follow_ups(client.id))[CADENCE]
    company.turn_to(first.due_at)
    done = await company.complete(first.id)
    assert done.value.status is Status.DONE
    assert (await company.client(client.id)).value.standing.next is None, "at once, before the worker"
    await company.hear()
    second = (await company.open_follow_ups(client.id))[CADENCE]
    assert second.id != first.id
    assert second.due_at == first.due_at + timedelta(days=2)


async def test_an_agreed_step_is_planned_instead(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.C)
    await company.hear()
    first = (await company.open_follow_ups(client.id))[CADENCE]
    await company.complete(first.id, next_step=NextStep(at=NOW + timedelta(days=3)))
    await company.hear()
    open_ = await company.open_follow_ups(client.id)
    assert {rule: each.due_at for rule, each in open_.items()} == {NEXT_STEP: NOW + timedelta(days=3)}
    await company.complete(open_[NEXT_STEP].id, next_step=NextStep(days=5))
    await company.hear()
    again = (await company.open_follow_ups(client.id))[NEXT_STEP]
    assert again.due_at == NOW + timedelta(days=7), "five days on is a Saturday, so Monday"


async def test_a_showing_asks_for_feedback_on_the_next_day_and_suggests_a_grade(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.C, Intent.LATENT)
    company.clock.turn(timedelta(hours=3))
    await company.show(client.id, interest=5)
    await company.hear()
    open_ = await company.open_follow_ups(client.id)
    assert open_[FEEDBACK].due_at == company.clock() + timedelta(days=1)
    value = (await company.client(client.id)).value
    assert value.grade is Grade.C, "given by hand"
    assert value.suggestion is not None
    assert value.suggestion.grade is Grade.A
    assert value.standing.next is not None
    assert value.standing.next.rule is FEEDBACK


async def test_a_showing_grades_who_nobody_graded_and_the_cadence_follows(company: Company) -> None:
    client = await company.register()
    await company.show(client.id, interest=3)
    await company.hear()
    assert (await company.client(client.id)).value.grade is Grade.B
    assert set(await company.open_follow_ups(client.id)) == {CADENCE, FEEDBACK}


async def test_a_lost_client_has_no_follow_ups(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.show(client.id)
    await company.hear()
    open_ = await company.open_follow_ups(client.id)
    await company.complete(open_[FEEDBACK].id, Outcome.LOST)
    await company.hear()
    assert await company.open_follow_ups(client.id) == {}
    assert "follow-up-cancelled" in await company.names()


async def test_any_contact_counts(company: Company) -> None:
    client = await company.register()
    touch = LogContact(client_id=client.id, outcome=Outcome.REACHED, minutes=5)
    own = await company.run(log_contact, touch)
    assert own.value.status is Status.DONE
    await company.grade(client.id, Grade.A)
    await company.hear()
    company.clock.turn(timedelta(days=1))
    done = await company.run(log_contact, touch)
    await company.hear()
    assert done.value.rule is FollowUpRule.OWN_INITIATIVE
    open_ = await company.open_follow_ups(client.id)
    assert open_[CADENCE].due_at == company.clock() + timedelta(days=2), "the clock starts anew"


async def test_overdue_follow_ups_rise_from_agent_to_branch(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    due_at = (await company.open_follow_ups(client.id))[CADENCE].due_at
    levels = []
    for days in (2, 3, 5, 7, 9):
        company.turn_to(SHANGHAI.working_days_after(due_at, days))
        await company.fall_due(overdue.KIND)
        levels.append((await company.open_follow_ups(client.id))[CADENCE].escalated)
    assert levels == [None, Level.AGENT, Level.SUPERVISOR, Level.BRANCH, Level.BRANCH]
    assert (await company.names()).count("follow-up-missed") == 3
    upcoming = (await company.client(client.id)).value.standing.next
    assert upcoming is not None
    assert upcoming.escalated is Level.BRANCH


async def test_after_an_outage_the_right_level_hears_once(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    company.clock.turn(timedelta(days=60))
    await company.fall_due(overdue.KIND)
    await company.fall_due(overdue.KIND)
    assert (await company.names()).count("follow-up-missed") == 1
    assert (await company.open_follow_ups(client.id))[CADENCE].escalated is Level.BRANCH


async def test_what_was_done_moved_or_put_off_does_not_rise_at_the_old_moment(company: Company) -> None:
    clients = [await company.register(), await company.register(), await company.register()]
    for client in clients:
        await company.grade(client.id, Grade.A)
    await company.hear()
    done, moved, later = [(await company.open_follow_ups(client.id))[CADENCE] for client in clients]
    company.turn_to(SHANGHAI.working_days_after(done.due_at, 2))
    await company.complete(done.id)
    await company.grade(clients[1].id, Grade.C)
    await company.run(snooze, SnoozeFollowUp(follow_up_id=later.id, days=5))
    await company.hear()
    company.turn_to(SHANGHAI.working_days_after(done.due_at, 3))
    await company.fall_due(overdue.KIND)
    assert "follow-up-missed" not in await company.names()
    assert moved.id in {each.id for each in (await company.open_follow_ups(clients[1].id)).values()}


async def test_putting_off_has_an_end(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    follow_up = (await company.open_follow_ups(client.id))[CADENCE]
    for _ in range(3):
        await company.run(snooze, SnoozeFollowUp(follow_up_id=follow_up.id, days=1))
    with pytest.raises(Conflict):
        await company.run(snooze, SnoozeFollowUp(follow_up_id=follow_up.id, days=1))
    upcoming = (await company.client(client.id)).value.standing.next
    assert upcoming is not None
    assert upcoming.due_at == (await company.open_follow_ups(client.id))[CADENCE].due_at


async def test_new_hours_move_what_is_planned(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    contact = await company.personal.seal(Contact("王小明"), client.value.org_path)
    evening = ContactHours(18 * 60, 21 * 60)
    await company.run(edit_contact, EditContact(client_id=client.id, contact=contact, hours=evening))
    follow_up = (await company.open_follow_ups(client.id))[CADENCE]
    assert SHANGHAI.minute_of_day(follow_up.due_at) == 18 * 60


async def test_a_follow_up_is_done_once(company: Company) -> None:
    client = await company.register()
    graded = await company.grade(client.id, Grade.A)
    await company.hear()
    follow_up = (await company.open_follow_ups(client.id))[CADENCE]
    assert graded.version == 2
    await company.complete(follow_up.id)
    with pytest.raises(Conflict):
        await company.complete(follow_up.id)
    stale = CompleteFollowUp(
        follow_up_id=follow_up.id, outcome=Outcome.REACHED, minutes=1, expected_version=1
    )
    with pytest.raises(StaleVersion):
        await company.run(complete, stale)


@pytest.mark.parametrize("step", [NextStep(at=NOW), NextStep(days=0), NextStep(days=500)])
async def test_an_agreed_step_lies_in_the_coming_year(company: Company, step: NextStep) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    follow_up = (await company.open_follow_ups(client.id))[CADENCE]
    with pytest.raises(Invalid):
        await company.complete(follow_up.id, next_step=step)


async def test_replay_from_the_beginning_in_any_order_changes_nothing(company: Company) -> None:
    clients = [await company.register() for _ in range(4)]
    for client, letter in zip(clients, (Grade.A, Grade.B, Grade.C, Grade.A), strict=True):
        await company.grade(client.id, letter)
    await company.hear()
    for client in clients[:2]:
        await company.complete((await company.open_follow_ups(client.id))[CADENCE].id)
    await company.show(clients[2].id)
    await company.grade(clients[3].id, Grade.C)
    await company.hear()
    company.clock.turn(timedelta(days=3))
    await company.complete((await company.open_follow_ups(clients[2].id))[FEEDBACK].id)
    await company.hear()
    everything = await company.events()
    before = [await company.follow_ups(client.id) for client in clients]
    files = [(await company.client(client.id)).value for client in clients]

    company.clock.turn(timedelta(days=40))
    await company.deliver(everything)
    await company.deliver(everything * 2)
    shuffled = list(everything)
    random.Random(7).shuffle(shuffled)
    await company.deliver(shuffled)

    assert [await company.follow_ups(client.id) for client in clients] == before
    assert [(await company.client(client.id)).value for client in clients] == files
    assert len(await company.events()) == len(everything)


async def test_the_database_refuses_a_second_open_follow_up_for_client_and_rule(company: Company) -> None:
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    document = await company.mongo.collection(FOLLOW_UPS.collection).find_one({"client_id": client.id})
    assert document is not None
    with pytest.raises(Exception, match="duplicate key"):
        await company.mongo.collection(FOLLOW_UPS.collection).insert_one({**document, "_id": "another"})
