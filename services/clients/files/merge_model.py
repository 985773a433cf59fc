"""Two files of one client become one (合并), and two again. Pure.

What the kept file says wins; the other one fills its gaps. Undoing takes back what the merge did and leaves alone
what was changed since.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from services.clients.files.model import Client, Standing
from services.clients.files.people import Channel, Consent
from services.clients.files.personal import PHONES

H = TypeVar("H", bound=Hashable)
T = TypeVar("T")

_BY_PARTS = {
    "sealed",
    "standing",
    "phone_indexes",
    "birthdays",
    "family",
    "consents",
    "tags",
    "shared_with",
    "merged_ids",
    "deals",
}


def merged(kept: Client, double: Client) -> Client:
    """The kept file with what only the other one knew."""
    own = any(not each.whose for each in kept.birthdays)
    return replace(
        kept,
        sealed=_sealed(kept.sealed, double.sealed),
        phone_indexes=_together(kept.phone_indexes, double.phone_indexes),
        tokens=tuple(sorted({*kept.tokens, *double.tokens})),
        registered_at=min(kept.registered_at, double.registered_at),
        standing=_standing(kept.standing, double.standing),
        hours=kept.hours or double.hours,
        grading=kept.grading or double.grading,
        weighed=max(kept.weighed, double.weighed),
        shared_with=_together(kept.shared_with, double.shared_with),
        deals=kept.deals + double.deals,
        birthdays=_together(kept.birthdays, (each for each in double.birthdays if each.whose or not own)),
        family=(*kept.family, *(each for each in double.family if each.id not in _ids(kept))),
        consents=_consents(kept.consents, double.consents),
        tags=_together(kept.tags, double.tags),
        merged_ids=_together(kept.merged_ids, (double.id, *double.merged_ids)),
    )


def unmerged(now: Client, before: Client, double: Client) -> Client:
    """The kept file without what the merge of these two brought into it; `now` is how it stands today."""
    then = merged(before, double)
    plain = {
        field.name: _taken_back(
            getattr(now, field.name), getattr(then, field.name), getattr(before, field.name)
        )
        for field in fields(Client)
        if field.name not in _BY_PARTS
    }
    sealed = {
        name: value
        for name in {*now.sealed, *before.sealed}
        if (value := _taken_back(now.sealed.get(name), then.sealed.get(name), before.sealed.get(name)))
    }
    return replace(
        now,
        **plain,
        sealed={name: sealed[name] for name in _together(before.sealed, sorted(sealed)) if name in sealed},
        standing=_standing_back(now.standing, then.standing, before.standing),
        phone_indexes=tuple(each for each in now.phone_indexes if each not in double.phone_indexes),
        birthdays=_without(now.birthdays, then.birthdays, before.birthdays),
        family=_without(now.family, then.family, before.family),
        consents=_consents_back(now.consents, then.consents, before.consents),
        tags=_without(now.tags, then.tags, before.tags),
        shared_with=_without(now.shared_with, then.shared_with, before.shared_with),
        merged_ids=_without(now.merged_ids, then.merged_ids, before.merged_ids),
        deals=max(0, now.deals - double.deals),
    )


def _taken_back(now: Any, then: Any, before: Any) -> Any:
    return before if now == then else now


def _sealed(kept: dict[str, bytes], double: dict[str, bytes]) -> dict[str, bytes]:
    result = {**double, **kept}
    for name in PHONES:
        result.pop(name, None)
    numbers = [source[name] for source in (kept, double) for name in PHONES if name in source]
    # A phone is one client, so no number stands in both files. The kept file's stay in their places.
    places = [name for name in PHONES if name not in kept]
    result |= {name: kept[name] for name in PHONES if name in kept}
    result |= dict(zip(places, numbers[sum(name in kept for name in PHONES) :], strict=False))
    return result


def _standing(kept: Standing, double: Standing) -> Standing:
    later = max(kept, double, key=lambda each: each.touched_at)
    return replace(
        kept,
        touched_at=later.touched_at,
        tried_at=later.tried_at,
        tries=later.tries,
        agreed=kept.agreed or double.agreed,
        lost=kept.lost and double.lost,
        quiet_until=max(filter(None, (kept.quiet_until, double.quiet_until)), default=None),
    )


def _standing_back(now: Standing, then: Standing, before: Standing) -> Standing:
    back = {
        field.name: _taken_back(
            getattr(now, field.name), getattr(then, field.name), getattr(before, field.name)
        )
        for field in fields(Standing)
    }
    return replace(now, **back)


def _consents(kept: Sequence[Consent], double: Sequence[Consent]) -> tuple[Consent, ...]:
    """All that was said, in order. Who took a consent back after giving it in the other file took it back."""
    said = sorted({*kept, *double}, key=lambda each: (each.given_at, each.channel, each.given))
    taken_back = {
        channel: max(
            (each.withdrawn_at for each in said if each.channel is channel and each.withdrawn_at is not None),
            default=None,
        )
        for channel in Channel
    }
    return tuple(
        replace(each, withdrawn_at=at)
        if each.holds and (at := taken_back[each.channel]) is not None and at >= each.given_at
        else each
        for each in said
    )


def _consents_back(
    now: Sequence[Consent], then: Sequence[Consent], before: Sequence[Consent]
) -> tuple[Consent, ...]:
    if tuple(now) == tuple(then):
        return tuple(before)
    since = [each for each in now if each not in then]
    changed = {(each.channel, each.given_at) for each in since}
    kept = [each for each in before if (each.channel, each.given_at) not in changed]
    return tuple(sorted([*kept, *since], key=lambda each: each.given_at))


def _without(now: Sequence[T], then: Sequence[T], before: Sequence[T]) -> tuple[T, ...]:
    """What stands there now, without what the merge added and with what it took away."""
    if tuple(now) == tuple(then):
        return tuple(before)
    return tuple(each for each in now if each in before or each not in then)


def _together(first: Iterable[H], second: Iterable[H]) -> tuple[H, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _ids(client: Client) -> set[str]:
    return {member.id for member in client.family}
