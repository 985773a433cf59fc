"""Clients change hands: by hand, into the pool, out of it, and all at once when somebody leaves or moves."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from services.chassis.errors import Conflict, Invalid, NotFound
from services.chassis.organisation.directory import Directory
from services.chassis.personal_data.audit import Viewer
from services.chassis.personal_data.disclosure import Sealed
from services.chassis.personal_data.masking import Level
from services.chassis.testing.plans import no_collection_scan
from services.clients.files.filters import Filters, State
from services.clients.files.lists import clients
from services.clients.files.store import CLIENTS
from services.clients.files.views import Asker
from services.clients.follow_ups.model import Outcome
from services.clients.ownership import commands
from services.clients.ownership.commands import (
    ReassignClient,
    ReassignClients,
    ShareClient,
    TakeClient,
    TakenAlready,
)
from services.clients.ownership.handover import Recall, recall
from services.clients.ownership.settings import Following, HandoverRule, OwnershipSettings
from services.clients.showings.commands import BookShowing, book
from services.clients.showings.store import SHOWINGS
from services.clients.today.views import today
from services.contracts.clients import ClientReassigned, FollowUpRule, Grade, Reassignment
from services.contracts.recruiting import AgentLeft, AgentMoved
from tests.clients.company import UNITS, Company, received_of
from tests.clients.samples import CAUSES, NOW

DAY = timedelta(days=1)


async def give(company: Company, client_id: str, agent_id: str | None) -> None:
    reason = Reassignment.BY_HAND if agent_id else Reassignment.GIVEN_UP
    command = ReassignClient(client_id=client_id, agent_id=agent_id, reason=reason)
    await company.run(commands.reassign_client, command)


async def take(company: Company, client_id: str, agent_id: str) -> None:
    await company.run(commands.take, TakeClient(client_id=client_id, agent_id=agent_id))


async def say(company: Company, unit_id: str = "acme", **settings: Any) -> None:
    await company.run(commands.set_ownership, OwnershipSettings(unit_id, **settings))


async def leave(
    company: Company, person_id: str, unit_id: str = "team-1", successor_id: str | None = None, cause: int = 1
) -> None:
    """The reader hears that somebody left."""
    event = AgentLeft(
        occurred_at=company.clock(),
        person_id=person_id,
        unit_id=unit_id,
        org_path=UNITS[unit_id][2],
        last_day=date(2026, 11, 23),
        successor_id=successor_id,
    )
    await company.deliver([received_of(event, person_id, 50, CAUSES[cause])])


async def move(company: Company, person_id: str, from_: str, to: str) -> None:
    """The reader hears that somebody moved."""
    event = AgentMoved(
        occurred_at=company.clock(),
        person_id=person_id,
        unit_id=to,
        org_path=UNITS[to][2],
        previous_org_path=UNITS[from_][2],
    )
    await company.deliver([received_of(event, person_id, 50, CAUSES[2])])


async def graded(
    company: Company, letter: Grade = Grade.A, agent_id: str = "lin", name: str = "王小明"
) -> str:
    client = await company.register(name, agent_id=agent_id)
    await company.grade(client.id, letter)
    await company.hear()
    return client.id


async def booked(company: Company, client_id: str) -> str:
    command = BookShowing(client_id=client_id, starts_at=company.clock() + DAY, homes=("静安枫景 3-1201",))
    return (await company.run(book, command)).id


async def open_agents(company: Company, client_id: str) -> set[str]:
    return {each.agent_id for each in (await company.open_follow_ups(client_id)).values()}


async def owner_of(company: Company, client_id: str) -> str | None:
    return (await company.client(client_id)).value.agent_id


async def reasons(company: Company, client_id: str) -> list[Reassignment]:
    return [
        each.event.reason
        for each in await company.events()
        if isinstance(each.event, ClientReassigned) and each.event.client_id == client_id
    ]


async def test_a_client_goes_with_everything_that_is_open(company: Company) -> None:
    client_id = await graded(company)
    showing_id = await booked(company, client_id)
    async with no_collection_scan(company.mongo):
        await give(company, client_id, "zhao")
        await company.hear()
    client = (await company.client(client_id)).value
    showing = await company.mongo.collection(SHOWINGS.collection).find_one({"_id": showing_id})
    assert (client.agent_id, await reasons(company, client_id)) == ("zhao", [Reassignment.BY_HAND])
    assert await open_agents(company, client_id) == {"zhao"}
    assert FollowUpRule.CADENCE in await company.open_follow_ups(client_id)
    assert showing is not None
    assert showing["agent_id"] == "zhao"
    told = [
        each.event.agent_id  # type: ignore[attr-defined]
        for each in await company.events()
        if each.event.event_name == "follow-up-scheduled"
    ]
    assert told[-1] == "zhao"


async def test_what_was_sealed_stays_readable_in_another_branch(company: Company) -> None:
    stored = await company.register("王小明", "13800138000")
    await give(company, stored.id, "qian")
    client = (await company.client(stored.id)).value
    assert client.org_path == UNITS["team-2"][2]
    sealed = [Sealed(client.id, client.sealed, Level.FULL)]
    shown = await company.personal.disclosure.show(sealed, Viewer("qian", "test"), NOW)
    assert (shown[0]["name"], shown[0]["phone"]) == ("王小明", "13800138000")


async def test_many_go_at_once_and_only_to_somebody_who_works_here(company: Company) -> None:
    ids = tuple([await graded(company, name=name) for name in ("王一", "王二", "王三")])
    count = await company.run(commands.reassign_clients, ReassignClients(client_ids=ids, agent_id="zhao"))
    again = await company.run(commands.reassign_clients, ReassignClients(client_ids=ids, agent_id="zhao"))
    assert (count, again) == (3, 0)
    assert {await owner_of(company, client_id) for client_id in ids} == {"zhao"}
    for nobody in ("trainer", "ops", "unknown"):
        with pytest.raises(Invalid):
            await company.run(commands.reassign_clients, ReassignClients(client_ids=ids, agent_id=nobody))


async def test_the_pool_has_no_follow_ups_and_no_agreed_showings(company: Company) -> None:
    client_id = await graded(company)
    with_showing = await graded(company, name="李红")
    await booked(company, with_showing)
    await give(company, client_id, None)
    with pytest.raises(Conflict):
        await give(company, with_showing, None)
    await company.hear()
    client = (await company.client(client_id)).value
    assert (client.agent_id, client.org_path, client.standing.next) == (None, UNITS["jingan"][2], None)
    assert client.pooled_at == NOW
    assert await company.open_follow_ups(client_id) == {}
    assert await owner_of(company, with_showing) == "lin"


async def test_nobody_in_touch_for_so_long_and_the_client_is_in_the_pool(company: Company) -> None:
    idle = await graded(company, Grade.A)
    called = await graded(company, Grade.A, name="李红")
    slow = await graded(company, Grade.C, name="陈晨")
    company.turn_to(NOW + 6 * DAY)
    follow_up = (await company.open_follow_ups(called))[FollowUpRule.CADENCE]
    await company.complete(follow_up.id)
    await company.hear()
    company.turn_to(NOW + 7 * DAY + timedelta(minutes=1))
    async with no_collection_scan(company.mongo):
        await company.fall_due()
    await company.hear()
    owners = [await owner_of(company, client_id) for client_id in (idle, called, slow)]
    assert owners == [None, "lin", "lin"]
    assert await reasons(company, idle) == [Reassignment.RELEASED]
    company.turn_to(NOW + 13 * DAY + timedelta(minutes=1))
    await company.fall_due()
    assert [await owner_of(company, client_id) for client_id in (called, slow)] == [None, "lin"]


async def test_a_better_grade_shortens_the_time_and_an_agreed_showing_stops_the_clock(
    company: Company,
) -> None:
    regraded = await graded(company, Grade.C)
    shown = await graded(company, Grade.A, name="李红")
    company.turn_to(NOW + 2 * DAY)
    await company.grade(regraded, Grade.A)
    await company.hear()
    company.turn_to(NOW + 7 * DAY)
    await booked(company, shown)
    await company.fall_due()
    assert await owner_of(company, regraded) is None
    assert await owner_of(company, shown) == "lin"


async def test_a_deal_that_is_being_made_and_an_erased_file_keep_the_client_out_of_the_pool(
    company: Company,
) -> None:
    buying, erased = await graded(company, Grade.A), await graded(company, Grade.A, name="李红")
    await company.mongo.collection("deals").insert_one({"client_id": buying, "stage": "negotiating"})
    await company.mongo.collection(CLIENTS.collection).update_one(
        {"_id": erased}, {"$set": {"erased_at": NOW}}
    )
    company.turn_to(NOW + 8 * DAY)
    await company.fall_due()
    assert [await owner_of(company, client_id) for client_id in (buying, erased)] == ["lin", "lin"]
    await company.mongo.collection("deals").delete_many({})
    company.turn_to(NOW + 9 * DAY)
    await company.fall_due()
    assert [await owner_of(company, client_id) for client_id in (buying, erased)] == [None, "lin"]


async def test_one_take_and_the_other_is_told(company: Company) -> None:
    client_id = await graded(company, agent_id="sun")
    await give(company, client_id, None)

    async def attempt(agent_id: str) -> bool:
        try:
            await take(company, client_id, agent_id)
        except TakenAlready:
            return False
        return True

    won = await asyncio.gather(*(attempt(agent_id) for agent_id in ("lin", "zhao", "lin", "zhao")))
    assert won.count(True) == 1
    client = (await company.client(client_id)).value
    assert client.agent_id == ("lin" if won[0] or won[2] else "zhao")
    assert (await reasons(company, client_id)).count(Reassignment.TAKEN) == 1


async def test_the_daily_limit_holds_when_somebody_taps_everything_at_once(company: Company) -> None:
    await say(company, takes_a_day=2)
    ids = [await graded(company, agent_id="sun", name=f"王{number}") for number in "一二三四五"]
    for client_id in ids:
        await give(company, client_id, None)

    async def attempt(client_id: str) -> bool:
        try:
            await take(company, client_id, "lin")
        except Conflict:
            return False
        return True

    assert (await asyncio.gather(*map(attempt, ids))).count(True) == 2
    # Midnight in Shanghai, which is not midnight UTC.
    company.turn_to(NOW.replace(hour=16, minute=0))
    assert await attempt(next([each for each in ids if await owner_of(company, each) is None].__iter__()))


async def test_who_let_a_client_go_waits_and_others_do_not(company: Company) -> None:
    client_id = await graded(company)
    await give(company, client_id, None)
    with pytest.raises(Conflict) as refused:
        await take(company, client_id, "lin")
    assert refused.value.params["days"] == 30
    with pytest.raises(NotFound):
        await take(company, client_id, "qian")
    await take(company, client_id, "zhao")
    assert await owner_of(company, client_id) == "zhao"


async def test_a_successor_gets_everything_and_once(company: Company) -> None:
    ids = [await graded(company, name=name) for name in ("王一", "王二")]
    showing_id = await booked(company, ids[0])
    others = await graded(company, agent_id="qian", name="李红")
    async with no_collection_scan(company.mongo):
        await leave(company, "lin", successor_id="zhao")
    await company.hear()
    assert [await owner_of(company, client_id) for client_id in (*ids, others)] == ["zhao", "zhao", "qian"]
    assert [await open_agents(company, client_id) for client_id in ids] == [{"zhao"}, {"zhao"}]
    showing = await company.mongo.collection(SHOWINGS.collection).find_one({"_id": showing_id})
    assert showing is not None
    assert showing["agent_id"] == "zhao"
    events = await company.names()
    back = await company.register("陈晨", agent_id="zhao")
    await give(company, back.id, "zhao")
    await leave(company, "lin", successor_id="zhao")
    assert (await company.names()).count("client-reassigned") == events.count("client-reassigned")


@pytest.mark.parametrize(
    ("rule", "owners"),
    [
        (HandoverRule.SUPERVISOR, {"sun"}),
        (HandoverRule.SPREAD, {"zhao", "sun"}),
        (HandoverRule.POOL, {None}),
    ],
)
async def test_without_a_successor_the_unit_has_a_rule(
    company: Company, rule: HandoverRule, owners: set[str | None]
) -> None:
    await say(company, "jingan", handover=rule)
    ids = [await graded(company, name=f"王{number}") for number in "一二三四"]
    await leave(company, "lin")
    await company.hear()
    found = [await owner_of(company, client_id) for client_id in ids]
    assert set(found) == owners
    if rule is HandoverRule.SPREAD:
        assert sorted(found.count(agent_id) for agent_id in owners) == [2, 2]
    for client_id, agent_id in zip(ids, found, strict=True):
        assert await open_agents(company, client_id) == ({agent_id} if agent_id else set())


async def test_a_client_with_an_agreed_showing_goes_to_somebody_and_not_into_the_pool(
    company: Company,
) -> None:
    await say(company, handover=HandoverRule.POOL)
    client_id = await graded(company)
    await booked(company, client_id)
    await leave(company, "lin")
    assert await owner_of(company, client_id) == "sun"


async def test_who_left_has_no_role_and_keeps_their_name(company: Company) -> None:
    await company.register("王小明")
    await leave(company, "lin")
    directory = Directory(company.mongo)
    with pytest.raises(NotFound):
        await directory.access("lin")
    assert (await directory.person("lin")).name == "林晓"
    assert "lin" not in {person.id for person in await directory.people_under("team-1")}


async def test_a_client_who_comes_in_that_moment_is_handed_over_too(company: Company) -> None:
    """Registered in a transaction that did not see yet that the agent leaves."""
    client = await company.register("王小明")
    await company.mongo.collection("people").update_one(
        {"_id": "lin"}, {"$set": {"grants": [], "left_on": "2026-11-23"}}
    )
    await company.hear()
    assert await owner_of(company, client.id) == "sun"


async def test_a_handover_can_be_taken_back_as_far_as_nobody_touched_it(company: Company) -> None:
    ids = [await graded(company, name=f"王{number}") for number in "一二三"]
    await leave(company, "lin", successor_id="zhao")
    await company.hear()
    company.turn_to(NOW + DAY)
    follow_up = (await company.open_follow_ups(ids[1]))[FollowUpRule.CADENCE]
    await company.complete(follow_up.id, Outcome.NO_ANSWER)
    back = await company.run(recall, Recall(handover_id=CAUSES[1]))
    await company.hear()
    assert back == 2
    # Who left cannot have them back, so they wait in the pool for somebody.
    assert [await owner_of(company, client_id) for client_id in ids] == [None, "zhao", None]
    assert await company.run(recall, Recall(handover_id=CAUSES[1])) == 0
    company.turn_to(NOW + 31 * DAY)
    with pytest.raises(Conflict):
        await company.run(recall, Recall(handover_id=CAUSES[1]))


@pytest.mark.parametrize(
    ("following", "along"),
    [(Following.WITHIN_BRANCH, False), (Following.ALWAYS, True), (Following.NEVER, False)],
)
async def test_clients_of_who_moves_to_another_branch(
    company: Company, following: Following, along: bool
) -> None:
    await say(company, following=following)
    client_id = await graded(company)
    await move(company, "lin", "team-1", "team-2")
    await company.hear()
    client = (await company.client(client_id)).value
    expected = ("lin", UNITS["team-2"][2]) if along else ("sun", UNITS["team-1"][2])
    assert (client.agent_id, client.org_path) == expected
    follow_ups = (await company.open_follow_ups(client_id)).values()
    assert {(each.agent_id, each.org_path) for each in follow_ups} == {expected}
    if not along:
        assert await company.run(recall, Recall(handover_id=CAUSES[2])) == 1
        assert await owner_of(company, client_id) == "lin"


async def test_sharing_shows_the_file_and_gives_no_follow_ups(company: Company) -> None:
    client_id = await graded(company)
    command = ShareClient(client_id=client_id, agent_ids=("zhao", "lin"))
    shared = await company.run(commands.share, command)
    assert shared.value.shared_with == ("zhao",)
    assert await open_agents(company, client_id) == {"lin"}
    for wrong in (("trainer",), ("unknown",)):
        with pytest.raises(Invalid):
            await company.run(commands.share, ShareClient(client_id=client_id, agent_ids=wrong))
    await leave(company, "zhao", cause=3)
    assert (await company.client(client_id)).value.shared_with == ()


@pytest.mark.parametrize(("in_one", "left_over"), [(5_000, 0), (3, 4)])
async def test_a_large_handover_goes_in_steps(
    company: Company, monkeypatch: pytest.MonkeyPatch, in_one: int, left_over: int
) -> None:
    monkeypatch.setattr("services.clients.ownership.handover._AT_ONCE", 3)
    monkeypatch.setattr("services.clients.ownership.handover._MOST_IN_ONE", in_one)
    ids = [await graded(company, name=f"王{number}") for number in "一二三四五六七"]
    await leave(company, "lin", successor_id="zhao")
    owners = [await owner_of(company, client_id) for client_id in ids]
    assert owners.count("lin") == left_over
    await company.fall_due()
    assert {await owner_of(company, client_id) for client_id in ids} == {"zhao"}
    assert (await company.names()).count("client-reassigned") == 7
    assert await company.mongo.collection(CLIENTS.collection).count_documents({"agent_id": "lin"}) == 0


async def test_the_agent_sees_on_the_days_list_who_will_soon_be_gone(company: Company) -> None:
    urgent, fine = await graded(company, Grade.A), await graded(company, Grade.B, name="李红")
    asker = Asker(await Directory(company.mongo).access("lin"), "test", NOW + 5 * DAY)
    early = Asker(asker.access, "test", NOW + 4 * DAY)
    async with no_collection_scan(company.mongo):
        shown = await today(company.mongo, company.personal, asker)
    assert [(each.client.id, each.name, each.at) for each in shown.leaving] == [
        (urgent, "王小明", NOW + 7 * DAY)
    ]
    assert (await today(company.mongo, company.personal, early)).leaving == ()
    follow_up = (await company.open_follow_ups(urgent))[FollowUpRule.CADENCE]
    company.turn_to(NOW + 5 * DAY)
    await company.complete(follow_up.id)
    assert (await today(company.mongo, company.personal, asker)).leaving == ()
    assert await owner_of(company, fine) == "lin"


async def test_what_is_shared_stands_in_a_list_of_its_own(company: Company) -> None:
    client_id = await graded(company)
    await company.run(commands.share, ShareClient(client_id=client_id, agent_ids=("qian",)))
    asker = Asker(await Directory(company.mongo).access("qian"), "test", NOW)
    async with no_collection_scan(company.mongo):
        shared = await clients(
            company.mongo, company.personal, asker, own=True, filters=Filters(state=State.SHARED)
        )
        own = await clients(company.mongo, company.personal, asker, own=True)
    assert [(row.client.id, row.name) for row in shared.items] == [(client_id, "王小明")]
    assert own.items == ()
