"""The list of today in a company of 1,000,000 clients, and the worker that plans their follow-ups.

Every agent has four hundred clients with a grade and one open follow-up each, spread over the two weeks of the slowest
cadence, so that some thirty are due by tonight. Asked is through the function of the page: driver, decoding, decryption
of names and phones and their audit entry included. The worker's part is the handler that the reader calls with a batch
of events, in a transaction of its own, against the same handler called for every event alone.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from benchmarks import company
from benchmarks.figures import Aim, Figure, percentile
from benchmarks.place import Place
from services.chassis.access import Access, Grant
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo
from services.chassis.personal_data.master_key import MASTER_KEY_BYTES, MasterKey
from services.chassis.records import CONVERTER
from services.chassis.work import UnitOfWork
from services.clients.app import DEFINITION
from services.clients.cadence.model import CadencePolicy
from services.clients.files.model import Client, NextFollowUp, Standing
from services.clients.files.personal import Contact, PersonalData
from services.clients.files.views import Asker
from services.clients.follow_ups.model import Basis, FollowUp, Status, Terms
from services.clients.follow_ups.stream import plan
from services.clients.grading.model import Grading
from services.clients.today.views import today
from services.contracts.clients import (
    ClientGraded,
    ClientSource,
    FollowUpRule,
    Grade,
    GradedBy,
    Intent,
)
from services.contracts.envelope import Envelope, Received
from services.contracts.organisation import Role

TITLE = "list of today, and planning in batches"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CLIENTS_OF_AN_AGENT = 400
AGENTS_OF_A_BRANCH = company.TEAMS * company.AGENTS_IN_A_TEAM
BATCH = 200
_GRADES = (Grade.A, Grade.B, Grade.B, Grade.C, Grade.C, Grade.C)
_INTENTS = {Grade.A: Intent.REAL, Grade.B: Intent.POTENTIAL, Grade.C: Intent.LATENT}
_WRITTEN_AT_ONCE = 2_000
_SPREAD = timedelta(days=14)


@dataclass(frozen=True)
class Sizes:
    clients: int = 60_000
    days: int = 100
    """Agents whose day is asked for."""
    batches: int = 10
    alone: int = 200
    """Events that are planned one by one."""
    rounds: int = 3


SHORT, TINY = Sizes(), Sizes(clients=800, days=3, batches=1, alone=4, rounds=1)
FULL = Sizes(clients=1_000_000, days=200)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Days of different agents, then fresh clients who are graded."""
    chance = random.Random(4)
    needed = -(-sizes.clients // CLIENTS_OF_AN_AGENT)
    async with place.database({}) as mongo:
        personal = PersonalData.of(mongo, MasterKey(b"b" * MASTER_KEY_BYTES))
        agents = list(await company.found(mongo, -(-needed // AGENTS_OF_A_BRANCH)))[:needed]
        await _fill(mongo, personal, agents, chance)
        # an index is built faster over what is there than entry by entry
        await mongo.prepare(DEFINITION.runtime().indexes)
        asked = chance.sample(agents, min(sizes.days, len(agents)))
        await today(mongo, personal, _asker(asked[0]))
        taken: list[list[float]] = []
        due: list[float] = []
        for _ in range(sizes.rounds):
            times = []
            for agent in asked:
                begun = time.perf_counter()
                day = await today(mongo, personal, _asker(agent))
                times.append((time.perf_counter() - begun) * 1000)
                due.append(len(day.tasks))
            taken.append(times)
        together, alone = [], []
        for _ in range(sizes.rounds):
            together.append(await _planned(mongo, agents[0], sizes.batches * BATCH, BATCH))
            alone.append(await _planned(mongo, agents[0], sizes.alone, 1))
    said = f"{sizes.clients:,} clients"
    ratio = tuple(one / other for one, other in zip(together, alone, strict=True))
    return [
        Figure(f"{said}: median", "ms", tuple(percentile(each, 0.5) for each in taken)),
        Figure(f"{said}: 99 %", "ms", tuple(percentile(each, 0.99) for each in taken), Aim(at_most=200)),
        Figure("follow-ups on the list, median", "", (percentile(due, 0.5),)),
        Figure(f"graded clients planned, {BATCH} in a batch", "/s", tuple(together)),
        Figure("graded clients planned, one by one", "/s", tuple(alone)),
        Figure("batch / one by one", "×", ratio, Aim(at_least=5)),
    ]


def _asker(agent: company.Agent) -> Asker:
    grants = (Grant(Role.AGENT, agent.org_path[-1], agent.org_path),)
    return Asker(Access(agent.id, agent.id, grants, agent.org_path[-1], agent.org_path), "benchmark", NOW)


async def _fill(
    mongo: Mongo, personal: PersonalData, agents: Sequence[company.Agent], chance: random.Random
) -> None:
    """Clients and their follow-ups. Sealed data are made once for a team: opening them costs the same."""
    sealed: dict[tuple[str, ...], dict[str, bytes]] = {}
    for agent in agents:
        if agent.org_path not in sealed:
            contact = await personal.seal(Contact("王小明", "13800138000"), agent.org_path)
            sealed[agent.org_path] = contact.fields
    documents = (
        pair
        for agent in agents
        for _ in range(CLIENTS_OF_AN_AGENT)
        for pair in (_client_with_follow_up(agent, sealed[agent.org_path], chance),)
    )
    while pairs := list(islice(documents, _WRITTEN_AT_ONCE)):
        for place, name in enumerate(("clients", "follow_ups")):
            await mongo.collection(name).insert_many([pair[place] for pair in pairs], ordered=False)


def _client_with_follow_up(
    agent: company.Agent, sealed: dict[str, bytes], chance: random.Random
) -> tuple[Document, Document]:
    client = _client(agent, chance.choice(_GRADES), sealed)
    due_at = NOW - timedelta(days=1) + chance.random() * _SPREAD
    terms = Terms(CadencePolicy().hours, working_days_only=True)
    follow_up = FollowUp(
        id=new_id(),
        client_id=client.id,
        agent_id=agent.id,
        org_path=agent.org_path,
        rule=FollowUpRule.CADENCE,
        cause_id=client.id,
        status=Status.OPEN,
        due_at=due_at,
        basis=Basis(NOW, terms, client.grade, 7),
        planned_at=NOW,
        intent=client.intent,
    )
    upcoming = NextFollowUp(follow_up.id, follow_up.rule, due_at)
    client = replace(client, standing=replace(client.standing, next=upcoming))
    return _document(client), _document(follow_up)


def _client(agent: company.Agent, letter: Grade, sealed: dict[str, bytes]) -> Client:
    grading = Grading(letter, _INTENTS[letter], GradedBy.HAND, "comparing", NOW)
    return Client(
        id=new_id(),
        agent_id=agent.id,
        org_path=agent.org_path,
        company_id=company.COMPANY,
        source=ClientSource.IMPORT,
        sealed=sealed,
        phone_indexes=(),
        tokens=(),
        registered_at=NOW,
        standing=Standing(touched_at=NOW),
        grading=grading,
    )


def _document(value: Client | FollowUp) -> Document:
    document: Document = CONVERTER.unstructure(value)
    id_ = document.pop("id")
    return {"_id": id_, "version": 1, "sequence": 1, "last_event_id": id_, "updated_at": NOW, **document}


async def _planned(mongo: Mongo, agent: company.Agent, count: int, at_once: int) -> float:
    """Fresh clients with a grade, planned so many at once: how many in a second."""
    clients = [_client(agent, _GRADES[number % len(_GRADES)], {}) for number in range(count)]
    await mongo.collection("clients").insert_many([_document(client) for client in clients])
    work = UnitOfWork(mongo, lambda: NOW, "/muster/clients")
    events = _graded(clients)
    begun = time.perf_counter()
    while batch := list(islice(events, at_once)):
        await work.run(plan, batch)
    return count / (time.perf_counter() - begun)


def _graded(clients: Sequence[Client]) -> Iterator[Received[ClientGraded]]:
    for client in clients:
        event = ClientGraded(
            occurred_at=NOW,
            client_id=client.id,
            agent_id=client.agent_id or "",
            org_path=client.org_path,
            grade=client.grade or Grade.C,
            previous_grade=None,
            intent=client.intent,
            graded_by=GradedBy.HAND,
            reason="comparing",
        )
        envelope = Envelope(
            id=new_id(),
            source="/muster/clients",
            type=event.event_type(),
            subject=client.id,
            time=NOW,
            dataschema=event.dataschema(),
            sequence=1,
            org_path=client.org_path,
            correlation_id="benchmark",
        )
        yield Received(envelope, event)
