"""What the relay and the reader do together, without a broker: for tests of rules that begin after an event.

The way over Kafka itself is tried by the tests of the streams and of the whole spine.
"""

from services.chassis.outbox.document import record_of
from services.chassis.streams.subscription import Subscription
from services.chassis.work import OUTBOX, Transaction, UnitOfWork
from services.contracts.cloudevents import decode
from services.contracts.envelope import Received
from services.contracts.event import Event


async def deliver(work: UnitOfWork, subscription: Subscription, *, times: int = 1) -> int:
    """Read this service's own outbox, in order, as often as asked; returns how many events its reader took.

    The documents stay, so that a test can deliver them again.
    """
    documents = await work.mongo.collection(OUTBOX).find().sort("_id", 1).to_list(None)
    taken = 0
    for document in documents * times:
        if document["type"] not in subscription.types:
            continue
        record = record_of(document, None)
        received = decode(record.key, record.value, record.headers, subscription.types)
        if received is None:
            continue

        await work.run(_read, subscription, received)
        taken += 1
    return taken


async def _read(tx: Transaction, subscription: Subscription, received: Received[Event]) -> None:
    caused = tx.caused_by(received)
    for handler in subscription.handlers_of(received.event):
        await handler(caused, received)
    for batch in subscription.batches:
        if isinstance(received.event, batch.events):
            await batch.handler(caused, [received])
