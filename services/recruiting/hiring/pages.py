"""The page on which a candidate becomes an agent."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.errors import Invalid, StaleVersion
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.records import Stored
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.recruiting.candidates import views, words
from services.recruiting.candidates.api import CandidateId
from services.recruiting.candidates.dependencies import Files
from services.recruiting.candidates.forms import Hire
from services.recruiting.candidates.model import Candidate
from services.recruiting.candidates.personal import RECRUITERS, CandidateFiles
from services.recruiting.hiring.commands import hire_candidate
from services.recruiting.hiring.dependencies import Emails
from services.recruiting.hiring.edge import hiring, mentors, teams

router = APIRouter()


@router.get("/candidates/{candidate_id}/hire")
async def contract(
    candidate_id: CandidateId, page: Page, store: Store, directory: Directory, visitor: Visitor, files: Files
) -> Response:
    """The contract to fill in."""
    stored = await views.candidate(store, visitor, candidate_id)
    visitor.require(*RECRUITERS, at=stored.value.org_path)
    today = page.formats.today
    form = Form.of(Hire, {"start_date": today + timedelta(days=1)}, version=stored.version)
    return page.show("hiring/contract.html", form=form, **await _context(page, stored, directory, files))


@router.post("/candidates/{candidate_id}/hire")
async def hire(
    candidate_id: CandidateId,
    page: Page,
    once: Once,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    files: Files,
    emails: Emails,
    form: Annotated[Form[Hire], Depends(form_of(Hire))],
) -> Response:
    """Make the candidate an agent."""
    stored = await views.candidate(store, visitor, candidate_id)
    visitor.require(*RECRUITERS, at=stored.value.org_path)
    try:
        command = await hiring(form.valid(), stored, form.version, visitor, directory, files, emails)
        welcome = page.say("%(name)s is one of us now. Welcome!", name=command.name)
        return await once.run(
            lambda _: see(f"/recruiting/candidates/{candidate_id}", toast=welcome), hire_candidate, command
        )
    except Invalid as problem:
        shown, status = form.with_errors(problem), 422
    except StaleVersion:
        shown, status = form.against({}, version=stored.version), 412
    context = await _context(page, stored, directory, files)
    return page.show("hiring/contract.html", status=status, form=shown, **context)


async def _context(
    page: PageWriter, stored: Stored[Candidate], directory: OrganisationDirectory, files: CandidateFiles
) -> dict[str, Any]:
    return {
        "candidate": stored.value,
        "name": await files.name(stored.value.sealed),
        "teams": [(team.id, team.name) for team in await teams(stored.value, directory)],
        "mentors": [(person.id, person.name) for person in await mentors(stored.value, directory)],
        "checklist": [(code, page.say(said)) for code, said in words.CHECKLIST.items()],
    }
