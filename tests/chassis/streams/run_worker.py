"""A worker in a process of its own, to be killed: `python -m tests.chassis.streams.run_worker ENGINE PREFIX DB`."""

import asyncio
import os
import signal
import sys

import uvloop

from services.chassis.clock import utc_now
from services.chassis.mongo import Mongo
from services.chassis.settings import KafkaSettings
from services.chassis.streams.policies import Engine
from services.chassis.streams.subscription import Subscription
from services.chassis.streams.worker import StreamWorker
from services.chassis.work import UnitOfWork
from tests.chassis.streams.stage import HANDLERS, SERVICE, policy


async def main(engine: str, prefix: str, database: str) -> None:
    mongo = Mongo.connect(os.environ["MONGODB_URI"], database)
    kafka = KafkaSettings(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], topic_prefix=prefix)
    work = UnitOfWork(mongo, utc_now, "/muster/clients")
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    async with StreamWorker(Subscription(SERVICE, [HANDLERS]), work, kafka, policy(Engine(engine))):
        await ending.wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
