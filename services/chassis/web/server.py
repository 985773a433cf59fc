"""Running a web application: uvicorn, which would otherwise wait for open streams when it is told to stop."""

import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

GRACEFUL_SECONDS = 10


class Server(uvicorn.Server):
    """Ends open streams the moment the process is told to stop, so that it stops within a second."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._site_app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop came in."""
        site = getattr(self._site_app.state, "site", None)
        if site is not None:
            site.live.close()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, and let the open ones end."""
        site = getattr(self._site_app.state, "site", None)
        if site is not None:
            site.live.close()
        await super().shutdown(sockets)


def server_for(app: FastAPI, *, host: str = "127.0.0.1", port: int) -> Server:
    """A server that is not started yet; port 0 lets the system choose one."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_keep_alive=65,
    )
    return Server(config, app)


def serve(app: FastAPI, *, host: str = "127.0.0.1", port: int) -> None:
    """Serve until the process is told to stop."""
    server_for(app, host=host, port=port).run()
