"""Planning that no event asks for: a moment has come, a birthday draws near, or a unit changed its settings.

What concerns many clients goes through them in batches, each in a transaction of its own; a batch plans the next one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from services.chassis.schedule.items import DUE_ITEMS, DueHandler, DueHandlers, DueItem, plan_all
from services.chassis.work import Transaction
from services.clients.cadence.yearly import YearlyDay
from services.clients.files.people import Birthday
from services.clients.files.store import CLIENTS
from services.clients.follow_ups.model import cause_of_moment
from services.clients.follow_ups.occasions import LEAD
from services.clients.follow_ups.planning import WAKE, Desk
from services.clients.follow_ups.store import open_about

BIRTHDAYS = "birthdays"
UNIT = "unit-replan"
LISTING = "listing-gone"
BATCH = 250
_EVERY = timedelta(hours=6)

Birthdays = Callable[[], Mapping[str, Birthday]]
"""Which day each token means; only who holds the key can say."""


async def woken(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Plan anew for clients whose moment has come."""
    causes = {item.payload["client_id"]: cause_of_moment(item.due_at, item.key) for item in items}
    desk = await Desk.of(tx, causes, causes.values())
    for item in items:
        client_id = item.payload["client_id"]
        desk.replan(item.cause_of(tx), client_id, causes[client_id])
    await desk.write()


def next_look(now: datetime) -> DueItem:
    """The next look at who has a birthday soon; the same item for everybody who asks until then."""
    start = datetime(now.year, now.month, now.day, tzinfo=UTC)
    at = start + _EVERY * ((now - start) // _EVERY + 1)
    return DueItem(f"{BIRTHDAYS}/{at.isoformat()}", BIRTHDAYS, at, {"on": "", "after": ""})


async def keep_looking(tx: Transaction) -> None:
    """Have the next look at the birthdays planned; only who is first writes, so that batches do not collide."""
    item = next_look(tx.now)
    known = await tx.collection(DUE_ITEMS).find_one({"_id": item.key}, {"_id": 1}, session=tx.session)
    if known is None:
        await plan_all(tx, [item])


def looking_at_birthdays(birthdays: Birthdays) -> DueHandler:
    """The handler that plans the calls for birthdays of the coming days."""

    async def look(tx: Transaction, items: Sequence[DueItem]) -> None:
        for item in items:
            await _look(tx, item, birthdays())

    return look


async def _look(tx: Transaction, item: DueItem, birthdays: Mapping[str, Birthday]) -> None:
    # a unit's day may have begun or not have ended when it is another day in UTC
    on = item.payload["on"] or tx.now.date().isoformat()
    yesterday = date.fromisoformat(on) - timedelta(days=1)
    days = days_of(birthdays, yesterday, yesterday + LEAD + timedelta(days=1))
    found = tx.collection(CLIENTS.collection).find(
        {"birthdays.token": {"$in": sorted(days)}, "_id": {"$gt": item.payload["after"]}},
        {"birthdays.token": 1},
        sort=[("_id", 1)],
        limit=BATCH,
        session=tx.session,
    )
    clients = await found.to_list(None)
    causes = {each["_id"]: cause_of_moment(item.due_at, f"{item.key}/{each['_id']}") for each in clients}
    desk = await Desk.of(tx, causes, causes.values())
    for each in clients:
        coming = sorted(
            (days[kept["token"]], kept["token"]) for kept in each["birthdays"] if kept["token"] in days
        )
        for day, token in coming:
            desk.greet(item.cause_of(tx), each["_id"], day, token, causes[each["_id"]])
        desk.replan(item.cause_of(tx), each["_id"], causes[each["_id"]])
    await desk.write()
    following = [next_look(tx.now)]
    if len(clients) == BATCH:
        following.append(_from_there(item, clients[-1]["_id"], tx.now, on=on))
    await plan_all(tx, following)


def days_of(birthdays: Mapping[str, Birthday], first: date, last: date) -> dict[str, date]:
    """The tokens of all birthdays from one day to another, both included, each with its day."""
    found = {}
    for token, birthday in birthdays.items():
        day = YearlyDay(birthday.month, birthday.day, birthday.lunar, birthday.leap).next_from(first)
        if day <= last:
            found[token] = day
    return found


def replanning(unit_id: str, change_id: str, now: datetime) -> DueItem:
    """What brings the plans of all clients under a unit in line with its settings, beginning now."""
    return DueItem(f"{UNIT}/{unit_id}/{change_id}/", UNIT, now, {"unit_id": unit_id, "after": ""})


async def replan_unit(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Plan anew for a batch of the clients under a unit.

    Nobody gets a burst: what is late gets the next step of its rhythm, and rhythms differ by when a client was last
    spoken to.
    """
    for item in items:
        found = tx.collection(CLIENTS.collection).find(
            {"org_path": item.payload["unit_id"], "_id": {"$gt": item.payload["after"]}},
            {"_id": 1},
            sort=[("_id", 1)],
            limit=BATCH,
            session=tx.session,
        )
        ids = [each["_id"] for each in await found.to_list(None)]
        causes = {id_: cause_of_moment(item.due_at, f"{item.key}/{id_}") for id_ in ids}
        desk = await Desk.of(tx, ids, causes.values())
        for id_ in ids:
            desk.replan(item.cause_of(tx), id_, causes[id_])
        await desk.write()
        if len(ids) == BATCH:
            await plan_all(tx, [_from_there(item, ids[-1], tx.now)])


def withdrawing(listing_id: str, cause_id: str, now: datetime) -> DueItem:
    """What takes back the calls about a listing that is offered no longer, beginning now."""
    return DueItem(f"{LISTING}/{cause_id}/0", LISTING, now, {"listing_id": listing_id, "batch": 0})


async def withdraw(tx: Transaction, items: Sequence[DueItem]) -> None:
    """Nobody is called about a listing that is gone: a batch of those who would have been."""
    for item in items:
        listing_id, batch = item.payload["listing_id"], item.payload["batch"]
        occasions = await open_about(tx, listing_id, BATCH)
        causes = {
            each.client_id: cause_of_moment(item.due_at, f"{item.key}/{each.client_id}") for each in occasions
        }
        desk = await Desk.of(tx, causes, causes.values())
        for each in occasions:
            desk.forget(each.id)
        for client_id, cause_id in causes.items():
            desk.replan(item.cause_of(tx), client_id, cause_id)
        await desk.write()
        if len(occasions) == BATCH:
            key = f"{item.key.rpartition('/')[0]}/{batch + 1}"
            payload = {"listing_id": listing_id, "batch": batch + 1}
            await plan_all(tx, [DueItem(key, LISTING, tx.now, payload)])


def handlers(birthdays: Birthdays) -> DueHandlers:
    """Who does what is due here."""
    return {WAKE: woken, BIRTHDAYS: looking_at_birthdays(birthdays), UNIT: replan_unit, LISTING: withdraw}


def _from_there(item: DueItem, last_id: str, now: datetime, **more: str) -> DueItem:
    """The batch after the one that ended with this client."""
    root = item.key.removesuffix(str(item.payload["after"]))
    return DueItem(root + last_id, item.kind, now, {**item.payload, **more, "after": last_id})
