"""Plays a company's history through the services' own commands.

Many commands share a transaction, each at its own moment and by its own actor. Recruiting goes first, day by day;
training and clients follow side by side, so nobody attends a meeting before the day they were hired. What a worker
would do with an event is done at once and by the worker's own functions, under the event's id: so a call is planned
in the second in which the last one ended, not today, and when the event reaches the worker there is nothing left
to do. Leaderboards, inboxes and highlights come from the events, as in life.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zlib import crc32

from deploy.demo import commands as demo
from deploy.demo import load_clients, load_recruiting, load_training
from deploy.demo.commands import Command
from deploy.demo.company import Company
from deploy.demo.load_desk import Advanced, Desk
from deploy.demo.load_record import Load, Records
from deploy.demo.working_days import local_day
from services.chassis.personal_data import MasterKey
from services.chassis.processes.definition import Runtime
from services.clients import app as clients
from services.recruiting import app as recruiting
from services.training import app as training

RECRUITING, TRAINING, CLIENTS = "recruiting", "training", "clients"
LANES = 4
"""Agents do not get in each other's way, so their clients' histories are played side by side."""
TREE_AND_PEOPLE = (
    demo.OpenUnit,
    demo.RegisterPerson,
    demo.GrantRole,
    demo.RegisterCandidate,
    demo.AdvanceCandidate,
    demo.LoseCandidate,
    demo.HireCandidate,
)
MEETINGS = (demo.OpenSeries, demo.PlanMeeting, demo.HoldMeeting)
SERVICE_OF: Mapping[type[Command], str] = {
    **dict.fromkeys(TREE_AND_PEOPLE, RECRUITING),
    **dict.fromkeys(MEETINGS, TRAINING),
    **dict.fromkeys(
        (
            demo.RegisterClient,
            demo.GradeClient,
            demo.OfferHome,
            demo.OpenNeed,
            demo.FollowUpDone,
            demo.BookShowing,
            demo.RecordShowing,
            demo.NameReferrer,
            demo.CloseDeal,
        ),
        CLIENTS,
    ),
}


@dataclass(frozen=True)
class Runtimes:
    """The services that commands are given to."""

    recruiting: Runtime
    training: Runtime
    clients: Runtime

    @classmethod
    def of_environment(cls) -> "Runtimes":
        """As the environment describes them. Raises `UnsafeSettings`."""
        return cls(
            recruiting.DEFINITION.runtime(), training.DEFINITION.runtime(), clients.DEFINITION.runtime()
        )

    def __iter__(self) -> Iterator[Runtime]:
        return iter((self.recruiting, self.training, self.clients))

    async def prepare(self) -> None:
        """Return when the databases are there with all collections and indexes."""
        for runtime in self:
            await runtime.prepare(runtime.mongo)

    def close(self) -> None:
        """Give back the connections."""
        for runtime in self:
            runtime.mongo.close()


async def load_company(
    company: Company, load: Load, records: Records, runtimes: Runtimes, key: MasterKey, advanced: Advanced
) -> None:
    """Play what was not played yet. Returns when all of it is in the databases."""
    done = await records.progress(load)
    desks = _desks(company, load, records, runtimes, key)
    for name, desk in desks.items():
        desk.done = done.get(name, 0)
        await desk.prepare()
    news = await records.news(load)
    followers = [desk for name, desk in desks.items() if name != RECRUITING]
    for day, commands in _days(company, done).items():
        news += await desks[RECRUITING].play(commands[RECRUITING], day, advanced)
        for desk in followers:
            desk.hear(news)
        news = []
        played = (desk.play(commands[desk.name], day, advanced) for desk in followers)
        # each desk ends its day, so that none is still at work when another one's failure is told
        for outcome in await asyncio.gather(*played, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
    for desk in followers:
        await desk.finish(company.until)
    await records.complete(load)


def _days(company: Company, done: Mapping[str, int]) -> dict[date, dict[str, list[Command]]]:
    """What is left to do, by day and desk."""
    days: dict[date, dict[str, list[Command]]] = {}
    left = defaultdict(int, done)
    for command in company.commands:
        desk = desk_of(command)
        if left[desk]:
            left[desk] -= 1
            continue
        days.setdefault(local_day(command.at), defaultdict(list))[desk].append(command)
    return days


def desk_of(command: Command) -> str:
    """Where a command is done. Clients have several desks: what one agent does is done at one of them, in order."""
    service = SERVICE_OF[type(command)]
    return f"{CLIENTS}_{crc32(command.by.encode()) % LANES}" if service == CLIENTS else service


def _desks(
    company: Company, load: Load, records: Records, runtimes: Runtimes, key: MasterKey
) -> dict[str, Desk]:
    recruiter = load_recruiting.Recruiting.of(runtimes.recruiting.mongo, key)
    meetings = training.subscription(runtimes.training)
    agent = load_clients.Clients.of(runtimes.clients.mongo, key, _org_paths(company))
    desks = [
        Desk(RECRUITING, runtimes.recruiting, recruiter, load, records, None),
        Desk(TRAINING, runtimes.training, load_training.Training(), load, records, meetings),
        *(
            Desk(
                f"{CLIENTS}_{lane}",
                runtimes.clients,
                agent,
                load,
                records,
                clients.subscription(runtimes.clients),
                clients.due_handlers(runtimes.clients),
            )
            for lane in range(LANES)
        ),
    ]
    return {desk.name: desk for desk in desks}


def _org_paths(company: Company) -> dict[str, tuple[str, ...]]:
    """By person, the units from the company down to theirs."""
    paths: dict[str, tuple[str, ...]] = {}
    for unit in company.staff.units:
        paths[unit.id] = (*(paths[unit.parent_id] if unit.parent_id else ()), unit.id)
    return {person.id: paths[person.unit_id] for person in company.staff.people}
