"""What either engine promises."""

import asyncio
import time

from services.chassis.identity import new_id
from services.chassis.streams.policies import Engine
from services.chassis.testing.eventually import assert_eventually
from tests.chassis.streams.stage import Stage, event_record, policy


async def test_every_event_has_its_effect_and_at_rest_everything_is_committed(
    stage: Stage, engine: Engine
) -> None:
    await stage.send([event_record() for _ in range(500)])
    async with stage.worker(policy(engine)) as worker:

        async def all_there() -> None:
            assert await stage.effects() == 500

        await assert_eventually(all_there)
        assert worker.health().alive

        async def nothing_open() -> None:
            assert await stage.lag() == 0

        await assert_eventually(nothing_open, within=5)
