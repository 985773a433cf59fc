"""Questions to the directory: who is where, and what lies under a unit.

A person's place is taken from the unit as it stands now, not from the event that put them there, so moving a branch
moves everybody in it at once.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from services.chassis.access import Access, Grant
from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, Document, Indexes, IndexModel, Mongo, Session
from services.chassis.organisation.events import PEOPLE, UNITS
from services.chassis.organisation.model import Person, Unit
from services.contracts.organisation import Role, UnitKind

INDEXES: Indexes = {
    UNITS: [IndexModel([("org_path", ASCENDING)]), IndexModel([("parent_id", ASCENDING)])],
    PEOPLE: [
        IndexModel([("unit_id", ASCENDING)]),
        IndexModel([("grants.role", ASCENDING), ("grants.unit_id", ASCENDING)]),
    ],
}

_LOOKED_THROUGH = 200
_MOMENT = 13
"""Characters of a UUIDv7 that hold its moment, the hyphen included."""


class Directory:
    """Reads this service's copy of the organisation; inside a transaction when given its session."""

    def __init__(self, mongo: Mongo, session: Session | None = None) -> None:
        self._mongo = mongo
        self._session = session

    async def unit(self, unit_id: str) -> Unit:
        """The unit. Raises `NotFound`."""
        found = await self.units([unit_id])
        if unit_id not in found:
            raise NotFound
        return found[unit_id]

    async def units(self, unit_ids: Iterable[str]) -> dict[str, Unit]:
        """The units of these ids that are known, by id."""
        query = {"_id": {"$in": list(set(unit_ids))}, "kind": {"$exists": True}}
        documents = await self._find(UNITS, query)
        return {document["_id"]: _unit(document) for document in documents}

    async def time_zone(self, unit_id: str) -> str:
        """The zone by which the unit counts its days; of a unit that is not known yet, the zone of the first users."""
        unit = (await self.units([unit_id])).get(unit_id)
        return unit.time_zone if unit else Access.time_zone

    async def children(self, unit_id: str) -> list[Unit]:
        """The open units right under this one, by name."""
        documents = await self._find(UNITS, {"parent_id": unit_id, "closed": False})
        return sorted((_unit(document) for document in documents), key=lambda unit: (unit.name, unit.id))

    async def subtree(self, *unit_ids: str, kind: UnitKind | None = None, closed: bool = False) -> list[Unit]:
        """These units and all under them, parents before children; closed ones only when asked for."""
        query: Document = {"org_path": {"$in": list(unit_ids)}}
        if kind is not None:
            query["kind"] = kind.value
        if not closed:
            query["closed"] = False
        documents = await self._find(UNITS, query)
        return sorted(
            (_unit(document) for document in documents),
            key=lambda unit: (len(unit.org_path), unit.name, unit.id),
        )

    async def branch_of(self, unit_id: str) -> Unit | None:
        """The branch that the unit is, or lies in; None above branches."""
        unit = await self.unit(unit_id)
        above = await self.units(unit.org_path)
        return next(
            (above[id_] for id_ in unit.org_path if id_ in above and above[id_].kind == "branch"), None
        )

    async def person(self, person_id: str) -> Person:
        """The person. Raises `NotFound`."""
        found = await self.people([person_id])
        if person_id not in found:
            raise NotFound
        return found[person_id]

    async def people(self, person_ids: Iterable[str]) -> dict[str, Person]:
        """The people of these ids that are known, by id."""
        documents = await self._find(
            PEOPLE, {"_id": {"$in": list(set(person_ids))}, "name": {"$exists": True}}
        )
        return {person.id: person for person in await self._people(documents)}

    async def people_under(self, *unit_ids: str, role: Role | None = None) -> list[Person]:
        """Everybody who works in these units or below, by name; only holders of the role there when one is named."""
        units = await self.subtree(*unit_ids, closed=True)
        within = {"$in": [unit.id for unit in units]}
        if role is None:
            query: Document = {"unit_id": within, "name": {"$exists": True}, "left_on": None}
        else:
            query = {"grants": {"$elemMatch": {"role": role.value, "unit_id": within}}}
        people = await self._people(await self._find(PEOPLE, query))
        return sorted(people, key=lambda person: (person.name, person.id))

    async def holders(self, role: Role, *, at: Iterable[str]) -> list[Person]:
        """Who holds the role at one of exactly these units; with a unit's org path, everybody above it as well."""
        query = {"grants": {"$elemMatch": {"role": role.value, "unit_id": {"$in": list(at)}}}}
        people = await self._people(await self._find(PEOPLE, query))
        return sorted(people, key=lambda person: (person.name, person.id))

    async def sample(self, role: Role, *, near: Iterable[str], limit: int) -> list[Person]:
        """A few holders of the role, from these units or below first; who has been here for longest, by name.

        Ids are UUIDv7, so their beginning is the moment since which somebody is known.
        """
        units = await self.subtree(*near)
        within = {"$in": [unit.id for unit in units]}
        documents: list[Document] = []
        for query in (
            {"grants": {"$elemMatch": {"role": role.value, "unit_id": within}}},
            {"grants.role": role.value},
        ):
            cursor = self._mongo.collection(PEOPLE).find(query, session=self._session)
            found = await cursor.sort("_id", ASCENDING).limit(_LOOKED_THROUGH).to_list(None)
            found.sort(key=lambda document: (document["_id"][:_MOMENT], document["name"], document["_id"]))
            known = {document["_id"] for document in documents}
            documents += [document for document in found if document["_id"] not in known]
        return await self._people(documents[:limit])

    async def access(self, person_id: str) -> Access:
        """What the person may see and do. Raises `NotFound` for somebody unknown, or without any role."""
        # asked for by every request, so in one round trip
        found = await self._mongo.aggregate(PEOPLE, _with_units(person_id), self._session)
        if not found or not found[0]["grants"]:
            raise NotFound
        # a unit that was only heard of has no kind yet
        units = {document["_id"]: _unit(document) for document in found[0]["units"] if "kind" in document}
        person = _person(found[0], units)
        home = units.get(person.unit_id)
        return Access(
            person_id=person.id,
            name=person.name,
            grants=person.grants,
            unit_id=person.unit_id,
            org_path=person.org_path,
            unit_name=home.name if home else "",
            time_zone=home.time_zone if home else Access.time_zone,
        )

    async def _people(self, documents: list[Document]) -> list[Person]:
        units = await self.units(
            unit_id
            for document in documents
            for unit_id in (document["unit_id"], *(grant["unit_id"] for grant in document["grants"]))
        )
        return [_person(document, units) for document in documents]

    async def _find(self, collection: str, query: Document) -> list[Document]:
        return await self._mongo.collection(collection).find(query, session=self._session).to_list(None)


