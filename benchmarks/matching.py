"""Matching both ways in a company of 100,000 listings and 1,000,000 needs: what one question takes, and reads.

Listings and needs are spread as in life: three cities, twelve districts and six areas each; most clients look in an
area or two, some in a whole city; prices spread over three doublings, most budgets name both ends. Asked is through
the functions of the pages, driver, decoding and judging in Python included. How many documents and index entries the
server reads for it is taken from its own account of the same queries (`explain`).
"""

import gc
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from benchmarks.figures import Aim, Figure, percentile
from benchmarks.place import Place
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Indexes, Mongo
from services.chassis.records import CONVERTER
from services.clients.listings import model as listings
from services.clients.listings import store as listings_store
from services.clients.listings.features import Decoration, Facts, Feature, Orientation
from services.clients.listings.model import Listing
from services.clients.listings.places import Place as Where
from services.clients.matching.finding import MOST_COMPARED, listings_for, needs_for, query_for, query_of
from services.clients.needs import model as needs
from services.clients.needs import store as needs_store
from services.clients.needs.model import Condition, Need, Weight, Wish
from services.contracts.clients import ListingKind

TITLE = "matching, both ways"
AT = datetime(2026, 11, 23, tzinfo=UTC)
CITIES = ("上海", "杭州", "广州")
DISTRICTS, AREAS, COMMUNITIES = 12, 6, 10
WARM_UP = 20
"""Questions before those that count: the server reads the index from its disk once."""
WRITTEN_AT_ONCE = 5_000


@dataclass(frozen=True)
class Sizes:
    listings: int = 20_000
    needs: int = 100_000
    questions: int = 100
    rounds: int = 3


@dataclass(frozen=True)
class Read:
    """What the server examined for one question."""

    documents: int
    entries: int
    milliseconds: float


