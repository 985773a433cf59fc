"""Events a second through each engine, with the same effects: `python -m benchmarks.streams --events 20000`."""

import asyncio
import os
import time
from typing import Annotated

import uvloop
from cyclopts import App, Parameter

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import InsertOne, Mongo
from services.chassis.settings import KafkaSettings, MongoSettings
from services.chassis.streams.policies import Engine, StreamPolicy
from services.chassis.streams.subscription import Batch, Subscription
from services.chassis.streams.worker import StreamWorker
from services.chassis.work import Transaction, UnitOfWork
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
    """Seconds from the first effect until all are there."""
    await stage.mongo.collection(EFFECTS).delete_many({})
    async with stage.worker(StreamPolicy(engine=engine, sample_seconds=5), subscription):
        while not await stage.effects():
            await asyncio.sleep(0.001)
        first, started = await stage.effects(), time.perf_counter()
        while (there := await stage.effects()) < events:
            await asyncio.sleep(0.02)
        return (there - first) / (time.perf_counter() - started)


async def one(engine: Engine, subscription: Subscription, events: int) -> float:
    prefix, database = f"bench-{new_id()[-12:]}", f"bench_{new_id()[-12:]}"
    async with Stage.set(
        os.environ["KAFKA_BOOTSTRAP_SERVERS"], prefix, os.environ["MONGODB_URI"], database
    ) as stage:
        await stage.send([event_record() for _ in range(events)])
        try:
            return await measured(stage, engine, subscription, events)
        finally:
            await stage.mongo.client.drop_database(database)


async def compare(events: int, rounds: int) -> None:
    for _ in range(rounds):
        for name, subscription in SUBSCRIPTIONS.items():
            figures = []
            for engine in Engine:
                figures.append(await one(engine, subscription, events))
            faust, plain = figures
            print(f"{name}: faust {faust:,.0f}/s  plain {plain:,.0f}/s  ratio {faust / plain:.2f}")


@app.default
def main(*, events: int = 20_000, rounds: int = 2, only: Engine | None = None, each: bool = True) -> None:
    """Measure."""
    if only is not None:
        name = list(SUBSCRIPTIONS)[0 if each else 1]
        print(uvloop.run(one(only, SUBSCRIPTIONS[name], events)))
        return
    uvloop.run(compare(events, rounds))


if __name__ == "__main__":
    app()
