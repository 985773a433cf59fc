"""The demo's commands about clients, as the service's own, and what fell due in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heapify, heappop, heappush

from deploy.demo import commands as demo
from deploy.demo.load_memory import Keep, Memory
from deploy.demo.load_player import Player
from services.chassis.mongo import Document, Mongo
from services.chassis.personal_data import MasterKey
from services.chassis.schedule.items import DONE, DUE_ITEMS, OPEN, DueHandlers, closing, item_of
from services.chassis.work import SYSTEM, Transaction
from services.clients.cadence.store import rhythm_of
from services.clients.files.commands import RegisterClient, register
from services.clients.files.personal import Contact, PersonalData
from services.clients.follow_ups import overdue
from services.clients.follow_ups.commands import (
    CompleteFollowUp,
    LogContact,
    NextStep,
    complete,
    log_contact,
)
from services.clients.follow_ups.model import Outcome, Status
from services.clients.follow_ups.store import FOLLOW_UPS, open_of
from services.clients.grading.commands import GradeClient, grade
from services.clients.grading.model import Reason
from services.clients.showings.commands import BookShowing, RecordShowing, book, record
from services.clients.showings.model import Home, Remark
from services.clients.showings.model import Status as Showing
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import ClientSource, FollowUpRule, Grade, Intent

KEEPS = (
    Keep("units", shared=True),
    Keep("people", shared=True),
    Keep("cadence_settings"),
    Keep("clients", by=("phone_index",)),
    Keep(FOLLOW_UPS.collection, by=("client_id",), only=("status", Status.OPEN.value)),
    Keep(SHOWINGS.collection, by=("client_id",), only=("status", Showing.BOOKED.value)),
    # a worker would do at once what was due months ago
    Keep(DUE_ITEMS, only=("state", OPEN), to_the_end=True),
)


@dataclass
class Clients(Player):
    """Gives commands to clients. `org_paths` says for each person where they belong."""

    personal: PersonalData
    org_paths: Mapping[str, tuple[str, ...]]
    memory: Memory
    handlers: DueHandlers
    resumes: bool = False
    """Whether open follow-ups of an earlier attempt wait for what they have to come."""
    _due: list[tuple[datetime, str]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        mongo: Mongo,
        key: MasterKey,
        org_paths: Mapping[str, tuple[str, ...]],
        memory: Memory,
        handlers: DueHandlers,
        resumes: bool,
    ) -> "Clients":
        """For this database."""
        player = cls(PersonalData.of(mongo, key), org_paths, memory, handlers, resumes)
        memory.shelves[DUE_ITEMS].noticed = player._notice
        return player

    async def begin(self, tx: Transaction) -> None:
        """Know again what is due; after a load that was interrupted, plan it anew."""
        if self.resumes and not self.memory.shelves[DUE_ITEMS].documents:
            await self._expect_again(tx)
        self._due = [
            (each["try_at"], key)
            for key, each in self.memory.shelves[DUE_ITEMS].documents.items()
            if each["state"] == OPEN
        ]
        heapify(self._due)

    async def wait(self, tx: Transaction, until: datetime) -> None:
        """Do what falls due up to this moment, each at its own."""
        items = tx.collection(DUE_ITEMS)
        while self._due and self._due[0][0] <= until:
            moment, key = heappop(self._due)
            found = await items.find_one({"_id": key, "state": OPEN, "try_at": moment}, session=tx.session)
            if found is None:
                continue
            then = replace(tx, now=moment, actor=SYSTEM)
            await items.update_one({"_id": key}, closing(DONE, moment), session=tx.session)
            await self.handlers[found["kind"]](then, [item_of(found)])

    async def _expect_again(self, tx: Transaction) -> None:
        open_ = await tx.collection(FOLLOW_UPS.collection).find({"status": Status.OPEN.value}).to_list(None)
        for document in open_:
            stored = FOLLOW_UPS.stored(document)
            rhythm = await rhythm_of(tx.mongo, stored.value.org_path, tx.session)
            await overdue.expect(tx, stored, rhythm)

    async def play(self, tx: Transaction, command: demo.Command) -> None:
        """Do in this transaction, at its moment and by its actor, what the command says."""
        match command:
            case demo.RegisterClient():
                contact = Contact(command.name, command.phone, command.address, command.note)
                sealed = await self.personal.seal(contact, self.org_paths[command.by])
                client = RegisterClient(
                    client_id=command.client_id,
                    agent_id=command.by,
                    source=ClientSource(command.source),
                    contact=sealed,
                )
                await register(tx, client)
            case demo.GradeClient():
                graded = GradeClient(
                    client_id=command.client_id,
                    grade=Grade(command.grade),
                    intent=Intent(command.intent),
                    reason=Reason(command.reason),
                )
                await grade(tx, graded)
            case demo.FollowUpDone():
                await self._follow_up(tx, command)
            case demo.BookShowing():
                showing = BookShowing(
                    client_id=command.client_id, starts_at=command.starts_at, homes=command.homes
                )
                await book(tx, showing)
            case demo.RecordShowing():
                await self._record(tx, command)
            case _:
                raise TypeError(f"not for clients: {type(command).__name__}")

    async def _follow_up(self, tx: Transaction, command: demo.FollowUpDone) -> None:
        follow_up = (await open_of(tx, command.client_id)).get(FollowUpRule(command.rule))
        outcome, step = Outcome(command.outcome), NextStep(at=command.next_step_at)
        if follow_up is None:
            contact = LogContact(
                client_id=command.client_id, outcome=outcome, minutes=command.minutes, next_step=step
            )
            await log_contact(tx, contact)
            return
        done = CompleteFollowUp(
            follow_up_id=follow_up.id, outcome=outcome, minutes=command.minutes, next_step=step
        )
        await complete(tx, done)

    async def _record(self, tx: Transaction, command: demo.RecordShowing) -> None:
        booked = {"client_id": command.client_id, "status": Showing.BOOKED.value}
        found = await tx.collection(SHOWINGS.collection).find(booked, session=tx.session).to_list(None)
        # the service gave it an id of its own; what belongs together is known by the homes
        labels = [home.label for home in command.homes]
        showing = next(each for each in found if [home["label"] for home in each["homes"]] == labels)
        homes = tuple(
            Home(home.label, home.interest, tuple(Remark(remark) for remark in home.remarks))
            for home in command.homes
        )
        done = RecordShowing(showing_id=showing["_id"], homes=homes, minutes=command.minutes)
        await record(tx, done)

    def _notice(self, document: Document) -> None:
        if document["state"] == OPEN:
            heappush(self._due, (document["try_at"], document["_id"]))
