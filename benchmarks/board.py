"""From the HTTP answer to the change on an open board, with the real processes of clients and notifications.

Agents of one branch register clients, at moments that are fixed beforehand, whether earlier requests are answered or
not. A TV of the branch shows who registered most today. It shows the seven best with their points, so most requests
are made by seven agents: the n-th client of one of them is on the board as soon as it says n points, and the time
from the answer to that moment is what is measured. Those of the other agents are load and are not measured.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from benchmarks import company
from benchmarks.company import Agent
from benchmarks.figures import Aim, Figure, percentile
from benchmarks.http import Connection
from benchmarks.place import Place
from benchmarks.processes import Stage, signed_in
from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import Cause, UnitOfWork
from services.clients.app import DEFINITION as CLIENTS
from services.notifications.app import DEFINITION as NOTIFICATIONS
from services.notifications.boards.commands import offer, pair
from services.notifications.boards.model import ROWS, Slot, SlotKind, new_pairing
from services.notifications.boards.screens import DEVICE_COOKIE
from services.notifications.boards.store import records
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import PeriodKind

TITLE = "HTTP answer → change on an open board"
PROCESSES = ("clients-api", "clients-worker", "notifications-api", "notifications-worker")
OF_TEN_BY_THE_BEST = 7
_ROW = re.compile(r'data-m-key="([^"]+)" id="b-.*?class="b-points">([^<]*)<', re.DOTALL)


@dataclass(frozen=True)
class Sizes:
    per_second: int = 100
    seconds: float = 15.0
    rounds: int = 3
    warm_up: float = 5.0
    connections: int = 32


SHORT, TINY = Sizes(), Sizes(per_second=10, seconds=1.0, rounds=1, warm_up=0.5, connections=4)


@dataclass
class Watched:
    """What one TV showed, and when."""

    seen: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By agent: the moment at which the board first said 1, 2, 3 ... points."""
    screens: int = 0

    def look(self, html: str) -> None:
        """Take note of one screen."""
        now = time.perf_counter()
        self.screens += 1
        for agent, points in _ROW.findall(html):
            moments = self.seen[agent]
            moments.extend([now] * (int(re.sub(r"\D", "", points)) - len(moments)))


@dataclass
class Load:
    """Requests at fixed moments, and when each was answered."""

    url: str
    best: Sequence[Agent]
    others: Sequence[Agent]
    answered: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By agent: the moments of the answers, in the order of the answers."""
    seconds: list[float] = field(default_factory=list)
    """From the moment a request was due until its answer."""

    async def run(self, sizes: Sizes, seconds: float) -> None:
        """Until every request is answered."""
        queue: asyncio.Queue[tuple[float, Agent] | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(sizes.connections):
                tasks.create_task(self._work(queue))
            begun = time.perf_counter()
            for number in range(int(seconds * sizes.per_second)):
                due = begun + number / sizes.per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                queue.put_nowait((due, self._agent(number)))
            for _ in range(sizes.connections):
                queue.put_nowait(None)

    def _agent(self, number: int) -> Agent:
        tens, place = divmod(number, 10)
        if place < OF_TEN_BY_THE_BEST:
            return self.best[place % len(self.best)]
        return self.others[(tens * 3 + place) % len(self.others)]

    async def _work(self, queue: "asyncio.Queue[tuple[float, Agent] | None]") -> None:
        async with Connection.to(self.url) as connection:
            cookies: dict[str, dict[str, str]] = {}
            while (asked := await queue.get()) is not None:
                due, agent = asked
                who = cookies.setdefault(agent.id, signed_in(agent.id))
                body = {"name": "王小明", "source": "walk_in"}
                headers = {**who, "Idempotency-Key": new_id()}
                answer = await connection.ask("POST", "/clients/api/clients", body, headers)
                if answer.status != 201:
                    raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
                now = time.perf_counter()
                self.answered[agent.id].append(now)
                self.seconds.append(now - due)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """All rounds, on one Muster."""
    rounds: list[tuple[list[float], list[float]]] = []
    async with place.topics() as kafka:
        stage = Stage(place, kafka)
        async with (
            place.database(CLIENTS.runtime().indexes, stage.database("clients")) as files,
            place.database(NOTIFICATIONS.runtime().indexes, stage.database("notifications")) as boards,
        ):
            await company.found(files)
            agents = await company.found(boards)
            token = await _tv(boards)
            async with stage.running(*PROCESSES) as urls, _watching(urls["notifications-api"], token) as tv:
                load = Load(urls["clients-api"], agents[:ROWS], agents[ROWS:])
                await load.run(sizes, sizes.warm_up)
                await _all_seen(load, tv)
                for _ in range(sizes.rounds):
                    rounds.append(await _round(load, tv, sizes))
    on_board, answers = zip(*rounds, strict=True)
    return [
        *_figures("answer → board", on_board, Aim(at_most=500)),
        *_figures("request → answer", answers, None),
    ]


async def _round(load: Load, tv: Watched, sizes: Sizes) -> tuple[list[float], list[float]]:
    """Milliseconds from answer to board, and from request to answer."""
    before = {agent.id: len(load.answered[agent.id]) for agent in load.best}
    load.seconds.clear()
    await load.run(sizes, sizes.seconds)
    await _all_seen(load, tv)
    on_board = [
        # a board may be faster than the answer on its way to us
        max(0.0, shown - answered) * 1000
        for agent, count in before.items()
        for answered, shown in zip(load.answered[agent][count:], tv.seen[agent][count:], strict=True)
    ]
    return on_board, [seconds * 1000 for seconds in load.seconds]


async def _all_seen(load: Load, tv: Watched) -> None:
    def same() -> None:
        for agent in load.best:
            assert len(tv.seen[agent.id]) == len(load.answered[agent.id])

    await assert_eventually(same, within=60)


def _figures(what: str, rounds: Sequence[Sequence[float]], aim: Aim | None) -> list[Figure]:
    return [
        Figure(f"{what}, {name}", "ms", tuple(percentile(each, share) for each in rounds), one)
        for name, share, one in (("median", 0.5, None), ("99 %", 0.99, aim))
    ]


async def _tv(mongo: Mongo) -> str:
    """Pair a TV that shows one ranking all the time; its token."""
    work = UnitOfWork(mongo, utc_now, "/muster/notifications", Cause(actor=company.TRAINER))
    pairing = new_pairing()
    await work.run(offer, pairing)
    board = await work.run(pair, pairing.code, await Directory(mongo).unit(company.branch_path()[-1]))
    slots = (
        Slot(SlotKind.RANKING, Metric.NEW_CLIENTS, PeriodKind.DAY),
        *(slot for slot in board.value.slots if slot.kind is not SlotKind.RANKING),
    )
    await work.run(records.save, board, replace(board.value, slots=slots))
    return pairing.token


@asynccontextmanager
async def _watching(url: str, token: str) -> AsyncIterator[Watched]:
    """An open board during the body."""
    tv = Watched()

    async def watch() -> None:
        async with Connection.to(url) as connection:
            await connection.send(
                "GET", "/notifications/tv/live", None, {"Cookie": f"{DEVICE_COOKIE}={token}"}
            )
            status, _ = await connection.head()
            if status != 200:
                raise RuntimeError(f"the board answers {status}")
            async for event in connection.events():
                tv.look(event)

    watching = asyncio.create_task(watch())
    try:
        await assert_eventually(lambda: tv.screens or watching.done(), within=30)
        yield tv
        if watching.done():
            watching.result()
    finally:
        watching.cancel()
        await asyncio.wait([watching])
