"""Candidates as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor, Work
from services.chassis.web.paging import DEFAULT_SIZE, CursorParam, SizeParam, decode_cursor, link_header
from services.chassis.web.validation import Output
from services.chassis.web.versions import ExpectedVersion
from services.recruiting.candidates import commands, views
from services.recruiting.candidates.dependencies import Files
from services.recruiting.candidates.forms import Lost, NewCandidate, NewStage
from services.recruiting.candidates.model import Candidate
from services.recruiting.candidates.personal import RECRUITERS
from services.recruiting.candidates.registration import registration

router = APIRouter(tags=["candidates"])

CandidateId = Annotated[str, Path(max_length=64)]


class CandidateOut(Output):
    """A candidate without what is personal; `GET /candidates/{id}/contact` gives that, and is audited."""

    id: str
    version: int
    branch_path: list[str]
    recruiter_id: str
    source: str
    referrer_id: str | None
    stage: str
    stage_since: datetime
    consent_at: datetime | None
    registered_at: datetime
    lost_reason: str | None
    person_id: str | None

    @classmethod
    def of(cls, stored: Stored[Candidate]) -> "CandidateOut":
        """The candidate as others see it."""
        candidate = stored.value
        return cls(
            id=candidate.id,
            version=stored.version,
            branch_path=list(candidate.org_path),
            recruiter_id=candidate.recruiter_id,
            source=candidate.source,
            referrer_id=candidate.referrer_id,
            stage=candidate.stage,
            stage_since=candidate.stage_since,
            consent_at=candidate.consent_at,
            registered_at=candidate.registered_at,
            lost_reason=candidate.lost_reason,
            person_id=candidate.person_id,
        )


class ContactOut(Output):
    """Masked unless the reader recruits for the branch."""

    name: str
    phone: str


@router.post("/candidates", status_code=201, response_model=CandidateOut)
async def register(
    body: NewCandidate, once: Once, visitor: Visitor, directory: Directory, files: Files
) -> Response:
    """Open a file for somebody new."""
    command = await registration(body, visitor, directory, files)
    return await once.run(
        lambda stored: created(
            f"/recruiting/api/candidates/{stored.id}", CandidateOut.of(stored), version=stored.version
        ),
        commands.register_candidate,
        command,
    )


@router.get("/candidates", response_model=list[CandidateOut])
async def candidates(
    request: Request,
    response: Response,
    visitor: Visitor,
    store: Store,
    cursor: CursorParam = "",
    size: SizeParam = DEFAULT_SIZE,
) -> list[CandidateOut]:
    """All that are yours to see, the newest first."""
    rows = await views.page_of_candidates(store, visitor, decode_cursor(cursor, 2), size)
    response.headers.update(link_header(request, rows.next_cursor))
    return [CandidateOut.of(stored) for stored in rows.items]


@router.get("/candidates/{candidate_id}", response_model=CandidateOut)
async def candidate(candidate_id: CandidateId, visitor: Visitor, store: Store) -> Response:
    """One file."""
    return _answer(await views.candidate(store, visitor, candidate_id))


@router.get("/candidates/{candidate_id}/contact", response_model=ContactOut)
async def contact(
    candidate_id: CandidateId, visitor: Visitor, store: Store, files: Files, page: Page
) -> ContactOut:
    """Name and phone; the look is written down."""
    stored = await views.candidate(store, visitor, candidate_id)
    shown = await files.contact(
        stored.id,
        stored.value.sealed,
        stored.value.org_path,
        visitor,
        "GET /recruiting/api/candidates/{id}/contact",
        page.now,
    )
    return ContactOut(name=shown["name"], phone=shown["phone"])


@router.put("/candidates/{candidate_id}/stage", response_model=CandidateOut)
async def move(
    candidate_id: CandidateId,
    body: NewStage,
    version: ExpectedVersion,
    visitor: Visitor,
    store: Store,
    work: Work,
) -> Response:
    """Move to another stage."""
    await _recruits(store, visitor, candidate_id)
    return _answer(await work.run(commands.move_candidate, candidate_id, body.stage, version))


@router.put("/candidates/{candidate_id}/lost", response_model=CandidateOut)
async def lose(
    candidate_id: CandidateId,
    body: Lost,
    version: ExpectedVersion,
    visitor: Visitor,
    store: Store,
    work: Work,
) -> Response:
    """Give up, with a reason."""
    await _recruits(store, visitor, candidate_id)
    return _answer(await work.run(commands.lose_candidate, candidate_id, body.reason, version))


@router.delete("/candidates/{candidate_id}/lost", response_model=CandidateOut)
async def bring_back(
    candidate_id: CandidateId, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Take up again."""
    await _recruits(store, visitor, candidate_id)
    return _answer(await work.run(commands.bring_back_candidate, candidate_id, version))


@router.put("/candidates/{candidate_id}/consent", response_model=CandidateOut)
async def consent(
    candidate_id: CandidateId, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Note that the candidate agreed to our keeping the file."""
    await _recruits(store, visitor, candidate_id)
    return _answer(await work.run(commands.record_consent, candidate_id, version))


async def _recruits(store: Mongo, visitor: Visitor, candidate_id: str) -> None:
    """Return when the visitor may change it. Raises `NotFound`, or `Forbidden` for one who may only look."""
    stored = await views.candidate(store, visitor, candidate_id)
    visitor.require(*RECRUITERS, at=stored.value.org_path)


def _answer(stored: Stored[Candidate]) -> Response:
    body = CandidateOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
