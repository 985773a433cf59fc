"""Ladders: how many people of a very large unit have more than so many points, counted every few minutes.

Ranks down to 1,000 are counted exactly at the moment of asking. Below that a count would walk through hundreds of
thousands of index keys, so the rank is read from the ladder and said to be about right.
"""

from typing import Any

from services.chassis.mongo import Document, Indexes, Mongo
from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import Period
from services.notifications.leaderboards.ranking import Step, ladder
from services.notifications.leaderboards.store import Generation

LADDERS = "leaderboard_ladders"
INDEXES: Indexes = {LADDERS: []}


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
