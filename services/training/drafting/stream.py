"""Events of recruiting and clients in, material for the draft out. Whole batches: clients are many."""

from collections.abc import Sequence
from typing import Any

from services.chassis.mongo import Document
from services.chassis.streams.subscription import Batch
from services.chassis.work import Transaction
from services.contracts.clients import (
    ClientGraded,
    ClientRegistered,
    ClientSource,
    DealClosed,
    DealUndone,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpMissed,
    FollowUpScheduled,
    Grade,
    ReferralMade,
    ShowingDone,
)
from services.contracts.envelope import Received
from services.contracts.recruiting import AgentHired
from services.training.drafting import store
from services.training.meetings.model import MentionKind


async def keep_highlights(tx: Transaction, received: Sequence[Received[Any]]) -> None:
    """Keep what is worth a word, each under the id of its event."""
    await store.keep_highlights(tx, [found for one in received if (found := highlight(one)) is not None])


def highlight(received: Received[Any]) -> Document | None:
    """What the event is worth mentioning for, or None."""
    event = received.event
    match event:
        case AgentHired():
            kind, person_id = MentionKind.AGENT_HIRED, event.person_id
        case ShowingDone():
            kind, person_id = MentionKind.SHOWINGS_DONE, event.agent_id
        case DealClosed():
            kind, person_id = MentionKind.DEALS_CLOSED, event.agent_id
        case ReferralMade():
            kind, person_id = MentionKind.REFERRALS_MADE, event.agent_id
        case ClientRegistered(source=source) if source is not ClientSource.IMPORT:
            kind, person_id = MentionKind.CLIENTS_REGISTERED, event.agent_id
        case ClientGraded(grade=Grade.A, previous_grade=before) if before is not Grade.A:
            kind, person_id = MentionKind.CLIENTS_GRADED_A, event.agent_id
        case FollowUpDone():
            kind, person_id = MentionKind.FOLLOW_UPS_DONE, event.agent_id
        case _:
            return None
    return {
        "_id": received.envelope.id,
        "kind": kind.value,
        "person_id": person_id,
        "org_path": list(event.org_path),
        "at": event.occurred_at,
    }


async def forget_undone(tx: Transaction, received: Sequence[Received[DealUndone]]) -> None:
    """A deal that came to nothing is not praised."""
    await store.forget(tx, [one.event.closed_event_id for one in received])


async def follow_grades(tx: Transaction, received: Sequence[Received[ClientGraded]]) -> None:
    """Know the present grade of each client."""
    known = await store.sequences(tx, store.CLIENT_GRADES, {one.envelope.subject for one in received})
    changed: dict[str, Document] = {}
    for one in received:
        client_id, sequence = one.envelope.subject, one.envelope.sequence
        if sequence > known.get(client_id, 0):
            known[client_id] = sequence
            changed[client_id] = {"grade": one.event.grade.value, "sequence": sequence}
    await store.replace_all(tx, store.CLIENT_GRADES, changed)


async def follow_overdue(tx: Transaction, received: Sequence[Received[Any]]) -> None:
    """Know which follow-ups are overdue. One that never was leaves nothing behind."""
    known = await store.sequences(tx, store.OVERDUE, {one.envelope.subject for one in received})
    changed: dict[str, Document] = {}
    for one in received:
        id_, sequence, event = one.envelope.subject, one.envelope.sequence, one.event
        overdue = isinstance(event, FollowUpMissed)
        if (not overdue and id_ not in known) or sequence <= known.get(id_, 0):
            continue
        known[id_] = sequence
        changed[id_] = {
            "client_id": event.client_id,
            "org_path": list(event.org_path),
            "open": overdue,
            "sequence": sequence,
        }
    await store.replace_all(tx, store.OVERDUE, changed)


BATCHES = (
    Batch(
        (AgentHired, ShowingDone, ClientRegistered, ClientGraded, FollowUpDone, DealClosed, ReferralMade),
        keep_highlights,
    ),
    Batch((DealUndone,), forget_undone),
    Batch((ClientGraded,), follow_grades),
    Batch((FollowUpScheduled, FollowUpMissed, FollowUpDone, FollowUpCancelled), follow_overdue),
)
