"""The sample company, running, on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from services.chassis.testing.web import running
from tests.chassis.web.company import company


@pytest.fixture
async def app(mongodb_uri: str, database_name: str) -> AsyncIterator[FastAPI]:
    async with running(company(mongodb_uri, database_name)) as started:
        yield started
