"""JSON: series of meetings, and the draft of the next one."""

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from services.chassis.access import Access
from services.chassis.errors import N_, Conflict, NotFound
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Directory, Once, Store, Visitor, Work
from services.chassis.web.paging import CursorParam, Rows, SizeParam, after, decode_cursor, link_header
from services.chassis.web.validation import Input, Line
from services.chassis.web.versions import ExpectedVersion
from services.training.drafting.views import draft_for
from services.training.inputs import ClockTime, Day, Id, SegmentPlanIn, Weekdays
from services.training.outputs import DraftOut, SeriesOut
from services.training.series import store as series_store
from services.training.series.commands import CreateSeries, EditSeries, create_series, edit_series
from services.training.series.model import (
    DEFAULT_AGENDA,
    DEFAULT_START,
    DEFAULT_WEEKDAYS,
    SegmentPlan,
    Series,
)
from services.training.sight import DIRECTORS, directed_series, seen_series, sees

router = APIRouter(tags=["series"])


class SeriesIn(Input):
    title: Line
    host_id: Id
    weekdays: Weekdays = DEFAULT_WEEKDAYS
    starts: ClockTime = DEFAULT_START
    agenda: tuple[SegmentPlanIn, ...] = tuple(
        SegmentPlanIn(kind=plan.kind, minutes=plan.minutes) for plan in DEFAULT_AGENDA
    )

    def plans(self) -> tuple[SegmentPlan, ...]:
        return tuple(SegmentPlan(kind=one.kind, minutes=one.minutes) for one in self.agenda)


class NewSeries(SeriesIn):
    unit_id: Id


def units_in_sight(visitor: Access) -> list[str]:
    """The units whose series are looked up: those looked after with all below, and the visitor's own."""
    return [*visitor.unit_ids, *visitor.org_path]


@router.get("/series", response_model=list[SeriesOut])
async def list_series(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    cursor: CursorParam = "",
    size: SizeParam = 50,
) -> list[SeriesOut]:
    """The series in sight, by title."""
    position = decode_cursor(cursor, 2)
    found: list[Stored[Series]] = []
    while True:
        # a colleague's team lies below the own branch, and its series is not theirs to see
        batch = await series_store.under(
            store, units_in_sight(visitor), after(series_store.ORDER, position), size + 1
        )
        found += [one for one in batch if sees(visitor, one.value.org_path)]
        if len(batch) <= size or len(found) > size:
            break
        position = (batch[-1].value.title, batch[-1].id)
    rows = Rows.of(found, size, lambda one: (one.value.title, one.id))
    response.headers.update(link_header(request, rows.next_cursor))
    return [SeriesOut.of(one) for one in rows.items]


@router.post("/series", status_code=201, response_model=SeriesOut)
async def create(body: NewSeries, visitor: Visitor, directory: Directory, once: Once) -> Response:
    """A unit meets regularly from now on."""
    unit = await directory.unit(body.unit_id)
    if not sees(visitor, unit.org_path):
        raise NotFound
    visitor.require(*DIRECTORS, at=unit.org_path)
    return await once.run(
        lambda stored: created(
            f"/training/api/series/{stored.id}", SeriesOut.of(stored), version=stored.version
        ),
        create_series,
        CreateSeries(
            unit_id=body.unit_id,
            host_id=body.host_id,
            title=body.title,
            weekdays=body.weekdays,
            starts=body.starts,
            agenda=body.plans(),
        ),
    )


@router.get("/series/{series_id}", response_model=SeriesOut)
async def read(series_id: str, response: Response, visitor: Visitor, store: Store) -> SeriesOut:
    """One series."""
    stored = await seen_series(store, visitor, series_id)
    response.headers["ETag"] = etag(stored.version)
    return SeriesOut.of(stored)


@router.put("/series/{series_id}", response_model=SeriesOut)
async def edit(
    series_id: str, body: SeriesIn, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Change the series; meetings that are planned already stay as they are."""
    await directed_series(store, visitor, series_id)
    stored = await work.run(
        edit_series,
        EditSeries(
            series_id=series_id,
            host_id=body.host_id,
            title=body.title,
            weekdays=body.weekdays,
            starts=body.starts,
            agenda=body.plans(),
            expected_version=version,
        ),
    )
    return JSONResponse(SeriesOut.of(stored).model_dump(mode="json"), headers={"ETag": etag(stored.version)})


@router.get("/series/{series_id}/draft", response_model=DraftOut)
async def draft(
    series_id: str, request: Request, visitor: Visitor, store: Store, day: Day | None = None
) -> DraftOut:
    """The draft for this day, by default for the next on which the series meets and has no meeting."""
    stored = await directed_series(store, visitor, series_id)
    found = await draft_for(store, stored.value, request.app.state.site.clock(), day=day)
    if found is None:
        raise Conflict(N_("This series has no free meeting day within a year"))
    return DraftOut.of(found)
