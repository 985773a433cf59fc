"""The settings of a unit's cadence, with the dry run beside them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import N_, Invalid, NotFound
from services.chassis.mongo import Mongo
from services.chassis.organisation.model import Unit
from services.chassis.web.dependencies import Directory, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.clients.cadence.api import SETTERS, CadenceIn
from services.clients.cadence.commands import set_cadence
from services.clients.cadence.dry_run_views import MOST_WEEKS, DryRun, tried_out
from services.clients.cadence.hours import MINUTES_OF_A_DAY
from services.clients.cadence.model import CadenceSettings, policy_of
from services.clients.cadence.public_holidays import holidays_known_until
from services.clients.cadence.store import settings_of
from services.clients.dependencies import Asking

router = APIRouter()

UnitParam = Annotated[str, Query(max_length=64)]
GROUPS = (
    (N_("How often each grade is called"), ("days_a", "days_b", "days_c")),
    (
        N_("Who hears of an overdue call"),
        tuple(f"escalate_{who}_after" for who in ("agent", "supervisor", "branch")),
    ),
    (
        N_("Clients without any plan"),
        tuple(f"remind_{which}_after" for which in ("first", "second", "third")),
    ),
    (N_("When clients are called"), ("opens", "closes", "working_days_only")),
    (N_("After a complaint"), ("cooling_off_days",)),
    (N_("Shares of time"), ("share_real", "share_potential", "share_latent")),
)
LABELS = {
    "days_a": N_("A clients every"),
    "days_b": N_("B clients every"),
    "days_c": N_("C clients every"),
    "escalate_agent_after": N_("The agent is reminded after"),
    "escalate_supervisor_after": N_("The supervisor after"),
    "escalate_branch_after": N_("The branch after"),
    "remind_first_after": N_("First reminder after"),
    "remind_second_after": N_("Second reminder after"),
    "remind_third_after": N_("Third reminder after"),
    "opens": N_("From"),
    "closes": N_("Until"),
    "working_days_only": N_("On which days"),
    "cooling_off_days": N_("Nobody calls for"),
    "share_real": N_("Real clients"),
    "share_potential": N_("Potential clients"),
    "share_latent": N_("Latent clients"),
}


class CadenceForm(CadenceIn):
    """The same as the JSON, with times as people write them. What is empty is as in the unit above."""

    opens: time | None = None  # type: ignore[assignment]
    closes: time | None = None  # type: ignore[assignment]
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 8

    def settings(self, unit_id: str) -> CadenceSettings:
        """What the unit says with it."""
        said = self.model_dump(exclude={"weeks"})
        said["opens"] = _minutes(self.opens)
        # who is called until midnight writes 00:00
        said["closes"] = MINUTES_OF_A_DAY if self.closes == time() else _minutes(self.closes)
        return CadenceSettings(id=unit_id, **said)


@router.get("/cadence")
async def settings(
    page: Page, store: Store, directory: Directory, visitor: Visitor, unit: UnitParam = ""
) -> Response:
    """By what follow-ups are planned in one's units."""
    chosen, units = await _chosen(directory, visitor, unit)
    return await _show(page, store, directory, chosen, units, None)


@router.post("/cadence")
async def save(
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[CadenceForm], Depends(form_of(CadenceForm))],
    unit: UnitParam = "",
) -> Response:
    """Say what the unit does otherwise; what is open there is planned anew."""
    chosen, units = await _chosen(directory, visitor, unit)
    try:
        await work.run(set_cadence, form.valid().settings(chosen.id))
    except Invalid as problem:
        return await _show(page, store, directory, chosen, units, form.with_errors(problem), 422)
    said = page.say("Saved. The open follow-ups are being planned anew.")
    return page.go(f"/clients/cadence?unit={chosen.id}", toast=said)


