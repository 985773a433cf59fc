"""Pages of series: the usual one with a click, and one's own by a form."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import Invalid, NotFound, StaleVersion
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.organisation.model import Unit
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input, Line
from services.contracts.organisation import Role
from services.training import words
from services.training.inputs import ClockTime, Id, SegmentPlanIn, Weekdays
from services.training.meetings import views
from services.training.series.commands import CreateSeries, EditSeries, create_series, edit_series
from services.training.series.model import (
    DEFAULT_AGENDA,
    DEFAULT_START,
    DEFAULT_WEEKDAYS,
    MOST_SEGMENTS,
    SegmentPlan,
    Series,
)
from services.training.sight import DIRECTORS, directed_series, sees

router = APIRouter()


class SeriesFields(Input):
    title: Line
    starts: ClockTime
    weekdays: Weekdays
    host_id: Id
    agenda: Annotated[dict[Id, SegmentPlanIn], Field(min_length=1, max_length=MOST_SEGMENTS)] = Field(
        default_factory=dict, validate_default=True
    )

    def plans(self) -> tuple[SegmentPlan, ...]:
        return tuple(SegmentPlan(kind=one.kind, minutes=one.minutes) for one in self.agenda.values())


class UsualSeries(Input):
    unit_id: Id


SeriesForm = Annotated[Form[SeriesFields], Depends(form_of(SeriesFields))]


@router.get("/series")
async def listed(page: Page, visitor: Visitor, store: Store, directory: Directory) -> Response:
    """The series in sight."""
    found = [one.value for one in await views.series_in_sight(store, visitor)]
    return page.show(
        "series/list.html",
        w=words,
        series=found,
        hosts=await directory.people(one.host_id for one in found),
        units=await directory.units(one.unit_id for one in found),
        planned={one.id for one in found if visitor.may(*DIRECTORS, at=one.org_path)},
        places=await _places(directory, visitor),
    )


@router.post("/series/usual")
async def usual(
    page: Page,
    visitor: Visitor,
    directory: Directory,
    once: Once,
    form: Annotated[Form[UsualSeries], Depends(form_of(UsualSeries))],
) -> Response:
    """The usual series for a unit, with one click: Monday to Friday, thirty minutes."""
    unit = await _unit(directory, visitor, form.valid().unit_id)
    trainers = await directory.holders(Role.TRAINER, at=[unit.id])
    host_id = trainers[0].id if trainers else visitor.person_id
    return await once.run(
        lambda stored: see(
            f"/training/meetings/new?series={stored.id}",
            toast=page.say("The morning meeting is set up. Here is the draft of the first one."),
        ),
        create_series,
        CreateSeries(unit_id=unit.id, host_id=host_id, title=page.say("Morning meeting")),
    )


@router.get("/series/new")
async def new(
    page: Page, visitor: Visitor, directory: Directory, unit: Annotated[str, Query(max_length=64)]
) -> Response:
    """A series by a form, filled with the usual one."""
    place = await _unit(directory, visitor, unit)
    form = Form.of(
        SeriesFields,
        {
            "title": page.say("Morning meeting"),
            "starts": DEFAULT_START,
            "weekdays": DEFAULT_WEEKDAYS,
            "host_id": visitor.person_id,
            "agenda": _agenda(DEFAULT_AGENDA),
        },
    )
    return await _form(page, directory, form, place)


@router.post("/series/new")
async def create(
    page: Page,
    visitor: Visitor,
    directory: Directory,
    once: Once,
    form: SeriesForm,
    unit: Annotated[str, Query(max_length=64)],
) -> Response:
    """The unit meets regularly from now on."""
    place = await _unit(directory, visitor, unit)
    try:
        said = form.valid()
        return await once.run(
            lambda stored: see("/training/series", toast=page.say("The series is set up")),
            create_series,
            CreateSeries(
                unit_id=place.id,
                host_id=said.host_id,
                title=said.title,
                weekdays=said.weekdays,
                starts=said.starts,
                agenda=said.plans(),
            ),
        )
    except Invalid as problem:
        return await _form(page, directory, form.with_errors(problem), place, status=422)


@router.get("/series/{series_id}/edit")
async def edit(series_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory) -> Response:
    """The form of a series."""
    stored = await directed_series(store, visitor, series_id)
    form = Form.of(SeriesFields, _fields(stored.value), version=stored.version)
    return await _form(page, directory, form, await directory.unit(stored.value.unit_id), stored.value)


@router.post("/series/{series_id}/edit")
async def change(
    series_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    once: Once,
    form: SeriesForm,
) -> Response:
    """Change the series; meetings that are planned already stay as they are."""
    before = await directed_series(store, visitor, series_id)
    status = 422
    try:
        said = form.valid()
        return await once.run(
            lambda stored: see("/training/series", toast=page.say("The series is saved")),
            edit_series,
            EditSeries(
                series_id=series_id,
                host_id=said.host_id,
                title=said.title,
                weekdays=said.weekdays,
                starts=said.starts,
                agenda=said.plans(),
                expected_version=form.version,
            ),
        )
    except Invalid as problem:
        again = form.with_errors(problem)
    except StaleVersion:
        now = await directed_series(store, visitor, series_id)
        again, status = form.against(_fields(now.value), version=now.version), 412
    unit = await directory.unit(before.value.unit_id)
    return await _form(page, directory, again, unit, before.value, status)


async def _form(
    page: PageWriter,
    directory: OrganisationDirectory,
    form: Form[SeriesFields],
    unit: Unit,
    series: Series | None = None,
    status: int = 200,
) -> Response:
    people = {person.id: person for person in await directory.people_under(unit.id)}
    people.update(await directory.people([form["host_id"].value]))
    names = [name.split(".") for name in form.data]
    rows = list(dict.fromkeys(name[1] for name in names if name[0] == "agenda" and len(name) > 2))
    return page.show(
        "series/form.html",
        status=status,
        w=words,
        form=form,
        unit=unit,
        series=series,
        rows=rows[:50],
        host_options=sorted(((one.id, one.name) for one in people.values()), key=lambda pair: pair[1]),
        weekday_options=[(n, page.say(said)) for n, said in enumerate(words.WEEKDAY_WORDS)],
    )


async def _unit(directory: OrganisationDirectory, visitor: Visitor, unit_id: str) -> Unit:
    unit = await directory.unit(unit_id)
    if not sees(visitor, unit.org_path):
        raise NotFound
    visitor.require(*DIRECTORS, at=unit.org_path)
    return unit


async def _places(directory: OrganisationDirectory, visitor: Visitor) -> list[Unit]:
    """The units in which the visitor may begin a series."""
    held = [grant.unit_id for grant in visitor.grants if grant.role in DIRECTORS]
    return await directory.subtree(*held) if held else []


def _fields(series: Series) -> Mapping[str, Any]:
    return {
        "title": series.title,
        "starts": series.starts,
        "weekdays": series.weekdays,
        "host_id": series.host_id,
        "agenda": _agenda(series.agenda),
    }


def _agenda(plans: tuple[SegmentPlan, ...]) -> Mapping[str, Any]:
    return {str(n): {"kind": plan.kind, "minutes": plan.minutes} for n, plan in enumerate(plans)}
