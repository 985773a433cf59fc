"""What a worker process answers about itself, on a port of its own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

Check = Callable[[], Awaitable[None]]
"""Returns when all is well; raises anything when not."""

CHECK_SECONDS = 2.5


class NotWell(Exception):
    """A part says that it cannot work; the text says why."""


def health_app(alive: Mapping[str, Check], ready: Mapping[str, Check]) -> FastAPI:
    """`/livez`: whether the process gets on at all; `/readyz`: whether it can work now; `/metrics`."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/livez")
    async def livez() -> JSONResponse:
        return await _answer(alive)

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        return await _answer(ready)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return app


async def _answer(checks: Mapping[str, Check]) -> JSONResponse:
    outcomes = await asyncio.gather(*(_outcome(check) for check in checks.values()))
    well = all(outcome == "ok" for outcome in outcomes)
    body = {"status": "ok" if well else "unavailable", "checks": dict(zip(checks, outcomes, strict=True))}
    return JSONResponse(body, status_code=200 if well else 503)


async def _outcome(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except NotWell as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is that this is not well
        return f"unavailable: {type(error).__name__}"
    return "ok"


class SilentServer(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield


@contextlib.asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[int]:
    """Serve the app inside the body and yield the port, which is chosen by the system for 0.

    Raises OSError when the port is taken.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    # bound here, because uvicorn would end the whole process over a port that is taken
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    server = SilentServer(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listening.close()
