"""Leaving and moving as JSON."""

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.web.dependencies import Directory, Store, Visitor, Work
from services.chassis.web.versions import ExpectedVersion
from services.recruiting.leaving import commands
from services.recruiting.leaving.commands import Leave, Move
from services.recruiting.leaving.edge import decided_on, teams
from services.recruiting.leaving.forms import Leaving, Moving
from services.recruiting.people.api import PersonId, PersonOut, answer

router = APIRouter(tags=["people"])


@router.put("/people/{person_id}/leaving", response_model=PersonOut)
async def leave(
    person_id: PersonId, body: Leaving, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Somebody works here no longer: no role, no sign-in; what was theirs is handed over."""
    await decided_on(store, visitor, person_id)
    return answer(await work.run(commands.leave, leaving(person_id, body, version)))


@router.put("/people/{person_id}/unit", response_model=PersonOut)
async def move(
    person_id: PersonId,
    body: Moving,
    version: ExpectedVersion,
    visitor: Visitor,
    store: Store,
    directory: Directory,
    work: Work,
) -> Response:
    """An agent belongs to another team."""
    await decided_on(store, visitor, person_id)
    return answer(await work.run(commands.move, await moving(person_id, body, version, visitor, directory)))


def leaving(person_id: str, said: Leaving, version: int | None) -> Leave:
    """The command."""
    return Leave(
        person_id=person_id,
        last_day=said.last_day,
        successor_id=said.successor_id,
        expected_version=version,
    )


async def moving(
    person_id: str, said: Moving, version: int | None, access: Access, directory: OrganisationDirectory
) -> Move:
    """The command. Raises `Invalid` for a team that the visitor does not decide on."""
    if said.unit_id not in {team.id for team in await teams(access, directory)}:
        raise Invalid(errors=[FieldError("/unit_id", N_("Choose an open team of the units you look after"))])
    return Move(person_id=person_id, unit_id=said.unit_id, expected_version=version)
