"""The settings of a unit as JSON."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.chassis.errors import NotFound
from services.chassis.web.dependencies import Directory, Store, Visitor, Work
from services.chassis.web.validation import Input, Output
from services.clients.cadence import store as cadence
from services.clients.cadence.commands import set_cadence
from services.clients.cadence.model import LONGEST_DAYS, CadencePolicy, CadenceSettings
from services.clients.dependencies import Id
from services.contracts.organisation import Role

router = APIRouter(tags=["cadence"])

SETTERS = (Role.BRANCH_MANAGER, Role.REGIONAL, Role.HEAD_OFFICE)

Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
Minute = Annotated[int, Field(ge=0, le=1440)]
Percent = Annotated[int, Field(ge=0, le=100)]


class CadenceIn(Input):
    """What the unit says itself; what is left out is as in the unit above."""

    days_a: Days | None = None
    days_b: Days | None = None
    days_c: Days | None = None
    escalate_agent_after: Days | None = None
    escalate_supervisor_after: Days | None = None
    escalate_branch_after: Days | None = None
    opens: Minute | None = None
    closes: Minute | None = None
    working_days_only: bool | None = None
    share_real: Percent | None = None
    share_potential: Percent | None = None
    share_latent: Percent | None = None


class CadenceOut(Output):
    """What holds in the unit, its own settings and those from above together."""

    days_a: int
    days_b: int
    days_c: int
    escalate_agent_after: int
    escalate_supervisor_after: int
    escalate_branch_after: int
    opens: int
    closes: int
    working_days_only: bool
    share_real: int
    share_potential: int
    share_latent: int

    @classmethod
    def of(cls, policy: CadencePolicy) -> "CadenceOut":
        """The policy as others see it."""
        return cls(**asdict(policy))


@router.get("/units/{unit_id}/cadence", response_model=CadenceOut)
async def policy(unit_id: Id, store: Store, directory: Directory, visitor: Visitor) -> CadenceOut:
    """The policy of a unit: of your own units, and of those you look after."""
    unit = await directory.unit(unit_id)
    if unit_id not in visitor.org_path and not visitor.sees(unit.org_path):
        raise NotFound
    return CadenceOut.of((await cadence.rhythm_of(store, unit.org_path)).policy)


@router.put("/units/{unit_id}/cadence", response_model=CadenceOut)
async def set_policy(
    unit_id: Id, body: CadenceIn, directory: Directory, visitor: Visitor, work: Work
) -> CadenceOut:
    """Say what the unit does otherwise. Follow-ups that are planned from now on go by it."""
    unit = await directory.unit(unit_id)
    visitor.require_sight(unit.org_path)
    visitor.require(*SETTERS, at=unit.org_path)
    settings = CadenceSettings(id=unit_id, **body.model_dump())
    return CadenceOut.of(await work.run(set_cadence, settings))
