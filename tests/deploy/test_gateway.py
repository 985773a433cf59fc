"""The one site in front of the four services, with the real Caddy and small services behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from deploy.local import gateway
from deploy.local.home import Home
from deploy.local.ports import answers, any_free
from deploy.local.services import NAMES
from deploy.local.supervisor import Supervisor
from services.chassis.testing.eventually import assert_eventually


@dataclass
class Behind:
    """A service that says its name and the path it was asked for."""

    name: str
    port: int
    open_streams: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/clients/page")
        def page() -> HTMLResponse:
            return HTMLResponse("<p>早会</p>" * 500)

        @app.get("/clients/stream")
        def stream() -> StreamingResponse:
            return StreamingResponse(self.events(), media_type="text/event-stream")

        @app.get("/{path:path}")
        def other(path: str) -> PlainTextResponse:
            return PlainTextResponse(f"{self.name} /{path}")

        return app

    async def events(self) -> AsyncIterator[str]:
        self.open_streams += 1
        try:
            yield "data: first\n\n"
            await asyncio.Event().wait()
        finally:
            self.open_streams -= 1

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        server = uvicorn.Server(
            uvicorn.Config(self.app(), port=self.port, log_config=None, timeout_graceful_shutdown=1)
        )
        running = asyncio.create_task(server.serve())
        await assert_eventually(lambda: server.started)
        yield
        server.should_exit = True
        await running


@pytest.fixture
def services() -> dict[str, Behind]:
    return {name: Behind(name, port) for name, port in zip(NAMES, any_free(len(NAMES)), strict=True)}


@pytest.fixture
def site(services: dict[str, Behind], supervisor: Supervisor, home: Home) -> str:
    [port] = any_free(1)
    apis = {name: service.port for name, service in services.items()}
    (process,) = supervisor.start(gateway.prepare(home, port, apis))
    supervisor.wait(process, lambda: answers(port), within=20)
    return f"http://127.0.0.1:{port}"


def test_the_environment_says_where_each_service_is() -> None:
    assert gateway.environment(80, {"clients": 1, "training": 2}) == {
        "GATEWAY_BIND": "127.0.0.1",
        "GATEWAY_PORT": "80",
        "CLIENTS_UPSTREAM": "127.0.0.1:1",
        "TRAINING_UPSTREAM": "127.0.0.1:2",
    }


async def test_each_prefix_goes_to_its_service_unchanged_and_the_rest_to_recruiting(
    site: str, services: dict[str, Behind]
) -> None:
    expected = {
        "/training": "training",
        "/training/meetings/1": "training",
        "/clients/today": "clients",
        "/notifications/board": "notifications",
        "/recruiting/pipeline": "recruiting",
        "/": "recruiting",
        "/sign-in": "recruiting",
        "/static/app.css": "recruiting",
        "/service-worker.js": "recruiting",
        # only whole words are prefixes
        "/trainings": "recruiting",
    }
    async with (
        services["recruiting"].served(),
        services["training"].served(),
        services["clients"].served(),
        services["notifications"].served(),
        httpx.AsyncClient(base_url=site, trust_env=False) as browser,
    ):
        got = {path: (await browser.get(path)).text for path in expected}
    assert got == {path: f"{name} {path}" for path, name in expected.items()}


async def test_pages_are_compressed_and_streams_are_not(site: str, services: dict[str, Behind]) -> None:
    takes_gzip = {"accept-encoding": "gzip"}
    async with services["clients"].served(), httpx.AsyncClient(base_url=site, trust_env=False) as browser:
        page = await browser.get("/clients/page", headers=takes_gzip)
        assert page.headers["content-encoding"] == "gzip"
        async with browser.stream("GET", "/clients/stream", headers=takes_gzip) as stream:
            assert "content-encoding" not in stream.headers


async def test_an_event_arrives_at_once_and_a_stream_ends_when_its_reader_leaves(
    site: str, services: dict[str, Behind]
) -> None:
    clients = services["clients"]
    async with clients.served(), httpx.AsyncClient(base_url=site, trust_env=False) as browser:
        async with browser.stream("GET", "/clients/stream") as stream:
            # the service sends nothing more, so what was held back would never come
            assert await asyncio.wait_for(anext(stream.aiter_lines()), 10) == "data: first"
            assert clients.open_streams == 1
        await assert_eventually(lambda: clients.open_streams == 0)


async def test_a_service_that_is_away_is_said_in_words(site: str) -> None:
    async with httpx.AsyncClient(base_url=site, trust_env=False) as browser:
        answer = await browser.get("/clients/today")
    assert answer.status_code == 503
    assert "not running" in answer.text
    assert answer.headers["retry-after"] == "2"
