"""Waiting for a moment of a clock that may be turned."""

import asyncio
import contextlib
from datetime import datetime

from services.chassis.clock import Clock, utc_now

LONGEST_SLEEP = 30.0
"""Seconds: the system's clock may be set, and a machine may sleep, without anybody telling us."""
TURNED_SLEEP = 0.02
"""Seconds between two looks at a clock that does not run by itself."""


async def wait_until(clock: Clock, moment: datetime | None, rung: asyncio.Event) -> None:
    """Return when the clock has reached the moment, or at once when rung; without a moment, wait to be rung."""
    longest = LONGEST_SLEEP if clock is utc_now else TURNED_SLEEP
    while not rung.is_set():
        sleep = longest if moment is None else min(longest, (moment - clock()).total_seconds())
        if sleep <= 0:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(rung.wait(), sleep)
