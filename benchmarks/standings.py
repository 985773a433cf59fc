"""Top 100 and one's own rank in a company of a million people, each with a standing in the month that is asked for.

The standings are made by the server itself, in the form in which the ledger's sums keep them; points are spread as
they are in life, many with few and few with many. Read is through the same functions as the pages use. The server's
time is taken from its own account (`opLatencies`, microseconds of all reads), so neither the network nor Python is in
it; that no collection is walked through is taken from its profile of the same readings.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.figures import Aim, Figure, percentile
from benchmarks.place import Place
from services.chassis.clock import utc_now
from services.chassis.mongo import Document, Mongo
from services.chassis.testing.plans import no_collection_scan
from services.chassis.work import UnitOfWork
from services.notifications.app import INDEXES
from services.notifications.leaderboards.ladders import build_ladder
from services.notifications.leaderboards.model import EFFORT
from services.notifications.leaderboards.periods import Period
from services.notifications.leaderboards.store import Generation, order_id, switch_to
from services.notifications.leaderboards.views import Leaderboards

TITLE = "top 100 and own rank among 1,000,000 standings"
COMPANY = "co"
MONTH = Period.from_key("month:2026-11")
GENERATION = Generation(1, frozenset({COMPANY}))
MOST_POINTS = 6_000
LIMIT = 100
PIECE = 500


@dataclass(frozen=True)
class Sizes:
    standings: int = 1_000_000
    rounds: int = 5
    readings: int = 20
    """Of each place, in a round."""


SHORT, TINY = Sizes(), Sizes(standings=2_500, rounds=1, readings=1)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Rounds of readings by people at the top, in the middle and at the end."""
    async with place.database(INDEXES) as mongo:
        await _fill(mongo, sizes.standings)
        await UnitOfWork(mongo, utc_now, "/muster/notifications").run(switch_to, GENERATION)
        begun = time.perf_counter()
        await build_ladder(mongo, GENERATION, COMPANY, EFFORT, MONTH)
        counted = time.perf_counter() - begun
        people = await _people(mongo, sizes.standings)
        async with no_collection_scan(mongo):
            for person in people.values():
                await _read(mongo, person)
        in_server: dict[str, list[float]] = {name: [] for name in people}
        waited: list[list[float]] = []
        for _ in range(sizes.rounds):
            taken: list[float] = []
            for name, person in people.items():
                before = await _reads(mongo)
                for _ in range(sizes.readings):
                    begun = time.perf_counter()
                    await _read(mongo, person)
                    taken.append((time.perf_counter() - begun) * 1000)
                in_server[name].append((await _reads(mongo) - before) / sizes.readings)
            waited.append(taken)
    aim = Aim(at_most=5)
    return [
        *(Figure(f"server time, {name}", "ms", tuple(each), aim) for name, each in in_server.items()),
        Figure("with driver and Python, median", "ms", tuple(percentile(each, 0.5) for each in waited)),
        Figure("with driver and Python, 99 %", "ms", tuple(percentile(each, 0.99) for each in waited)),
        Figure("counting the ladder anew, each ten minutes", "s", (counted,)),
    ]


async def _read(mongo: Mongo, person_id: str) -> None:
    board = await Leaderboards(mongo).board(COMPANY, EFFORT, MONTH, limit=LIMIT, own=person_id)
    if len(board.top) != LIMIT or board.own is None or board.own.rank is None:
        raise AssertionError(f"not the board that was asked for: {board.own}")


async def _reads(mongo: Mongo) -> float:
    """Milliseconds that the server has spent on reads so far."""
    status = await mongo.client.admin.command({"serverStatus": 1, "opLatencies": {"histograms": False}})
    return float(status["opLatencies"]["reads"]["latency"]) / 1000


async def _people(mongo: Mongo, count: int) -> Mapping[str, str]:
    """Somebody at each of a few places of the order, by words for the place."""
    orders = mongo.collection(GENERATION.orders)
    found = {}
    for words, rank in (
        ("the first", 1),
        ("rank 1,000, counted", 1_000),
        ("the middle, from the ladder", count // 2),
        ("the last, from the ladder", count - count // 100),
    ):
        query = orders.find({"unit_id": COMPANY}, {"person_id": 1}).sort("points", -1).skip(rank - 1)
        found[words] = (await query.limit(1).to_list(1))[0]["person_id"]
    return found


async def _fill(mongo: Mongo, count: int) -> None:
    """Make so many places in the company's order."""
    orders = mongo.collection(GENERATION.orders)
    await mongo.prepare({GENERATION.orders: ()})
    await orders.drop_indexes()
    await mongo.aggregate("units", [*_numbers(count), *_as_orders(), {"$out": GENERATION.orders}])
    await mongo.prepare(GENERATION.indexes)
    if await orders.estimated_document_count() != count:
        raise AssertionError("the server made another number of standings")


def _numbers(count: int) -> Sequence[Document]:
    """Documents with the numbers from 0 to `count`, a multiple of `PIECE`, out of nothing."""
    return [
        {"$collStats": {"count": {}}},
        {"$project": {"begin": {"$range": [0, count, PIECE]}}},
        {"$unwind": "$begin"},
        {"$project": {"n": {"$range": ["$begin", {"$add": ["$begin", PIECE]}]}}},
        {"$unwind": "$n"},
        {"$project": {"_id": 0, "n": 1}},
    ]


def _as_orders() -> Sequence[Document]:
    person = {"$concat": ["person-", {"$toString": "$n"}]}
    # a number between 0 and 1 that looks like chance and is the same every time
    chance = {"$divide": [{"$mod": [_times("$n", 7_368_787), 1_000_003]}, 1_000_003]}
    return [
        {"$set": {"person_id": person, "chance": chance}},
        {
            "$project": {
                "_id": {"$concat": [order_id(COMPANY, EFFORT, MONTH.key, ""), "$person_id"]},
                "unit_id": COMPANY,
                "metric": EFFORT.value,
                "period": MONTH.key,
                "person_id": 1,
                "points": {"$toInt": {"$add": [1, _times({"$pow": ["$chance", 4]}, MOST_POINTS)]}},
                "reached": {"$add": [datetime(2026, 11, 1, tzinfo=UTC), _times("$n", 1000)]},
            }
        },
    ]


def _times(value: Any, factor: int) -> Document:
    return {"$multiply": [value, {"$toLong": factor}]}
