"""The settings of a unit as JSON."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.chassis.errors import NotFound
from services.chassis.web.dependencies import Directory, Store, Visitor, Work
from services.chassis.web.validation import Input, Output
from services.clients.cadence import store as cadence
from services.clients.cadence.commands import set_cadence
from services.clients.cadence.dry_run import Summary
from services.clients.cadence.dry_run_views import MOST_WEEKS, tried_out
from services.clients.cadence.model import LONGEST_DAYS, CadencePolicy, CadenceSettings
from services.clients.dependencies import Asking, Id
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
    remind_first_after: Days | None = None
    remind_second_after: Days | None = None
    remind_third_after: Days | None = None
    cooling_off_days: Days | None = None


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
    remind_first_after: int
    remind_second_after: int
    remind_third_after: int
    cooling_off_days: int

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
    """Say what the unit does otherwise. What is open there is planned anew, in batches."""
    unit = await directory.unit(unit_id)
    visitor.require_sight(unit.org_path)
    visitor.require(*SETTERS, at=unit.org_path)
    settings = CadenceSettings(id=unit_id, **body.model_dump())
    return CadenceOut.of(await work.run(set_cadence, settings))


class DryRunIn(Input):
    """Settings to try, over so many weeks up to yesterday."""

    settings: CadenceIn
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 8


class SummaryOut(Output):
    calls: int
    mean: float
    """Calls of an agent on a working day."""
    p90: int
    busiest_day: date | None
    most_calls: int

    @classmethod
    def of(cls, found: Summary) -> "SummaryOut":
        """The load as others see it."""
        return cls(
            calls=found.calls,
            mean=round(found.mean, 2),
            p90=found.p90,
            busiest_day=found.busiest,
            most_calls=found.most,
        )


class DayOut(Output):
    day: date
    before: int
    after: int


class AgentLoadOut(Output):
    agent_id: str
    before: SummaryOut
    after: SummaryOut


class DryRunOut(Output):
    """Calls by the settings that hold, and by those that are tried."""

    first_day: date
    last_day: date
    clients: int
    one_in: int
    """1: every client was played; otherwise one in so many, who counts for as many."""
    before: SummaryOut
    after: SummaryOut
    days: list[DayOut]
    agents: list[AgentLoadOut]


@router.post("/units/{unit_id}/cadence/dry-run", response_model=DryRunOut)
async def try_policy(
    unit_id: Id, body: DryRunIn, store: Store, directory: Directory, visitor: Visitor, asker: Asking
) -> DryRunOut:
    """Play settings over the history of the last weeks; nothing is changed."""
    unit = await directory.unit(unit_id)
    visitor.require_sight(unit.org_path)
    visitor.require(*SETTERS, at=unit.org_path)
    tried = CadenceSettings(id=unit_id, **body.settings.model_dump())
    found = await tried_out(store, unit, tried, body.weeks, asker.now)
    return DryRunOut(
        first_day=found.first,
        last_day=found.last,
        clients=found.clients,
        one_in=found.one_in,
        before=SummaryOut.of(found.before),
        after=SummaryOut.of(found.after),
        days=[DayOut(day=day, before=before, after=after) for day, before, after in found.days],
        agents=[
            AgentLoadOut(
                agent_id=each.agent_id, before=SummaryOut.of(each.before), after=SummaryOut.of(each.after)
            )
            for each in found.agents
        ],
    )
