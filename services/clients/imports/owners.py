"""Whose clients the rows of a file become: the person who imports, or the agents they look after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.chassis.access import Access
from services.chassis.mongo import Mongo, Session
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person
from services.clients.files.sight import LOOKS_AFTER
from services.contracts.organisation import Role


@dataclass(frozen=True)
class Owners:
    """The agents that one person may import for."""

    access: Access
    by_id: Mapping[str, Person]
    by_name: Mapping[str, Sequence[Person]]

    def named(self, text: str) -> Person | None:
        """The one agent of this name or id; None for nobody, and for one of several."""
        if text in self.by_id:
            return self.by_id[text]
        found = self.by_name.get("".join(text.split()).lower(), ())
        return found[0] if len(found) == 1 else None


async def owners_for(mongo: Mongo, person_id: str, session: Session | None = None) -> Owners:
    """Whom this person may import for, as the organisation stands now. Raises `NotFound` for who left."""
    directory = Directory(mongo, session)
    access = await directory.access(person_id)
    led = [grant.unit_id for grant in access.grants if grant.role in LOOKS_AFTER]
    people = {person.id: person for person in await directory.people_under(*led)} if led else {}
    people |= await directory.people([person_id])
    selling = {id_: person for id_, person in people.items() if person.roles & {Role.AGENT, Role.SUPERVISOR}}
    names: dict[str, list[Person]] = {}
    for person in selling.values():
        names.setdefault("".join(person.name.split()).lower(), []).append(person)
    return Owners(access, selling, names)
