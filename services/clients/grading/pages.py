"""The form for a grade."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.errors import Invalid, StaleVersion
from services.chassis.web.dependencies import Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.validation import Input
from services.clients import words
from services.clients.cadence.store import rhythm_of
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files import views
from services.clients.files.api import writable
from services.clients.grading.api import GradeIn
from services.clients.grading.commands import DeclineSuggestion, GradeClient, decline, grade
from services.clients.grading.model import BY_HAND, Reason
from services.contracts.clients import Grade

router = APIRouter()


class Answer(Input):
    """Whether a suggestion is taken up."""

    accept: bool = False


@router.get("/clients/{client_id}/grade")
async def grade_form(client_id: Id, page: Page, store: Store, personal: Personal, asker: Asking) -> Response:
    """The form, with the grade that holds."""
    client = await writable(store, asker, client_id)
    version = (await views.client_of(store, asker.access, client_id)).version
    grading = client.grading
    values = {
        "grade": grading.grade if grading else None,
        "intent": grading.intent if grading else None,
        "reason": grading.reason if grading and grading.reason in BY_HAND else None,
    }
    return await _show(page, store, personal, asker, client_id, Form.of(GradeIn, values, version=version))


@router.post("/clients/{client_id}/grade")
async def give_grade(
    client_id: Id,
    page: Page,
    store: Store,
    work: Work,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[GradeIn], Depends(form_of(GradeIn))],
) -> Response:
    """Grade by hand."""
    await writable(store, asker, client_id)
    try:
        given = form.valid()
        command = GradeClient(
            client_id=client_id,
            grade=given.grade,
            intent=given.intent,
            reason=given.reason,
            expected_version=form.version or 0,
        )
        await work.run(grade, command)
        words_after = page.say("Graded %(grade)s. The follow-ups are being planned.", grade=given.grade)
        return page.go(f"/clients/clients/{client_id}", toast=words_after)
    except Invalid as problem:
        return await _show(page, store, personal, asker, client_id, form.with_errors(problem), 422)
    except StaleVersion:
        stored = await views.client_of(store, asker.access, client_id)
        grading = stored.value.grading
        now = {"grade": grading.grade, "intent": grading.intent} if grading else {}
        shown = form.against(now, version=stored.version)
        return await _show(page, store, personal, asker, client_id, shown, 412)


@router.post("/clients/{client_id}/suggestion")
async def answer_suggestion(
    client_id: Id,
    page: Page,
    store: Store,
    work: Work,
    asker: Asking,
    form: Annotated[Form[Answer], Depends(form_of(Answer))],
) -> Response:
    """Take a suggestion up, or leave the grade as it is."""
    client = await writable(store, asker, client_id)
    suggested = client.suggestion
    version = form.version or 0
    if form.valid().accept and suggested is not None:
        command = GradeClient(
            client_id=client_id,
            grade=suggested.grade,
            intent=suggested.intent,
            reason=Reason(suggested.reason),
            expected_version=version,
        )
        await work.run(grade, command)
        words_after = page.say("Graded %(grade)s. The follow-ups are being planned.", grade=suggested.grade)
        return page.go(f"/clients/clients/{client_id}", toast=words_after)
    await work.run(decline, DeclineSuggestion(client_id=client_id, expected_version=version))
    return page.go(f"/clients/clients/{client_id}", toast=page.say("The grade stays as it is"))


async def _show(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    client_id: str,
    form: Form[GradeIn],
    status: int = 200,
) -> Response:
    client = (await views.client_of(store, asker.access, client_id)).value
    name = (await views.fields_of(personal, asker, [client], "name"))[0].get("name", "")
    policy = (await rhythm_of(store, client.org_path)).policy
    return page.show(
        "grading/grade.html",
        status=status,
        form=form,
        client=client,
        name=name,
        days={letter: policy.every(letter) for letter in Grade},
        intents=[(code, page.say(said)) for code, said in words.INTENTS.items()],
        reasons=[(reason, page.say(words.REASONS[reason])) for reason in BY_HAND],
    )
