"""What recruiting keeps and publishes, on the real database."""

import asyncio
from datetime import date

import pytest

from services.chassis.errors import Conflict, Invalid, NotFound, StaleVersion
from services.chassis.testing.delivery import deliver
from services.recruiting.app import subscription
from services.recruiting.candidates.commands import move_candidate
from services.recruiting.hiring.commands import HireCandidate, hire_candidate
from services.recruiting.hiring.model import CHECKLIST, Contract
from services.recruiting.organisation.commands import close_unit, move_unit
from tests.recruiting.conftest import Office

CONTRACT = Contract(
    team_id="eagles",
    mentor_id="trainer",
    start_date=date(2026, 3, 2),
    seen=frozenset(CHECKLIST),
    licence_expires=date(2029, 1, 1),
)


async def _to_commitment(office: Office, id_: str) -> None:
    for stage in ("contacted", "first_interview", "commitment"):
        await office.work.run(move_candidate, id_, stage, None)


async def test_hiring_makes_an_agent_of_a_candidate_in_one_step(office: Office) -> None:
    await office.candidate("c1", "138 0013 8000")
    await _to_commitment(office, "c1")
    stored = await office.mongo.collection("candidates").find_one({"_id": "c1"})
    assert stored is not None
    name = await office.files.name(stored["sealed"])
    hired = await office.work.run(
        hire_candidate, HireCandidate(candidate_id="c1", person_id="p1", name=name, contract=CONTRACT)
    )
    assert hired.value.name == "王小明"
    assert await office.events("p1") == ["agent-hired", "role-granted"]
    assert (await office.events("c1"))[-1] == "candidate-advanced"
    with pytest.raises(Conflict):
        await office.work.run(
            hire_candidate, HireCandidate(candidate_id="c1", person_id="p2", name=name, contract=CONTRACT)
        )
    assert await office.mongo.collection("staff").count_documents({"career": {"$ne": None}}) == 1


async def test_nobody_is_hired_before_a_commitment_or_into_something_else_than_a_team(office: Office) -> None:
    await office.candidate("c1", "13800138000")
    with pytest.raises(Conflict):
        await office.work.run(
            hire_candidate, HireCandidate(candidate_id="c1", person_id="p1", name="王", contract=CONTRACT)
        )
    await _to_commitment(office, "c1")
    branch = Contract(**{**vars(CONTRACT), "team_id": "jingan"})
    with pytest.raises(Invalid) as invalid:
        await office.work.run(
            hire_candidate, HireCandidate(candidate_id="c1", person_id="p1", name="王", contract=branch)
        )
    assert invalid.value.errors[0].pointer == "/team_id"
    assert await office.events("p1") == []


async def test_one_phone_has_one_file_even_when_two_write_at_once(office: Office) -> None:
    results = await asyncio.gather(
        *(office.candidate(f"c{n}", "+86 138-0013-8000") for n in range(6)), return_exceptions=True
    )
    assert [type(result) for result in results if result is not None] == [Conflict] * 5
    assert await office.mongo.collection("candidates").count_documents({}) == 1


async def test_the_database_never_sees_name_or_phone(office: Office) -> None:
    await office.candidate("c1", "13800138000")
    for collection in ("candidates", "outbox", "timeline"):
        for document in await office.mongo.collection(collection).find().to_list(None):
            assert "王小明" not in str(document)
            assert "13800138000" not in str(document)


async def test_a_second_director_of_the_same_candidate_is_told(office: Office) -> None:
    await office.candidate("c1", "13800138000")
    await office.work.run(move_candidate, "c1", "contacted", 1)
    with pytest.raises(StaleVersion):
        await office.work.run(move_candidate, "c1", "contacted", 1)
    with pytest.raises(NotFound):
        await office.work.run(move_candidate, "c0", "contacted", None)


async def test_moving_a_unit_moves_units_people_and_candidates(office: Office) -> None:
    await office.candidate("c1", "13800138000")
    await office.work.run(move_unit, "jingan", "west", None)
    assert await office.events("eagles") == ["unit-opened", "unit-moved"]
    # everything since the beginning comes again, the opening under the old parent too
    await deliver(office.work, subscription(office.runtime), times=2)
    for collection, id_, path in (
        ("staff", "trainer", ["company", "west", "jingan"]),
        ("staff", "agent", ["company", "west", "jingan", "eagles"]),
        ("candidates", "c1", ["company", "west", "jingan"]),
    ):
        document = await office.mongo.collection(collection).find_one({"_id": id_})
        assert document is not None
        assert document["org_path"] == path


async def test_a_unit_with_people_stays_open(office: Office) -> None:
    await office.work.run(close_unit, "harbour", None)
    with pytest.raises(Invalid):
        await office.work.run(close_unit, "jingan", None)
