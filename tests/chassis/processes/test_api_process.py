"""The API process: it serves, stops in order when asked, and refuses to start with what is not safe."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping

import httpx

from services.chassis.processes.worker import REFUSED
from services.chassis.testing.eventually import assert_eventually


async def start(environment: Mapping[str, str], port: int, **more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.chassis.processes.sample", "api", "--port", str(port)),
        env={**os.environ, **environment, **more},
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_serves_until_it_is_asked_to_stop_and_then_ends_well(environment: Mapping[str, str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await start(environment, port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def is_ready() -> bool:
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.HTTPError:
                return False

        try:
            await assert_eventually(is_ready, within=60)
            assert (await client.post("/clients/api/clients")).status_code == 201
        finally:
            process.terminate()
            _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    assert b"api stopped" in said


async def test_production_does_not_start_with_the_key_that_everybody_knows(
    environment: Mapping[str, str],
) -> None:
    process = await start(environment, 0, MUSTER_ENVIRONMENT="production")
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == REFUSED
    assert b"MUSTER_SESSION_KEY" in said
    assert b"Traceback" not in said
