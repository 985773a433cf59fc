"""A branch of two teams in a region, beside another branch, in the service's copy of the organisation."""

from collections.abc import Mapping
from typing import Any

from services.chassis.mongo import Document, Mongo
from services.chassis.organisation.events import PEOPLE, UNITS

UNITS_BELOW: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "company": ("company", ("company",), "安居经纪"),
    "region": ("region", ("company", "region"), "华东大区"),
    "branch": ("branch", ("company", "region", "branch"), "浦东一部"),
    "team": ("team", ("company", "region", "branch", "team"), "先锋组"),
    "team2": ("team", ("company", "region", "branch", "team2"), "远航组"),
    "branch2": ("branch", ("company", "region", "branch2"), "静安营业部"),
    "other": ("company", ("other",), "别家公司"),
}
STAFF: Mapping[str, tuple[str, str, str]] = {
    "trainer": ("周敏", "branch", "trainer"),
    "manager": ("陈国栋", "branch", "branch_manager"),
    "supervisor": ("王海涛", "team", "supervisor"),
    "li": ("李静", "team", "agent"),
    "wu": ("吴晓峰", "team", "agent"),
    "he": ("何雨桐", "team2", "agent"),
    "regional": ("林志远", "region", "regional"),
    "head": ("黄雅琴", "company", "head_office"),
    "trainer2": ("徐蕾", "branch2", "trainer"),
    "zhao": ("赵磊", "branch2", "agent"),
    "stranger": ("钱进", "other", "head_office"),
}
"""By id: name, unit, role."""
OF_BRANCH = ("he", "li", "manager", "supervisor", "trainer", "wu")


def unit_document(unit_id: str) -> Document:
    kind, path, name = UNITS_BELOW[unit_id]
    return {
        "_id": unit_id,
        "kind": kind,
        "name": name,
        "parent_id": path[-2] if len(path) > 1 else None,
        "org_path": list(path),
        "time_zone": "Asia/Shanghai",
        "period_start_day": 1,
        "closed": False,
        "sequence": 1,
    }


def person_document(person_id: str, name: str, unit_id: str, role: str) -> Document:
    path = list(UNITS_BELOW[unit_id][1])
    return {
        "_id": person_id,
        "name": name,
        "unit_id": unit_id,
        "org_path": path,
        "grants": [{"role": role, "unit_id": unit_id, "org_path": path}],
        "sequence": 2,
    }


async def founded(mongo: Mongo, more: Mapping[str, tuple[str, str, str]] | None = None) -> None:
    """Put units and people into the database, with some more people when they are given."""
    await mongo.collection(UNITS).insert_many([unit_document(unit_id) for unit_id in UNITS_BELOW])
    staff: dict[str, Any] = {**STAFF, **(more or {})}
    await mongo.collection(PEOPLE).insert_many(
        [person_document(person_id, *fields) for person_id, fields in staff.items()]
    )
