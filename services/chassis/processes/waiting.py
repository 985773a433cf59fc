"""Waiting for the servers at start: they may come up after us, and that is said once, not fatal."""

import asyncio

from services.chassis.mongo import Indexes, Mongo, PyMongoError, is_transient
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

PAUSE, LONGEST_PAUSE = 0.2, 3.0
DIAL_SECONDS = 2.0


async def until_prepared(mongo: Mongo, indexes: Indexes) -> None:
    """Return when MongoDB is there with its collections and indexes.

    Raises `TransactionsUnavailable` for a server that can never do, and what the server says against an index.
    """
    pause = PAUSE
    waited = False
    while True:
        try:
            await mongo.check()
            await mongo.prepare(indexes)
        except PyMongoError as error:
            if not is_transient(error) and not _no_primary_yet(error):
                raise
            if not waited:
                log.warning("waiting for MongoDB", error=type(error).__name__, detail=str(error)[:200])
            waited = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        if waited:
            log.info("MongoDB is there")
        return


def _no_primary_yet(error: PyMongoError) -> bool:
    # NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, NotYetInitialized
    return getattr(error, "code", None) in (10107, 13435, 13436, 94)


async def kafka_answers(bootstrap_servers: str) -> None:
    """Return when one of the brokers takes a connection. Raises OSError or TimeoutError when none does."""
    failure: OSError | TimeoutError = OSError("no broker is named")
    for server in bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except (OSError, TimeoutError) as error:
            failure = error
            continue
        writer.close()
        return
    raise failure
