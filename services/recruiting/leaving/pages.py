"""The page of one person of the staff, on which they move or leave."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import Invalid, StaleVersion
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.records import Stored
from services.chassis.web.dependencies import Directory, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.navigation import ROLE_WORDS
from services.chassis.web.page import PageWriter
from services.recruiting.leaving import commands
from services.recruiting.leaving.api import leaving, moving
from services.recruiting.leaving.edge import decided_on, may_decide, successors, teams
from services.recruiting.leaving.forms import LeavingForm, Moving
from services.recruiting.organisation.access import require_insight
from services.recruiting.people.api import PersonId, seen
from services.recruiting.people.model import Person

router = APIRouter()


@router.get("/people/{person_id}")
async def person(
    person_id: PersonId, page: Page, store: Store, directory: Directory, visitor: Visitor
) -> Response:
    """Who they are, where they belong, what they may do; and what can be done about it."""
    require_insight(visitor)
    stored = await seen(store, visitor, person_id)
    return page.show("leaving/person.html", **await _context(page, stored, directory, visitor))


@router.post("/people/{person_id}/leave")
async def leave(
    person_id: PersonId,
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[LeavingForm], Depends(form_of(LeavingForm))],
) -> Response:
    """Somebody works here no longer."""
    stored = await decided_on(store, visitor, person_id)
    try:
        await work.run(commands.leave, leaving(person_id, form.valid(), form.version or 0))
        toast = page.say("%(name)s has left. What was theirs is being handed over.", name=stored.value.name)
        return page.go(f"/recruiting/people/{person_id}", toast=toast)
    except Invalid as problem:
        shown, status = form.with_errors(problem), 422
    except StaleVersion:
        shown, status = form.against({}, version=stored.version), 412
    context = await _context(page, stored, directory, visitor)
    return page.show("leaving/person.html", status=status, **{**context, "leaving": shown})


@router.post("/people/{person_id}/move")
async def move(
    person_id: PersonId,
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[Moving], Depends(form_of(Moving))],
) -> Response:
    """An agent belongs to another team."""
    stored = await decided_on(store, visitor, person_id)
    try:
        command = await moving(person_id, form.valid(), form.version or 0, visitor, directory)
        await work.run(commands.move, command)
        toast = page.say("%(name)s has moved", name=stored.value.name)
        return page.go(f"/recruiting/people/{person_id}", toast=toast)
    except Invalid as problem:
        shown, status = form.with_errors(problem), 422
    except StaleVersion:
        shown, status = form.against({}, version=stored.version), 412
    context = await _context(page, stored, directory, visitor)
    return page.show("leaving/person.html", status=status, **{**context, "moving": shown})


async def _context(
    page: PageWriter, stored: Stored[Person], directory: OrganisationDirectory, visitor: Access
) -> dict[str, Any]:
    value = stored.value
    decides = may_decide(visitor, value) and value.left_on is None
    units = await directory.units([*value.org_path, *(held.unit_id for held in value.roles)])
    places = await teams(visitor, directory) if decides else []
    above = await directory.units(unit_id for team in places for unit_id in team.org_path)
    moves = any((held.role, held.unit_id) == ("agent", value.unit_id) for held in value.roles)
    return {
        "person": value,
        "units": units,
        "role_words": ROLE_WORDS,
        "decides": decides,
        "moves": decides and moves,
        "teams": [
            (team.id, " › ".join(above[unit_id].name for unit_id in team.org_path[-2:] if unit_id in above))
            for team in places
            if team.id != value.unit_id
        ],
        "successors": [(one.id, one.name) for one in await successors(value, directory)] if decides else [],
        "leaving": Form.of(LeavingForm, {"last_day": page.formats.today}, version=stored.version),
        "moving": Form.of(Moving, version=stored.version),
    }
