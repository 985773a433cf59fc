"""Who may have somebody leave or move, and what there is to choose from."""

from services.chassis.access import Access
from services.chassis.errors import Forbidden
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person as KnownPerson
from services.chassis.organisation.model import Unit
from services.chassis.records import Stored
from services.contracts.organisation import Role, UnitKind
from services.recruiting.people.api import seen
from services.recruiting.people.model import Person

DECIDES = (Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)


def may_decide(access: Access, person: Person) -> bool:
    """Whether it is theirs to say; nobody says it of themselves."""
    return person.id != access.person_id and access.may(*DECIDES, at=person.org_path)


async def decided_on(store: Mongo, access: Access, person_id: str) -> Stored[Person]:
    """The person, when it is the visitor's to say that they leave or move. Raises `NotFound`, `Forbidden`."""
    stored = await seen(store, access, person_id)
    if not may_decide(access, stored.value):
        raise Forbidden
    return stored


async def teams(access: Access, directory: Directory) -> list[Unit]:
    """The open teams of the units that the visitor decides on."""
    units = [grant.unit_id for grant in access.grants if grant.role in DECIDES]
    return await directory.subtree(*units, kind=UnitKind.TEAM)


async def successors(person: Person, directory: Directory) -> list[KnownPerson]:
    """Who can take over from this person: the agents and supervisors of the branch."""
    people = await directory.people_under(*person.org_path[:3][-1:])
    return [
        one
        for one in people
        if one.id != person.id and not one.roles.isdisjoint((Role.AGENT, Role.SUPERVISOR))
    ]
