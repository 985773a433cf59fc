"""People and their roles as JSON."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid, NotFound
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Visitor, Work
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.contracts.organisation import Role
from services.recruiting.hiring.dependencies import Emails
from services.recruiting.organisation.access import KEEPERS
from services.recruiting.organisation.api import keeps
from services.recruiting.people import commands
from services.recruiting.people.commands import RegisterPerson
from services.recruiting.people.model import Person
from services.recruiting.people.store import PEOPLE

router = APIRouter(tags=["people"])

PersonId = Annotated[str, Path(max_length=64)]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class NewPerson(Input):
    """Somebody of the staff; agents come by hiring."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    unit_id: Id
    email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None


class RoleAt(Input):
    role: Role
    unit_id: Id


class RoleOut(Output):
    role: str
    unit_id: str


class PersonOut(Output):
    id: str
    version: int
    name: str
    unit_id: str
    org_path: list[str]
    roles: list[RoleOut]
    start_date: date | None
    mentor_id: str | None
    left_on: date | None

    @classmethod
    def of(cls, stored: Stored[Person]) -> "PersonOut":
        """The person as others see them."""
        person = stored.value
        return cls(
            id=person.id,
            version=stored.version,
            name=person.name,
            unit_id=person.unit_id,
            org_path=list(person.org_path),
            roles=[RoleOut(role=held.role, unit_id=held.unit_id) for held in person.roles],
            start_date=person.career.start_date if person.career else None,
            mentor_id=person.career.mentor_id if person.career else None,
            left_on=person.left_on,
        )


@router.post("/people", status_code=201, response_model=PersonOut)
async def register(body: NewPerson, once: Once, visitor: Visitor, store: Store, emails: Emails) -> Response:
    """Make somebody of the staff known."""
    await _unit(store, visitor, body.unit_id)
    command = RegisterPerson(
        person_id=new_id(),
        name=body.name,
        unit_id=body.unit_id,
        email_index=emails.of(body.email) if body.email else None,
    )
    return await once.run(
        lambda person: created(
            f"/recruiting/api/people/{person.id}", PersonOut.of(person), version=person.version
        ),
        commands.register_person,
        command,
    )


@router.get("/people/{person_id}", response_model=PersonOut)
async def person(person_id: PersonId, visitor: Visitor, store: Store) -> Response:
    """One person: yourself, or somebody you look after."""
    return answer(await seen(store, visitor, person_id))


@router.post("/people/{person_id}/roles", response_model=PersonOut)
async def grant(
    person_id: PersonId, body: RoleAt, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Let somebody act in a role at a unit."""
    await _kept(store, visitor, person_id)
    await _unit(store, visitor, body.unit_id)
    return answer(await work.run(commands.grant_role, person_id, body.role, body.unit_id, version))


@router.delete("/people/{person_id}/roles/{role}/{unit_id}", response_model=PersonOut)
async def revoke(
    person_id: PersonId,
    role: Role,
    unit_id: Annotated[str, Path(max_length=64)],
    version: ExpectedVersion,
    visitor: Visitor,
    store: Store,
    work: Work,
) -> Response:
    """Take a role back."""
    await _kept(store, visitor, person_id)
    return answer(await work.run(commands.revoke_role, person_id, role, unit_id, version))


async def seen(store: Mongo, access: Access, person_id: str) -> Stored[Person]:
    """The person, for themselves and for who looks after them. Raises `NotFound`."""
    found = await store.collection("staff").find_one({"_id": person_id})
    if found is None or not access.sees(found["org_path"], owner=person_id):
        raise NotFound
    return PEOPLE.stored(found)


async def _kept(store: Mongo, access: Access, person_id: str) -> None:
    stored = await seen(store, access, person_id)
    access.require(*KEEPERS, at=stored.value.org_path)


async def _unit(store: Mongo, access: Access, unit_id: str) -> None:
    try:
        await keeps(store, access, unit_id)
    except NotFound as error:
        raise Invalid(errors=[FieldError("/unit_id", N_("Choose a unit of your company"))]) from error


def answer(stored: Stored[Person]) -> Response:
    """The person as JSON with their version."""
    body = PersonOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
