"""Events in, follow-ups out: a batch is read, planned and written at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

from services.chassis.schedule.items import plan_all
from services.chassis.streams.subscription import Batch
from services.chassis.work import Transaction
from services.clients.follow_ups.occasions import DATED, Occasion, occasion_id
from services.clients.follow_ups.planning import Desk
from services.clients.follow_ups.sweeps import keep_looking, replanning, withdrawing
from services.contracts.clients import (
    ClientErased,
    ClientGraded,
    ClientMerged,
    ClientMergeUndone,
    ClientReassigned,
    ClientRegistered,
    DealClosed,
    DealKind,
    DealUndone,
    FollowUpDone,
    FollowUpRule,
    ListingClosed,
    ListingMatched,
    Reassignment,
    ReferralMade,
    ShowingDone,
)
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.recruiting import UnitMoved

Apply: TypeAlias = Callable[[Desk, Transaction, Received[Any]], None]

_INTRODUCED = frozenset(
    {Reassignment.BY_HAND, Reassignment.HANDOVER, Reassignment.TAKEN, Reassignment.MERGED}
)
"""Where the client does not know the agent yet; who gets a client back needs no introduction."""


def _stands_otherwise(desk: Desk, tx: Transaction, received: Received[Any]) -> None:
    """The client was registered, graded, spoken to, merged or erased: plan from where they stand now."""
    for client_id in _clients(received.event):
        desk.replan(tx, client_id, received.envelope.id)


def _showing_done(desk: Desk, tx: Transaction, received: Received[ShowingDone]) -> None:
    """Ask tomorrow what they think; and the cadence counts from the showing."""
    desk.ask_after_showing(tx, received.event.showing_id, received.envelope.id)
    desk.replan(tx, received.event.client_id, received.envelope.id)


def _listing_matched(desk: Desk, tx: Transaction, received: Received[ListingMatched]) -> None:
    """Tell the client of it as soon as they may be called."""
    event = received.event
    occasion = _occasion(FollowUpRule.LISTING_MATCHED, event.client_id, event.match_id, received)
    desk.learn(replace(occasion, about=event.listing_id, rare=event.rare))
    desk.replan(tx, event.client_id, received.envelope.id)


def _deal_closed(desk: Desk, tx: Transaction, received: Received[DealClosed]) -> None:
    """After the move-in or the policy's start: is all well? And once a year."""
    event = received.event
    for rule, day in _days_of(event):
        desk.learn(replace(_occasion(rule, event.client_id, event.deal_id, received), day=day))
    desk.replan(tx, event.client_id, received.envelope.id)


def _deal_undone(desk: Desk, tx: Transaction, received: Received[DealUndone]) -> None:
    """Nothing that the deal asked for is asked any more."""
    event = received.event
    for rule in DATED:
        desk.forget(occasion_id(rule, event.deal_id))
    desk.replan(tx, event.client_id, received.envelope.id)


def _referral_made(desk: Desk, tx: Transaction, received: Received[ReferralMade]) -> None:
    """Thank who sent the new client."""
    event = received.event
    desk.learn(_occasion(FollowUpRule.THANKS, event.referrer_client_id, event.client_id, received))
    desk.replan(tx, event.referrer_client_id, received.envelope.id)


def _client_reassigned(desk: Desk, tx: Transaction, received: Received[ClientReassigned]) -> None:
    """The new agent introduces themselves; in the pool nobody calls."""
    event = received.event
    client = desk.client(event.client_id)
    if client is not None and event.agent_id == client.agent_id:
        for earlier in desk.occasions_of(event.client_id, FollowUpRule.HANDOVER):
            if earlier.about != event.agent_id:
                desk.forget(earlier.id)
        if event.agent_id is not None and event.reason in _INTRODUCED:
            occasion = _occasion(FollowUpRule.HANDOVER, event.client_id, received.envelope.id, received)
            desk.learn(replace(occasion, about=event.agent_id))
    desk.replan(tx, event.client_id, received.envelope.id)


