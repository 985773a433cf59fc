"""A loaded company: what was told has happened, and today is as it would be had it been lived."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.demo import commands as demo
from deploy.demo.company import Company, generate
from deploy.demo.load import Runtimes, load_company
from deploy.demo.load_record import DATABASE, Load, Records
from deploy.demo.scale import Scale
from deploy.demo.working_days import at_time, local_day
from services.chassis.clock import TurnedClock
from services.chassis.mongo import Document, Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.schedule.items import DUE_ITEMS
from services.chassis.testing.delivery import deliver
from services.chassis.web.sign_in import personas
from services.chassis.work import UnitOfWork
from services.clients import app as clients_app
from services.clients.follow_ups import overdue
from services.clients.follow_ups import views as follow_ups
from services.clients.ownership import release
from services.recruiting import app as recruiting_app
from services.recruiting.hiring.commands import HireCandidate, hire_candidate
from services.recruiting.hiring.model import CHECKLIST, Contract

TINY = Scale("tiny", regions=1, branches=2, teams=3, people=20, hires=1, clients=40, days=24)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""Monday, two in the afternoon in Shanghai."""


class PulledOut(Exception):
    """The end of a load that is not over."""


@dataclass
class Installation:
    """The services' databases, empty to begin with."""

    runtimes: Runtimes
    records: Records
    mongo: Mongo

    async def load(self, company: Company, stop_after: int | None = None) -> None:
        """Load it, or what is left of it; end in the middle when asked to."""
        found = (await self.records.all()).get(company.scale.name)
        size, seed, until = company.scale.name, company.seed, company.until
        load = found or Load(size, seed, until, company.staff.company.id, len(company.commands))
        if found is None:
            await self.records.begin(load)
        seen = 0

        def advanced(count: int, _: object) -> None:
            nonlocal seen
            seen += count
            if stop_after is not None and seen >= stop_after:
                raise PulledOut

        key = PersonalDataSettings().key()
        await load_company(company, load, self.records, self.runtimes, key, advanced)

    async def all(self, service: str, collection: str, **question: Any) -> list[Document]:
        """The documents of one collection."""
        mongo = {each.service: each.mongo for each in self.runtimes}[service]
        return await mongo.collection(collection).find(question).to_list(None)


