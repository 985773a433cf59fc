"""A command with its transaction and outbox, beside a bare FastAPI handler on Motor that writes the same documents.

The command is the grading of a client: read it, write its next version, a timeline entry and an outbox document.
Through Muster it comes over the real route of the clients API, with sign-in, rights, If-Match and all; what it is
compared with is `benchmarks.bare`, alone and with the two readings by which a route knows who asks and whether they
may. Both have databases of their own with the same clients and indexes, and the documents that each left are compared
before anything is measured.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import orjson

from benchmarks import company
from benchmarks.figures import Aim, Figure
from benchmarks.http import Connection
from benchmarks.place import Place
from benchmarks.processes import Stage, run, signed_in
from deploy.local.ports import any_free
from deploy.local.processes import Program
from services.chassis.clock import utc_now
from services.chassis.mongo import Document, Mongo
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.settings import KafkaSettings
from services.chassis.work import OUTBOX, TIMELINE, Transaction, UnitOfWork
from services.clients.app import DEFINITION
from services.clients.files.commands import RegisterClient, register
from services.clients.files.personal import Contact, PersonalData, SealedContact
from services.clients.files.store import CLIENTS
from services.contracts.clients import ClientSource

TITLE = "command with transaction and outbox, beside a bare FastAPI + Motor handler"
AIM = Aim(at_most=1.3)
MUSTER, BARE, LOOKING = "Muster", "bare", "bare that looks who asks"


@dataclass(frozen=True)
class Sizes:
    rounds: int = 6
    one_by_one: int = 200
    at_once: int = 600
    connections: int = 8
    warm_up: int = 30


SHORT, TINY = Sizes(), Sizes(rounds=1, one_by_one=3, at_once=4, connections=2, warm_up=1)


@dataclass(frozen=True)
class Rival:
    """One of them."""

    name: str
    url: str
    path: str
    """With `{id}` for the client."""
    database: Mongo
    headers: dict[str, str]

    async def ask(self, connection: Connection, client_id: str, number: int) -> None:
        """Grade the client; every time another grade than before."""
        body = {"grade": "ABC"[number % 3], "intent": "real", "reason": "comparing"}
        answer = await connection.ask("PUT", self.path.replace("{id}", client_id), body, self.headers)
        if answer.status != 200:
            raise RuntimeError(f"{self.name} answers {answer.status}: {answer.body[:300]!r}")


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Rounds of all by turns: one request after the other, and several at once."""
    # no worker runs, so no topics are needed: the outbox just grows, in both databases alike
    stage = Stage(place, KafkaSettings(bootstrap_servers=place.kafka, topic_prefix="bench."))
    async with AsyncExitStack() as open_:
        ours, theirs = [
            await open_.enter_async_context(
                place.database(DEFINITION.runtime().indexes, stage.database(name))
            )
            for name in ("clients", "bare")
        ]
        clients = await _clients(ours, theirs, sizes.connections)
        urls = await open_.enter_async_context(stage.running("clients-api"))
        bare = await open_.enter_async_context(_bare(place, theirs))
        agent = company.agents()[0].id
        headers = {**signed_in(agent), "If-Match": "*"}
        rivals = [
            Rival(MUSTER, urls["clients-api"], "/clients/api/clients/{id}/grade", ours, headers),
            Rival(BARE, bare, "/clients/{id}/grade", theirs, headers),
            Rival(LOOKING, bare, f"/clients/{{id}}/grade?by={agent}", theirs, headers),
        ]
        for rival in rivals[:2]:
            await _one_by_one(rival, clients[:1], sizes.warm_up)
        await _same_documents(rivals[:2])
        await _one_by_one(rivals[2], clients[:1], sizes.warm_up)
        milliseconds: dict[str, list[float]] = {rival.name: [] for rival in rivals}
        per_second: dict[str, list[float]] = {rival.name: [] for rival in rivals}
        for number in range(sizes.rounds):
            first = number % len(rivals)
            for rival in rivals[first:] + rivals[:first]:
                milliseconds[rival.name].append(await _one_by_one(rival, clients, sizes.one_by_one))
                per_second[rival.name].append(await _at_once(rival, clients, sizes.at_once))
    return _figures(milliseconds, per_second, sizes.connections)


