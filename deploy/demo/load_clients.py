"""The demo's commands about clients, as the service's own, and what fell due in between."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.demo import commands as demo
from deploy.demo.load_deals import close_deal
from services.chassis.mongo import Mongo
from services.chassis.personal_data import MasterKey
from services.chassis.work import Transaction
from services.clients.files.commands import RegisterClient, register
from services.clients.files.personal import Contact, PersonalData
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.commands import (
    CompleteFollowUp,
    LogContact,
    NextStep,
    complete,
    log_contact,
)
from services.clients.follow_ups.model import Outcome
from services.clients.follow_ups.store import open_of
from services.clients.grading.commands import GradeClient, grade
from services.clients.grading.model import Reason
from services.clients.listings.commands import AddListing, add
from services.clients.listings.features import Facts, Feature
from services.clients.needs.commands import OpenNeed, open_need
from services.clients.needs.model import Condition, Wish
from services.clients.referrals.commands import NameReferrer, name_referrer
from services.clients.showings.commands import BookShowing, RecordShowing, book, record
from services.clients.showings.model import Home, Remark
from services.clients.showings.model import Status as Showing
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import ClientSource, FollowUpRule, Grade, Intent, ListingKind

OF_A_CLIENT = (
    demo.GradeClient,
    demo.FollowUpDone,
    demo.OpenNeed,
    demo.BookShowing,
    demo.RecordShowing,
    demo.NameReferrer,
    demo.CloseDeal,
)


@dataclass(frozen=True)
class Clients:
    """Gives commands to clients. `org_paths` says for each person where they belong."""

    personal: PersonalData
    org_paths: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, mongo: Mongo, key: MasterKey, org_paths: Mapping[str, tuple[str, ...]]) -> "Clients":
        """For this database."""
        return cls(PersonalData.of(mongo, key), org_paths)

    async def play(self, tx: Transaction, command: demo.Command) -> None:
        """Do in this transaction, at its moment and by its actor, what the command says.

        A story knows nothing of the pool: what it tells of a client who went there meanwhile does not happen.
        """
        if isinstance(command, OF_A_CLIENT) and not await _is_theirs(tx, command.client_id, command.by):
            return
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
            case demo.OfferHome():
                await add(tx, _listing(command))
            case demo.OpenNeed():
                await open_need(tx, _need(command))
            case demo.BookShowing():
                showing = BookShowing(
                    client_id=command.client_id, starts_at=command.starts_at, homes=command.homes
                )
                await book(tx, showing)
            case demo.RecordShowing():
                await self._record(tx, command)
            case demo.NameReferrer():
                named = NameReferrer(client_id=command.client_id, referrer_id=command.referrer_id)
                await name_referrer(tx, named)
            case demo.CloseDeal():
                await close_deal(tx, command)
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


def _listing(command: demo.OfferHome) -> AddListing:
    figures = {Feature(name): value for name, value in command.figures.items()}
    codes = {Feature(name): value for name, value in command.codes.items()}
    return AddListing(
        listing_id=command.listing_id,
        agent_id=command.by,
        kind=ListingKind.SALE,
        title=command.title,
        currency="CNY",
        place=command.place,
        facts=Facts({Feature.PRICE: command.price, **figures}, codes, {}),
    )


def _need(command: demo.OpenNeed) -> OpenNeed:
    return OpenNeed(
        need_id=command.need_id,
        client_id=command.client_id,
        kind=ListingKind.SALE,
        places=command.places,
        limits=(
            Condition(Feature.PRICE, command.lowest, command.highest),
            Condition(Feature.ROOMS, *command.rooms),
        ),
        wishes=tuple(
            Wish(Condition(Feature(name), at_least=least)) for name, least in command.wishes.items()
        ),
    )


async def _is_theirs(tx: Transaction, client_id: str, agent_id: str) -> bool:
    client = await tx.collection(CLIENTS.collection).find_one(
        {"_id": client_id}, {"agent_id": 1}, session=tx.session
    )
    return client is not None and client["agent_id"] == agent_id
