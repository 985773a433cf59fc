"""A company small enough to know everybody: one branch in Shanghai, told to all services as recruiting would."""

from typing import Any

from services.chassis.organisation.events import PEOPLE as PEOPLE_KNOWN
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import UnitOfWork
from services.contracts.organisation import Role, UnitKind
from services.contracts.recruiting import PersonRegistered, RoleGranted, UnitOpened
from services.recruiting.organisation.commands import OpenUnit, open_unit
from services.recruiting.people.commands import RegisterPerson, grant_role, register_person
from tests.faults.muster import Muster, Sent, long_ago, sent

TEAM_PATH = ("co", "east", "jingan", "eagles")
_KINDS = (UnitKind.COMPANY, UnitKind.REGION, UnitKind.BRANCH, UnitKind.TEAM)
_NAMES = ("安居经纪", "华东大区", "静安营业部", "飞鹰队")
PEOPLE = {
    "lin": ("林晓", "eagles", Role.AGENT),
    "zhao": ("赵强", "eagles", Role.AGENT),
    "sun": ("孙丽", "eagles", Role.SUPERVISOR),
    "chen": ("陈静", "jingan", Role.TRAINER),
    "zhou": ("周伟", "jingan", Role.BRANCH_MANAGER),
    "head": ("郑国强", "co", Role.HEAD_OFFICE),
}
AGENTS = ("lin", "zhao")


def founding() -> list[Sent]:
    """The events that tell of its units and people."""
    told: list[Sent] = []
    for depth, (unit_id, kind, name) in enumerate(zip(TEAM_PATH, _KINDS, _NAMES, strict=True)):
        opened = UnitOpened(
            occurred_at=long_ago(),
            unit_id=unit_id,
            kind=kind,
            name=name,
            parent_id=TEAM_PATH[depth - 1] if depth else None,
            org_path=TEAM_PATH[: depth + 1],
            time_zone="Asia/Shanghai",
        )
        told.append(sent(opened, unit_id))
    for person_id, (name, unit_id, role) in PEOPLE.items():
        common: dict[str, Any] = {
            "occurred_at": long_ago(),
            "person_id": person_id,
            "unit_id": unit_id,
            "org_path": TEAM_PATH[: TEAM_PATH.index(unit_id) + 1],
        }
        told.append(sent(PersonRegistered(name=name, **common), person_id, 1))
        told.append(sent(RoleGranted(role=role, **common), person_id, 2))
    return told


async def found_by_commands(work: UnitOfWork) -> None:
    """The same company through recruiting's own commands."""
    for depth, (unit_id, kind, name) in enumerate(zip(TEAM_PATH, _KINDS, _NAMES, strict=True)):
        parent_id = TEAM_PATH[depth - 1] if depth else None
        await work.run(open_unit, OpenUnit(unit_id=unit_id, kind=kind.value, name=name, parent_id=parent_id))
    for person_id, (name, unit_id, role) in PEOPLE.items():
        await work.run(register_person, RegisterPerson(person_id=person_id, name=name, unit_id=unit_id))
        await work.run(grant_role, person_id, role, unit_id)


async def found(muster: Muster, *services: str, within: float = 60.0) -> None:
    """Tell of the company, and return when the workers of these services have heard of everybody."""
    await muster.publish(founding())
    await known(muster, *services, within=within)


async def known(muster: Muster, *services: str, within: float = 60.0) -> None:
    """Return when these services know everybody and their roles."""
    for service in services:
        people = muster.database(service).collection(PEOPLE_KNOWN)

        async def all_are_known(people: Any = people) -> bool:
            there = await people.count_documents(
                {"name": {"$exists": True}, "grants.role": {"$exists": True}}
            )
            return bool(there == len(PEOPLE))

        await assert_eventually(all_are_known, within=within, every=0.1)
