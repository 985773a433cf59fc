"""Whatever happens, in whatever order: every client has an agent who works here, or is in the pool."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from services.chassis.errors import Problem
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.clients.files.merging import MergeClients, UndoMerge, merge, undo_merge
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.model import Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.ownership import commands
from services.clients.ownership.commands import ReassignClient, ShareClient, TakeClient
from services.clients.ownership.handover import Recall, recall
from services.clients.ownership.settings import Following, HandoverRule, OwnershipSettings
from services.clients.showings.commands import BookShowing, book
from services.clients.showings.store import SHOWINGS
from services.contracts.clients import Grade, Reassignment
from services.contracts.event import Event
from services.contracts.organisation import Role
from services.contracts.recruiting import AgentLeft, AgentMoved, RoleGranted
from tests.clients.company import UNITS, Company, received_of

AGENTS = ("lin", "zhao", "sun", "qian")
CLIENT, AGENT = st.integers(0, 2), st.sampled_from(AGENTS)
STEPS = st.one_of(
    st.tuples(st.just("take"), CLIENT, AGENT),
    st.tuples(st.just("give"), CLIENT, AGENT),
    st.tuples(st.just("let_go"), CLIENT),
    st.tuples(st.just("share"), CLIENT, AGENT),
    st.tuples(st.just("book"), CLIENT),
    st.tuples(st.just("leave"), AGENT, st.none() | AGENT),
    st.tuples(st.just("come_back"), AGENT),
    st.tuples(st.just("move"), AGENT, st.sampled_from(["team-1", "team-2"])),
    st.tuples(st.just("recall")),
    st.tuples(st.just("merge"), CLIENT, CLIENT),
    st.tuples(st.just("undo_merge"), CLIENT, CLIENT),
    st.tuples(st.just("wait"), st.integers(1, 50)),
    st.tuples(st.just("hear_again")),
)


class Story:
    """What happens to three clients and four agents."""

    def __init__(self, company: Company, client_ids: list[str]) -> None:
        self.company = company
        self.client_ids = client_ids
        self.sequences = dict.fromkeys(AGENTS, 1000)
        self.handovers: list[str] = []
        self.last: list[Any] = []

    async def hear(self, agent: str, event: Event) -> str:
        self.sequences[agent] += 1
        received = received_of(event, agent, self.sequences[agent], new_id(self.company.clock()))
        self.last = [received]
        await self.company.deliver(self.last)
        return received.envelope.id

    async def take(self, client: int, agent: str) -> None:
        command = TakeClient(client_id=self.client_ids[client], agent_id=agent)
        await self.company.run(commands.take, command)

    async def give(self, client: int, agent: str) -> None:
        command = ReassignClient(client_id=self.client_ids[client], agent_id=agent)
        await self.company.run(commands.reassign_client, command)

    async def let_go(self, client: int) -> None:
        command = ReassignClient(
            client_id=self.client_ids[client], agent_id=None, reason=Reassignment.GIVEN_UP
        )
        await self.company.run(commands.reassign_client, command)

    async def share(self, client: int, agent: str) -> None:
        command = ShareClient(client_id=self.client_ids[client], agent_ids=(agent,))
        await self.company.run(commands.share, command)

    async def book(self, client: int) -> None:
        starts_at = self.company.clock() + timedelta(days=1)
        command = BookShowing(client_id=self.client_ids[client], starts_at=starts_at, homes=("一号",))
        await self.company.run(book, command)

    async def leave(self, agent: str, successor: str | None) -> None:
        person = await Directory(self.company.mongo).person(agent)
        if person.left_on is not None:
            return
        event = AgentLeft(
            occurred_at=self.company.clock(),
            person_id=agent,
            unit_id=person.unit_id,
            org_path=person.org_path,
            last_day=date(2026, 11, 23),
            successor_id=successor if successor != agent else None,
        )
        self.handovers.append(await self.hear(agent, event))

    async def come_back(self, agent: str) -> None:
        person = await Directory(self.company.mongo).person(agent)
        event = RoleGranted(
            occurred_at=self.company.clock(),
            person_id=agent,
            role=Role.AGENT,
            unit_id=person.unit_id,
            org_path=person.org_path,
        )
        await self.hear(agent, event)

    async def move(self, agent: str, team: str) -> None:
        person = await Directory(self.company.mongo).person(agent)
        if person.left_on is not None or person.unit_id == team:
            return
        event = AgentMoved(
            occurred_at=self.company.clock(),
            person_id=agent,
            unit_id=team,
            org_path=UNITS[team][2],
            previous_org_path=person.org_path,
        )
        self.handovers.append(await self.hear(agent, event))

    async def recall(self) -> None:
        if self.handovers:
            await self.company.run(recall, Recall(handover_id=self.handovers[-1]))

    async def merge(self, kept: int, double: int) -> None:
        command = MergeClients(kept_id=self.client_ids[kept], double_id=self.client_ids[double])
        await self.company.run(merge, command)

    async def undo_merge(self, kept: int, double: int) -> None:
        command = UndoMerge(kept_id=self.client_ids[kept], double_id=self.client_ids[double])
        await self.company.run(undo_merge, command)

    async def wait(self, days: int) -> None:
        self.company.turn_to(self.company.clock() + timedelta(days=days))
        await self.company.fall_due()

    async def hear_again(self) -> None:
        await self.company.deliver(self.last)


async def nobody_is_lost(company: Company, client_ids: list[str]) -> None:
    mongo = company.mongo
    people = await Directory(mongo).people(AGENTS)
    open_work = [
        (FOLLOW_UPS.collection, Status.OPEN.value, await _of(company, FOLLOW_UPS.collection, client_ids)),
        (SHOWINGS.collection, "booked", await _of(company, SHOWINGS.collection, client_ids)),
    ]
    found = mongo.collection(CLIENTS.collection).find({"_id": {"$in": client_ids}})
    for document in await found.to_list(None):
        client = CLIENTS.stored(document).value
        if client.agent_id is None:
            assert client.org_path == UNITS["jingan"][2] or client.org_path == UNITS["pudong"][2]
            assert client.pooled_at is not None
            assert client.shared_with == ()
        elif client.agent_id in people:
            assert people[client.agent_id].left_on is None, "a client of somebody who left"
            assert client.org_path == people[client.agent_id].org_path, "a client elsewhere than their agent"
            assert client.pooled_at is None
        for collection, state, documents in open_work:
            agents = {
                each["agent_id"]
                for each in documents
                if each["client_id"] == client.id and each["status"] == state
            }
            assert agents <= {client.agent_id}, f"open {collection} of somebody else"


async def _of(company: Company, collection: str, client_ids: list[str]) -> list[Any]:
    found = company.mongo.collection(collection).find({"client_id": {"$in": client_ids}})
    return await found.to_list(None)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(STEPS, min_size=3, max_size=12),
    rule=st.sampled_from(HandoverRule),
    following=st.sampled_from(Following),
)
async def test_every_client_has_an_agent_or_is_in_the_pool(
    company: Company, steps: list[tuple[Any, ...]], rule: HandoverRule, following: Following
) -> None:
    for name in ("people", "clients", "outbox", "due_items", "follow_ups", "showings", "merged_clients"):
        await company.mongo.collection(name).delete_many({})
    company.heard.clear()
    await company.open()
    told = OwnershipSettings("acme", handover=rule, following=following)
    await company.run(commands.set_ownership, told)
    ids = []
    for name, agent, letter in (
        ("王一", "lin", Grade.A),
        ("王二", "zhao", Grade.B),
        ("王三", "lin", Grade.C),
    ):
        client = await company.register(name, agent_id=agent)
        await company.grade(client.id, letter)
        ids.append(client.id)
    await company.hear()
    story = Story(company, ids)
    for step, *rest in steps:
        try:
            await getattr(story, step)(*rest)
        except Problem:
            continue
        note(f"{step} {rest}")
        await company.hear()
        await nobody_is_lost(company, ids)
