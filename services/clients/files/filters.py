"""What a list of clients can be narrowed by, and the lists that somebody named and kept. Pure."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.contracts.clients import ClientSource, Grade, Intent

MOST_KEPT = 20


class State(StrEnum):
    """The lists of clients."""

    PLANNED = "planned"
    """With a next follow-up, the most urgent first."""
    UNPLANNED = "unplanned"
    """Without one, most of them not graded yet; the newest first."""
    LOST = "lost"
    SHARED = "shared"
    """Of others, who share them with the reader; the newest first."""


class Order(StrEnum):
    """What stands first."""

    DUE = "due"
    SILENT = "silent"
    """With whom nobody was in touch for longest."""
    NEWEST = "newest"


@dataclass(frozen=True)
class Filters:
    """A list of clients: which ones, and in which order."""

    state: State = State.PLANNED
    grade: Grade | None = None
    intent: Intent | None = None
    source: ClientSource | None = None
    overdue: bool = False
    """Only those whose next follow-up is overdue."""
    silent_days: int | None = None
    """Only those with whom nobody was in touch for so many days, whether something is planned or not."""
    tag: str = ""

    @property
    def order(self) -> Order:
        if self.tag:
            return Order.NEWEST
        if self.silent_days is not None:
            return Order.SILENT
        return Order.DUE if self.state is State.PLANNED else Order.NEWEST

    @property
    def narrowed(self) -> bool:
        """Whether more is asked for than one of the plain lists."""
        return self != Filters(state=self.state)

    def query(self) -> dict[str, str]:
        """As the parameters of a path; those that say nothing are left out."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        said = {name: value for name, value in plain.items() if value not in (None, "", False)}
        return {name: "true" if value is True else str(value) for name, value in said.items()}

    def without(self, name: str) -> "Filters":
        """The same list without this condition."""
        nothing: dict[str, Any] = {name: getattr(_NOTHING, name)}
        return replace(self, **nothing)


_NOTHING = Filters()


@dataclass(frozen=True)
class KeptList:
    """A list of clients that somebody gave a name."""

    id: str
    person_id: str
    name: str
    filters: Filters
    at: datetime
