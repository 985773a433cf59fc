"""How a reader and its worker behave, as values."""

import random
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class BackOff:
    """Growing waits between attempts, spread out so that workers do not all come back at the same moment."""

    first_seconds: float = 0.1
    factor: float = 2.0
    longest_seconds: float = 15.0
    jitter: float = 0.5
    """Share of a wait that is left to chance."""

    def seconds(self, failures: int) -> float:
        """How long to wait after so many failures in a row (1, 2, 3 ...)."""
        whole = min(self.longest_seconds, self.first_seconds * self.factor ** min(failures - 1, 32))
        return whole * (1 - self.jitter * random.random())


@dataclass(frozen=True)
class ReaderPolicy:
    """When to try again, when to give an event up, and when to stop."""

    transient: BackOff = BackOff()
    """Waits while the database or the broker is away; for ever."""
    failures_before_halving: int = 5
    """Passing failures in a row after which a batch is cut in two."""
    attempts: int = 3
    """How often an event is tried on its own before it goes to the dead letters."""
    between_attempts: BackOff = BackOff(first_seconds=0.05, longest_seconds=1.0)
    most_dead_letters_in_a_row: int = 20
    """One more halts the reader: a bad deploy must not empty the topic into the dead letters."""


class Engine(StrEnum):
    """What drives the consumer group."""

    FAUST = "faust"
    PLAIN = "plain"
    """A bare aiokafka loop: the yardstick, and the way out should Faust stand in it."""


@dataclass(frozen=True)
class StreamPolicy:
    """The worker's settings; each figure was measured or follows from one that was."""

    engine: Engine = Engine.FAUST
    reader: ReaderPolicy = field(default_factory=ReaderPolicy)
    session_timeout_seconds: float = 10.0
    """A killed worker's partitions wait this long."""
    heartbeat_seconds: float = 3.0
    rebalance_timeout_seconds: float = 30.0
    most_between_polls_seconds: float = 3600.0
    """A worker may wait for the database for so long before the group gives its partitions away."""
    commit_seconds: float = 1.0
    most_records: int = 500
    """In one fetch, and (joined) in about one transaction."""
    drain_seconds: float = 5.0
    """How long a batch in work may go on when its partitions leave or the worker stops; then it is abandoned."""
    stalled_seconds: float = 60.0
    """A partition with unread records whose committed offset does not move for so long is stalled."""
    sample_seconds: float = 1.0
    """How often progress and lag are looked at."""

    def __post_init__(self) -> None:
        if self.drain_seconds >= self.rebalance_timeout_seconds:
            raise ValueError("a batch must be abandoned before the group gives the worker up")