@pytest.fixture
async def installation(
    mongodb_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MUSTER_DATABASE_PREFIX", f"{database_name}_")
    runtimes = Runtimes.of_environment()
    await runtimes.prepare()
    beside = Mongo.connect(mongodb_uri, f"{database_name}_{DATABASE}")
    records = Records(beside)
    await records.prepare()
    yield Installation(runtimes, records, beside)
    beside.close()
    runtimes.close()


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(11, TINY, NOW)


def of(company: Company, kind: type[demo.Command]) -> list[Any]:
    return [command for command in company.commands if isinstance(command, kind)]


async def test_what_was_told_has_happened(installation: Installation, company: Company) -> None:
    await installation.load(company)

    known = await installation.all("clients", "clients")
    assert len(known) == TINY.clients
    # the stories of those whom the pool took end there
    kept = {each["_id"] for each in known if each["agent_id"] is not None}
    assert len(kept) > TINY.clients * 0.6
    calls = await installation.all("clients", "follow_ups", status="done", client_id={"$in": list(kept)})
    assert Counter((each["client_id"], each["outcome"], each["done_at"]) for each in calls) == Counter(
        (call.client_id, call.outcome, call.at)
        for call in of(company, demo.FollowUpDone)
        if call.client_id in kept
    )
    shown = await installation.all("clients", "showings", status="done", client_id={"$in": list(kept)})
    assert {(each["client_id"], each["done_at"], each["interest"]) for each in shown} == {
        (one.client_id, one.at, one.interest)
        for one in of(company, demo.RecordShowing)
        if one.client_id in kept
    }
    grades = {graded.client_id: graded.grade for graded in of(company, demo.GradeClient)}
    by_hand = [each for each in known if each["grading"]["by"] == "hand" and each["_id"] in kept]
    assert by_hand
    assert all(each["grading"]["grade"] == grades[each["_id"]] for each in by_hand)
    assert len(await installation.all("clients", "listings")) == len(of(company, demo.OfferHome))

    attendance = await installation.all("training", "attendance")
    assert {(each["meeting_id"], each["person_id"]): each["status"] for each in attendance} == {
        (held.meeting_id, mark.person_id): mark.status
        for held in of(company, demo.HoldMeeting)
        for mark in held.attendance
    }
    stages = {one.candidate_id: "listed" for one in of(company, demo.RegisterCandidate)}
    stages |= {move.candidate_id: move.to_stage for move in of(company, demo.AdvanceCandidate)}
    stages |= {hire.candidate_id: "joined" for hire in of(company, demo.HireCandidate)}
    assert {
        each["_id"]: each["stage"] for each in await installation.all("recruiting", "candidates")
    } == stages
    lost = await installation.all("recruiting", "candidates", lost_reason={"$ne": None})
    assert {each["_id"]: each["lost_reason"] for each in lost} == {
        one.candidate_id: one.reason for one in of(company, demo.LoseCandidate)
    }


async def test_entries_say_who_did_it_and_when(installation: Installation, company: Company) -> None:
    await installation.load(company)
    registered = await installation.all("clients", "timeline", name="client-registered")
    assert {(each["about"], each["by"], each["at"]) for each in registered} == {
        (one.client_id, one.by, one.at) for one in of(company, demo.RegisterClient)
    }


async def test_no_reminder_or_escalation_of_the_past_is_left_to_do(
    installation: Installation, company: Company
) -> None:
    await installation.load(company)
    waiting = await installation.all("clients", DUE_ITEMS, state="open")
    assert waiting
    assert min(each["try_at"] for each in waiting) > NOW
    open_ = await installation.all("clients", "follow_ups", status="open")
    # after the last level nobody is left to hear of it
    patient = [each for each in open_ if each["escalated"] != "branch"]
    escalations = [each for each in waiting if each["kind"] == overdue.KIND]
    assert {each["payload"]["follow_up_id"] for each in escalations} == {each["_id"] for each in patient}


async def test_who_waited_for_long_was_escalated_in_its_time(
    installation: Installation, company: Company
) -> None:
    await installation.load(company)
    missed = await installation.all("clients", "timeline", name="follow-up-missed")
    assert all(each["at"] <= NOW for each in missed)
    open_ = await installation.all("clients", "follow_ups", status="open")
    late = [each for each in open_ if NOW - each["due_at"] > timedelta(days=14)]
    assert all(each["escalated"] == "branch" for each in late)


async def test_open_calls_are_those_that_the_story_ends_with(
    installation: Installation, company: Company
) -> None:
    """But for those whom the story calls later today, which has not come yet."""
    await installation.load(company)
    days: dict[str, set[date]] = {}
    for each in await installation.all("clients", "follow_ups", status="open"):
        days.setdefault(each["client_id"], set()).add(local_day(each["due_at"]))
    pooled = {each["_id"] for each in await installation.all("clients", "clients", agent_id=None)}
    wrong = {
        client
        for client, day in company.due.items()
        if client not in pooled
        and day not in days.get(client, ())
        and min(days.get(client, {day})) > local_day(NOW)
    }
    assert len(wrong) <= len(company.due) // 8
    assert company.due.keys() - pooled <= days.keys()


async def test_the_events_change_nothing_when_the_worker_reads_them(
    installation: Installation, company: Company
) -> None:
    await installation.load(company)
    runtime = installation.runtimes.clients
    names = ("clients", "follow_ups", "showings", DUE_ITEMS, "outbox")
    before = [await installation.all("clients", name) for name in names]
    work = UnitOfWork(runtime.mongo, TurnedClock(NOW + timedelta(minutes=1)), runtime.source)
    assert await deliver(work, clients_app.subscription()) > 0
    for name, earlier in zip(names, before, strict=True):
        later = await installation.all("clients", name)
        assert _lastingly(later) == _lastingly(earlier)


def _lastingly(documents: Sequence[Document]) -> dict[str, Document]:
    """By id. A due item that is planned again at the same moment names the later event as its cause; and an event of
    long ago may have one more look at whether a client goes into the pool."""
    passing = {"correlation_id", "causation_id"}
    return {
        each["_id"]: {name: value for name, value in each.items() if name not in passing}
        for each in documents
        if each.get("kind") != release.KIND
    }


async def test_a_newcomer_has_something_to_do(installation: Installation, company: Company) -> None:
    await installation.load(company)
    agent, trainer = company.personas[0], company.personas[2]
    midnight = at_time(local_day(NOW) + timedelta(days=1), 0)
    due = await follow_ups.due_before(installation.runtimes.clients.mongo, agent.person_id, midnight)
    assert len(due) >= 3
    ahead = await installation.all("training", "meetings", status="planned")
    assert min(each["day"] for each in ahead) > local_day(NOW).isoformat()

    recruiting = installation.runtimes.recruiting
    await deliver(recruiting.work, recruiting_app.subscription(recruiting))
    offered = await personas(Directory(recruiting.mongo))
    assert {one.person_id for one in company.personas} <= {one.person.id for one in offered}
    assert next(one.person.id for one in offered if one.role == "trainer") == trainer.person_id


async def test_who_is_ready_can_be_hired(installation: Installation, company: Company) -> None:
    await installation.load(company)
    ready = company.ready_to_hire[0]
    team = next(unit for unit in company.staff.units if unit.parent_id == ready.branch_id)
    contract = Contract(
        team_id=team.id,
        mentor_id=None,
        start_date=local_day(NOW),
        seen=frozenset(CHECKLIST),
        licence_expires=local_day(NOW) + timedelta(days=900),
    )
    runtime = installation.runtimes.recruiting
    command = HireCandidate(
        candidate_id=ready.candidate_id, person_id="newcomer", name=ready.name, contract=contract
    )
    hired = await UnitOfWork(runtime.mongo, TurnedClock(NOW), runtime.source).run(hire_candidate, command)
    assert hired.value.roles[0].role == "agent"


async def test_an_interrupted_load_goes_on_where_it_stopped(
    installation: Installation, company: Company
) -> None:
    # whom a new listing is told to first depends on which desk is ahead
    without = [command for command in company.commands if not isinstance(command, demo.OfferHome)]
    quiet = replace(company, commands=tuple(without))
    await installation.load(quiet)
    expected = await facts(installation)
    for runtime in installation.runtimes:
        await runtime.mongo.client.drop_database(runtime.mongo.database.name)
    await installation.mongo.client.drop_database(installation.mongo.database.name)
    await installation.runtimes.prepare()
    await installation.records.prepare()
    for stop_after in (100, 41, 80):
        with pytest.raises(PulledOut):
            await installation.load(quiet, stop_after)
    await installation.load(quiet)
    assert await facts(installation) == expected


async def facts(installation: Installation) -> dict[str, list[Any]]:
    """Everything but what is drawn anew each time: ids of events and of what they cause, and ciphertexts."""
    found: dict[str, list[Any]] = {}
    for service, collection in (
        ("recruiting", "candidates"),
        ("recruiting", "staff"),
        ("training", "meetings"),
        ("training", "people"),
        ("training", "attendance"),
        ("clients", "clients"),
        ("clients", "follow_ups"),
        ("clients", "showings"),
        ("clients", DUE_ITEMS),
        *((service, "timeline") for service in ("recruiting", "training", "clients")),
    ):
        documents = await installation.all(service, collection)
        found[f"{service} {collection}"] = sorted(map(_lasting, documents))
    return found


_MADE_ANEW = {"last_event_id", "sealed", "weighed", "cause_id", "id", "follow_up_id", "showing_id", "bucket"}
_MADE_ANEW |= {"answered_by", "correlation_id", "causation_id", "_id", "segment_id"}


def _lasting(value: Any) -> str:
    def stripped(part: Any) -> Any:
        if isinstance(part, dict):
            anew = _MADE_ANEW | ({"about"} if part.get("aggregate") in ("follow-up", "showing") else set())
            return {name: stripped(each) for name, each in sorted(part.items()) if name not in anew}
        if isinstance(part, list):
            return [stripped(each) for each in part]
        return part

    return str(stripped(value))


async def test_a_worker_that_is_ahead_with_the_directory_does_no_harm(
    installation: Installation, company: Company
) -> None:
    recruiting, clients = installation.runtimes.recruiting, installation.runtimes.clients
    with pytest.raises(PulledOut):
        await installation.load(company, stop_after=45)
    told = await recruiting.mongo.collection("outbox").find().sort("_id", 1).to_list(None)
    await clients.mongo.collection("outbox").insert_many(told)
    await deliver(clients.work, clients_app.subscription())
    assert len(await installation.all("clients", "people")) > 0
    assert await installation.all("clients", "clients") == []

    await installation.load(company)
    assert len(await installation.all("clients", "clients")) == TINY.clients
