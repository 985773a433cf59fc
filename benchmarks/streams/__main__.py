"""Events a second through each engine, with the same effects: `python -m benchmarks.streams --events 20000`."""

import logging
import time

import structlog
import uvloop
from cyclopts import App

from services.chassis.identity import new_id
from services.chassis.settings import KafkaSettings, MongoSettings, read
from services.chassis.streams.policies import Engine, StreamPolicy
from services.chassis.streams.subscription import Batch, Subscription
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import Transaction
from services.contracts.clients import ClientRegistered
from services.contracts.envelope import Received
from tests.chassis.streams.stage import EFFECTS, Stage, event_record

app = App(help="Events a second through each engine, with the same effects.")


async def insert_one_each(tx: Transaction, received: Received[ClientRegistered]) -> None:
    """One insert for each event."""
    await tx.collection(EFFECTS).insert_one(
        {"_id": received.envelope.id, "client": received.event.client_id}, session=tx.session
    )


async def insert_many(tx: Transaction, events: list[Received[ClientRegistered]]) -> None:
    """One insert for the whole batch."""
    await tx.collection(EFFECTS).insert_many(
        [{"_id": each.envelope.id, "client": each.event.client_id} for each in events],
        ordered=False,
        session=tx.session,
    )


SUBSCRIPTIONS = {
    "an insert for each event": Subscription("clients", [{ClientRegistered: insert_one_each}]),
    "one insert for a batch": Subscription("clients", batches=[Batch((ClientRegistered,), insert_many)]),
}


async def measured(stage: Stage, engine: Engine, subscription: Subscription, events: int) -> float:
    """Events a second, from the first effect until all are there."""
    async with stage.worker(StreamPolicy(engine=engine), subscription):
        await assert_eventually(stage.effects, within=60, every=0.005)
        first, started = await stage.effects(), time.perf_counter()

        async def all_there() -> bool:
            return await stage.effects() >= events

        await assert_eventually(all_there, within=600)
        return (events - first) / (time.perf_counter() - started)


async def one(engine: Engine, subscription: Subscription, events: int) -> float:
    """The figure of one engine, on a topic and a database of its own."""
    kafka, mongo = read(KafkaSettings), read(MongoSettings)
    name = new_id()[-12:]
    uri, database = mongo.uri.get_secret_value(), f"bench_{name}"
    async with Stage.set(kafka.bootstrap_servers, f"bench-{name}", uri, database) as stage:
        await stage.send([event_record() for _ in range(events)])
        try:
            return await measured(stage, engine, subscription, events)
        finally:
            await stage.mongo.client.drop_database(database)
            await stage.remove_topics()


@app.default
async def compare(*, events: int = 20_000, rounds: int = 3) -> None:
    """Read `events` through each engine, `rounds` times by turns, and say the best of each.

    The best, because whatever else the machine does can only make a figure worse.
    """
    for name, subscription in SUBSCRIPTIONS.items():
        best = dict.fromkeys(Engine, 0.0)
        for _ in range(rounds):
            for engine in Engine:
                best[engine] = max(best[engine], await one(engine, subscription, events))
        ratio = best[Engine.FAUST] / best[Engine.PLAIN]
        figures = "  ".join(f"{engine} {figure:,.0f}/s" for engine, figure in best.items())
        print(f"{name}: {figures}  faust/plain {ratio:.2f}")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.install()
    app()
