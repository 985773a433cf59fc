"""Events in, follow-ups out."""

from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.follow_ups.planning import plan_feedback, plan_next
from services.contracts.clients import ClientGraded, FollowUpDone, ShowingDone
from services.contracts.envelope import Received


async def client_graded(tx: Transaction, received: Received[ClientGraded]) -> None:
    """The grade gives the cadence."""
    await plan_next(tx, received.event.client_id, received.envelope.id)


async def follow_up_done(tx: Transaction, received: Received[FollowUpDone]) -> None:
    """After a contact comes the next one: as agreed, or by the cadence."""
    await plan_next(tx, received.event.client_id, received.envelope.id)


async def showing_done(tx: Transaction, received: Received[ShowingDone]) -> None:
    """Ask tomorrow what they think; and the cadence counts from the showing."""
    await plan_feedback(tx, received.event.showing_id, received.envelope.id)
    await plan_next(tx, received.event.client_id, received.envelope.id)


HANDLERS: Handlers = {
    ClientGraded: client_graded,
    FollowUpDone: follow_up_done,
    ShowingDone: showing_done,
}
