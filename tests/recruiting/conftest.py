"""A recruiting database with a small company in it, and the service's web application on it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from services.chassis.clock import TurnedClock
from services.chassis.mongo import Mongo
from services.chassis.personal_data import PersonalDataSettings, Vault
from services.chassis.processes.definition import Runtime
from services.chassis.settings import Environment, KafkaSettings, MongoSettings
from services.chassis.testing.delivery import deliver
from services.chassis.testing.web import running
from services.chassis.work import UnitOfWork
from services.contracts.organisation import Role
from services.contracts.recruiting import CandidateSource
from services.recruiting.app import DEFINITION, build_api, subscription
from services.recruiting.candidates.commands import RegisterCandidate, move_candidate, register_candidate
from services.recruiting.candidates.personal import CandidateFiles
from services.recruiting.organisation.commands import OpenUnit, open_unit
from services.recruiting.people.commands import RegisterPerson, grant_role, register_person

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

UNITS = (
    ("company", "company", None, "安居经纪"),
    ("east", "region", "company", "华东大区"),
    ("west", "region", "company", "西南大区"),
    ("jingan", "branch", "east", "静安营业部"),
    ("pudong", "branch", "east", "浦东营业部"),
    ("eagles", "team", "jingan", "飞鹰队"),
    ("harbour", "team", "pudong", "港湾队"),
)
PEOPLE = (
    ("trainer", "陈静", "jingan", Role.TRAINER),
    ("manager", "周伟", "jingan", Role.BRANCH_MANAGER),
    ("agent", "李娜", "eagles", Role.AGENT),
    ("supervisor", "孙丽", "eagles", Role.SUPERVISOR),
    ("regional", "冯波", "east", Role.REGIONAL),
    ("western", "蒋涛", "west", Role.REGIONAL),
    ("head", "郑国强", "company", Role.HEAD_OFFICE),
    ("stranger", "吴芳", "pudong", Role.TRAINER),
)


@dataclass
class Office:
    """The edge of the recruiting service on a database of its own."""

    mongo: Mongo
    work: UnitOfWork
    clock: TurnedClock
    files: CandidateFiles
    runtime: Runtime

    async def open(self) -> None:
        """The company with its people, known to the directory too."""
        for id_, kind, parent, name in UNITS:
            await self.work.run(open_unit, OpenUnit(unit_id=id_, kind=kind, name=name, parent_id=parent))
        for id_, name, unit_id, role in PEOPLE:
            await self.work.run(register_person, RegisterPerson(person_id=id_, name=name, unit_id=unit_id))
            await self.work.run(grant_role, id_, role, unit_id)
        await deliver(self.work, subscription(self.runtime))

    async def candidate(
        self,
        id_: str,
        phone: str,
        *,
        name: str = "王小明",
        consented: bool = True,
        stages: tuple[str, ...] = (),
    ) -> None:
        """Register a candidate of the Jing'an branch and move them through these stages."""
        sealed = await self.files.seal("jingan", name, phone)
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
        for stage in stages:
            await self.work.run(move_candidate, id_, stage, None)

    async def events(self, about: str) -> list[str]:
        """The names of the events about this aggregate that wait in the outbox, in order."""
        cursor = self.mongo.collection("outbox").find({"aggregateid": about}).sort("sequence", 1)
        return [document["type"].split(".")[3] async for document in cursor]


TO_COMMITMENT = ("contacted", "first_interview", "commitment")


def runtime_on(mongodb_uri: str, database_name: str, clock: TurnedClock) -> Runtime:
    """The service's runtime on the test's own database."""
    definition = DEFINITION.runtime()
    return Runtime(
        service=definition.service,
        indexes=definition.indexes,
        environment=Environment(),
        mongodb=MongoSettings(uri=mongodb_uri, database_prefix=f"{database_name}_"),
        kafka=KafkaSettings(),
        clock=clock,
    )


@pytest.fixture
async def office(mongodb_uri: str, database_name: str) -> AsyncIterator[Office]:
    clock = TurnedClock(MONDAY)
    runtime = runtime_on(mongodb_uri, database_name, clock)
    await runtime.prepare(runtime.mongo)
    key = PersonalDataSettings().key()
    files = CandidateFiles(Vault(runtime.mongo, key), key, runtime.mongo.database)
    office = Office(runtime.mongo, runtime.work, clock, files, runtime)
    await office.open()
    yield office
    runtime.mongo.close()


@pytest.fixture
async def app(office: Office) -> AsyncIterator[FastAPI]:
    async with running(build_api(office.runtime)) as app:
        yield app
