"""What people and programs send about units."""

from typing import Annotated

from pydantic import Field

from services.chassis.web.validation import Input, Line
from services.contracts.organisation import UnitKind

Id = Annotated[str, Field(min_length=1, max_length=64)]


class NewUnit(Input):
    """A unit under its parent; zone and period calendar are the parent's unless given."""

    kind: UnitKind
    name: Line
    parent_id: Id
    time_zone: Annotated[str, Field(max_length=60)] | None = None
    period_start_day: Annotated[int, Field(ge=1, le=28)] | None = None


class RenamedUnit(Input):
    name: Line


class MovedUnit(Input):
    parent_id: Id
