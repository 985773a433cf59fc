"""Figures of notifications, taken from its database: what was counted, and whether it adds up."""

from collections.abc import Sequence
from typing import Any

from services.chassis.mongo import Document, Mongo
from services.notifications.leaderboards.model import Metric, summed
from services.notifications.leaderboards.periods import WorkCalendar
from services.notifications.leaderboards.store import Generation, entry, live_generation


async def counted(mongo: Mongo, *metrics: Metric) -> list[str]:
    """The ids of the events in the ledger, once for each line; of these metrics only, when some are named."""
    generation = await live_generation(mongo)
    wanted: Document = {"scores.metric": {"$in": [metric.value for metric in metrics]}} if metrics else {}
    lines = mongo.collection(generation.entries).find(wanted, {"event_id": 1})
    return [line["event_id"] for line in await lines.to_list(None)]


async def standings(mongo: Mongo) -> dict[str, Any]:
    """Every figure of the live generation, by the standing's id."""
    generation = await live_generation(mongo)
    documents: Sequence[Document] = await mongo.collection(generation.standings).find().to_list(None)
    return {each["_id"]: (each["points"], each["reached"]) for each in documents}


async def assert_adds_up(mongo: Mongo) -> None:
    """The standings are what adding up the ledger gives, figure for figure, and nothing waits to be placed."""
    generation: Generation = await live_generation(mongo)
    documents = await mongo.collection(generation.entries).find().to_list(None)
    assert not [each["_id"] for each in documents if "waits_for" in each]
    lines = [entry(each) for each in documents]
    places = {line.org_path[-1] for line in lines}
    expected = summed(lines, dict.fromkeys(places, WorkCalendar("Asia/Shanghai", 1)))
    assert await standings(mongo) == {one.id: (one.points, one.reached) for one in expected}
