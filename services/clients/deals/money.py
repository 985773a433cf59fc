"""Amounts of money and shares as people type them. Pure."""

from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from services.chassis.errors import N_, FieldError, Invalid
from services.clients.deals.model import MOST_MONEY

CURRENCIES = ("CNY", "HKD", "MOP", "TWD", "SGD", "USD", "EUR", "GBP", "JPY")
"""What the form offers; JSON takes any of ISO 4217."""

_TIMES = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}


def minor_units(typed: str, currency: str, pointer: str) -> int:
    """5,380,000 or 538万 in minor units. Raises `Invalid` for what is no amount, or finer than a cent."""
    text = typed.replace(",", "").replace("，", "").replace(" ", "").lstrip("¥￥")
    times = 1
    if text and text[-1] in _TIMES:
        times, text = _TIMES[text[-1]], text[:-1]
    value = _decimal(text)
    exact = None if value is None else value * times * 10 ** int(get_currency_precision(currency))
    if exact is None or exact != exact.to_integral_value() or not 0 <= exact <= MOST_MONEY:
        raise Invalid(errors=[FieldError(pointer, N_("This is not an amount of money"))])
    return int(exact)


def major_units(minor: int, currency: str) -> str:
    """The amount as it stands in a form: 5380000, 1234.50."""
    digits = int(get_currency_precision(currency))
    if minor % 10**digits == 0:
        return str(minor // 10**digits)
    return f"{Decimal(minor).scaleb(-digits):f}"


def basis_points(percent: str, pointer: str) -> int:
    """33.33 as 3,333. Raises `Invalid` for what is no share, or finer than a basis point."""
    value = _decimal(percent.rstrip("%％ "))
    exact = None if value is None else value * 100
    if exact is None or exact != exact.to_integral_value() or not 0 < exact <= 10_000:
        raise Invalid(errors=[FieldError(pointer, N_("Enter a share of 100, with two decimals at most"))])
    return int(exact)


def percent(points: int) -> str:
    """3,333 as 33.33, 5,000 as 50."""
    return f"{Decimal(points).scaleb(-2):f}".rstrip("0").rstrip(".")


def _decimal(text: str) -> Decimal | None:
    if not text or len(text) > 20 or not text.replace(".", "", 1).isdecimal() or not text.isascii():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
