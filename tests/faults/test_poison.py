"""Poison events meet a real worker: each becomes a dead letter with its reason, and the partition goes on."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.clock import utc_now
from services.chassis.streams.policies import ReaderPolicy
from services.chassis.testing.eventually import assert_eventually
from services.contracts.clients import ShowingDone
from services.contracts.topics import consumer_group, dead_letters
from services.notifications.leaderboards.model import Metric
from tests.faults.company import TEAM_PATH, found
from tests.faults.ledger import assert_adds_up, counted
from tests.faults.muster import Muster, Sent, sent

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

WORKER = "notifications-worker"
SHOWING = "one-showing"
"""One aggregate, so that everything lies in one partition, in this order."""
NO_DAY = datetime(9999, 12, 31, 23, tzinfo=UTC)
"""Valid, and beyond the last day of any calendar east of Greenwich: the counting handler raises over it."""


def showing(sequence: int, at: datetime | None = None) -> Sent:
    event = ShowingDone(
        occurred_at=at or utc_now(),
        showing_id=SHOWING,
        client_id="c",
        agent_id="lin",
        org_path=TEAM_PATH,
        homes=1,
        interest=3,
    )
    return sent(event, SHOWING, sequence)


def wrong_schema(good: Sent) -> Sent:
    return good.saying(json.dumps(json.loads(good.value) | {"interest": 99}).encode())


async def muster_says(muster: Muster, *arguments: str) -> list[dict[str, Any]]:
    """What the command line `muster` prints as JSON, a line an object."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("muster")),
        *arguments,
        "--json",
        env={**os.environ, **muster.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complained.decode()
    return [json.loads(line) for line in said.decode().splitlines()]


async def assert_counted(muster: Muster, good: Sequence[Sent]) -> None:
    boards = muster.database("notifications")
    expected = sorted(dict(one.headers)["ce_id"].decode() for one in good)

    async def are_counted() -> None:
        assert sorted(await counted(boards, Metric.SHOWINGS)) == expected

    await assert_eventually(are_counted, within=60, every=0.1)
    await assert_adds_up(boards)


async def test_each_poison_is_put_aside_with_its_reason_and_the_partition_goes_on(muster: Muster) -> None:
    muster.start(WORKER)
    await muster.ready(WORKER)
    await found(muster, "notifications")
    good = [showing(1), showing(3), showing(5), showing(7)]
    poison = [showing(2).saying(b'{"interest": '), wrong_schema(showing(4)), showing(6, NO_DAY)]
    await muster.publish([good[0], poison[0], good[1], poison[1], good[2], poison[2], good[3]])
    await assert_counted(muster, good)

    letters = await muster_says(muster, "dead-letters", "list", "notifications")
    assert [(letter["error"], letter["attempts"]) for letter in letters] == [
        ("MalformedEvent:json", "1"),
        ("MalformedEvent:schema", "1"),
        ("OverflowError", str(ReaderPolicy().attempts)),
    ]
    poisoned = [dict(one.headers)["ce_id"].decode() for one in poison]
    assert [letter["event_id"] for letter in letters] == poisoned
    (shown,) = await muster_says(muster, "dead-letters", "show", "notifications", letters[1]["place"])
    assert shown["payload"]["interest"] == 99
    assert "interest" in shown["message"]

    (dropped,) = await muster_says(muster, "dead-letters", "drop", "notifications", letters[0]["place"])
    assert dropped["dropped"] == 1
    # what was put aside can be tried again; it fails as before, and disturbs nobody
    (resent,) = await muster_says(muster, "dead-letters", "resend", "notifications", letters[2]["place"])
    assert resent["resent"] == 1

    async def is_back() -> None:
        open_ = await muster_says(muster, "dead-letters", "list", "notifications")
        assert [letter["event_id"] for letter in open_] == [poisoned[1], poisoned[2]]

    await assert_eventually(is_back, within=60, every=0.5)
    await muster.ready(WORKER)


async def test_many_in_a_row_stop_the_consumer_which_says_so_and_empties_nothing(muster: Muster) -> None:
    muster.start(WORKER)
    await muster.ready(WORKER)
    await found(muster, "notifications")
    limit = ReaderPolicy().most_dead_letters_in_a_row
    before = showing(1)
    await muster.publish([before])
    await assert_counted(muster, [before])
    bad = [wrong_schema(showing(2 + n)) for n in range(limit + 5)]
    await muster.publish([*bad, showing(100)])

    async with httpx.AsyncClient(trust_env=False) as asking:

        async def says_that_it_stands_still() -> None:
            answer = await asking.get(f"{muster.url(WORKER)}/livez")
            assert answer.status_code == 503
            assert "halted" in answer.json()["checks"]["streams"]
            assert f"{limit + 1} events in a row failed" in answer.json()["checks"]["streams"]

        await assert_eventually(says_that_it_stands_still, within=60, every=0.1)
    letters = await muster.log(dead_letters(consumer_group("notifications")).name)
    assert len(letters) <= limit
    # nothing of it was acknowledged: a worker that is started again stands at the same place
    muster.kill(WORKER)
    muster.start(WORKER)

    async def stands_there_again() -> None:
        async with httpx.AsyncClient(trust_env=False) as asking:
            try:
                answer = await asking.get(f"{muster.url(WORKER)}/livez")
            except httpx.HTTPError as error:
                raise AssertionError from error
        assert "halted" in answer.text

    await assert_eventually(stands_there_again, within=90, every=0.2)
    assert len(await muster.log(dead_letters(consumer_group("notifications")).name)) <= limit
    await assert_adds_up(muster.database("notifications"))
