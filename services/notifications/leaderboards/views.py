"""Reading the boards: rankings of people and units, somebody's own place, and what a score is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.mongo import Document, Mongo
from services.notifications.leaderboards.closing import CLOSED, is_closed
from services.notifications.leaderboards.ladders import LADDERS, steps_of
from services.notifications.leaderboards.model import Entry, Metric
from services.notifications.leaderboards.periods import Period, WorkCalendar, bounds
from services.notifications.leaderboards.ranking import (
    Improved,
    Ranked,
    Score,
    merged,
    most_improved,
    rank_on,
    ranked,
)
from services.notifications.leaderboards.store import Generation, entry, live_generation, order_id

EXACT_TO = 1_000
"""In a very large unit, ranks beyond this are read from its ladder."""


@dataclass(frozen=True)
class OwnPlace:
    """Where somebody stands."""

    rank: int | None
    """None while it is not known: far down in a very large unit that has no ladder yet."""
    points: int
    exact: bool
    to_next: int | None
    """Points that are missing to reach the next better rank; None for the first."""


@dataclass(frozen=True)
class Board:
    """A ranking of the people under one unit, as it stood at the moment of reading."""

    top: tuple[Ranked, ...]
    own: OwnPlace | None
    people: int | None
    """How many have points at all; None in a very large unit."""
    closed: bool
    """Read from the snapshot that was made when the period was closed."""


class Leaderboards:
    """Questions to the leaderboards of one service's database."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def board(
        self, unit_id: str, metric: Metric, period: Period, *, limit: int = 100, own: str | None = None
    ) -> Board:
        """The first `limit` ranks under the unit, and where `own` stands."""
        generation = await live_generation(self._mongo)
        closed = await is_closed(self._mongo, period)
        if unit_id in generation.ordered_units and not closed:
            return await self._very_large(generation, unit_id, metric, period, limit, own)
        collection = CLOSED if closed else generation.standings
        everybody = ranked(merged(await self._scores(collection, unit_id, metric, period)))
        mine = next((one for one in everybody if one.score.id == own), None)
        return Board(
            top=tuple(everybody[:limit]),
            own=_own_place(everybody, mine) if mine else None,
            people=len(everybody),
            closed=closed,
        )

    async def improved(
        self,
        unit_id: str,
        metric: Metric,
        period: Period,
        before: Period,
        known: frozenset[str],
        limit: int = 5,
    ) -> list[Improved]:
        """Who gained most against the period before, among the people that were there then."""
        generation = await live_generation(self._mongo)
        now = merged(await self._scores(generation.standings, unit_id, metric, period))
        then = merged(await self._scores(generation.standings, unit_id, metric, before))
        return most_improved(now, then, known=known, limit=limit)

    async def sums(
        self, unit_id: str, depth: int, metric: Metric, period: Period
    ) -> list[tuple[str, int, datetime]]:
        """Sums of all units `depth` steps from the company (company 0, its children 1 ...) under this unit."""
        generation = await live_generation(self._mongo)
        closed = await is_closed(self._mongo, period)
        collection = CLOSED if closed else generation.standings
        found = await self._mongo.aggregate(
            collection,
            [
                {
                    "$match": {
                        "period": period.key,
                        "org_path": unit_id,
                        f"points.{metric}": {"$exists": True},
                    }
                },
                {
                    "$group": {
                        "_id": {"$arrayElemAt": ["$org_path", depth]},
                        "points": {"$sum": f"$points.{metric}"},
                        "reached": {"$max": f"$reached.{metric}"},
                    }
                },
            ],
        )
        return [(each["_id"], each["points"], each["reached"]) for each in found if each.get("_id")]

    async def entries(
        self,
        person_id: str,
        metric: Metric,
        period: Period,
        *,
        unit_id: str | None = None,
        as_of: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> list[Entry]:
        """What somebody's score (under one unit) is made of, newest first, up to a moment; from after a cursor on."""
        generation = await live_generation(self._mongo)
        query = await self._made_of(generation, person_id, metric, period, unit_id, as_of)
        if query is None:
            return []
        if after is not None:
            at, id_ = after
            later = {"$or": [{"occurred_at": {"$lt": at}}, {"occurred_at": at, "_id": {"$lt": id_}}]}
            query = {"$and": [query, later]}
        cursor = self._mongo.collection(generation.entries).find(query)
        cursor = cursor.sort([("occurred_at", -1), ("_id", -1)]).limit(limit)
        return [entry(document) for document in await cursor.to_list(None)]

    async def points_as_of(
        self,
        person_id: str,
        metric: Metric,
        period: Period,
        *,
        unit_id: str | None = None,
        as_of: datetime | None = None,
    ) -> int:
        """The sum of the entries up to a moment: what the board showed, had nothing come late."""
        generation = await live_generation(self._mongo)
        return sum((await self._parts(generation, person_id, metric, period, unit_id, as_of)).values())

    async def parts(
        self,
        person_id: str,
        metric: Metric,
        period: Period,
        *,
        unit_id: str | None = None,
        as_of: datetime | None = None,
    ) -> dict[Metric, int]:
        """The same sum, by what was counted: which part of the effort points are showings."""
        generation = await live_generation(self._mongo)
        return await self._parts(generation, person_id, metric, period, unit_id, as_of)

    async def _parts(
        self,
        generation: Generation,
        person_id: str,
        metric: Metric,
        period: Period,
        unit_id: str | None,
        as_of: datetime | None,
    ) -> dict[Metric, int]:
        query = await self._made_of(generation, person_id, metric, period, unit_id, as_of)
        if query is None:
            return {}
        found = await self._mongo.aggregate(
            generation.entries,
            [
                {"$match": query},
                {"$set": {"counted": {"$first": "$scores.metric"}}},
                {"$unwind": "$scores"},
                {"$match": {"scores.metric": metric.value}},
                {"$group": {"_id": "$counted", "points": {"$sum": "$scores.points"}}},
                {"$sort": {"points": -1, "_id": 1}},
            ],
        )
        return {Metric(each["_id"]): int(each["points"]) for each in found}

    async def _made_of(
        self,
        generation: Generation,
        person_id: str,
        metric: Metric,
        period: Period,
        unit_id: str | None,
        as_of: datetime | None,
    ) -> Document | None:
        """The entries behind somebody's standings in a period, each by the calendar it was counted by."""
        standings = [
            one
            for one in await self._standings(generation, person_id, period)
            if unit_id is None or unit_id in one["org_path"]
        ]
        if not standings:
            return None
        places = []
        for one in standings:
            begin, end = bounds(period, WorkCalendar.from_key(one["calendar"]))
            places.append((begin, end, one["org_path"]))
        # the range over all of them is what the index is walked by
        within: Document = {
            "$gte": min(begin for begin, _, _ in places),
            "$lt": max(end for _, end, _ in places),
        }
        if as_of is not None:
            within["$lte"] = as_of
        return {
            "person_id": person_id,
            "scores.metric": metric.value,
            "occurred_at": within,
            "$or": [{"org_path": path, "occurred_at": {"$gte": b, "$lt": e}} for b, e, path in places],
        }

    async def _standings(self, generation: Generation, person_id: str, period: Period) -> list[Document]:
        prefix = f"{period.key}|{person_id}|"
        cursor = self._mongo.collection(generation.standings).find(
            {"_id": {"$gte": prefix, "$lt": prefix + "\uffff"}}
        )
        return await cursor.to_list(None)

    async def of_person(self, person_id: str, period: Period) -> dict[Metric, int]:
        """All that somebody has in a period, by metric."""
        sums: dict[Metric, int] = {}
        for document in await self._standings(await live_generation(self._mongo), person_id, period):
            for metric, points in document["points"].items():
                sums[Metric(metric)] = sums.get(Metric(metric), 0) + points
        return sums

    async def _scores(self, collection: str, unit_id: str, metric: Metric, period: Period) -> list[Score]:
        cursor = self._mongo.collection(collection).find(
            {"period": period.key, "org_path": unit_id, f"points.{metric}": {"$gt": 0}},
            {"_id": 0, "person_id": 1, f"points.{metric}": 1, f"reached.{metric}": 1},
        )
        return [
            Score(each["person_id"], each["points"][metric], each["reached"][metric])
            for each in await cursor.to_list(None)
        ]

    async def _very_large(
        self,
        generation: Generation,
        unit_id: str,
        metric: Metric,
        period: Period,
        limit: int,
        own: str | None,
    ) -> Board:
        orders = self._mongo.collection(generation.orders)
        cursor = orders.find(order_query(unit_id, metric, period.key)).sort(ORDER).limit(limit)
        top = ranked(_score(document) for document in await cursor.to_list(None))
        place = None
        if own is not None:
            mine = await orders.find_one({"_id": order_id(unit_id, metric, period.key, own)})
            if mine is not None and mine["points"] > 0:
                place = await self._place(generation, unit_id, metric, period, mine["points"])
        return Board(tuple(top), place, None, closed=False)

    async def _place(
        self, generation: Generation, unit_id: str, metric: Metric, period: Period, points: int
    ) -> OwnPlace:
        orders = self._mongo.collection(generation.orders)
        better = order_query(unit_id, metric, period.key, above=points)
        next_better = await orders.find(better, {"_id": 0, "points": 1}).sort("points", 1).limit(1).to_list(1)
        to_next = next_better[0]["points"] - points if next_better else None
        above = await orders.count_documents(better, limit=EXACT_TO)
        if above < EXACT_TO:
            return OwnPlace(above + 1, points, True, to_next)
        found = await self._mongo.collection(LADDERS).find_one({"_id": f"{unit_id}|{metric}|{period.key}"})
        about = rank_on(steps_of(found), points) if found else None
        # what was counted just now is newer than the ladder
        return OwnPlace(max(about, EXACT_TO + 1) if about else None, points, False, to_next)


ORDER: Sequence[tuple[str, int]] = (("points", -1), ("reached", 1), ("person_id", 1))


def order_query(unit_id: str, metric: Metric, period: str, *, above: int = 0) -> Document:
    """Whoever has more than `above` points under a very large unit."""
    return {"unit_id": unit_id, "metric": metric.value, "period": period, "points": {"$gt": above}}


def _score(document: Mapping[str, Any]) -> Score:
    return Score(document["person_id"], document["points"], document["reached"])


def _own_place(everybody: Sequence[Ranked], mine: Ranked) -> OwnPlace:
    better = [one for one in everybody[: mine.rank - 1] if one.score.points > mine.score.points]
    to_next = better[-1].score.points - mine.score.points if better else None
    return OwnPlace(mine.rank, int(mine.score.points), True, int(to_next) if to_next is not None else None)
