"""Ids: UUIDv7, so that they sort by time."""

from datetime import datetime
from uuid import UUID

from uuid_utils import uuid7

from services.chassis.clock import utc_now

_COUNTER_BITS = (1 << 62) - 1
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)


def new_id(now: datetime | None = None) -> str:
    """A fresh UUIDv7 of this moment (the real present if none is given), as the usual 36 characters."""
    moment = now if now is not None else utc_now()
    return str(uuid7(nanoseconds=round(moment.timestamp() * 1000) * 1_000_000))


def id_after(previous: str, now: datetime) -> str:
    """A fresh UUIDv7 of this moment that is greater than `previous`, even if the clock has gone back.

    The relay sends an aggregate's events in the order of their ids, so those must never run backwards, whichever
    machine wrote them. `previous` may be empty: then any new id will do.
    """
    fresh = new_id(now)
    return fresh if fresh > previous else _successor(previous)


def _successor(previous: str) -> str:
    """The next UUIDv7 after this one: time and random bits counted as one number, version and variant kept."""
    value = UUID(previous).int
    time_and_rand_a = ((value >> 80) << 12) | ((value >> 64) & 0xFFF)
    number = ((time_and_rand_a << 62) | (value & _COUNTER_BITS)) + 1
    high, low = number >> 62, number & _COUNTER_BITS
    return str(UUID(int=((high >> 12) << 80) | ((high & 0xFFF) << 64) | _VERSION_AND_VARIANT | low))
