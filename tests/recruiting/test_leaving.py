"""Somebody leaves, or moves to another team: who may say so, what it changes, and what others hear."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.errors import Invalid, NotFound
from services.chassis.organisation.directory import Directory
from services.chassis.testing.delivery import deliver
from services.chassis.testing.web import client
from services.contracts.organisation import Role
from services.recruiting.app import subscription
from services.recruiting.leaving.commands import Leave, Move, leave, move
from services.recruiting.organisation.commands import OpenUnit, open_unit
from services.recruiting.people import model
from services.recruiting.people.commands import RegisterPerson, grant_role, register_person
from services.recruiting.people.model import Career, HeldRole, MoveRuleBroken, Person
from services.recruiting.people.store import count_members, id_by_email
from tests.recruiting.conftest import MONDAY, PEOPLE, Office

EAGLES = ("company", "east", "jingan", "eagles")
HAWKS = ("company", "east", "jingan", "hawks")
TODAY = date(2026, 3, 2)


def an_agent(**changes: Any) -> Person:
    role = HeldRole(role="agent", unit_id="eagles", org_path=EAGLES)
    return Person(
        **{"id": "a", "name": "李娜", "unit_id": "eagles", "org_path": EAGLES, "roles": (role,), **changes}
    )


@pytest.mark.parametrize(
    ("person", "last_day", "wrong"),
    [
        (an_agent(), TODAY, None),
        (an_agent(), TODAY - timedelta(days=92), None),
        (an_agent(), TODAY + timedelta(days=1), "last_day"),
        (an_agent(), TODAY - timedelta(days=93), "last_day"),
        (an_agent(left_on=TODAY), TODAY, ""),
        (
            an_agent(
                career=Career(
                    start_date=TODAY, candidate_id=None, mentor_id=None, referrer_id=None, recruiter_id=None
                )
            ),
            TODAY - timedelta(days=1),
            "last_day",
        ),
    ],
)
def test_the_last_day(person: Person, last_day: date, wrong: str | None) -> None:
    if wrong is None:
        after = model.leave(person, last_day, TODAY)
        assert (after.roles, after.left_on, after.name) == ((), last_day, "李娜")
        return
    with pytest.raises(MoveRuleBroken) as broken:
        model.leave(person, last_day, TODAY)
    assert broken.value.field == wrong


def test_who_moves_is_an_agent_there_and_leads_the_old_team_no_longer() -> None:
    leads = HeldRole(role="supervisor", unit_id="eagles", org_path=EAGLES)
    trains = HeldRole(role="trainer", unit_id="jingan", org_path=EAGLES[:3])
    person = an_agent(roles=(*an_agent().roles, leads, trains))
    moved, ended = model.move(person, "hawks", HAWKS, "team")
    assert [(held.role, held.unit_id) for held in moved.roles] == [("trainer", "jingan"), ("agent", "hawks")]
    assert (moved.org_path, ended) == (HAWKS, (leads,))


@pytest.mark.parametrize(
    ("person", "unit", "level"),
    [
        (an_agent(), "eagles", "team"),
        (an_agent(), "jingan", "branch"),
        (an_agent(roles=()), "hawks", "team"),
        (an_agent(left_on=TODAY), "hawks", "team"),
    ],
)
def test_moves_that_cannot_be(person: Person, unit: str, level: str) -> None:
    with pytest.raises(MoveRuleBroken):
        model.move(person, unit, HAWKS, level)


async def _hear(office: Office) -> None:
    await deliver(office.work, subscription(office.runtime))


async def _second_team(office: Office) -> None:
    await office.work.run(
        open_unit, OpenUnit(unit_id="hawks", kind="team", name="雄鹰队", parent_id="jingan")
    )
    await _hear(office)


async def test_who_left_is_nobody_but_keeps_a_name(office: Office) -> None:
    await office.candidate("c1", "13800138000")
    new = RegisterPerson(person_id="new", name="新人", unit_id="eagles", email_index="mail")
    await office.work.run(register_person, new)
    await office.work.run(grant_role, "new", Role.AGENT, "eagles")
    await _hear(office)
    before = await office.work.run(count_members, "eagles")
    await office.work.run(leave, Leave(person_id="new", last_day=TODAY, successor_id="agent"))
    await _hear(office)
    directory = Directory(office.mongo)
    with pytest.raises(NotFound):
        await directory.access("new")
    assert (await directory.person("new")).name == "新人"
    assert (await directory.person("new")).left_on == TODAY
    assert await id_by_email(office.mongo.database, "mail") is None
    assert await office.work.run(count_members, "eagles") == before - 1
    assert (await office.events("new"))[-1] == "agent-left"
    await office.work.run(grant_role, "new", Role.AGENT, "eagles")
    await _hear(office)
    assert (await directory.access("new")).has(Role.AGENT)
    assert await id_by_email(office.mongo.database, "mail") == "new"


async def test_a_recruiters_candidates_go_to_somebody(office: Office) -> None:
    await office.candidate("c1", "13800138000")
    await office.work.run(leave, Leave(person_id="trainer", last_day=TODAY, successor_id="supervisor"))
    candidate = await office.mongo.collection("candidates").find_one({"_id": "c1"})
    assert candidate is not None
    assert candidate["recruiter_id"] == "supervisor"


@pytest.mark.parametrize("successor", ["agent", "unknown", "manager"])
async def test_a_successor_works_here_and_has_clients(office: Office, successor: str) -> None:
    with pytest.raises(Invalid):
        await office.work.run(leave, Leave(person_id="agent", last_day=TODAY, successor_id=successor))
    assert "agent-left" not in await office.events("agent")


async def test_who_moves_has_the_new_path_at_once(office: Office) -> None:
    await _second_team(office)
    await office.work.run(grant_role, "agent", Role.SUPERVISOR, "eagles")
    await office.work.run(move, Move(person_id="agent", unit_id="hawks"))
    assert (await office.events("agent"))[-2:] == ["role-revoked", "agent-moved"]
    await _hear(office)
    await _hear(office)
    access = await Directory(office.mongo).access("agent")
    assert access.org_path == HAWKS
    assert [(grant.role, grant.unit_id) for grant in access.grants] == [(Role.AGENT, "hawks")]


LEAVING = {"last_day": "2026-03-02"}


@pytest.mark.parametrize("person", [each[0] for each in PEOPLE])
async def test_who_may_say_so(person: str, app: FastAPI, office: Office) -> None:
    await _second_team(office)
    decides = person in ("manager", "regional", "head")
    sees = decides or person in ("trainer", "supervisor")
    expected = 200 if decides else 403 if sees or person == "agent" else 404
    async with client(app, person) as asking:
        page = await asking.get("/recruiting/people/agent")
        assert page.status_code == (200 if sees else 404)
        assert ("r-leave" in page.text) is decides
        headers = {"If-Match": "*"}
        moved = await asking.put(
            "/recruiting/api/people/agent/unit", json={"unit_id": "hawks"}, headers=headers
        )
        assert moved.status_code == expected
        left = await asking.put("/recruiting/api/people/agent/leaving", json=LEAVING, headers=headers)
        assert left.status_code == expected


async def test_nobody_says_it_of_themselves_or_of_teams_elsewhere(app: FastAPI, office: Office) -> None:
    headers = {"If-Match": "*"}
    async with client(app, "manager") as asking:
        own = await asking.put("/recruiting/api/people/manager/leaving", json=LEAVING, headers=headers)
        away = await asking.put(
            "/recruiting/api/people/agent/unit", json={"unit_id": "harbour"}, headers=headers
        )
    assert (own.status_code, away.status_code) == (403, 422)
    async with client(app, "regional") as asking:
        away = await asking.put(
            "/recruiting/api/people/agent/unit", json={"unit_id": "harbour"}, headers=headers
        )
    assert away.status_code == 200
    assert MONDAY.date() == TODAY
