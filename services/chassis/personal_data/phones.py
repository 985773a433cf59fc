"""Phone numbers as people type them, and the one way in which we keep them. Pure."""

import re
import unicodedata

from services.chassis.errors import N_, FieldError, Invalid

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—_.·()/]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}")
_ABROAD = re.compile(r"\+\d{7,15}")


def normalise_phone(text: str, *, pointer: str = "/phone") -> str:
    """The number in its one form: a Chinese mobile as 11 digits, a landline with its 0, any other as +country...

    Takes spaces, hyphens, brackets, full-width digits, +86, 0086 and 86 in front. Raises `Invalid`, with the
    pointer, for what can be none of these.
    """
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if number.startswith("00"):
        number = "+" + number[2:]
    if number.startswith("+86"):
        number = number[3:]
        if number[:1] not in {"0", "1"} or (number.startswith("10") and len(number) in {9, 10}):
            number = "0" + number
    elif number.startswith("86") and _MOBILE.fullmatch(number[2:]):
        number = number[2:]
    if number.isascii() and any(form.fullmatch(number) for form in (_MOBILE, _LANDLINE, _ABROAD)):
        return number
    raise Invalid(errors=[FieldError(pointer, N_("This is not a phone number"))])


def last_four(phone: str) -> str:
    """The last four digits of a number in its one form."""
    return phone[-4:]
