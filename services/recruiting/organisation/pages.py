"""The tree on a page, and one unit with its people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.access import Access
from services.chassis.errors import Invalid, StaleVersion
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.navigation import ROLE_WORDS
from services.recruiting.organisation import commands, views, words
from services.recruiting.organisation.access import KEEPERS
from services.recruiting.organisation.api import UnitId, keeps, opening
from services.recruiting.organisation.forms import MovedUnit, NewUnit, RenamedUnit
from services.recruiting.organisation.model import LEVELS

router = APIRouter()


@router.get("/organisation")
async def organisation(page: Page, store: Store, visitor: Visitor) -> Response:
    """The tree that the visitor looks after."""
    return page.show(
        "organisation/tree.html",
        trees=await views.tree(store, visitor),
        kind_words=words.KINDS,
    )


@router.get("/organisation/{unit_id}")
async def unit(unit_id: UnitId, page: Page, store: Store, directory: Directory, visitor: Visitor) -> Response:
    """One unit: its people, what stands below, and what may be changed."""
    return page.show("organisation/unit.html", **await _unit(store, directory, visitor, unit_id))


@router.post("/organisation/{unit_id}/units")
async def open_unit(
    unit_id: UnitId,
    page: Page,
    once: Once,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    form: Annotated[Form[NewUnit], Depends(form_of(NewUnit))],
) -> Response:
    """Add a unit below."""
    try:
        command = await opening(form.valid(), visitor, store)
        return await once.run(
            lambda opened: see(f"/recruiting/organisation/{opened.id}", toast=page.say("The unit is open")),
            commands.open_unit,
            command,
        )
    except Invalid as problem:
        context = await _unit(store, directory, visitor, unit_id)
        return page.show(
            "organisation/unit.html", status=422, **{**context, "new_unit": form.with_errors(problem)}
        )


@router.post("/organisation/{unit_id}/name")
async def rename(
    unit_id: UnitId,
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[RenamedUnit], Depends(form_of(RenamedUnit))],
) -> Response:
    """Give the unit another name."""
    stored = await keeps(store, visitor, unit_id)
    try:
        await work.run(commands.rename_unit, unit_id, form.valid().name, form.version)
        return page.go(f"/recruiting/organisation/{unit_id}", toast=page.say("The name is changed"))
    except Invalid as problem:
        shown, status = form.with_errors(problem), 422
    except StaleVersion:
        shown, status = form.against({"name": stored.value.name}, version=stored.version), 412
    context = await _unit(store, directory, visitor, unit_id)
    return page.show("organisation/unit.html", status=status, **{**context, "renamed": shown})


@router.post("/organisation/{unit_id}/parent")
async def move(
    unit_id: UnitId,
    page: Page,
    store: Store,
    directory: Directory,
    visitor: Visitor,
    work: Work,
    form: Annotated[Form[MovedUnit], Depends(form_of(MovedUnit))],
) -> Response:
    """Hang the unit under another parent."""
    await keeps(store, visitor, unit_id)
    try:
        parent_id = form.valid().parent_id
        await keeps(store, visitor, parent_id)
        await work.run(commands.move_unit, unit_id, parent_id, form.version)
        return page.go(f"/recruiting/organisation/{unit_id}", toast=page.say("The unit has moved"))
    except Invalid as problem:
        context = await _unit(store, directory, visitor, unit_id)
        return page.show(
            "organisation/unit.html", status=422, **{**context, "moved": form.with_errors(problem)}
        )


@router.post("/organisation/{unit_id}/close")
async def close(
    unit_id: UnitId,
    page: Page,
    store: Store,
    visitor: Visitor,
    work: Work,
) -> Response:
    """Close an empty unit. Raises `Invalid`, which the page says in a word."""
    stored = await keeps(store, visitor, unit_id)
    await work.run(commands.close_unit, unit_id, None)
    above = stored.value.parent_id
    where = f"/recruiting/organisation/{above}" if above else "/recruiting/organisation"
    return page.go(where, toast=page.say("The unit is closed"))


async def _unit(
    store: Mongo, directory: OrganisationDirectory, visitor: Access, unit_id: str
) -> dict[str, Any]:
    stored = await views.unit(store, visitor, unit_id)
    value = stored.value
    keeper = visitor.may(*KEEPERS, at=value.org_path)
    level = LEVELS.index(value.kind)
    below = LEVELS[level + 1] if level + 1 < len(LEVELS) else None
    parents = []
    if keeper and level > 0:
        company = await directory.subtree(value.org_path[0])
        parents = [(one.id, one.name) for one in company if one.kind.value == LEVELS[level - 1]]
    return {
        "unit": value,
        "version": stored.version,
        "people": await directory.people_under(unit_id),
        "units": await directory.subtree(unit_id),
        "above": await directory.units(value.org_path),
        "keeper": keeper and not value.closed,
        "below": below,
        "parents": parents,
        "kind_words": words.KINDS,
        "role_words": ROLE_WORDS,
        "new_unit": Form.of(NewUnit, {"kind": below or "", "parent_id": unit_id}),
        "renamed": Form.of(RenamedUnit, {"name": value.name}, version=stored.version),
        "moved": Form.of(MovedUnit, {"parent_id": value.parent_id or ""}, version=stored.version),
    }
