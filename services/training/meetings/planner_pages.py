"""Pages for who plans: a new meeting from its draft, the planner, the bar while it is edited, cancelling."""

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.chassis.errors import N_, Conflict, FieldError, Invalid, NotFound, StaleVersion
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.validation import Input
from services.training import words
from services.training.drafting.model import Draft
from services.training.drafting.views import draft_for
from services.training.inputs import Day, PlanFields, mention_text
from services.training.meetings import views
from services.training.meetings.model import ActionItem, Meeting, Mention, MentionKind, Plan, Segment
from services.training.meetings.planning import (
    CancelMeeting,
    PlanMeeting,
    ReplanMeeting,
    cancel_meeting,
    plan_meeting,
    plan_of,
    replan_meeting,
)
from services.training.meetings.timeline import timeline
from services.training.series.model import SegmentKind, Series
from services.training.series.store import series_of
from services.training.sight import directed_meeting, directed_series

router = APIRouter()

PlanForm = Annotated[Form[PlanFields], Depends(form_of(PlanFields))]


@router.get("/meetings/new")
async def new(
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    series: Annotated[str, Query(max_length=64)] = "",
    day: Day | None = None,
) -> Response:
    """The draft of the next meeting, ready to be edited."""
    choices = [one.value for one in await views.own_series(store, visitor)]
    if not choices:
        return page.go("/training/meetings")
    chosen = next((one for one in choices if one.id == series), None) if series else choices[0]
    if chosen is None:
        raise NotFound
    draft = await draft_for(store, chosen, page.now, day=day)
    if draft is None:
        raise Conflict(N_("This series has no free meeting day within a year"))
    plan = plan_of(draft, page.now)
    form = Form.of(PlanFields, fields_of(plan, chosen.time_zone))
    return await _planner(page, directory, form, chosen, draft=draft, choices=choices)


@router.post("/meetings/new")
async def create(
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    once: Once,
    form: PlanForm,
    series: Annotated[str, Query(max_length=64)],
) -> Response:
    """Put it on the calendar."""
    chosen = (await directed_series(store, visitor, series)).value
    try:
        plan = form.valid().plan(chosen.time_zone)
        return await once.run(
            lambda stored: see(
                f"/training/meetings/{stored.id}", toast=page.say("The meeting is on the calendar")
            ),
            plan_meeting,
            PlanMeeting(series_id=chosen.id, plan=plan),
        )
    except Invalid as problem:
        again = form.with_errors(problem)
    except Conflict as problem:
        again = form.with_errors(Invalid(errors=[FieldError("/day", problem.message)]))
    draft = await draft_for(store, chosen, page.now)
    return await _planner(page, directory, again, chosen, draft=draft, status=422)


@router.get("/meetings/{meeting_id}/edit")
async def edit(meeting_id: str, page: Page, visitor: Visitor, store: Store, directory: Directory) -> Response:
    """The planner of a meeting that has not begun."""
    stored = await directed_meeting(store, visitor, meeting_id)
    series = (await series_of(store, stored.value.series_id)).value
    form = Form.of(PlanFields, fields_of(stored.value, stored.value.time_zone), version=stored.version)
    return await _planner(page, directory, form, series, meeting=stored.value)


@router.post("/meetings/{meeting_id}/edit")
async def change(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    once: Once,
    form: PlanForm,
) -> Response:
    """Plan it otherwise."""
    before = await directed_meeting(store, visitor, meeting_id)
    series = (await series_of(store, before.value.series_id)).value
    status = 422
    try:
        plan = form.valid().plan(before.value.time_zone)
        return await once.run(
            lambda stored: see(f"/training/meetings/{stored.id}", toast=page.say("The plan is saved")),
            replan_meeting,
            ReplanMeeting(meeting_id=meeting_id, plan=plan, expected_version=form.version),
        )
    except Invalid as problem:
        again = form.with_errors(problem)
    except StaleVersion:
        now = await directed_meeting(store, visitor, meeting_id)
        fields = fields_of(now.value, now.value.time_zone)
        again, status = form.against(fields, version=now.version), 412
    except Conflict as problem:
        again = form.with_errors(Invalid(errors=[FieldError("/day", problem.message)]))
    return await _planner(page, directory, again, series, meeting=before.value, status=status)


