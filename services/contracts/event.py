"""What every event of Muster is: a frozen payload with a name, a version and an aggregate it belongs to."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict
from pydantic.alias_generators import to_snake

NAMESPACE = "io.muster"
SCHEMAS = "https://schemas.muster.io"


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the years that can be told in UTC") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment. Whatever offset it came with, it is kept and sent in UTC; one without an offset is refused."""


@dataclass(frozen=True)
class Aggregate:
    """The thing that events are about and whose order is kept: one Kafka topic for each kind of aggregate."""

    service: str
    name: str

    @property
    def topic(self) -> str:
        """The Kafka topic's name, for example `muster.clients.follow-up`."""
        return f"muster.{self.service}.{self.name}"


class Event(BaseModel):
    """One thing that happened, as other systems see it.

    Payloads carry ids, facts and times; never a person's phone, address, income, birthday or free text about
    them. A reader ignores fields it does not know, so a compatible change adds an optional field and moves
    `schema_version`; a breaking change is a new class with the next major version in its type.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    aggregate: ClassVar[Aggregate]
    event_name: ClassVar[str]
    major: ClassVar[int] = 1
    schema_version: ClassVar[str] = "1.0"

    occurred_at: Instant
    """When it happened, UTC. Boards and reports count by this, not by when the event was sent."""

    def __init_subclass__(
        cls, aggregate: Aggregate | None = None, name: str | None = None, **kwargs: object
    ) -> None:
        """`name` is given where the class's own name is not it: the second major version of `ClientGraded` says
        `name="client-graded"` and sets `major` and `schema_version`. Raises TypeError when those two disagree.
        """
        super().__init_subclass__(**kwargs)  # type: ignore[arg-type]
        if aggregate is not None:
            cls.aggregate = aggregate
            cls.event_name = name or to_snake(cls.__name__).replace("_", "-")
        if not cls.schema_version.startswith(f"{cls.major}."):
            raise TypeError(f"{cls.__name__} has major version {cls.major}, but schema {cls.schema_version}")

    @classmethod
    def event_type(cls) -> str:
        """The CloudEvents `type`, for example `io.muster.recruiting.agent-hired.v1`."""
        return f"{NAMESPACE}.{cls.aggregate.service}.{cls.event_name}.v{cls.major}"

    @classmethod
    def dataschema(cls) -> str:
        """The CloudEvents `dataschema`: where the released JSON Schema of this version stands."""
        return f"{SCHEMAS}/{cls.aggregate.service}/{cls.event_name}/v{cls.schema_version}.json"
