"""The whole of Muster on topics and databases of this test's own, and a browser to look at it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from services.chassis.testing.browser import CHROMIUM
from tests.faults.company import found_by_commands, known
from tests.faults.muster import Muster, muster_on

SERVICES = ("recruiting", "training", "clients", "notifications")


@pytest.fixture
def muster(kafka_bootstrap: str, mongodb_uri: str, topic_prefix: str, database_name: str) -> Iterator[Muster]:
    """Nothing runs yet; its topics are there."""
    with (
        tempfile.TemporaryDirectory(prefix="muster-journey-") as folder,
        muster_on(kafka_bootstrap, mongodb_uri, topic_prefix, database_name, Path(folder)) as muster,
    ):
        muster.make_topics()
        yield muster


@pytest.fixture
async def site(muster: Muster) -> str:
    """The address of the site: four services with their workers behind the gateway, and a company that all know."""
    processes = [f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker")]
    muster.start(*processes)
    site = muster.start_gateway()
    await muster.ready(*processes)
    await found_by_commands(muster.work("recruiting"))
    await known(muster, *SERVICES)
    return site


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The machine's own Chromium, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()
