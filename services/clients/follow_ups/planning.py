"""Carrying plans out, for many clients at once: follow-ups, their events and due items, and what stands on the clients.

A desk reads all that planning looks at once for a batch, plans event after event in memory, and writes once what came
of it. Each plan derives from where the client stands now. The event that made us plan only gives a new follow-up its
key, so an event that comes again, late or out of order changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.chassis.records import Gathered, Stored
from services.chassis.schedule.items import DueItem, cancel, plan_all
from services.chassis.work import Transaction
from services.clients.cadence.model import Rhythm
from services.clients.cadence.store import rhythms_of
from services.clients.files import store as files
from services.clients.files.model import Client, Standing
from services.clients.follow_ups import model, overdue, rules, store
from services.clients.follow_ups.model import Cancelled, FollowUp, Status, follow_up_id
from services.clients.follow_ups.occasions import Occasion
from services.clients.follow_ups.rules import Plan, Situation
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.showings import store as showings
from services.clients.showings.model import Showing
from services.contracts.clients import FollowUpCancelled, FollowUpRule, FollowUpScheduled

Open = dict[FollowUpRule, Stored[FollowUp]]
WAKE = "client-wakes"


async def plan_next(tx: Transaction, client_id: str, cause_id: str) -> None:
    """Bring the client's open follow-ups in line with where the client stands."""
    desk = await Desk.of(tx, [client_id], [cause_id])
    desk.replan(tx, client_id, cause_id)
    await desk.write()


@dataclass
class _Seat:
    """One client at the desk."""

    client: Stored[Client]
    open_: Open
    occasions: dict[str, Occasion]
    standing: Standing