@router.post("/meetings/timeline")
async def bar(page: Page, visitor: Visitor, form: PlanForm) -> Response:
    """The bar of what is in the form at this moment, whether or not it could be saved."""
    return page.block(
        "meetings/planner.html", "bar", w=words, bar=timeline(segments_in(form), _usual(page), None)
    )


class Nothing(Input):
    """A form without fields of its own."""


@router.post("/meetings/{meeting_id}/cancel")
async def cancel(
    meeting_id: str,
    page: Page,
    visitor: Visitor,
    store: Store,
    once: Once,
    form: Annotated[Form[Nothing], Depends(form_of(Nothing))],
) -> Response:
    """Take it off the calendar."""
    await directed_meeting(store, visitor, meeting_id)
    return await once.run(
        lambda _: see("/training/meetings", toast=page.say("The meeting is cancelled")),
        cancel_meeting,
        CancelMeeting(meeting_id=meeting_id, expected_version=form.version),
    )


async def _planner(
    page: PageWriter,
    directory: OrganisationDirectory,
    form: Form[PlanFields],
    series: Series,
    *,
    draft: Draft | None = None,
    meeting: Meeting | None = None,
    choices: list[Series] | None = None,
    status: int = 200,
) -> Response:
    segments = segments_in(form)
    staff = await directory.people_under(series.unit_id)
    named = [mention.person_id for segment in segments for mention in segment.mentions]
    known = await views.people_in(
        directory, meeting, [form["host_id"].value, *named, *(one.presenter_id for one in segments)]
    )
    options = {person.id: person for person in [*staff, *known.values()]}
    ordered = sorted(options.values(), key=lambda one: (one.name, one.id))
    carried: tuple[ActionItem, ...] = meeting.action_items if meeting else draft.carried if draft else ()
    return page.show(
        "meetings/planner.html",
        status=status,
        w=words,
        form=form,
        series=series,
        meeting=meeting,
        segments=segments,
        choices=choices or [],
        carried=carried,
        people=options,
        options=ordered,
        host_options=[(one.id, one.name) for one in ordered],
        bar=timeline(segments, series.minutes, None),
    )


def fields_of(plan: Plan | Meeting, time_zone: str) -> Mapping[str, Any]:
    """A plan as the form shows it."""
    local = plan.starts_at.astimezone(ZoneInfo(time_zone))
    return {
        "day": local.date(),
        "time": local.strftime("%H:%M"),
        "title": plan.title,
        "host_id": plan.host_id,
        "slogan": plan.slogan,
        "segments": {
            segment.id: {
                "kind": segment.kind,
                "minutes": segment.minutes,
                "title": segment.title,
                "presenter_id": segment.presenter_id or "",
                "topic_kind": segment.topic_kind or "",
                "notes": segment.notes,
                "mentions": {str(n): mention_text(one) for n, one in enumerate(segment.mentions)},
            }
            for segment in plan.agenda
        },
    }


def segments_in(form: Form[PlanFields]) -> list[Segment]:
    """The segments in the order in which they stand in the form, as far as they can be read."""
    ids = dict.fromkeys(
        name.split(".")[1] for name in form.data if name.startswith("segments.") and name.count(".") > 1
    )
    return [_segment(form, id_) for id_ in list(ids)[:50]]


def _segment(form: Form[PlanFields], id_: str) -> Segment:
    at = f"segments.{id_}."
    minutes = form[at + "minutes"].value
    kind = form[at + "kind"].value
    said = [form[name].value for name in form.data if name.startswith(at + "mentions.")]
    return Segment(
        id=id_,
        kind=SegmentKind(kind) if kind in set(SegmentKind) else SegmentKind.OTHER,
        minutes=min(int(minutes), 999) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else 0,
        title=form[at + "title"].value,
        presenter_id=form[at + "presenter_id"].value or None,
        mentions=tuple(mention for text in said if (mention := _mention(text)) is not None),
    )


def _mention(text: str) -> Mention | None:
    kind, _, rest = text.partition(":")
    person, _, count = rest.rpartition(":")
    if kind not in set(MentionKind) or not (count.isascii() and count.isdigit()):
        return None
    return Mention(kind=MentionKind(kind), person_id=person or None, count=int(count[:6]))


def _usual(page: PageWriter) -> int:
    text = page.request.query_params.get("usual", "")
    known = text.isascii() and text.isdigit() and len(text) < 4
    return int(text) if known else views.USUAL_MINUTES
