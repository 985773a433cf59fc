"""An API process: the web application of one service under uvicorn."""

import contextlib
import gc
import signal
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

GRACE_SECONDS = 5
"""For requests in work after SIGTERM; open event streams are ended at once, their browsers come back."""
KEEP_ALIVE_SECONDS = 65
"""Longer than a gateway keeps an idle connection, so that it never writes into one we have just closed."""


class ApiServer(uvicorn.Server):
    """uvicorn, which would otherwise wait for event streams that never end, and end by the signal it was sent."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT inside the body; an orderly end is no failure, so they are not raised again."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is live, let the rest finish."""
        app = self.config.app
        if isinstance(app, FastAPI) and hasattr(app.state, "site"):
            app.state.site.live.close()
        await super().shutdown(sockets)


def run_api(definition: ServiceDefinition, runtime: Runtime, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    app = definition.build_api(runtime)
    # What is loaded stays; looking through it for cycles would hold up every hundredth request for a fifth of a second.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=2048,
    )
    server = ApiServer(config)
    log.info("api starts", service=definition.name, host=host, port=port)
    server.run()
    if not server.started:
        log.error("api did not start", service=definition.name, port=port)
        return 1
    log.info("api stopped")
    return 0
