"""The org tree as JSON."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse, Response

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid, NotFound
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.records import Stored
from services.chassis.web.answers import created, etag
from services.chassis.web.dependencies import Once, Store, Visitor, Work
from services.chassis.web.validation import Output
from services.chassis.web.versions import ExpectedVersion
from services.recruiting.organisation import commands, views
from services.recruiting.organisation.access import KEEPERS
from services.recruiting.organisation.commands import OpenUnit
from services.recruiting.organisation.forms import MovedUnit, NewUnit, RenamedUnit
from services.recruiting.organisation.model import Unit

router = APIRouter(tags=["organisation"])

UnitId = Annotated[str, Path(max_length=64)]


class UnitOut(Output):
    id: str
    version: int
    kind: str
    name: str
    parent_id: str | None
    org_path: list[str]
    time_zone: str
    period_start_day: int
    closed: bool

    @classmethod
    def of(cls, stored: Stored[Unit]) -> "UnitOut":
        """The unit as others see it."""
        unit = stored.value
        return cls(
            id=unit.id,
            version=stored.version,
            kind=unit.kind,
            name=unit.name,
            parent_id=unit.parent_id,
            org_path=list(unit.org_path),
            time_zone=unit.time_zone,
            period_start_day=unit.period_start_day,
            closed=unit.closed,
        )


@router.get("/units", response_model=list[UnitOut])
async def units(visitor: Visitor, store: Store) -> list[UnitOut]:
    """The open units that you look after, parents before children."""

    def flat(branches: list[views.Branch]) -> list[UnitOut]:
        return [unit for one in branches for unit in (UnitOut.of(one.unit), *flat(list(one.children)))]

    return flat(await views.tree(store, visitor))


@router.post("/units", status_code=201, response_model=UnitOut)
async def open_unit(body: NewUnit, once: Once, visitor: Visitor, store: Store) -> Response:
    """Add a unit."""
    command = await opening(body, visitor, store)
    return await once.run(
        lambda unit: created(f"/recruiting/api/units/{unit.id}", UnitOut.of(unit), version=unit.version),
        commands.open_unit,
        command,
    )


@router.get("/units/{unit_id}", response_model=UnitOut)
async def unit(unit_id: UnitId, visitor: Visitor, store: Store) -> Response:
    """One unit."""
    return _answer(await views.unit(store, visitor, unit_id))


@router.put("/units/{unit_id}/name", response_model=UnitOut)
async def rename(
    unit_id: UnitId, body: RenamedUnit, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Give it another name."""
    await keeps(store, visitor, unit_id)
    return _answer(await work.run(commands.rename_unit, unit_id, body.name, version))


@router.put("/units/{unit_id}/parent", response_model=UnitOut)
async def move(
    unit_id: UnitId, body: MovedUnit, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Hang it, with everything below, under another unit."""
    await keeps(store, visitor, unit_id)
    await _parent(body.parent_id, visitor, store)
    return _answer(await work.run(commands.move_unit, unit_id, body.parent_id, version))


@router.delete("/units/{unit_id}", response_model=UnitOut)
async def close(
    unit_id: UnitId, version: ExpectedVersion, visitor: Visitor, store: Store, work: Work
) -> Response:
    """Close an empty unit; its history stays."""
    await keeps(store, visitor, unit_id)
    return _answer(await work.run(commands.close_unit, unit_id, version))


async def opening(new: NewUnit, access: Access, store: Mongo) -> OpenUnit:
    """The command for a new unit. Raises `Invalid` for a parent out of reach, `Forbidden`."""
    await _parent(new.parent_id, access, store)
    return OpenUnit(
        unit_id=new_id(),
        kind=new.kind.value,
        name=new.name,
        parent_id=new.parent_id,
        time_zone=new.time_zone,
        period_start_day=new.period_start_day,
    )


async def keeps(store: Mongo, access: Access, unit_id: str) -> Stored[Unit]:
    """The unit, for one who may change it. Raises `NotFound`, or `Forbidden` for one who may only look."""
    stored = await views.unit(store, access, unit_id)
    access.require(*KEEPERS, at=stored.value.org_path)
    return stored


async def _parent(parent_id: str, access: Access, store: Mongo) -> None:
    try:
        await keeps(store, access, parent_id)
    except NotFound as error:
        raise Invalid(errors=[FieldError("/parent_id", N_("Choose a unit of your company"))]) from error


def _answer(stored: Stored[Unit]) -> Response:
    body = UnitOut.of(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(stored.version)})
