"""Reading the tree from the truth, so that who has just changed it sees the change."""

from dataclasses import dataclass

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.recruiting.organisation.access import require_insight
from services.recruiting.organisation.model import LEVELS, Unit
from services.recruiting.organisation.store import UNITS


@dataclass(frozen=True)
class Branch:
    """A unit of the tree with what stands below it."""

    unit: Stored[Unit]
    children: tuple["Branch", ...]
    members: int
    """People who belong to it or below."""

    @property
    def level(self) -> int:
        """0 for a company, 3 for a team."""
        return LEVELS.index(self.unit.value.kind)


async def tree(store: Mongo, access: Access) -> list[Branch]:
    """The trees under the units that somebody looks after. Raises `NotFound` for an agent."""
    require_insight(access)
    query = {"org_path": {"$in": list(access.unit_ids)}, "closed": False}
    documents = await store.collection("org_units").find(query).to_list(None)
    units = {document["_id"]: UNITS.stored(document) for document in documents}
    members = await _members(store, access)
    below: dict[str | None, list[Stored[Unit]]] = {}
    for unit in units.values():
        parent = unit.value.parent_id
        below.setdefault(parent if parent in units else None, []).append(unit)

    def grow(unit: Stored[Unit]) -> Branch:
        children = sorted(below.get(unit.id, ()), key=lambda one: (one.value.name, one.id))
        branches = tuple(grow(child) for child in children)
        return Branch(unit, branches, members.get(unit.id, 0) + sum(one.members for one in branches))

    return [grow(unit) for unit in sorted(below.get(None, ()), key=lambda one: (one.value.name, one.id))]


async def unit(store: Mongo, access: Access, unit_id: str) -> Stored[Unit]:
    """One unit. Raises `NotFound` also when it is not theirs to see."""
    require_insight(access)
    found = await store.collection("org_units").find_one({"_id": unit_id})
    if found is None or not access.sees(found["org_path"]):
        raise NotFound
    return UNITS.stored(found)


async def _members(store: Mongo, access: Access) -> dict[str, int]:
    counted = await store.aggregate(
        "staff",
        [
            {"$match": {"org_path": {"$in": list(access.unit_ids)}, "left_on": None}},
            {"$group": {"_id": "$unit_id", "members": {"$sum": 1}}},
        ],
    )
    return {document["_id"]: document["members"] for document in counted}
