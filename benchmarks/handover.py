"""An agent leaves with many clients, each with an open follow-up: how long until all have another owner, and in how
much memory.

What the reader does with `agent-left` is run as the reader runs it: one transaction for the event, with the clients,
the follow-ups, their events and the lines of the handover in it; what it has no time for is done in the next. Team
mates get them, evenly by grade. Memory is what Python allocates at its highest above what it held before, which must
not grow with the number of clients.
"""

import time
import tracemalloc
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle, islice

from benchmarks import company
from benchmarks.figures import Aim, Figure
from benchmarks.place import Place
from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo
from services.chassis.processes.definition import CHASSIS_INDEXES, merged
from services.chassis.records import CONVERTER
from services.chassis.schedule.items import DONE, DUE_ITEMS, OPEN, closing, item_of
from services.chassis.work import Transaction, UnitOfWork
from services.clients.app import INDEXES, subscription
from services.clients.cadence.hours import ContactHours
from services.clients.files.model import Client, NextFollowUp, Standing
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.model import Basis, FollowUp, Status, Terms
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.grading.model import Grading
from services.clients.ownership import handover
from services.clients.ownership.commands import set_ownership
from services.clients.ownership.settings import HandoverRule, OwnershipSettings
from services.contracts.clients import ClientSource, FollowUpRule, Grade, GradedBy, Intent
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.recruiting import AgentLeft

TITLE = "an agent leaves"
PIECE = 500
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Sizes:
    clients: int = 2_000
    few: int = 500
    """The smaller handover, beside which memory is looked at."""


SHORT, TINY, FULL = Sizes(), Sizes(clients=24, few=12), Sizes(clients=5_000)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Two handovers, a small and a large one."""
    async with place.database(merged([*CHASSIS_INDEXES, *INDEXES])) as mongo:
        agents = await company.found(mongo)
        work = UnitOfWork(mongo, utc_now, "/muster/clients")
        await work.run(set_ownership, OwnershipSettings(company.COMPANY, handover=HandoverRule.SPREAD))
        seconds, memory = {}, {}
        for agent, count in ((agents[0], sizes.few), (agents[1], sizes.clients)):
            await _fill(mongo, agent, count)
            tracemalloc.start()
            begun = time.perf_counter()
            await work.run(_hear, _left(agent))
            while await work.run(_go_on):
                pass
            seconds[count] = time.perf_counter() - begun
            memory[count] = tracemalloc.get_traced_memory()[1] / MEGABYTE
            tracemalloc.stop()
        left = await mongo.collection(CLIENTS.collection).count_documents({"agent_id": agents[1].id})
        still = await mongo.collection(FOLLOW_UPS.collection).count_documents(
            {"agent_id": agents[1].id, "status": Status.OPEN.value}
        )
    return [
        Figure(f"{sizes.clients:,} clients handed over", "s", (seconds[sizes.clients],)),
        Figure("clients handed over", "/s", (sizes.clients / seconds[sizes.clients],)),
        Figure(
            f"memory: {sizes.clients:,} clients / {sizes.few:,} clients",
            "×",
            (memory[sizes.clients] / memory[sizes.few],),
            Aim(at_most=1.5),
        ),
        Figure("clients and follow-ups left behind", "", (left + still,), Aim(at_most=0)),
    ]


async def _hear(tx: Transaction, received: Received[Event]) -> None:
    for handler in subscription().handlers_of(received.event):
        await handler(tx.caused_by(received), received)


async def _go_on(tx: Transaction) -> bool:
    """Do what one transaction left to the next, as the schedule does."""
    found = tx.collection(DUE_ITEMS).find({"state": OPEN, "kind": handover.KIND}, session=tx.session)
    items = [item_of(document) for document in await found.to_list(None)]
    await tx.collection(DUE_ITEMS).update_many(
        {"_id": {"$in": [item.key for item in items]}}, closing(DONE, tx.now), session=tx.session
    )
    await handover.go_on(tx, items)
    return bool(items)


def _left(agent: company.Agent) -> Received[Event]:
    event = AgentLeft(
        occurred_at=utc_now(),
        person_id=agent.id,
        unit_id=agent.org_path[-1],
        org_path=agent.org_path,
        last_day=date.today(),  # noqa: DTZ011 - any day will do
    )
    envelope = Envelope(
        id=new_id(),
        source="/muster/recruiting",
        type=event.event_type(),
        subject=agent.id,
        time=event.occurred_at,
        dataschema=event.dataschema(),
        sequence=1_000,
        org_path=agent.org_path,
        correlation_id=new_id(),
    )
    return Received(envelope, event)


async def _fill(mongo: Mongo, agent: company.Agent, count: int) -> None:
    now = utc_now()
    client, follow_up = _samples(agent)
    for begin in range(0, count, PIECE):
        clients: list[Document] = []
        follow_ups: list[Document] = []
        for grade in islice(cycle(Grade), min(PIECE, count - begin)):
            client_id, follow_up_id = new_id(), new_id()
            upcoming = NextFollowUp(follow_up_id, FollowUpRule.CADENCE, now + timedelta(days=1))
            one = replace(
                client,
                id=client_id,
                grading=Grading(grade, Intent.REAL, GradedBy.HAND, "comparing", now),
                standing=replace(client.standing, next=upcoming),
            )
            other = replace(follow_up, id=follow_up_id, client_id=client_id)
            clients.append(_document(CONVERTER.unstructure(one)))
            follow_ups.append(_document(CONVERTER.unstructure(other)))
        await mongo.collection(CLIENTS.collection).insert_many(clients, ordered=False)
        await mongo.collection(FOLLOW_UPS.collection).insert_many(follow_ups, ordered=False)


def _document(fields: Document) -> Document:
    fields["_id"] = fields.pop("id")
    return {**fields, "version": 1, "sequence": 1, "last_event_id": new_id()}


def _samples(agent: company.Agent) -> tuple[Client, FollowUp]:
    now = utc_now()
    client = Client(
        id="",
        agent_id=agent.id,
        org_path=agent.org_path,
        company_id=company.COMPANY,
        source=ClientSource.REFERRAL,
        sealed={"name": b"x" * 80, "phone": b"x" * 80},
        phone_indexes=(),
        tokens=tuple(f"{number:016}" for number in range(6)),
        registered_at=now,
        standing=Standing(touched_at=now),
    )
    follow_up = FollowUp(
        id="",
        client_id="",
        agent_id=agent.id,
        org_path=agent.org_path,
        rule=FollowUpRule.CADENCE,
        cause_id=new_id(),
        status=Status.OPEN,
        due_at=now + timedelta(days=1),
        basis=Basis(now, Terms(ContactHours(9 * 60, 20 * 60), True)),
        planned_at=now,
    )
    return client, follow_up
