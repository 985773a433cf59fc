"""Ctrl-C and its kin: the first asks for an orderly stop, the second for a quick one."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked for the end. Not an Exception, so that nothing swallows it."""


@contextmanager
def interruptions(again: Callable[[], None]) -> Iterator[None]:
    """While it lasts the first signal raises Interrupted where the program is, and each further one calls `again`."""
    asked = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            again()
            return
        asked = True
        raise Interrupted

    before = {number: signal.signal(number, on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
