"""Words about the organisation that more than one event uses."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

OrgPath = Annotated[tuple[str, ...], Field(description="Unit ids from the company down to the unit itself.")]


class UnitKind(StrEnum):
    """The levels of the org tree."""

    COMPANY = "company"
    REGION = "region"
    BRANCH = "branch"
    TEAM = "team"


class Role(StrEnum):
    """What somebody may do, always held at a unit and reaching over its subtree."""

    AGENT = "agent"
    """经纪人 / 代理人: looks after clients."""
    SUPERVISOR = "supervisor"
    """主管: leads a team."""
    TRAINER = "trainer"
    """组训: plans and directs the morning meetings of a branch, recruits, coaches."""
    BRANCH_MANAGER = "branch_manager"
    """营业部经理."""
    REGIONAL = "regional"
    HEAD_OFFICE = "head_office"
    OPERATIONS = "operations"
