"""Grades as JSON."""

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.web.dependencies import Store, Work
from services.chassis.web.validation import Input
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id
from services.clients.files.api import ClientOut, answer, writable
from services.clients.grading.commands import DeclineSuggestion, GradeClient, decline, grade
from services.clients.grading.model import Reason
from services.contracts.clients import Grade, Intent

router = APIRouter(tags=["grades"])


class GradeIn(Input):
    """A grade given by hand."""

    grade: Grade
    intent: Intent
    reason: Reason


@router.put("/clients/{client_id}/grade", response_model=ClientOut)
async def give_grade(
    client_id: Id, body: GradeIn, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Grade by hand; the open follow-ups are planned anew at once."""
    await writable(store, asker, client_id)
    command = GradeClient(
        client_id=client_id,
        grade=body.grade,
        intent=body.intent,
        reason=body.reason,
        expected_version=version,
    )
    return answer(await work.run(grade, command))


@router.delete("/clients/{client_id}/suggestion", response_model=ClientOut)
async def decline_suggestion(
    client_id: Id, version: ExpectedVersion, work: Work, store: Store, asker: Asking
) -> Response:
    """Leave the grade as it is."""
    await writable(store, asker, client_id)
    return answer(await work.run(decline, DeclineSuggestion(client_id=client_id, expected_version=version)))