@router.post("/cadence/try")
async def dry_run(
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    asker: Asking,
    form: Annotated[Form[CadenceForm], Depends(form_of(CadenceForm))],
    unit: UnitParam = "",
) -> Response:
    """What the load would have been; nothing is changed."""
    chosen, units = await _chosen(directory, visitor, unit)
    try:
        sent = form.valid()
        found = await tried_out(store, chosen, sent.settings(chosen.id), sent.weeks, asker.now)
    except Invalid as problem:
        if page.by_htmx:
            return page.show("cadence/dry_run.html", run=None, problem=form.with_errors(problem), unit=chosen)
        return await _show(page, store, directory, chosen, units, form.with_errors(problem), 422)
    if page.by_htmx:
        return page.show("cadence/dry_run.html", run=found, chart=chart_of(found), problem=None, unit=chosen)
    return await _show(page, store, directory, chosen, units, form, run=found)


async def _chosen(directory: Directory, visitor: Visitor, unit_id: str) -> tuple[Unit, list[Unit]]:
    """The unit asked for, by default the first of theirs, and all of theirs. Raises `NotFound`."""
    theirs = sorted({grant.unit_id for grant in visitor.grants if grant.role in SETTERS})
    units = await directory.subtree(*theirs) if theirs else []
    chosen = next((each for each in units if each.id == (unit_id or units[0].id)), None)
    if chosen is None:
        raise NotFound
    return chosen, units


async def _show(
    page: Page,
    store: Mongo,
    directory: Directory,
    unit: Unit,
    units: Sequence[Unit],
    form: Form[CadenceForm] | None,
    status: int = 200,
    run: DryRun | None = None,
) -> Response:
    said = await settings_of(store, unit.org_path)
    above = policy_of(said[each] for each in unit.org_path[:-1] if each in said)
    own = asdict(said[unit.id]) if unit.id in said else {}
    names = {id_: each.name for id_, each in (await directory.units(unit.org_path)).items()}
    inherited = {name: _as_words(name, value) for name, value in asdict(above).items()}
    known_until = holidays_known_until(unit.time_zone)
    values: dict[str, Any] = {
        name: _as_words(name, value) for name, value in own.items() if name != "id" and value is not None
    }
    return page.show(
        "cadence/settings.html",
        status=status,
        unit=unit,
        units=[(each.id, each.name) for each in units],
        form=form or Form.of(CadenceForm, {**values, "weeks": 8}),
        groups=[(page.say(title), fields) for title, fields in GROUPS],
        labels={name: page.say(said) for name, said in LABELS.items()},
        own={name for name in values if name != "weeks"},
        inherited=inherited,
        # the nearest unit above that says it, or nobody: then it is the product's own value
        sayers={name: _sayer(said, unit, name, names) for name in inherited},
        known_until=known_until,
        run=run,
        chart=chart_of(run) if run else None,
        problem=None,
    )


def _sayer(said: dict[str, CadenceSettings], unit: Unit, name: str, names: dict[str, str]) -> str:
    above = [each for each in unit.org_path[:-1] if each in said and getattr(said[each], name) is not None]
    return names.get(above[-1], above[-1]) if above else ""


def _minutes(moment: time | None) -> int | None:
    return moment.hour * 60 + moment.minute if moment is not None else None


def _as_words(name: str, value: Any) -> str:
    if name in ("opens", "closes"):
        return f"{value // 60 % 24:02}:{value % 60:02}"
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Chart:
    """The calls of each day, as lines in a field of 100 by 40."""

    before: str
    after: str
    top: int
    """Calls at the upper edge."""
    middle: date


def chart_of(run: DryRun) -> Chart:
    """The lines of a dry run."""
    top = max((max(before, after) for _, before, after in run.days), default=0) or 1

    def line(values: Sequence[int]) -> str:
        step = 100 / max(len(values) - 1, 1)
        return " ".join(
            f"{place * step:.2f},{40 - value / top * 38:.2f}" for place, value in enumerate(values)
        )

    return Chart(
        line([before for _, before, _ in run.days]),
        line([after for _, _, after in run.days]),
        top,
        run.days[len(run.days) // 2][0] if run.days else run.first,
    )