async def _one_by_one(rival: Rival, clients: Sequence[str], count: int) -> float:
    """The median time of a request in milliseconds, on one connection."""
    taken = []
    async with Connection.to(rival.url) as connection:
        for number in range(count):
            begun = time.perf_counter()
            await rival.ask(connection, clients[number % len(clients)], number)
            taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


async def _at_once(rival: Rival, clients: Sequence[str], count: int) -> float:
    """Requests a second, on as many connections as clients; each has a client of its own, so none is in conflict."""

    async def work(client_id: str) -> None:
        async with Connection.to(rival.url) as connection:
            for number in range(count // len(clients)):
                await rival.ask(connection, client_id, number)

    begun = time.perf_counter()
    await asyncio.gather(*map(work, clients))
    return count // len(clients) * len(clients) / (time.perf_counter() - begun)


def _figures(
    milliseconds: dict[str, list[float]], per_second: dict[str, list[float]], connections: int
) -> list[Figure]:
    figures = [Figure(f"one at a time: {name}", "ms", tuple(each)) for name, each in milliseconds.items()]
    for other in (BARE, LOOKING):
        ratios = _ratios(milliseconds[MUSTER], milliseconds[other])
        figures.append(Figure(f"one at a time: time, {MUSTER} / {other}", "×", ratios, AIM))
    at_once = f"{connections} at once"
    figures += [Figure(f"{at_once}: {name}", "/s", tuple(each)) for name, each in per_second.items()]
    for other in (BARE, LOOKING):
        ratios = _ratios(per_second[other], per_second[MUSTER])
        figures.append(Figure(f"{at_once}: time, {MUSTER} / {other}", "×", ratios, AIM))
    return figures


def _ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """Round by round, because those of one round met the machine in the same mood."""
    return tuple(one / other for one, other in zip(over, under, strict=True))


async def _clients(ours: Mongo, theirs: Mongo, count: int) -> list[str]:
    """Clients of one agent, the same in both databases; their ids."""
    await company.found(theirs)
    agent = (await company.found(ours))[0]
    personal = PersonalData.of(ours, PersonalDataSettings().key())
    contact = await personal.seal(Contact("王小明"), agent.org_path)
    work = UnitOfWork(ours, utc_now, "/muster/clients")
    clients = [await work.run(_register, agent.id, contact) for _ in range(count)]
    documents = await ours.collection(CLIENTS.collection).find().to_list(None)
    await theirs.collection(CLIENTS.collection).insert_many(documents)
    return clients


async def _register(tx: Transaction, agent_id: str, contact: SealedContact) -> str:
    command = RegisterClient(agent_id=agent_id, source=ClientSource.REFERRAL, contact=contact)
    return (await register(tx, command)).id


@asynccontextmanager
async def _bare(place: Place, mongo: Mongo) -> AsyncIterator[str]:
    """The bare handler in a process of its own; its address."""
    [port] = any_free(1)
    command = (
        sys.executable,
        "-m",
        "benchmarks.bare",
        "--port",
        str(port),
        "--database",
        mongo.database.name,
    )
    program = Program("bare", command, {"MONGODB_URI": place.mongodb})
    async with run(place, {"bare": (program, port)}) as urls:
        yield urls["bare"]


async def _same_documents(rivals: Sequence[Rival]) -> None:
    """Raise `AssertionError` when the two write different things."""
    for collection in (CLIENTS.collection, TIMELINE, OUTBOX):
        ours, bare = [await _newest(rival.database, collection) for rival in rivals]
        if _shape(ours) != _shape(bare):
            raise AssertionError(f"{collection}: {_shape(ours)} is not {_shape(bare)}")


async def _newest(mongo: Mongo, collection: str) -> Document:
    """The document that was written last."""
    order = "updated_at" if collection == CLIENTS.collection else "_id"
    found = await mongo.collection(collection).find().sort(order, -1).limit(1).to_list(1)
    return found[0]


def _shape(value: Any) -> Any:
    """The names and kinds of all fields, those of a payload in JSON too."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    if isinstance(value, str) and value.startswith("{"):
        return _shape(orjson.loads(value))
    return type(value).__name__
