"""The pipeline, the candidate's file, and the form for a new one."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import Conflict, FieldError, Invalid, NotFound, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.organisation.model import Unit
from services.chassis.web.answers import see, toast
from services.chassis.web.dependencies import Directory, Live, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.contracts.organisation import Role, UnitKind
from services.contracts.recruiting import CandidateSource
from services.recruiting.candidates import commands, views, words
from services.recruiting.candidates.api import CandidateId
from services.recruiting.candidates.dependencies import Files
from services.recruiting.candidates.forms import Lost, NewCandidate, NewStage
from services.recruiting.candidates.model import DEFAULT_STAGES, JOINED, reachable
from services.recruiting.candidates.personal import RECRUITERS, CandidateFiles
from services.recruiting.candidates.registration import registration

router = APIRouter()

BranchParam = Annotated[str, Query(max_length=64)]
SearchParam = Annotated[str, Query(max_length=40)]


@router.get("/pipeline")
async def pipeline(
    page: Page,
    store: Store,
    files: Files,
    directory: Directory,
    visitor: Visitor,
    branch: BranchParam = "",
    search: SearchParam = "",
) -> Response:
    """The board: a column for each stage."""
    context = await _board(page, store, files, directory, visitor, branch, search)
    if page.by_htmx:
        return page.block("candidates/pipeline.html", "board", **context)
    return page.show("candidates/pipeline.html", **context)


@router.get("/pipeline/live", response_class=EventSourceResponse)
async def pipeline_live(
    page: Page,
    store: Store,
    files: Files,
    directory: Directory,
    visitor: Visitor,
    live: Live,
    branch: BranchParam = "",
    search: SearchParam = "",
) -> AsyncIterator[ServerSentEvent]:
    """The same columns, whenever a candidate in sight changes."""
    mine = {grant.unit_id for grant in visitor.grants}
    async for _ in live.changes("candidates", concerns=lambda one: not mine.isdisjoint(one["org_path"])):
        context = await _board(page, store, files, directory, visitor, branch, search)
        yield page.event("candidates/pipeline.html", "board", **context)


@router.get("/pipeline/new")
async def new(page: Page, directory: Directory, visitor: Visitor) -> Response:
    """The form for a new candidate."""
    branches = await _branches(directory, visitor)
    form = Form.of(NewCandidate, {"branch_id": branches[0].id, "source": CandidateSource.REFERRAL})
    return page.show("candidates/new.html", form=form, **await _choices(page, directory, visitor))


@router.post("/pipeline/new")
async def register(
    page: Page,
    once: Once,
    directory: Directory,
    visitor: Visitor,
    files: Files,
    form: Annotated[Form[NewCandidate], Depends(form_of(NewCandidate))],
) -> Response:
    """Open a file for somebody new."""
    try:
        command = await registration(form.valid(), visitor, directory, files)
        return await once.run(
            lambda stored: see(
                f"/recruiting/candidates/{stored.id}", toast=page.say("The candidate is registered")
            ),
            commands.register_candidate,
            command,
        )
    except Invalid as problem:
        shown = form.with_errors(problem)
    except Conflict as problem:
        shown = form.with_errors(Invalid(errors=[FieldError("/phone", problem.message)]))
    choices = await _choices(page, directory, visitor)
    return page.show("candidates/new.html", status=422, form=shown, **choices)


@router.get("/candidates/{candidate_id}")
async def candidate(
    candidate_id: CandidateId, page: Page, store: Store, files: Files, directory: Directory, visitor: Visitor
) -> Response:
    """The file of one candidate."""
    context = await _file(page, store, files, directory, visitor, candidate_id)
    return page.show("candidates/candidate.html", **context)


@router.post("/candidates/{candidate_id}/stage")
async def move(
    candidate_id: CandidateId,
    page: Page,
    store: Store,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[NewStage], Depends(form_of(NewStage))],
) -> Response:
    """Move to another stage; from the board the answer is the card's place, from the file the file again."""
    await _recruits(store, visitor, candidate_id)
    await work.run(commands.move_candidate, candidate_id, form.valid().stage, form.version)
    return page.go(f"/recruiting/candidates/{candidate_id}")


@router.post("/candidates/{candidate_id}/card")
async def move_card(
    candidate_id: CandidateId,
    page: Page,
    store: Store,
    files: Files,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[NewStage], Depends(form_of(NewStage))],
    branch: BranchParam = "",
    search: SearchParam = "",
) -> Response:
    """A card was dragged to another column: the board as it stands then, with a word when it may not be there."""
    await _recruits(store, visitor, candidate_id)
    headers = {}
    try:
        await work.run(commands.move_candidate, candidate_id, form.valid().stage, form.version)
    except (Conflict, StaleVersion) as refused:
        headers = toast(page.say(refused.message), kind="error")
    context = await _board(page, store, files, directory, visitor, branch, search)
    return page.block("candidates/pipeline.html", "board", headers=headers, **context)