@dataclass
class Desk:
    """A batch of clients, and what became of them so far."""

    tx: Transaction
    seats: dict[str, _Seat]
    rhythms: Mapping[tuple[str, ...], Rhythm]
    known: set[str]
    """Follow-ups that these causes led to before."""
    showings: Mapping[str, Stored[Showing]]
    occasions: dict[str, Occasion]
    """By id: the open ones of all clients here, and those asked for by id."""
    _gathered: Gathered[FollowUp] = field(default_factory=lambda: Gathered(FOLLOW_UPS))
    _kept: dict[str, Occasion] = field(default_factory=dict)
    _answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(
        cls,
        tx: Transaction,
        client_ids: Iterable[str],
        cause_ids: Iterable[str],
        showing_ids: Iterable[str] = (),
        occasion_ids: Iterable[str] = (),
    ) -> "Desk":
        """The desk with these clients; those that there are not are left out."""
        wanted, asked = set(client_ids), set(showing_ids)
        clients = await files.of_ids(tx, wanted)
        open_ = await store.open_of_many(tx, wanted)
        found = await store.occasions_of(tx, wanted, occasion_ids)
        seen = await showings.of_ids(tx, asked) if asked else {}
        rhythms = await rhythms_of(
            tx.mongo, {client.value.org_path for client in clients.values()}, tx.session
        )
        possible = [follow_up_id(rule, cause) for cause in set(cause_ids) for rule in FollowUpRule]
        known = await store.known_ids(tx, possible)
        by_client: dict[str, dict[str, Occasion]] = {}
        for each in found:
            if each.open:
                by_client.setdefault(each.client_id, {})[each.id] = each
        seats = {
            id_: _Seat(client, open_.get(id_, {}), by_client.get(id_, {}), client.value.standing)
            for id_, client in clients.items()
        }
        return cls(tx, seats, rhythms, known, seen, {each.id: each for each in found})

    def client(self, client_id: str) -> Client | None:
        """The client, if there is one."""
        seat = self.seats.get(client_id)
        return seat.client.value if seat else None

    def replan(self, tx: Transaction, client_id: str, cause_id: str) -> None:
        """Bring the client's open follow-ups in line with where the client stands; `tx` names the cause."""
        seat = self.seats.get(client_id)
        if seat is None:
            return
        plan = rules.replan(self._situation(seat), cause_id)
        self._carry_out(tx, seat, plan)
        seat.standing = replace(seat.standing, wakes_at=plan.wakes_at)

    def ask_after_showing(self, tx: Transaction, showing_id: str, cause_id: str) -> None:
        """Plan the call that asks what the client thinks of a showing, once for each showing."""
        found = self.showings.get(showing_id)
        seat = self.seats.get(found.value.client_id) if found else None
        if found is None or seat is None or found.value.done_at is None:
            return
        if found.value.answered_by is not None or showing_id in self._answers:
            return
        plan = rules.ask_after_showing(self._situation(seat), found.value.done_at, cause_id)
        self._carry_out(tx, seat, plan)
        asking = seat.open_.get(FollowUpRule.SHOWING_FEEDBACK)
        self._answers[showing_id] = asking.id if asking else ""

    def greet(self, tx: Transaction, client_id: str, day: date, token: str, cause_id: str) -> None:
        """Plan the call for a birthday on this day, unless it is planned or done already."""
        seat = self.seats.get(client_id)
        if seat is not None:
            self._carry_out(tx, seat, rules.greet(self._situation(seat), day, token, cause_id))

    def learn(self, occasion: Occasion) -> None:
        """Keep an occasion; one that is known, open or closed, is left as it is."""
        if occasion.id not in self.occasions:
            self.keep(occasion)

    def forget(self, occasion_id: str) -> None:
        """Close an occasion: what it stands for holds no longer."""
        known = self.occasions.get(occasion_id)
        if known is not None and known.open:
            self.keep(replace(known, open=False))

    def occasions_of(self, client_id: str, rule: FollowUpRule | None = None) -> list[Occasion]:
        """The open ones of a client, or only those of one kind."""
        return [
            each
            for each in self.occasions.values()
            if each.open and each.client_id == client_id and rule in (None, each.rule)
        ]

    def keep(self, occasion: Occasion) -> None:
        """Put this in the place of what is known under its id."""
        before = self.occasions.get(occasion.id)
        if before is not None and before.client_id in self.seats:
            self.seats[before.client_id].occasions.pop(before.id, None)
        self.occasions[occasion.id] = self._kept[occasion.id] = occasion
        if occasion.open and occasion.client_id in self.seats:
            self.seats[occasion.client_id].occasions[occasion.id] = occasion

    async def write(self) -> None:
        """Write down everything that changed, in a handful of round trips however many clients it was."""
        tx = self.tx
        changes = self._gathered.changes
        await self._gathered.write(tx)
        await store.keep_occasions(tx, self._kept.values())
        await showings.keep_answers(tx, self._answers)
        standings = {
            id_: seat.standing
            for id_, seat in self.seats.items()
            if seat.standing != seat.client.value.standing
        }
        await files.keep_standings(tx, standings)
        items: list[DueItem] = []
        for _, latest in changes:
            if latest.value.status is Status.OPEN:
                client = self.seats[latest.value.client_id].client.value
                items.extend(overdue.items_of(latest, self.rhythms[client.org_path]))
        items.extend(
            wake_of(id_, standing.wakes_at)
            for id_, standing in standings.items()
            if standing.wakes_at is not None and standing.wakes_at > tx.now
        )
        outdated = [overdue.key_of(before.id, before.version) for before, _ in changes if before is not None]
        if outdated:
            await cancel(tx, *outdated)
        await plan_all(tx, items)

    def _situation(self, seat: _Seat) -> Situation:
        client = replace(seat.client.value, standing=seat.standing)
        return Situation(
            client,
            {rule: each.value for rule, each in seat.open_.items()},
            tuple(seat.occasions.values()),
            self.rhythms[client.org_path],
            self.tx.now,
        )

    def _carry_out(self, tx: Transaction, seat: _Seat, plan: Plan) -> None:
        for follow_up, reason in plan.cancelled:
            before = seat.open_.pop(follow_up.rule)
            event = cancelling(tx, follow_up, reason)
            self._gathered.save(tx, before, model.cancelled(follow_up), event)
        for follow_up in plan.moved:
            before = seat.open_[follow_up.rule]
            seat.open_[follow_up.rule] = self._gathered.save(tx, before, follow_up, scheduled(tx, follow_up))
        for follow_up in plan.opened:
            if follow_up.id not in self.known:
                self.known.add(follow_up.id)
                added = self._gathered.add(tx, follow_up, scheduled(tx, follow_up))
                seat.open_[follow_up.rule] = added
        values = {rule: each.value for rule, each in seat.open_.items()}
        seat.standing = model.standing_with(seat.standing, values)


def wake_of(client_id: str, at: datetime) -> DueItem:
    """What makes planning look at the client again at this moment, whatever happens until then."""
    return DueItem(f"{WAKE}/{client_id}/{at.isoformat()}", WAKE, at, {"client_id": client_id})


def scheduled(tx: Transaction, follow_up: FollowUp) -> FollowUpScheduled:
    """What others hear of a follow-up that was planned or moved."""
    return FollowUpScheduled(
        occurred_at=tx.now,
        follow_up_id=follow_up.id,
        client_id=follow_up.client_id,
        agent_id=follow_up.agent_id,
        org_path=follow_up.org_path,
        rule=follow_up.rule,
        due_at=follow_up.due_at,
    )


def cancelling(tx: Transaction, follow_up: FollowUp, reason: Cancelled) -> FollowUpCancelled:
    """What others hear of a follow-up that was taken back."""
    return FollowUpCancelled(
        occurred_at=tx.now,
        follow_up_id=follow_up.id,
        client_id=follow_up.client_id,
        agent_id=follow_up.agent_id,
        org_path=follow_up.org_path,
        reason=reason,
    )
