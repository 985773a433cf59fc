"""Where listings and needs meet without being compared: buckets of company, kind, place, rooms and price. Pure.

A listing lies in every bucket that describes it: each place from the community up to everywhere, its rooms or any, its
band of prices at four widths. A need is a handful of buckets that together hold everything it can suit. So both ways
are one question: documents that have one of these numbers, newest first, which an index answers in its own order.
A need never misses a listing by this; what it finds too much, the rule of `model.py` sorts out.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from services.clients.listings.features import LARGEST_AMOUNT
from services.clients.listings.places import Place, text_of, with_those_above
from services.contracts.clients import ListingKind

ANY = "*"
_WIDTHS = (0, 2, 4)
"""Of the bands, as powers of two: an eighth of a doubling of the price, a half of one, two of them."""
KEPT_BANDS = 4
"""How many bands a need is kept under at most: what is kept costs an entry of the index for each."""
ASKED_BANDS = 32
MOST_ASKED = 180
"""Numbers in one question. From 200 on the server would no longer answer in the order of the index."""
_MOST_ROOMS = 3
_EIGHTHS = 3


def band(amount: int) -> int:
    """The narrowest band of an amount: eight for each doubling. Never smaller for a larger amount."""
    amount = max(1, amount)
    octave = amount.bit_length() - 1
    eighth = amount >> (octave - _EIGHTHS) if octave >= _EIGHTHS else amount << (_EIGHTHS - octave)
    return (octave << _EIGHTHS) | (eighth & 7)


def of_listing(
    company_id: str, kind: ListingKind, place: Place, trait: str | None, low: int, high: int
) -> tuple[int, ...]:
    """Every bucket that a listing lies in; `trait` is the number of rooms, or the type of policy."""
    traits = (ANY,) if trait is None else (trait, ANY)
    bands = [ANY]
    if kind is not ListingKind.POLICY:
        bands += [_name(width, number) for width in _WIDTHS for number in _bands(low, high, width)]
    return _numbers(company_id, kind, with_those_above(place), traits, bands)


def of_need(
    company_id: str,
    kind: ListingKind,
    places: Sequence[Place],
    traits: Sequence[str],
    low: int | None,
    high: int | None,
    *,
    asked: bool = False,
) -> tuple[int, ...]:
    """The buckets that hold every listing in one of these places, with one of these traits, in this range of prices.

    No places are everywhere, no traits are any. To ask there may be more of them, and so closer ones, than to keep.
    """
    where = tuple(places) or ((),)
    wanted = tuple(traits) if 0 < len(traits) <= _MOST_ROOMS else (ANY,)
    most = min(ASKED_BANDS, MOST_ASKED // (len(where) * len(wanted))) if asked else KEPT_BANDS
    bands = [ANY] if kind is ListingKind.POLICY else _cover(low, high, most)
    return _numbers(company_id, kind, where, wanted, bands)


def _cover(low: int | None, high: int | None, most: int) -> list[str]:
    if low is None and high is None:
        return [ANY]
    for width in _WIDTHS:
        bands = _bands(low or 1, LARGEST_AMOUNT if high is None else high, width)
        if len(bands) <= most:
            return [_name(width, number) for number in bands]
    return [ANY]


def _bands(low: int, high: int, width: int) -> range:
    return range(band(low) >> width, (band(max(low, high)) >> width) + 1)


def _name(width: int, number: int) -> str:
    return f"{width}:{number}"


def _numbers(
    company_id: str, kind: ListingKind, places: Iterable[Place], traits: Iterable[str], bands: Iterable[str]
) -> tuple[int, ...]:
    traits, bands = tuple(traits), tuple(bands)
    return tuple(
        sorted(
            {
                _number(company_id, kind, text_of(place), trait, prices)
                for place in places
                for trait in traits
                for prices in bands
            }
        )
    )


@lru_cache(maxsize=100_000)
def _number(company_id: str, kind: ListingKind, place: str, trait: str, prices: str) -> int:
    """Eight bytes instead of some sixty: two buckets of one number would only cost a comparison."""
    said = "\n".join((company_id, kind, place, trait, prices)).encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big", signed=True)
