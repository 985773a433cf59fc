"""The 70 / 20 / 10 report on a page."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.errors import N_
from services.chassis.web.dependencies import Page, Store
from services.clients import words
from services.clients.dependencies import Asking
from services.clients.today.report import Period
from services.clients.today.report_api import AgentParam, OnParam, UnitParam
from services.clients.today.report_views import Report, report

router = APIRouter()

PERIODS = {Period.DAY: N_("By day"), Period.WEEK: N_("By week"), Period.MONTH: N_("By month")}


@router.get("/reports")
async def time_report(
    page: Page,
    store: Store,
    asker: Asking,
    period: Period = Period.WEEK,
    on: OnParam = None,
    unit: UnitParam = None,
    agent: AgentParam = None,
) -> Response:
    """Where the time of an agent, a team or a branch went."""
    found = await report(store, asker, period, on, unit, agent)

    def link(period: Period = found.period, on: object = None, **whose: str) -> str:
        asked = {"period": period.value, "on": on or found.span.first, **(whose or _whose(found))}
        return "/clients/reports?" + urlencode(asked)

    return page.show(
        "today/report.html",
        report=found,
        tabs=[(link(each), page.say(said), None) for each, said in PERIODS.items()],
        tab=link(found.period),
        earlier=link(on=found.span.before),
        later=link(on=found.span.after) if found.span.last < found.today else "",
        link=link,
        intents=words.INTENTS,
    )


def _whose(found: Report) -> dict[str, str]:
    if found.unit is not None:
        return {"unit": found.unit.id}
    return {"agent": found.agent_id or ""}
