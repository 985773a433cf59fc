"""A company to test with: two branches in Shanghai, and what their people do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Concatenate, ParamSpec, TypeVar

from services.chassis.clock import Clock, TurnedClock
from services.chassis.mongo import Document, Mongo
from services.chassis.organisation.events import HANDLERS as DIRECTORY
from services.chassis.processes.definition import CHASSIS_INDEXES, Runtime, merged
from services.chassis.records import Stored
from services.chassis.schedule.items import DONE, DUE_ITEMS, OPEN, closing, item_of
from services.chassis.settings import Environment, KafkaSettings, MongoSettings
from services.chassis.streams.subscription import Subscription
from services.chassis.work import Cause, Transaction, UnitOfWork
from services.clients.app import INDEXES, due_handlers, subscription
from services.clients.cadence.hours import ContactHours
from services.clients.files.commands import RegisterClient, register
from services.clients.files.model import Client
from services.clients.files.personal import Contact, PersonalData, birthdays_by_token
from services.clients.files.store import CLIENTS
from services.clients.follow_ups import sweeps
from services.clients.follow_ups.commands import CompleteFollowUp, NextStep, complete
from services.clients.follow_ups.model import FollowUp, Outcome, Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.grading.commands import GradeClient, grade
from services.clients.grading.model import Reason
from services.clients.showings.commands import BookShowing, RecordShowing, book, record
from services.clients.showings.model import Home, Showing
from services.contracts.catalogue import BY_TYPE
from services.contracts.clients import ClientSource, FollowUpRule, Grade, Intent
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.organisation import Role, UnitKind
from services.contracts.recruiting import AgentHired, PersonRegistered, RoleGranted, UnitOpened

P = ParamSpec("P")
T = TypeVar("T")

UNITS: dict[str, tuple[UnitKind, str, tuple[str, ...]]] = {
    "acme": (UnitKind.COMPANY, "安居", ("acme",)),
    "east": (UnitKind.REGION, "华东", ("acme", "east")),
    "jingan": (UnitKind.BRANCH, "静安营业部", ("acme", "east", "jingan")),
    "team-1": (UnitKind.TEAM, "静安一组", ("acme", "east", "jingan", "team-1")),
    "pudong": (UnitKind.BRANCH, "浦东营业部", ("acme", "east", "pudong")),
    "team-2": (UnitKind.TEAM, "浦东一组", ("acme", "east", "pudong", "team-2")),
}
PEOPLE: dict[str, tuple[str, str, tuple[Role, ...]]] = {
    "lin": ("林晓", "team-1", (Role.AGENT,)),
    "zhao": ("赵强", "team-1", (Role.AGENT,)),
    "sun": ("孙主管", "team-1", (Role.SUPERVISOR, Role.AGENT)),
    "trainer": ("周组训", "jingan", (Role.TRAINER,)),
    "manager": ("吴经理", "jingan", (Role.BRANCH_MANAGER,)),
    "qian": ("钱多", "team-2", (Role.AGENT,)),
    "other": ("郑经理", "pudong", (Role.BRANCH_MANAGER,)),
    "region": ("冯总", "east", (Role.REGIONAL,)),
    "head": ("陈总", "acme", (Role.HEAD_OFFICE,)),
    "ops": ("卫工", "acme", (Role.OPERATIONS,)),
}


@dataclass
class Company:
    """What its people do, each in a transaction of its own."""

    mongo: Mongo
    clock: TurnedClock
    personal: PersonalData
    heard: set[str] = field(default_factory=set)
    """The ids of the events that the reader has read."""
    _sequence: dict[str, int] = field(default_factory=dict)

    @property
    def work(self) -> UnitOfWork:
        return UnitOfWork(self.mongo, self.clock, "/muster/clients", Cause(actor="lin"))

    async def run(
        self, command: Callable[Concatenate[Transaction, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.work.run(command, *args, **kwargs)

    async def open(self) -> None:
        """Fill the directory, as recruiting's events would."""
        start = self.clock()
        events: list[tuple[str, Event]] = []
        for unit_id, (kind, name, path) in UNITS.items():
            opened = UnitOpened(
                occurred_at=start,
                unit_id=unit_id,
                kind=kind,
                name=name,
                parent_id=path[-2] if len(path) > 1 else None,
                org_path=path,
                time_zone="Asia/Shanghai",
            )
            events.append((unit_id, opened))
        for person_id, (name, unit_id, roles) in PEOPLE.items():
            path = UNITS[unit_id][2]
            common: dict[str, Any] = {
                "occurred_at": start,
                "person_id": person_id,
                "unit_id": unit_id,
                "org_path": path,
            }
            if roles == (Role.AGENT,):
                hired = AgentHired(candidate_id=None, name=name, start_date=start.date(), **common)
                events.append((person_id, hired))
                continue
            events.append((person_id, PersonRegistered(name=name, **common)))
            events.extend((person_id, RoleGranted(role=role, **common)) for role in roles)

        async def fill(tx: Transaction) -> None:
            for subject, event in events:
                self._sequence[subject] = self._sequence.get(subject, 0) + 1
                received = received_of(event, subject, self._sequence[subject], f"{subject}-event")
                await DIRECTORY[type(event)](tx, received)

        await self.run(fill)

    async def register(
        self,
        name: str = "王小明",
        phone: str = "",
        agent_id: str = "lin",
        hours: ContactHours | None = None,
        address: str = "",
        note: str = "",
    ) -> Stored[Client]:
        path = UNITS[PEOPLE[agent_id][1]][2]
        contact = await self.personal.seal(Contact(name, phone, address, note), path)
        command = RegisterClient(
            agent_id=agent_id, source=ClientSource.REFERRAL, contact=contact, hours=hours
        )
        return await self.run(register, command)

    async def grade(self, client_id: str, letter: Grade, intent: Intent = Intent.REAL) -> Stored[Client]:
        command = GradeClient(client_id=client_id, grade=letter, intent=intent, reason=Reason.COMPARING)
        return await self.run(grade, command)

    async def complete(
        self, follow_up_id: str, outcome: Outcome = Outcome.REACHED, next_step: NextStep | None = None
    ) -> Stored[FollowUp]:
        command = CompleteFollowUp(
            follow_up_id=follow_up_id, outcome=outcome, minutes=10, next_step=next_step or NextStep()
        )
        return await self.run(complete, command)

    async def show(self, client_id: str, interest: int = 4) -> Stored[Showing]:
        """Book a showing of an hour ago, and record it."""
        homes = ("静安枫景 3-1201", "中远两湾城 88-602")
        starts_at = self.clock() - timedelta(hours=1)
        showing = await self.run(book, BookShowing(client_id=client_id, starts_at=starts_at, homes=homes))
        seen = (Home(homes[0], interest), Home(homes[1]))
        return await self.run(record, RecordShowing(showing_id=showing.id, homes=seen, minutes=50))

    async def events(self) -> list[Received[Event]]:
        """All that was published so far, in order."""
        documents = await self.mongo.collection("outbox").find({}, sort=[("_id", 1)]).to_list(None)
        return [_received(document) for document in documents]

    async def names(self) -> list[str]:
        """The names of all events that were published so far."""
        return [each.event.event_name for each in await self.events()]

    async def hear(self) -> None:
        """Let the reader read what was published since, until nothing new comes of it."""
        while True:
            fresh = [each for each in await self.events() if each.envelope.id not in self.heard]
            if not fresh:
                return
            self.heard |= {each.envelope.id for each in fresh}
            await self.deliver(fresh)

    async def deliver(self, events: Sequence[Received[Event]]) -> None:
        """Let the reader read these, in one batch."""
        table: Subscription = subscription()

        async def apply(tx: Transaction) -> None:
            for received in events:
                for handler in table.handlers_of(received.event):
                    await handler(tx.caused_by(received), received)
            for batch in table.batches:
                theirs = [received for received in events if isinstance(received.event, batch.events)]
                if theirs:
                    await batch.handler(tx, theirs)

        await self.run(apply)

    async def fall_due(self, *kinds: str) -> None:
        """Do what is due by the clock, as the schedule would, and what falls due thereby; only these kinds if any."""
        handlers = {
            **due_handlers(),
            **sweeps.handlers(lambda: birthdays_by_token(self.personal.index)),
        }
        due = {"state": OPEN, "try_at": {"$lte": self.clock()}, "kind": {"$in": list(kinds or handlers)}}

        async def do(tx: Transaction) -> bool:
            found = tx.collection(DUE_ITEMS).find(due, session=tx.session)
            items = [item_of(document) for document in await found.to_list(None)]
            ids = [item.key for item in items]
            await tx.collection(DUE_ITEMS).update_many(
                {"_id": {"$in": ids}}, closing(DONE, tx.now), session=tx.session
            )
            items.sort(key=lambda item: (item.kind, item.due_at, item.key))
            for kind, of_kind in groupby(items, key=lambda item: item.kind):
                await handlers[kind](tx, list(of_kind))
            return bool(items)

        while await self.run(do):
            pass

    async def client(self, client_id: str) -> Stored[Client]:
        document = await self.mongo.collection(CLIENTS.collection).find_one({"_id": client_id})
        assert document is not None
        return CLIENTS.stored(document)

    async def open_follow_ups(self, client_id: str) -> dict[FollowUpRule, FollowUp]:
        return {each.rule: each for each in await self.follow_ups(client_id) if each.status is Status.OPEN}

    async def follow_ups(self, client_id: str) -> list[FollowUp]:
        documents = (
            await self.mongo.collection(FOLLOW_UPS.collection)
            .find({"client_id": client_id}, sort=[("_id", 1)])
            .to_list(None)
        )
        return [FOLLOW_UPS.stored(document).value for document in documents]

    def turn_to(self, moment: datetime) -> None:
        self.clock.turn_to(moment)


def runtime_on(uri: str, database: str, clock: Clock) -> Runtime:
    """What the service's processes work with, on this database."""
    return Runtime(
        service="",
        indexes=merged([*CHASSIS_INDEXES, *INDEXES]),
        environment=Environment(),
        mongodb=MongoSettings(MONGODB_URI=uri, MUSTER_DATABASE_PREFIX=database),
        kafka=KafkaSettings(),
        clock=clock,
    )


def received_of(event: Event, subject: str, sequence: int, id_: str) -> Received[Event]:
    """The event as a reader gets it."""
    return Received(
        Envelope(
            id=id_,
            source="/muster/test",
            type=event.event_type(),
            subject=subject,
            time=event.occurred_at,
            dataschema=event.dataschema(),
            sequence=sequence,
            org_path=(),
            correlation_id="test",
        ),
        event,
    )


def _received(document: Document) -> Received[Event]:
    event = BY_TYPE[document["type"]].model_validate_json(document["payload"])
    return received_of(event, document["aggregateid"], document["sequence"], document["_id"])
