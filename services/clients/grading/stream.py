"""Events in, grades out."""

from services.chassis.streams.subscription import Handlers
from services.chassis.work import Transaction
from services.clients.grading.commands import WeighBehaviour, weigh_behaviour
from services.clients.grading.model import after_showing
from services.contracts.clients import ShowingDone
from services.contracts.envelope import Received


async def showing_done(tx: Transaction, received: Received[ShowingDone]) -> None:
    """Weigh how much the client liked what they saw."""
    event = received.event
    suggestion = after_showing(event.interest, received.envelope.id)
    await weigh_behaviour(
        tx, WeighBehaviour(client_id=event.client_id, suggestion=suggestion, at=event.occurred_at)
    )


HANDLERS: Handlers = {ShowingDone: showing_done}