SHORT, TINY = Sizes(), Sizes(listings=200, needs=400, questions=5, rounds=1)
FULL = Sizes(listings=100_000, needs=1_000_000, questions=200)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Rounds of questions of different clients and listings."""
    async with place.database({}) as mongo:
        some_listings = await _fill(mongo, "listings", _listings(sizes.listings), sizes.questions)
        some_needs = await _fill(mongo, "needs", _needs(sizes.needs), sizes.questions)
        await mongo.prepare(_indexes())
        homes = [listings_store.LISTINGS.stored(each).value for each in some_listings]
        wanted = [needs_store.NEEDS.stored(each).value for each in some_needs]
        # as an API process does when it starts
        gc.collect()
        gc.freeze()
        for need, home in zip(wanted[:WARM_UP], homes[:WARM_UP], strict=True):
            await listings_for(mongo, need)
            await needs_for(mongo, home)
        to_listings: list[list[float]] = []
        to_needs: list[list[float]] = []
        worked: tuple[list[float], list[float]] = ([], [])
        found: list[tuple[int, int]] = []
        for _ in range(sizes.rounds):
            taken: list[float] = []
            for need in wanted:
                begun, used = time.perf_counter(), time.process_time()
                matches = await listings_for(mongo, need)
                taken.append((time.perf_counter() - begun) * 1000)
                worked[0].append((time.process_time() - used) * 1000)
                found.append((len(matches.suiting), matches.compared))
            to_listings.append(taken)
            taken = []
            for home in homes:
                begun, used = time.perf_counter(), time.process_time()
                await needs_for(mongo, home)
                taken.append((time.perf_counter() - begun) * 1000)
                worked[1].append((time.process_time() - used) * 1000)
            to_needs.append(taken)
        gc.unfreeze()
        read_listings = [await _read(mongo, "listings", query_for(need)) for need in wanted]
        read_needs = [await _read(mongo, "needs", query_of(home)) for home in homes]
    aim = Aim(at_most=200)
    said = f"{sizes.listings:,} listings, {sizes.needs:,} needs"
    return [
        *_both(f"client to listings, {said}", to_listings, aim),
        *_both(f"listing to clients, {said}", to_needs, aim),
        *_processor("client to listings", worked[0], read_listings),
        *_processor("listing to clients", worked[1], read_needs),
        *_documents("client to listings", read_listings),
        *_documents("listing to clients", read_needs),
        Figure("listings that suit a client, median", "", (percentile([suits for suits, _ in found], 0.5),)),
    ]


def _both(what: str, rounds: Sequence[Sequence[float]], aim: Aim) -> list[Figure]:
    return [
        Figure(f"{what}: median", "ms", tuple(percentile(each, 0.5) for each in rounds), aim),
        Figure(f"{what}: 99 %", "ms", tuple(percentile(each, 0.99) for each in rounds), aim),
    ]


def _processor(what: str, worked: Sequence[float], read: Sequence[Read]) -> list[Figure]:
    """What does not depend on who else is working on the machine: the time of our own processor, and of the server."""
    in_server = [each.milliseconds for each in read]
    return [
        Figure(
            f"{what}: processor time in Python, 99 %", "ms", (percentile(worked, 0.99),), Aim(at_most=200)
        ),
        Figure(f"{what}: server, 99 %", "ms", (percentile(in_server, 0.99),), Aim(at_most=200)),
    ]


def _documents(what: str, read: Sequence[Read]) -> list[Figure]:
    documents = [float(each.documents) for each in read]
    entries = [float(each.entries) for each in read]
    return [
        Figure(f"{what}: documents examined, median", "", (percentile(documents, 0.5),)),
        Figure(f"{what}: documents examined, most", "", (max(documents),), Aim(at_most=3 * MOST_COMPARED)),
        Figure(f"{what}: index entries examined, most", "", (max(entries),)),
    ]


async def _read(mongo: Mongo, collection: str, query: Document) -> Read:
    """What the server did for a question, as it says itself."""
    command = {
        "explain": {"find": collection, "filter": query, "sort": {"_id": -1}, "limit": MOST_COMPARED + 1},
        "verbosity": "executionStats",
    }
    said = (await mongo.database.command(command))["executionStats"]
    return Read(said["totalDocsExamined"], said["totalKeysExamined"], said["executionTimeMillis"])


def _indexes() -> Indexes:
    ours = {**listings_store.INDEXES, **needs_store.INDEXES}
    return {name: ours[name] for name in ("listings", "needs")}


async def _fill(mongo: Mongo, collection: str, documents: Iterator[Document], kept: int) -> list[Document]:
    """Write them before there is an index, which is then built at once; some of them, evenly spread."""
    sample: list[Document] = []
    chance, number = random.Random(7), 0
    while some := list(islice(documents, WRITTEN_AT_ONCE)):
        await mongo.collection(collection).insert_many(some, ordered=False)
        for each in some:
            number += 1
            if len(sample) < kept:
                sample.append(each)
            elif (at := chance.randrange(number)) < kept:
                sample[at] = each
    return sample


def _listings(count: int) -> Iterator[Document]:
    chance = random.Random(1)
    for _ in range(count):
        rooms = chance.choices((1, 2, 3, 4, 5), (15, 30, 32, 17, 6))[0]
        figures = {
            Feature.PRICE: _price(chance),
            Feature.ROOMS: rooms,
            Feature.SIZE: rooms * 300 + chance.randrange(-50, 150),
            Feature.FLOOR: chance.randrange(1, 33),
            Feature.YEAR: chance.randrange(1985, 2026),
            Feature.LIFT: chance.randrange(2),
        }
        codes = {
            Feature.ORIENTATION: chance.choice(tuple(Orientation)).value,
            Feature.DECORATION: chance.choice(tuple(Decoration)).value,
        }
        listing = Listing(
            id=new_id(),
            agent_id="agent",
            org_path=("co",),
            company_id="co",
            kind=ListingKind.SALE,
            title="listing",
            currency="CNY",
            place=_where(chance, 4),
            facts=Facts(figures, codes, {}),
            added_at=AT,
        )
        yield _document(listings.settled(listing))


def _needs(count: int) -> Iterator[Document]:
    chance = random.Random(2)
    for number in range(count):
        level = chance.choices((1, 2, 3, 4), (8, 30, 50, 12))[0]
        places = tuple({_where(chance, level) for _ in range(chance.choices((1, 2, 3), (60, 30, 10))[0])})
        middle = _price(chance)
        rooms = chance.randrange(1, 5)
        limits = [
            Condition(
                Feature.PRICE,
                None if chance.random() < 0.2 else middle * 80 // 100,
                middle * 115 // 100,
            )
        ]
        if chance.random() < 0.85:
            limits.append(Condition(Feature.ROOMS, rooms, rooms + chance.randrange(2)))
        wishes = (
            Wish(Condition(Feature.SIZE, at_least=rooms * 320), Weight.IMPORTANT),
            Wish(Condition(Feature.ORIENTATION, one_of=("south", "north_south")), Weight.NICE),
            Wish(Condition(Feature.YEAR, at_least=2000), Weight.NICE),
            Wish(Condition(Feature.LIFT, at_least=1), Weight.VERY_IMPORTANT),
        )
        need = Need(
            id=new_id(),
            client_id=f"client-{number}",
            company_id="co",
            kind=ListingKind.SALE,
            currency="CNY",
            places=places,
            limits=tuple(limits),
            wishes=wishes[: chance.randrange(5)],
            opened_at=AT,
        )
        yield _document(needs.settled(need))


def _price(chance: random.Random) -> int:
    """1,500,000 to 12,000,000, as many in each doubling."""
    return int(150_000_000 * 2 ** (3 * chance.random())) // 1_000_000 * 1_000_000


def _where(chance: random.Random, level: int) -> Where:
    district, area = chance.randrange(DISTRICTS), chance.randrange(AREAS)
    whole = (
        chance.choice(CITIES),
        f"区{district}",
        f"板块{district}-{area}",
        f"小区{district}-{area}-{chance.randrange(COMMUNITIES)}",
    )
    return whole[:level]


def _document(value: Any) -> Document:
    document: Document = CONVERTER.unstructure(value)
    return {"_id": document.pop("id"), "version": 1, "sequence": 0, "last_event_id": "", **document}