@router.post("/candidates/{candidate_id}/lost")
async def lose(
    candidate_id: CandidateId,
    page: Page,
    store: Store,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[Lost], Depends(form_of(Lost))],
) -> Response:
    """Give up, with a reason."""
    await _recruits(store, visitor, candidate_id)
    await work.run(commands.lose_candidate, candidate_id, form.valid().reason, form.version)
    return page.go(f"/recruiting/candidates/{candidate_id}", toast=page.say("The candidate is given up"))


@router.post("/candidates/{candidate_id}/back")
async def bring_back(
    candidate_id: CandidateId, page: Page, store: Store, visitor: Visitor, work: Work
) -> Response:
    """Take up again."""
    await _recruits(store, visitor, candidate_id)
    await work.run(commands.bring_back_candidate, candidate_id, None)
    return page.go(f"/recruiting/candidates/{candidate_id}", toast=page.say("The candidate is back"))


@router.post("/candidates/{candidate_id}/consent")
async def consent(
    candidate_id: CandidateId, page: Page, store: Store, visitor: Visitor, work: Work
) -> Response:
    """Note that the candidate agreed."""
    await _recruits(store, visitor, candidate_id)
    await work.run(commands.record_consent, candidate_id, None)
    return page.go(f"/recruiting/candidates/{candidate_id}", toast=page.say("The consent is recorded"))


async def _recruits(store: Mongo, visitor: Access, candidate_id: str) -> None:
    stored = await views.candidate(store, visitor, candidate_id)
    visitor.require(*RECRUITERS, at=stored.value.org_path)


async def _board(
    page: PageWriter,
    store: Mongo,
    files: CandidateFiles,
    directory: OrganisationDirectory,
    visitor: Access,
    branch: str,
    search: str,
) -> dict[str, Any]:
    columns = await views.pipeline(store, files, visitor, page.now, branch_id=branch or None, typed=search)
    everybody = {person_id for column in columns for card in column.cards for person_id in _people_of(card)}
    return {
        "columns": columns,
        "branches": await directory.subtree(*_units(visitor), kind=UnitKind.BRANCH),
        "branch": branch,
        "search": search,
        "people": await directory.people(everybody),
        "stage_words": words.STAGES,
        "source_words": words.SOURCES,
        "total": sum(column.total for column in columns),
        "recruits": visitor.has(*RECRUITERS),
    }


def _people_of(card: views.Card) -> list[str]:
    return [card.recruiter_id, *([card.referrer_id] if card.referrer_id else [])]


async def _file(
    page: PageWriter,
    store: Mongo,
    files: CandidateFiles,
    directory: OrganisationDirectory,
    visitor: Access,
    candidate_id: str,
) -> dict[str, Any]:
    stored = await views.candidate(store, visitor, candidate_id)
    value = stored.value
    shown = await files.contact(
        value.id, value.sealed, value.org_path, visitor, "GET /recruiting/candidates/{id}", page.now
    )
    happened = await views.timeline(store, candidate_id)
    people = {value.recruiter_id, *filter(None, [value.referrer_id]), *(entry["by"] for entry in happened)}
    reached = [stage.code for stage in DEFAULT_STAGES].index(value.stage)
    return {
        "candidate": value,
        "version": stored.version,
        "contact": shown,
        "stages": DEFAULT_STAGES,
        "reached": reached,
        "nearby": [*DEFAULT_STAGES[max(0, reached - 1) : reached], *reachable(value, DEFAULT_STAGES)],
        "movable": visitor.may(*RECRUITERS, at=value.org_path) and value.stage != JOINED,
        "timeline": happened,
        "people": await directory.people(people),
        "units": await directory.units(value.org_path),
        "stage_words": words.STAGES,
        "source_words": words.SOURCES,
        "reason_words": words.REASONS,
        "happened_words": words.HAPPENED,
    }


async def _choices(page: PageWriter, directory: OrganisationDirectory, visitor: Access) -> dict[str, Any]:
    branches = await _branches(directory, visitor)
    agents = await directory.people_under(*(branch.id for branch in branches), role=Role.AGENT)
    return {
        "branches": [(branch.id, branch.name) for branch in branches],
        "sources": [(code, page.say(said)) for code, said in words.SOURCES.items()],
        "agents": [(person.id, person.name) for person in agents],
    }


async def _branches(directory: OrganisationDirectory, visitor: Access) -> list[Unit]:
    """The branches that the visitor recruits for. Raises `NotFound` when there is none."""
    units = [grant.unit_id for grant in visitor.grants if grant.role in RECRUITERS]
    branches = await directory.subtree(*units, kind=UnitKind.BRANCH) if units else []
    if not branches:
        raise NotFound
    return branches


def _units(visitor: Access) -> list[str]:
    return [grant.unit_id for grant in visitor.grants if grant.role in views.LEADERS]
