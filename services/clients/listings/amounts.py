"""Amounts as people write them: 5,200,000, 520万, 1.2亿. Pure."""

import re
from decimal import Decimal

from services.chassis.errors import N_, FieldError, Invalid
from services.clients.listings.features import LARGEST_AMOUNT

_WRITTEN = re.compile(r"(\d{1,15}(?:\.\d{1,4})?)\s*(万|萬|亿|億|k|m)?元?", re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "万": 10_000, "萬": 10_000, "m": 1_000_000, "亿": 100_000_000, "億": 100_000_000}


def minor_of(text: str, digits: int = 2, pointer: str = "/price") -> int | None:
    """Minor units of a currency with so many digits; None for an empty text. Raises `Invalid` at the pointer."""
    clean = re.sub(r"[,，\s¥￥]", "", text)
    if not clean:
        return None
    found = _WRITTEN.fullmatch(clean)
    amount = None
    if found is not None:
        amount = Decimal(found[1]) * _TIMES[(found[2] or "").lower()] * 10**digits
    if amount is None or amount != amount.to_integral_value() or not 0 < amount <= LARGEST_AMOUNT:
        raise Invalid(errors=[FieldError(pointer, N_("Write an amount such as 5,200,000 or 520万"))])
    return int(amount)


def written(minor: int | None, digits: int = 2) -> str:
    """The amount as a form shows it: 5200000; empty for None."""
    if minor is None:
        return ""
    amount = Decimal(minor) / 10**digits
    return str(int(amount)) if amount == amount.to_integral_value() else f"{amount:.{digits}f}"


def tenths_of(text: str, pointer: str) -> int | None:
    """Tenths of a square metre of 89.5; None for an empty text. Raises `Invalid` at the pointer."""
    clean = text.strip()
    if not clean:
        return None
    if not re.fullmatch(r"\d{1,5}(\.\d{1,2})?", clean):
        raise Invalid(errors=[FieldError(pointer, N_("Please give a number"))])
    return int((Decimal(clean) * 10).to_integral_value())


def tenths_written(tenths: int | None) -> str:
    """89.5; empty for None."""
    if tenths is None:
        return ""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
