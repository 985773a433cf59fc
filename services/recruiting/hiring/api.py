"""Hiring as JSON."""

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.web.answers import created
from services.chassis.web.dependencies import Directory, Once, Store, Visitor
from services.chassis.web.validation import Output
from services.chassis.web.versions import ExpectedVersion
from services.recruiting.candidates import views
from services.recruiting.candidates.api import CandidateId
from services.recruiting.candidates.dependencies import Files
from services.recruiting.candidates.forms import Hire
from services.recruiting.hiring.commands import hire_candidate
from services.recruiting.hiring.dependencies import Emails
from services.recruiting.hiring.edge import hiring

router = APIRouter(tags=["hiring"])


class HiredOut(Output):
    """The new agent."""

    person_id: str
    name: str
    unit_id: str


@router.post("/candidates/{candidate_id}/hire", status_code=201, response_model=HiredOut)
async def hire(
    candidate_id: CandidateId,
    body: Hire,
    version: ExpectedVersion,
    once: Once,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    files: Files,
    emails: Emails,
) -> Response:
    """Make the candidate an agent."""
    candidate = await views.candidate(store, visitor, candidate_id)
    command = await hiring(body, candidate, version, visitor, directory, files, emails)
    return await once.run(
        lambda person: created(
            f"/recruiting/api/people/{person.id}",
            HiredOut(person_id=person.id, name=person.value.name, unit_id=person.value.unit_id),
        ),
        hire_candidate,
        command,
    )