def _unit(document: Document) -> Unit:
    return Unit(
        id=document["_id"],
        kind=UnitKind(document["kind"]),
        name=document["name"],
        parent_id=document["parent_id"],
        org_path=tuple(document["org_path"]),
        time_zone=document["time_zone"],
        period_start_day=document["period_start_day"],
        closed=document["closed"],
    )


def _with_units(person_id: str) -> list[Document]:
    """The person, with the units of their home and of their grants in `units`."""
    return [
        {"$match": {"_id": person_id, "name": {"$exists": True}}},
        {"$set": {"at": {"$setUnion": [["$unit_id"], "$grants.unit_id"]}}},
        {"$lookup": {"from": UNITS, "localField": "at", "foreignField": "_id", "as": "units"}},
    ]


def _person(document: Document, units: Mapping[str, Unit]) -> Person:
    """The person where the units stand now, or where they stood when we were told, if a unit is not known."""

    def path(unit_id: str, as_told: list[str]) -> tuple[str, ...]:
        return units[unit_id].org_path if unit_id in units else tuple(as_told)

    return Person(
        id=document["_id"],
        name=document["name"],
        unit_id=document["unit_id"],
        org_path=path(document["unit_id"], document["org_path"]),
        grants=tuple(
            Grant(Role(grant["role"]), grant["unit_id"], path(grant["unit_id"], grant["org_path"]))
            for grant in document["grants"]
        ),
        left_on=date.fromisoformat(document["left_on"]) if document.get("left_on") else None,
    )
