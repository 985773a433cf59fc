"""Every query on series, with the indexes they use."""

from collections.abc import Sequence

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, Document, Indexes, IndexModel, Mongo, Session
from services.chassis.records import Records, Stored
from services.contracts.event import Aggregate
from services.training.series.model import Series

SERIES: Records[Series] = Records(
    "series",
    Series,
    aggregate=Aggregate("training", "series"),  # nobody outside needs to hear of it, so it has no events
    org_path=lambda series: series.org_path,
)

INDEXES: Indexes = {
    SERIES.collection: [
        IndexModel([("org_path", ASCENDING), ("title", ASCENDING), ("_id", ASCENDING)], name="under_unit")
    ]
}

ORDER = (("title", ASCENDING), ("_id", ASCENDING))


async def series_of(mongo: Mongo, series_id: str, session: Session | None = None) -> Stored[Series]:
    """The series. Raises `NotFound`."""
    document = await mongo.collection(SERIES.collection).find_one({"_id": series_id}, session=session)
    if document is None:
        raise NotFound
    return SERIES.stored(document)


async def under(
    mongo: Mongo, unit_ids: Sequence[str], after: Document | None = None, limit: int = 200
) -> list[Stored[Series]]:
    """The series of these units and of those below them, by title."""
    query: Document = {"org_path": {"$in": list(unit_ids)}, **(after or {})}
    cursor = mongo.collection(SERIES.collection).find(query).sort(list(ORDER)).limit(limit)
    return [SERIES.stored(document) for document in await cursor.to_list(None)]
