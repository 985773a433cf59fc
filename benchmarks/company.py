"""A company to measure with: branches of four teams with twelve agents each, and a trainer."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.mongo import Mongo
from services.chassis.testing.web import put_person, put_unit
from services.contracts.organisation import Role, UnitKind

COMPANY, REGION, TRAINER = "co", "east", "trainer"
TEAMS, AGENTS_IN_A_TEAM = 4, 12


@dataclass(frozen=True)
class Agent:
    id: str
    org_path: tuple[str, ...]


def agents(branches: int = 1) -> list[Agent]:
    """Everybody who sells, branch by branch."""
    return [
        Agent(f"agent-{branch}-{team}-{number}", (*branch_path(branch), f"team-{branch}-{team}"))
        for branch in range(branches)
        for team in range(TEAMS)
        for number in range(AGENTS_IN_A_TEAM)
    ]


def branch_path(branch: int = 0) -> tuple[str, ...]:
    """From the company down to a branch."""
    return COMPANY, REGION, f"branch-{branch}"


async def found(mongo: Mongo, branches: int = 1) -> Sequence[Agent]:
    """Put the company into a service's directory; its agents."""
    await put_unit(mongo, (COMPANY,), "安澜不动产", UnitKind.COMPANY)
    await put_unit(mongo, (COMPANY, REGION), "华东大区", UnitKind.REGION)
    for branch in range(branches):
        await put_unit(mongo, branch_path(branch), f"第{branch + 1}营业部", UnitKind.BRANCH)
    everybody = agents(branches)
    for number, path in enumerate(dict.fromkeys(agent.org_path for agent in everybody)):
        await put_unit(mongo, path, f"{number + 1}队", UnitKind.TEAM)
    for number, agent in enumerate(everybody):
        await put_person(mongo, agent.id, f"王{number + 1}", agent.org_path, Role.AGENT)
    await put_person(mongo, TRAINER, "陈静", branch_path(), Role.TRAINER)
    return everybody
