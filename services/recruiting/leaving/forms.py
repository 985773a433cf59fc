"""What people and programs send when somebody leaves or moves."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.chassis.web.validation import Input

Id = Annotated[str, Field(min_length=1, max_length=64)]


class Leaving(Input):
    """That somebody works here no longer."""

    last_day: date
    """In the zone of their unit; today at the latest."""
    successor_id: Id | None = None
    """Who takes over everything; without one it goes by the rule of their unit."""


class LeavingForm(Leaving):
    """The same, from a page: with a tick under what it means. Without the tick the field is not sent, and missing."""

    understood: bool


class Moving(Input):
    """To which team an agent moves."""

    unit_id: Id
