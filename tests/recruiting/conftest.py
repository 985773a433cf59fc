"""A recruiting database with a small company in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.personal_data import INDEXES as PERSONAL_DATA_INDEXES
from services.chassis.personal_data import MasterKey, Vault
from services.chassis.work import UnitOfWork
from services.contracts.organisation import Role
from services.contracts.recruiting import CandidateSource
from services.recruiting.candidates.commands import RegisterCandidate, register_candidate
from services.recruiting.candidates.personal import CandidateFiles
from services.recruiting.candidates.store import INDEXES as CANDIDATE_INDEXES
from services.recruiting.organisation.commands import OpenUnit, open_unit
from services.recruiting.organisation.store import INDEXES as UNIT_INDEXES
from services.recruiting.people.commands import RegisterPerson, grant_role, register_person
from services.recruiting.people.store import INDEXES as PEOPLE_INDEXES

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

UNITS = (
    ("company", "company", None, "安居经纪"),
    ("east", "region", "company", "华东大区"),
    ("west", "region", "company", "西南大区"),
    ("jingan", "branch", "east", "静安营业部"),
    ("eagles", "team", "jingan", "飞鹰队"),
)


@dataclass
class Office:
    """The edge of the recruiting service on a database of its own."""

    mongo: Mongo
    work: UnitOfWork
    clock: TurnedClock
    files: CandidateFiles

    async def candidate(self, id_: str, phone: str, *, consented: bool = True) -> None:
        """Register a candidate of the Jing'an branch."""
        sealed = await self.files.seal("jingan", "王小明", phone)
        await self.work.run(
            register_candidate,
            RegisterCandidate(
                candidate_id=id_,
                branch_id="jingan",
                recruiter_id="trainer",
                source=CandidateSource.WALK_IN,
                referrer_id=None,
                sealed=sealed.fields,
                phone_index=sealed.phone_index,
                search_tokens=sealed.search_tokens,
                consented=consented,
            ),
        )

    async def events(self, about: str) -> list[str]:
        """The names of the events about this aggregate that wait in the outbox, in order."""
        cursor = self.mongo.collection("outbox").find({"aggregateid": about}).sort("sequence", 1)
        return [document["type"].split(".")[3] async for document in cursor]


@pytest.fixture
async def office(mongodb_uri: str, database_name: str) -> AsyncIterator[Office]:
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.prepare(
        {
            **UNIT_INDEXES,
            **PEOPLE_INDEXES,
            **CANDIDATE_INDEXES,
            **PERSONAL_DATA_INDEXES,
            "outbox": [],
            "timeline": [],
        }
    )
    clock = TurnedClock(MONDAY)
    master_key = MasterKey(bytes(96))
    office = Office(
        mongo,
        UnitOfWork(mongo, clock, "/muster/recruiting"),
        clock,
        CandidateFiles(Vault(mongo, master_key), master_key, mongo.database),
    )
    for id_, kind, parent, name in UNITS:
        await office.work.run(open_unit, OpenUnit(unit_id=id_, kind=kind, name=name, parent_id=parent))
    await office.work.run(register_person, RegisterPerson(person_id="trainer", name="陈静", unit_id="jingan"))
    await office.work.run(grant_role, "trainer", Role.TRAINER, "jingan")
    yield office
    mongo.close()