def _client_merged(desk: Desk, tx: Transaction, received: Received[ClientMerged]) -> None:
    """What was to be said to one of the two is said to the client that they are."""
    event = received.event
    for occasion in desk.occasions_of(event.merged_client_id):
        desk.keep(replace(occasion, client_id=event.client_id, came_from=event.merged_client_id))
    _stands_otherwise(desk, tx, received)


def _merge_undone(desk: Desk, tx: Transaction, received: Received[ClientMergeUndone]) -> None:
    """Each of the two has their own again."""
    event = received.event
    for occasion in desk.occasions_of(event.client_id):
        if occasion.came_from == event.merged_client_id:
            desk.keep(replace(occasion, client_id=event.merged_client_id, came_from=""))
    _stands_otherwise(desk, tx, received)


_APPLY: Mapping[type[Event], Apply] = {
    ClientRegistered: _stands_otherwise,
    ClientGraded: _stands_otherwise,
    FollowUpDone: _stands_otherwise,
    ClientMerged: _client_merged,
    ClientMergeUndone: _merge_undone,
    ClientErased: _stands_otherwise,
    ShowingDone: _showing_done,
    ListingMatched: _listing_matched,
    DealClosed: _deal_closed,
    DealUndone: _deal_undone,
    ReferralMade: _referral_made,
    ClientReassigned: _client_reassigned,
}


async def plan(tx: Transaction, events: list[Received[Any]]) -> None:
    """Plan event after event, all clients of the batch read once and written once."""
    desk = await Desk.of(
        tx,
        {client_id for received in events for client_id in _clients(received.event)},
        {received.envelope.id for received in events},
        {received.event.showing_id for received in events if isinstance(received.event, ShowingDone)},
        {each for received in events for each in _occasion_ids(received)},
    )
    for received in events:
        _APPLY[type(received.event)](desk, tx.caused_by(received), received)
    await desk.write()
    if any(isinstance(received.event, ClientRegistered) for received in events):
        await keep_looking(tx)


async def move(tx: Transaction, events: list[Received[UnitMoved]]) -> None:
    """What lies under a moved unit goes by the settings above its new place."""
    await plan_all(
        tx, [replanning(received.event.unit_id, received.envelope.id, tx.now) for received in events]
    )


def _clients(event: Event) -> Iterable[str]:
    if isinstance(event, ReferralMade):
        return (event.referrer_client_id,)
    if isinstance(event, ClientMerged | ClientMergeUndone):
        return (event.client_id, event.merged_client_id)
    client_id: str = event.client_id  # type: ignore[attr-defined]
    return (client_id,)


def _occasion_ids(received: Received[Any]) -> Iterable[str]:
    """The keys under which the event's own occasions may be known already."""
    event = received.event
    match event:
        case ListingMatched():
            return (occasion_id(FollowUpRule.LISTING_MATCHED, event.match_id),)
        case DealClosed() | DealUndone():
            return tuple(occasion_id(rule, event.deal_id) for rule in DATED)
        case ClientReassigned():
            return (occasion_id(FollowUpRule.HANDOVER, received.envelope.id),)
        case ReferralMade():
            return (occasion_id(FollowUpRule.THANKS, event.client_id),)
        case _:
            return ()


def _days_of(event: DealClosed) -> Iterable[tuple[FollowUpRule, date]]:
    starts_on = event.starts_on or event.signed_on
    yield FollowUpRule.AFTER_SALE, starts_on
    if event.kind is DealKind.POLICY:
        yield FollowUpRule.YEARLY_REVIEW, starts_on
    else:
        yield FollowUpRule.ANNIVERSARY, event.signed_on


def _occasion(rule: FollowUpRule, client_id: str, about: str, received: Received[Any]) -> Occasion:
    return Occasion(
        occasion_id(rule, about),
        client_id,
        rule,
        received.envelope.id,
        received.event.occurred_at,
        about=about,
    )


async def withdraw(tx: Transaction, events: list[Received[ListingClosed]]) -> None:
    """What is gone is no reason to call."""
    await plan_all(
        tx, [withdrawing(received.event.listing_id, received.envelope.id, tx.now) for received in events]
    )


BATCHES = (Batch(tuple(_APPLY), plan), Batch((UnitMoved,), move), Batch((ListingClosed,), withdraw))
