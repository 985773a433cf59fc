"""Counting: events become entries of the ledger, and entries become standings, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.chassis.organisation.directory import Directory
from services.chassis.schedule.items import DueItem, plan
from services.chassis.work import Transaction
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.notifications.leaderboards import closing, store
from services.notifications.leaderboards.model import Calendars, Entry, entries_of, summed, undone_by
from services.notifications.leaderboards.periods import Period, WorkCalendar, bounds
from services.notifications.leaderboards.store import Generation, live_generation

PLACE = "leaderboards.place"
FIRST_LOOK = timedelta(seconds=2)
LAST_LOOKS = timedelta(minutes=10)
PLACED_AT_ONCE = 2_000
"""Entries that one transaction takes from the waiting ones."""


async def count(tx: Transaction, batch: Sequence[Received[Any]]) -> None:
    """Count a batch of events on the live boards. Events that were counted before add nothing."""
    generation = await live_generation(tx.mongo, tx.session)
    standings_of = await count_into(tx, generation, batch)
    await closing.plan_closings(tx, standings_of)


async def count_into(
    tx: Transaction, generation: Generation, batch: Sequence[Received[Event]]
) -> set[tuple[str, str]]:
    """Count a batch of events in one generation; return which (calendar, period) it touched.

    An entry whose unit is not known yet goes into the ledger all the same, and into the standings as soon as the
    unit is known: by which days it counts cannot be guessed.
    """
    entries = [entry for received in batch for entry in entries_of(received)]
    touched: set[tuple[str, str]] = set()
    fresh = await store.unknown(tx, generation, entries) if entries else []
    if fresh:
        calendars = await _calendars(tx, {entry.org_path[-1] for entry in fresh if entry.org_path})
        waiting = frozenset(
            entry.org_path[-1] for entry in fresh if entry.org_path and entry.org_path[-1] not in calendars
        )
        await store.insert(tx, generation, fresh, waiting)
        standings = summed(fresh, calendars)
        await store.add(tx, generation, standings)
        await store.pulse(tx, fresh)
        for unit_id in sorted(waiting):
            await _look_again(tx, unit_id, FIRST_LOOK)
        touched = {(standing.calendar, standing.period) for standing in standings}
    # after what they undo, which may be in the same batch
    undone = undone_by(batch)
    if undone:
        await _undo(tx, generation, undone)
    return touched


async def _undo(tx: Transaction, generation: Generation, event_ids: Sequence[str]) -> None:
    """Take back what these events gave: live standings are the sums of what is left, whenever that was.

    Closed snapshots stay as they are, because prizes were given by them.
    """
    given = await store.undo(tx, generation, event_ids)
    calendars = await _calendars(tx, {entry.org_path[-1] for entry in given if entry.org_path})
    for (person_id, org_path), of_one in _by_place(given).items():
        less = summed(of_one, calendars)
        ids = [standing.id for standing in less]
        if not less:
            continue
        ends = [bounds(Period.from_key(one.period), WorkCalendar.from_key(one.calendar)) for one in less]
        days = (min(begin for begin, _ in ends), max(end for _, end in ends))
        left = await store.entries_between(tx, generation, person_id, org_path, days)
        sums = [standing for standing in summed(left, calendars) if standing.id in ids]
        await store.put_right(tx, generation, ids, sums, less)
    if given:
        await store.pulse(tx, given)


def _by_place(entries: Sequence[Entry]) -> Mapping[tuple[str, tuple[str, ...]], list[Entry]]:
    places: dict[tuple[str, tuple[str, ...]], list[Entry]] = {}
    for entry in entries:
        places.setdefault((entry.person_id, entry.org_path), []).append(entry)
    return dict(sorted(places.items()))


async def place_due(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Count what waited for units that are known by now, and look again later for the others."""
    generation = await live_generation(tx.mongo, tx.session)
    waits = {item.payload["unit_id"]: timedelta(seconds=item.payload["seconds"]) for item in items}
    calendars = await _calendars(tx, waits)
    for unit_id, waited in sorted(waits.items()):
        if unit_id not in calendars:
            await _look_again(tx, unit_id, min(waited * 2, LAST_LOOKS))
            continue
        entries = await store.waiting_for(tx, generation, unit_id, PLACED_AT_ONCE)
        if entries:
            standings = summed(entries, calendars)
            await store.no_longer_waiting(tx, generation, entries)
            await store.add(tx, generation, standings)
            await store.pulse(tx, entries)
            await closing.plan_closings(tx, {(one.calendar, one.period) for one in standings})
            await _look_again(tx, unit_id, FIRST_LOOK)


async def _look_again(tx: Transaction, unit_id: str, after: timedelta) -> None:
    """Plan to look whether the unit is known. Whole seconds, so that many batches share one look."""
    due_at = (tx.now + after).replace(microsecond=0)
    key = f"place|{unit_id}|{due_at:%Y%m%d%H%M%S}"
    await plan(tx, key, PLACE, due_at, {"unit_id": unit_id, "seconds": int(after.total_seconds())})


async def _calendars(tx: Transaction, unit_ids: Iterable[str]) -> Calendars:
    units = await Directory(tx.mongo, tx.session).units(unit_ids)
    return {id_: WorkCalendar(unit.time_zone, unit.period_start_day) for id_, unit in units.items()}
