"""From events of other parts to follow-ups: once, taken back with their cause, and again next year."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.errors import Conflict
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.testing.plans import no_collection_scan
from services.chassis.testing.web import client as browser
from services.clients.cadence.commands import set_cadence
from services.clients.cadence.model import CadenceSettings, Level
from services.clients.files.commands import EditContact, edit_contact
from services.clients.files.people import Birthday
from services.clients.files.personal import Contact
from services.clients.follow_ups import overdue, sweeps
from services.clients.follow_ups.commands import LogContact, NextStep, SnoozeFollowUp, log_contact, snooze
from services.clients.follow_ups.cooling_off import LiftCoolingOff, RecordComplaint, lift, record_complaint
from services.clients.follow_ups.model import Outcome, Status
from services.clients.follow_ups.planning import WAKE
from services.clients.ownership.commands import ReassignClient, reassign_client
from services.contracts.clients import (
    DealClosed,
    DealKind,
    DealUndone,
    FollowUpRule,
    Grade,
    ListingClosed,
    ListingClosing,
    ListingMatched,
    ReferralMade,
)
from services.contracts.envelope import Received
from services.contracts.event import Event
from tests.clients.company import Company, received_of
from tests.clients.samples import NOW, SHANGHAI

R = FollowUpRule
PATH = ("acme", "east", "jingan", "team-1")


def heard(event: Event, subject: str) -> Received[Event]:
    return received_of(event, subject, 1, new_id(event.occurred_at))


def match(company: Company, client_id: str, *, rare: bool = False, match_id: str = "") -> Received[Event]:
    match_id = match_id or new_id(company.clock())
    event = ListingMatched(
        occurred_at=company.clock(),
        match_id=match_id,
        listing_id="listing",
        client_id=client_id,
        agent_id="lin",
        org_path=PATH,
        grade=Grade.C,
        score=87,
        rare=rare,
    )
    return heard(event, match_id)


def deal(
    company: Company, client_id: str, kind: DealKind = DealKind.SALE, deal_id: str = "deal"
) -> Received[Event]:
    event = DealClosed(
        occurred_at=company.clock(),
        deal_id=deal_id,
        client_id=client_id,
        listing_id=None,
        agent_id="lin",
        org_path=PATH,
        kind=kind,
        amount=1,
        commission=1,
        currency="CNY",
        shares=(),
        signed_on=SHANGHAI.local_day(company.clock()),
        starts_on=SHANGHAI.local_day(company.clock()),
    )
    return heard(event, deal_id)


def undone(company: Company, client_id: str, deal_id: str = "deal") -> Received[Event]:
    event = DealUndone(
        occurred_at=company.clock(),
        deal_id=deal_id,
        client_id=client_id,
        agent_id="lin",
        org_path=PATH,
        closed_event_id="e",
        reason="other",
    )
    return heard(event, deal_id)


async def rules(company: Company, client_id: str) -> set[FollowUpRule]:
    return set(await company.open_follow_ups(client_id))


async def a_client(company: Company, letter: Grade | None = Grade.C) -> str:
    client = await company.register()
    if letter is not None:
        await company.grade(client.id, letter)
    await company.hear()
    return client.id


async def test_matches_are_told_in_one_call_and_an_old_event_does_not_ask_again(company: Company) -> None:
    client_id = await a_client(company)
    events = [match(company, client_id), match(company, client_id, rare=True)]
    await company.deliver(events)
    asked = (await company.open_follow_ups(client_id))[R.LISTING_MATCHED]
    assert asked.basis.rare
    assert asked.due_at == NOW
    await company.complete(asked.id)
    await company.hear()
    await company.deliver(events * 2)
    assert await rules(company, client_id) == {R.CADENCE}
    await company.deliver([match(company, client_id)])
    assert await rules(company, client_id) == {R.CADENCE, R.LISTING_MATCHED}, "a new one does"


async def test_nobody_is_called_about_a_listing_that_is_gone(
    company: Company, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 2)
    clients = [await a_client(company) for _ in range(5)]
    await company.deliver([match(company, client_id) for client_id in clients])
    closed = ListingClosed(
        occurred_at=NOW, listing_id="listing", agent_id="lin", org_path=PATH, reason=ListingClosing.SOLD
    )
    await company.deliver([heard(closed, "listing")])
    async with no_collection_scan(mongo):
        await company.fall_due(sweeps.LISTING)
    assert [await rules(company, client_id) for client_id in clients] == [{R.CADENCE}] * 5


async def test_after_a_deal_calls_come_one_at_a_time_until_it_is_undone(company: Company) -> None:
    client_id = await a_client(company)
    closed = deal(company, client_id)
    await company.deliver([closed, closed])
    days = []
    for _ in range(3):
        call = (await company.open_follow_ups(client_id))[R.AFTER_SALE]
        days.append((SHANGHAI.local_day(call.due_at) - SHANGHAI.local_day(NOW)).days)
        company.turn_to(call.due_at)
        await company.complete(call.id)
        await company.hear()
        await company.deliver([closed])
    assert days == [7, 30, 91], "the ninetieth day is a Sunday"
    assert R.AFTER_SALE not in await rules(company, client_id)


async def test_an_undone_deal_takes_its_calls_back_and_its_event_does_not_bring_them_again(
    company: Company,
) -> None:
    client_id = await a_client(company)
    closed, void = deal(company, client_id), undone(company, client_id)
    await company.deliver([closed])
    await company.deliver([void])
    assert await rules(company, client_id) == {R.CADENCE}
    await company.deliver([closed, void, closed])
    assert await rules(company, client_id) == {R.CADENCE}
    assert (await company.names()).count("follow-up-cancelled") == 1


@pytest.mark.parametrize(
    ("kind", "rule"), [(DealKind.SALE, R.ANNIVERSARY), (DealKind.POLICY, R.YEARLY_REVIEW)]
)
async def test_once_a_year_the_deal_is_a_reason_to_call_again_and_again(
    company: Company, kind: DealKind, rule: FollowUpRule
) -> None:
    client_id = await a_client(company)
    await company.deliver([deal(company, client_id, kind)])
    years = []
    for _ in range(3):
        while rule not in await rules(company, client_id):
            wakes_at = (await company.client(client_id)).value.standing.wakes_at
            assert wakes_at is not None
            company.turn_to(wakes_at)
            await company.fall_due(WAKE)
        call = (await company.open_follow_ups(client_id))[rule]
        assert call.due_at - company.clock() < timedelta(days=12)
        years.append(SHANGHAI.local_day(call.due_at))
        company.turn_to(call.due_at)
        await company.complete(call.id)
        await company.hear()
    assert years == [date(2027, 11, 23), date(2028, 11, 23), date(2029, 11, 23)]


async def test_who_sends_somebody_is_thanked_once(company: Company) -> None:
    referrer, newcomer = await a_client(company), await a_client(company, None)
    event = ReferralMade(
        occurred_at=NOW, client_id=newcomer, agent_id="lin", org_path=PATH, referrer_client_id=referrer
    )
    made = heard(event, newcomer)
    await company.deliver([made, made])
    assert await rules(company, referrer) == {R.CADENCE, R.THANKS}
    assert await rules(company, newcomer) == set()
    await company.complete((await company.open_follow_ups(referrer))[R.THANKS].id)
    await company.hear()
    await company.deliver([made])
    assert await rules(company, referrer) == {R.CADENCE}


async def test_a_new_agent_introduces_themselves_and_the_pool_calls_nobody(company: Company) -> None:
    client_id = await a_client(company)
    await company.run(reassign_client, ReassignClient(client_id=client_id, agent_id="zhao"))
    await company.hear()
    open_ = await company.open_follow_ups(client_id)
    assert {rule: each.agent_id for rule, each in open_.items()} == {R.CADENCE: "zhao", R.HANDOVER: "zhao"}
    await company.run(reassign_client, ReassignClient(client_id=client_id, agent_id=None))
    await company.hear()
    assert await rules(company, client_id) == set()
    assert (await company.client(client_id)).value.standing.next is None


# --- without a plan


async def test_a_client_without_a_plan_comes_to_mind_after_seven_fifteen_and_thirty_days(
    company: Company,
) -> None:
    client_id = await a_client(company, None)
    days = []
    for _ in range(3):
        wakes_at = (await company.client(client_id)).value.standing.wakes_at
        assert wakes_at is not None
        company.turn_to(wakes_at)
        await company.fall_due(WAKE)
        await company.fall_due(WAKE)
        reminder = (await company.open_follow_ups(client_id))[R.UNPLANNED]
        days.append((reminder.due_at - NOW).days)
        upcoming = (await company.client(client_id)).value.standing.next
        assert upcoming is not None
        assert upcoming.id == reminder.id
    assert days == [7, 15, 30]
    await company.complete(reminder.id, Outcome.NO_ANSWER)
    await company.hear()
    assert await rules(company, client_id) == set(), "and then it starts anew"
    standing = (await company.client(client_id)).value.standing
    assert standing.wakes_at == NOW + timedelta(days=37)


async def test_a_contact_of_ones_own_moves_what_is_overdue_and_keeps_what_is_agreed(company: Company) -> None:
    client_id = await a_client(company, Grade.A)
    due = (await company.open_follow_ups(client_id))[R.CADENCE]
    company.turn_to(SHANGHAI.working_days_after(due.due_at, 4))
    await company.fall_due(overdue.KIND)
    assert (await company.open_follow_ups(client_id))[R.CADENCE].escalated is Level.AGENT
    touch = LogContact(client_id=client_id, outcome=Outcome.REACHED, minutes=5, next_step=NextStep(days=5))
    done = await company.run(log_contact, touch)
    assert (done.value.rule, done.value.status) == (R.OWN_INITIATIVE, Status.DONE)
    await company.hear()
    agreed = (await company.open_follow_ups(client_id))[R.NEXT_STEP]
    assert agreed.escalated is None
    again = LogContact(client_id=client_id, outcome=Outcome.REACHED, minutes=5)
    await company.run(log_contact, again)
    await company.hear()
    assert (await company.open_follow_ups(client_id))[R.NEXT_STEP].due_at == agreed.due_at
    company.turn_to(due.due_at + timedelta(days=40))
    await company.fall_due(overdue.KIND)
    missed = [each for each in await company.events() if each.event.event_name == "follow-up-missed"]
    assert len(missed) == 2, "the first for the cadence, the second for what was agreed"


# --- birthdays


async def with_birthday(company: Company, birthday: Birthday, letter: Grade | None = Grade.C) -> str:
    client_id = await a_client(company, letter)
    contact = await company.personal.seal(Contact("王小明", birthday=birthday), PATH)
    await company.run(edit_contact, EditContact(client_id=client_id, contact=contact, hours=None))
    return client_id


async def sweep_to(company: Company, moment: datetime) -> None:
    """Let the time pass as the schedule sees it: every look at the birthdays, every wake."""
    while company.clock() < moment:
        company.turn_to(min(company.clock() + timedelta(hours=6), moment))
        await company.fall_due(sweeps.BIRTHDAYS, WAKE)


@pytest.mark.parametrize(
    ("birthday", "day"),
    [
        (Birthday(11, 28), date(2026, 11, 28)),
        (Birthday(11, 24, year=1984), date(2026, 11, 24)),
        # the 20th of the tenth lunar month
        (Birthday(10, 20, lunar=True), date(2026, 11, 28)),
    ],
)
async def test_a_birthday_is_neither_a_day_early_nor_late(
    company: Company, birthday: Birthday, day: date
) -> None:
    client_id = await with_birthday(company, birthday)
    await sweep_to(company, NOW + timedelta(hours=8))
    call = (await company.open_follow_ups(client_id))[R.BIRTHDAY]
    assert SHANGHAI.local_day(call.due_at) == day
    assert SHANGHAI.minute_of_day(call.due_at) == 9 * 60
    await sweep_to(company, SHANGHAI.midnight(day + timedelta(days=1)) + timedelta(minutes=1))
    assert R.BIRTHDAY not in await rules(company, client_id), "its day is over"
    with pytest.raises(Conflict):
        await company.run(snooze, SnoozeFollowUp(follow_up_id=call.id, days=1))


async def test_a_birthday_that_was_done_early_comes_again_next_year_only(company: Company) -> None:
    client_id = await with_birthday(company, Birthday(11, 28))
    await sweep_to(company, NOW + timedelta(hours=8))
    await company.complete((await company.open_follow_ups(client_id))[R.BIRTHDAY].id)
    await company.hear()
    await sweep_to(company, NOW + timedelta(days=3))
    assert R.BIRTHDAY not in await rules(company, client_id)
    company.turn_to(datetime(2027, 11, 22, tzinfo=UTC))
    await company.fall_due(sweeps.BIRTHDAYS, WAKE)
    call = (await company.open_follow_ups(client_id))[R.BIRTHDAY]
    assert SHANGHAI.local_day(call.due_at) == date(2027, 11, 28)


async def test_birthdays_are_looked_for_in_batches_by_index(
    company: Company, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 2)
    born = [await with_birthday(company, Birthday(11, 26)) for _ in range(5)]
    await with_birthday(company, Birthday(12, 26))
    company.clock.turn(timedelta(hours=8))
    async with no_collection_scan(mongo):
        await company.fall_due(sweeps.BIRTHDAYS)
    birthdays = [R.BIRTHDAY in await rules(company, client_id) for client_id in born]
    assert birthdays == [True] * 5
    assert (await company.names()).count("follow-up-scheduled") == 6 + 5


async def test_a_childs_birthday_is_a_reason_to_call_too_and_today_says_whose_it_is(
    web: FastAPI, company: Company
) -> None:
    client_id = await a_client(company)
    async with browser(web, "lin") as asking:
        body = {"relation": "child", "name": "王小宝", "birthday": {"month": 11, "day": 24}}
        headers = {"If-Match": "*", "Idempotency-Key": new_id()}
        made = await asking.post(f"/clients/api/clients/{client_id}/family", json=body, headers=headers)
        assert made.status_code in (200, 201), made.text
        await sweep_to(company, NOW + timedelta(hours=16))
        assert R.BIRTHDAY in await rules(company, client_id)
        page = await asking.get("/clients/today", headers={"Accept-Language": "en"})
        assert "Birthday (Child)" in page.text


# --- cooling-off


async def test_after_a_complaint_nobody_calls_and_nothing_escalates_until_it_is_over(
    company: Company,
) -> None:
    client_id = await a_client(company, Grade.A)
    await company.run(record_complaint, RecordComplaint(client_id=client_id))
    await company.deliver([match(company, client_id)])
    quiet = (await company.client(client_id)).value.standing.quiet_until
    assert quiet == SHANGHAI.midnight(date(2026, 12, 7))
    open_ = await company.open_follow_ups(client_id)
    assert set(open_) == {R.CADENCE, R.LISTING_MATCHED}
    assert all(each.due_at >= quiet for each in open_.values())
    company.turn_to(quiet - timedelta(minutes=1))
    await company.fall_due(overdue.KIND, WAKE)
    assert "follow-up-missed" not in await company.names()
    await company.run(lift, LiftCoolingOff(client_id=client_id))
    assert (await company.open_follow_ups(client_id))[R.LISTING_MATCHED].due_at < quiet + timedelta(hours=10)
    with pytest.raises(Conflict):
        await company.run(lift, LiftCoolingOff(client_id=client_id))
    assert (await company.names()).count("cooling-off-set") == 2


# --- settings


async def test_new_settings_move_what_is_open_in_batches(
    company: Company, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 2)
    clients = [await a_client(company) for _ in range(5)]
    elsewhere = (await company.register(agent_id="qian")).id
    await company.grade(elsewhere, Grade.C)
    await company.hear()
    await company.run(set_cadence, CadenceSettings("jingan", days_c=21))
    assert (await company.open_follow_ups(clients[0]))[R.CADENCE].due_at == NOW + timedelta(days=14)
    async with no_collection_scan(mongo):
        await company.fall_due(sweeps.UNIT)
    for client_id in clients:
        assert (await company.open_follow_ups(client_id))[R.CADENCE].due_at == NOW + timedelta(days=21)
    assert (await company.open_follow_ups(elsewhere))[R.CADENCE].due_at == NOW + timedelta(days=14)


# --- batches


async def test_a_batch_comes_to_the_same_as_its_events_one_by_one_in_a_fifth_of_the_round_trips(
    company: Company, mongo: Mongo
) -> None:
    clients = [await company.register() for _ in range(30)]
    for number, client in enumerate(clients):
        await company.grade(client.id, list(Grade)[number % 3])
    events = await company.events()
    extra = [match(company, client.id) for client in clients[:5]]

    async def one_by_one() -> None:
        for received in (*events, *extra):
            await company.deliver([received])

    apart = await counted(mongo, one_by_one)
    expected = [
        {rule: (each.id, each.due_at) for rule, each in (await company.open_follow_ups(client.id)).items()}
        for client in clients
    ]
    for name in ("follow_ups", "occasions", "due_items"):
        await mongo.collection(name).delete_many({})
    await mongo.collection("outbox").delete_many({"aggregatetype": {"$regex": "follow-up"}})
    standings = {"$set": {"standing.next": None, "standing.wakes_at": None}}
    await mongo.collection("clients").update_many({}, standings)

    async def together() -> None:
        await company.deliver([*events, *extra])

    at_once = await counted(mongo, together)
    found = [
        {rule: (each.id, each.due_at) for rule, each in (await company.open_follow_ups(client.id)).items()}
        for client in clients
    ]
    assert found == expected
    assert at_once * 5 < apart, (at_once, apart)
    published = [each for each in await company.events() if each.event.event_name == "follow-up-scheduled"]
    assert len({each.envelope.subject for each in published}) == len(published) == 35


async def counted(mongo: Mongo, work: Callable[[], Awaitable[Any]]) -> int:
    """How many operations the server was asked for meanwhile."""
    await mongo.database.command("profile", 0)
    await mongo.collection("system.profile").drop()
    await mongo.database.command("profile", 2)
    try:
        await work()
    finally:
        await mongo.database.command("profile", 0)
    return await mongo.collection("system.profile").count_documents({"ns": {"$not": {"$regex": "profile"}}})


async def test_replay_of_a_whole_life_in_any_order_changes_nothing(company: Company, mongo: Mongo) -> None:
    clients = [await a_client(company, letter) for letter in (Grade.A, Grade.C, None)]
    fed = [
        match(company, clients[0]),
        match(company, clients[1], rare=True),
        deal(company, clients[0]),
        deal(company, clients[1], DealKind.POLICY, "policy"),
        undone(company, clients[1], "policy"),
        heard(
            ReferralMade(
                occurred_at=NOW,
                client_id=clients[2],
                agent_id="lin",
                org_path=PATH,
                referrer_client_id=clients[0],
            ),
            clients[2],
        ),
    ]
    await company.deliver(fed)
    for rule in (R.LISTING_MATCHED, R.THANKS):
        await company.complete((await company.open_follow_ups(clients[0]))[rule].id)
    await company.run(reassign_client, ReassignClient(client_id=clients[1], agent_id="zhao"))
    await company.hear()
    company.clock.turn(timedelta(days=8))
    await company.fall_due(WAKE, overdue.KIND, sweeps.BIRTHDAYS)
    await company.complete((await company.open_follow_ups(clients[0]))[R.AFTER_SALE].id, Outcome.NO_ANSWER)
    await company.run(record_complaint, RecordComplaint(client_id=clients[1]))
    await company.hear()

    async def everything() -> list[Any]:
        names = ("follow_ups", "occasions", "due_items", "time_spent", "outbox")
        kept = [await mongo.collection(name).find({}, sort=[("_id", 1)]).to_list(None) for name in names]
        return [*kept, [(await company.client(client_id)).value for client_id in clients]]

    before = await everything()
    assert {rule for client_id in clients for rule in await rules(company, client_id)} >= {
        R.AFTER_SALE,
        R.HANDOVER,
        R.UNPLANNED,
    }
    again = [*fed, *await company.events()]
    for seed in range(3):
        random.Random(seed).shuffle(again)
        await company.deliver(again)
        for received in again[:10]:
            await company.deliver([received])
        after = await everything()
        for name, was, now in zip(("follow_ups", "occasions"), before, after, strict=False):
            assert now == was, name
        assert after[3:] == before[3:]


# --- over the interface


async def test_what_was_tapped_without_a_connection_acts_once_at_its_own_moment(
    web: FastAPI, company: Company
) -> None:
    client_id = await a_client(company, Grade.A)
    call = (await company.open_follow_ups(client_id))[R.CADENCE]
    company.turn_to(call.due_at + timedelta(hours=5))
    path, body = f"/clients/api/follow-ups/{call.id}/outcome", {"outcome": "reached", "minutes": 15}
    tapped = {**body, "at": call.due_at.isoformat()}
    async with browser(web, "lin") as asking:
        key = {"Idempotency-Key": new_id()}
        first = await asking.post(path, json=tapped, headers=key)
        again = await asking.post(path, json=tapped, headers=key)
        other = await asking.post(path, json=tapped, headers={"Idempotency-Key": new_id()})
        early = await asking.post(
            f"/clients/api/clients/{client_id}/contacts",
            json={**body, "at": (company.clock() + timedelta(hours=1)).isoformat()},
            headers={"Idempotency-Key": new_id()},
        )
    assert (first.status_code, again.json(), other.status_code, early.status_code) == (
        200,
        first.json(),
        409,
        422,
    )
    done = [each.event for each in await company.events() if each.event.event_name == "follow-up-done"]
    assert [each.occurred_at for each in done] == [call.due_at]
    assert (await company.client(client_id)).value.standing.touched_at == call.due_at


@pytest.mark.parametrize(
    ("person", "status"), [("sun", 200), ("manager", 200), ("lin", 403), ("head", 403), ("qian", 404)]
)
async def test_only_who_leads_the_agent_ends_a_cooling_off(
    web: FastAPI, company: Company, person: str, status: int
) -> None:
    client_id = await a_client(company)
    await company.run(record_complaint, RecordComplaint(client_id=client_id))
    async with browser(web, person) as asking:
        path = f"/clients/api/clients/{client_id}/cooling-off"
        assert (await asking.delete(path, headers={"If-Match": "*"})).status_code == status
        page = await asking.post(f"/clients/clients/{client_id}/complaint/end", data={})
        assert page.status_code == (303 if status == 200 else status)
