"""Ladders: how many people of a very large unit have more than so many points, counted every few minutes.

Ranks down to 1,000 are counted exactly at the moment of asking. Below that a count would walk through hundreds of
thousands of index keys, so the rank is read from the ladder and said to be about right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.chassis.mongo import Document, Indexes, Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.schedule.items import DueItem, plan
from services.chassis.work import Transaction
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import Period, PeriodKind, WorkCalendar, period_on
from services.notifications.leaderboards.ranking import Step, ladder
from services.notifications.leaderboards.store import Generation, live_generation

LADDERS = "leaderboard_ladders"
INDEXES: Indexes = {LADDERS: []}


LADDER = "leaderboards.ladder"
EVERY = timedelta(minutes=10)
APART = timedelta(seconds=15)
"""Between two ladders, so that a very large company's are not all counted at once."""


async def plan_ladders(tx: Transaction, generation: Generation) -> None:
    """Count the ladders of this generation from now on, for as long as it is the live one."""
    wanted = [
        (unit, metric, kind) for unit in generation.ordered_units for metric in Metric for kind in PeriodKind
    ]
    for place, (unit_id, metric, kind) in enumerate(sorted(wanted)):
        await _plan(
            tx,
            {"generation": generation.number, "unit_id": unit_id, "metric": metric.value, "kind": kind.value},
            tx.now + place * APART % EVERY,
        )


async def build_due(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Count the ladders that are due, and plan them again. They are a cache, so they are outside the transaction."""
    generation = await live_generation(tx.mongo, tx.session)
    for item in items:
        wanted = item.payload
        if wanted["generation"] != generation.number:
            continue
        unit = await Directory(tx.mongo, tx.session).unit(wanted["unit_id"])
        work = WorkCalendar(unit.time_zone, unit.period_start_day)
        period = period_on(PeriodKind(wanted["kind"]), work.local_date(tx.now), work)
        await build_ladder(tx.mongo, generation, unit.id, Metric(wanted["metric"]), period)
        await _plan(tx, wanted, tx.now + EVERY)


async def _plan(tx: Transaction, wanted: Mapping[str, Any], at: datetime) -> None:
    what = f"{wanted['generation']}|{wanted['unit_id']}|{wanted['metric']}|{wanted['kind']}"
    await plan(tx, f"ladder|{what}|{at:%Y%m%d%H%M%S}", LADDER, at, wanted)


async def build_ladder(
    mongo: Mongo, generation: Generation, unit_id: str, metric: Metric, period: Period
) -> None:
    """Count once, from the index alone, and keep the steps."""
    found = await mongo.aggregate(
        generation.orders,
        [
            {
                "$match": {
                    "unit_id": unit_id,
                    "metric": metric.value,
                    "period": period.key,
                    "points": {"$gt": 0},
                }
            },
            {"$group": {"_id": "$points", "people": {"$sum": 1}}},
        ],
    )
    steps = ladder((each["_id"], each["people"]) for each in found)
    document: Document = {
        "points": [step.points for step in steps],
        "above": [step.above for step in steps],
    }
    await mongo.collection(LADDERS).replace_one(
        {"_id": f"{unit_id}|{metric}|{period.key}"}, document, upsert=True
    )


def steps_of(document: dict[str, Any]) -> list[Step]:
    """The steps that a kept ladder has."""
    return [Step(points, above) for points, above in zip(document["points"], document["above"], strict=True)]
