"""`python -m services.notifications api | worker | rebuild`."""

import asyncio
import sys

from services.chassis.processes.command_line import main, set_up_telemetry
from services.notifications.app import DEFINITION
from services.notifications.leaderboards.rebuild import TOPICS, LinesMissing, Log, rebuild


async def rebuild_leaderboards(*, force: bool = False) -> int:
    """Fill fresh leaderboards from the log beside the live ones, compare, and switch. 1 when lines are missing."""
    runtime = DEFINITION.runtime()
    set_up_telemetry(DEFINITION.name, runtime.environment)
    await runtime.prepare(runtime.mongo)
    try:
        topics = [runtime.kafka.name(topic) for topic in TOPICS]
        async with Log(runtime.kafka.bootstrap_servers, topics) as log:
            await rebuild(runtime.work, log, print, force=force)
    except LinesMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        runtime.mongo.close()
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["rebuild"]:
        sys.exit(asyncio.run(rebuild_leaderboards(force="--force" in sys.argv[2:])))
    main(DEFINITION)
