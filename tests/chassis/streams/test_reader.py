"""What the reader decides, without a broker and without a database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.chassis.clock import utc_now
from services.chassis.streams.figures import Figures
from services.chassis.streams.outcome import Failure
from services.chassis.streams.policies import BackOff, ReaderPolicy
from services.chassis.streams.reader import GaveUp, Reader
from services.chassis.streams.subscription import Handler, Subscription
from services.chassis.work import Transaction
from services.contracts.clients import ClientRegistered
from services.contracts.cloudevents import Record
from services.contracts.envelope import Received
from services.contracts.event import Event
from tests.chassis.streams.stage import QUICK, event_record


@dataclass
class Lying:
    """A record as it lies in Kafka."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    offset: int = 0
    topic: str = "muster.clients.client"
    partition: int = 0
    timestamp: int = 0


@dataclass
class Work:
    """Stands for the database: keeps what a transaction applied, may refuse one."""

    refuse: Callable[[Sequence[Received[Event]]], Exception | None] = lambda events: None
    kept: list[str] = field(default_factory=list)
    transactions: list[int] = field(default_factory=list)

    async def run(self, command: Callable[..., Awaitable[None]], events: Sequence[Received[Event]]) -> None:
        self.transactions.append(len(events))
        error = self.refuse(events)
        if error is not None:
            raise error
        self.kept.extend(received.envelope.id for received in events)


@dataclass
class Buried:
    """Stands for the dead letters."""

    failures: list[Failure] = field(default_factory=list)

    async def put(self, failures: Sequence[Failure]) -> None:
        self.failures.extend(failures)


async def nothing(tx: Transaction, received: Received[Any]) -> None:
    """The stand-in for the database does not run it."""


def lying(records: Sequence[Record]) -> list[Lying]:
    return [Lying(each.key, each.value, each.headers, offset) for offset, each in enumerate(records)]


def reader(
    work: Work, buried: Buried, policy: ReaderPolicy | None = None, handler: Handler = nothing
) -> Reader:
    policy = policy or ReaderPolicy(transient=QUICK, between_attempts=QUICK)
    subscription = Subscription("clients", [{ClientRegistered: handler}])
    return Reader(subscription, work, buried.put, policy, Figures("test", utc_now))  # type: ignore[arg-type]


def ids(records: Sequence[Record]) -> list[str]:
    return [dict(each.headers)["ce_id"].decode() for each in records]


async def test_a_batch_is_one_transaction_in_order_without_its_doubles() -> None:
    work, records = Work(), [event_record() for _ in range(10)]
    await reader(work, Buried()).handle(lying([*records, records[3], records[0]]))
    assert work.transactions == [10]
    assert work.kept == ids(records)


async def test_a_type_that_nobody_wants_is_not_even_parsed() -> None:
    work, buried = Work(), Buried()
    other = [
        (name, b"io.muster.clients.other.v1" if name == "ce_type" else value)
        for name, value in event_record().headers
    ]
    await reader(work, buried).handle([Lying(b"k", b"{nonsense", other), Lying(b"k", None, [])])
    assert (work.transactions, buried.failures) == ([], [])


async def test_a_transaction_too_long_for_the_server_is_cut_until_it_passes() -> None:
    work = Work(refuse=lambda events: TimeoutError() if len(events) > 3 else None)
    records = [event_record() for _ in range(10)]
    await reader(work, Buried()).handle(lying(records))
    assert work.kept == ids(records)


async def test_one_bad_event_costs_none_of_the_others() -> None:
    records = [event_record() for _ in range(10)]
    bad = ids(records)[4]
    work = Work(
        refuse=lambda events: ValueError() if any(each.envelope.id == bad for each in events) else None
    )
    buried = Buried()
    await reader(work, buried).handle(lying(records))
    assert work.kept == [each for each in ids(records) if each != bad]
    assert [failure.record.offset for failure in buried.failures] == [4]


async def test_dead_letters_in_a_row_are_counted_over_batches_and_a_good_event_ends_the_row() -> None:
    policy = ReaderPolicy(between_attempts=QUICK, attempts=1, most_dead_letters_in_a_row=3)
    bad, good = Record(b"k", b"{", event_record().headers), event_record()
    buried = Buried()
    subject = reader(Work(), buried, policy)
    for batch in ([bad, bad], [bad, good], [bad, bad], [bad]):
        await subject.handle(lying(batch))
    assert subject.halted is None
    assert len(buried.failures) == 6
    handling = asyncio.create_task(subject.handle(lying([bad])))
    await asyncio.sleep(0)
    assert subject.halted is not None
    subject.let_go()
    with pytest.raises(GaveUp):
        await handling
    assert len(buried.failures) == 6, "what halts the reader is not put aside"


async def test_told_to_let_go_it_does_not_wait_for_the_database() -> None:
    work = Work(refuse=lambda events: ConnectionError())
    patient = ReaderPolicy(transient=BackOff(first_seconds=600, longest_seconds=600))
    subject = reader(work, Buried(), patient)
    handling = asyncio.create_task(subject.handle(lying([event_record()])))
    while subject.retrying is None:  # noqa: ASYNC110 - a few turns of the loop
        await asyncio.sleep(0)
    subject.let_go()
    with pytest.raises(GaveUp):
        await asyncio.wait_for(handling, 5)
    assert work.kept == []
