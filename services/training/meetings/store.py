"""Every query on meetings, with the indexes they use."""

from collections.abc import Sequence
from datetime import datetime

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel, Mongo, Session
from services.chassis.records import Records, Stored
from services.contracts.training import MEETING
from services.training.meetings.model import Meeting, Status

MEETINGS: Records[Meeting] = Records(
    "meetings", Meeting, aggregate=MEETING, org_path=lambda meeting: meeting.org_path
)

INDEXES: Indexes = {
    MEETINGS.collection: [
        IndexModel(
            [("slot", ASCENDING)],
            name="one_a_series_and_day",
            unique=True,
            partialFilterExpression={"slot": {"$type": "string"}},
        ),
        IndexModel(
            [("series_id", ASCENDING), ("status", ASCENDING), ("starts_at", DESCENDING)], name="of_series"
        ),
        IndexModel([("unit_id", ASCENDING), ("status", ASCENDING), ("starts_at", ASCENDING)], name="of_unit"),
        *(
            IndexModel(
                [(place, ASCENDING), ("starts_at", ASCENDING), ("_id", ASCENDING)], name=f"{place}_days"
            )
            for place in ("unit_id", "org_path")
        ),
    ]
}

ORDER = (("starts_at", ASCENDING), ("_id", ASCENDING))
REMEMBERED = 60
"""So many past meetings of a series count for fairness."""


async def meeting_of(mongo: Mongo, meeting_id: str, session: Session | None = None) -> Stored[Meeting]:
    """The meeting. Raises `NotFound`."""
    document = await mongo.collection(MEETINGS.collection).find_one({"_id": meeting_id}, session=session)
    if document is None:
        raise NotFound
    return MEETINGS.stored(document)


async def between(
    mongo: Mongo,
    place: Document,
    earliest: datetime,
    latest: datetime,
    *,
    after: Document | None = None,
    limit: int = 500,
) -> list[Stored[Meeting]]:
    """The meetings at this place that begin from `earliest` to before `latest`, in their order.

    `place` is a filter on `unit_id` or `org_path`.
    """
    days: Document = {"starts_at": {"$gte": earliest, "$lt": latest}}
    query: Document = {"$and": [place, days, after or {}]}
    cursor = mongo.collection(MEETINGS.collection).find(query).sort(list(ORDER)).limit(limit)
    return [MEETINGS.stored(document) for document in await cursor.to_list(None)]


async def next_of(mongo: Mongo, unit_ids: Sequence[str], since: datetime) -> Stored[Meeting] | None:
    """The meeting of exactly these units that is running, or else comes next after `since`."""
    for status, moments in (
        (Status.RUNNING, {}),
        (Status.PLANNED, {"starts_at": {"$gte": since}}),
    ):
        found = (
            await mongo.collection(MEETINGS.collection)
            .find({"unit_id": {"$in": list(unit_ids)}, "status": status.value, **moments})
            .sort([("starts_at", ASCENDING)])
            .limit(1)
            .to_list(None)
        )
        if found:
            return MEETINGS.stored(found[0])
    return None


async def held(
    mongo: Mongo, series_id: str, session: Session | None = None, limit: int = REMEMBERED
) -> list[Meeting]:
    """The latest meetings of the series that were held, newest first."""
    cursor = (
        mongo.collection(MEETINGS.collection)
        .find({"series_id": series_id, "status": Status.HELD.value}, session=session)
        .sort([("starts_at", DESCENDING)])
        .limit(limit)
    )
    return [MEETINGS.stored(document).value for document in await cursor.to_list(None)]


async def days_taken(
    mongo: Mongo, series_id: str, since: datetime, session: Session | None = None
) -> frozenset[str]:
    """The days (ISO) from then on for which the series has a meeting, whatever became of it but cancelled."""
    others = [status.value for status in Status if status is not Status.CANCELLED]
    cursor = mongo.collection(MEETINGS.collection).find(
        {"series_id": series_id, "status": {"$in": others}, "starts_at": {"$gte": since}},
        {"day": 1},
        session=session,
    )
    return frozenset(document["day"] for document in await cursor.to_list(None))
