"""Waiting for what must come true, without guessing how long it takes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable


async def assert_eventually(
    claim: Callable[[], object | Awaitable[object]],
    *,
    within: float = 20.0,
    every: float = 0.02,
) -> None:
    """Return as soon as `claim()` is true, or asserts nothing false; raise AssertionError after `within` seconds.

    The claim may be a coroutine function, and may itself assert: its last AssertionError is the one that is shown.
    Anything else that it raises goes through at once. It must only look, not change anything.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            answer = claim()
            if inspect.isawaitable(answer):
                answer = await answer
            # a claim that asserts returns None when it holds
            if answer is None or answer:
                return
            failure: AssertionError | None = None
        except AssertionError as error:
            failure = error
        if time.monotonic() >= deadline:
            words = f"not so within {within} s: {getattr(claim, '__qualname__', claim)}"
            raise AssertionError(f"{words}: {failure}" if failure else words) from failure
        await asyncio.sleep(every)
