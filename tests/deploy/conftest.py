"""A folder for one start, and programs small enough to watch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.home import Home
from deploy.local.supervisor import Supervisor


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    home = Home(tmp_path / "home")
    home.prepare()
    return home


@pytest.fixture
def said() -> list[str]:
    """What the supervisor told."""
    return []


@pytest.fixture
def supervisor(home: Home, said: list[str]) -> Iterator[Supervisor]:
    """A supervisor that stops what it started."""
    with Supervisor(home, said.append) as supervisor:
        yield supervisor
