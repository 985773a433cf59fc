"""What a test of bad days runs on: a Muster of its own on the session's servers."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.muster import Muster, muster_on


@pytest.fixture
def muster(kafka_bootstrap: str, mongodb_uri: str, topic_prefix: str, database_name: str) -> Iterator[Muster]:
    """Nothing runs yet; its topics are there."""
    with (
        tempfile.TemporaryDirectory(prefix="muster-fault-") as folder,
        muster_on(kafka_bootstrap, mongodb_uri, topic_prefix, database_name, Path(folder)) as muster,
    ):
        muster.make_topics()
        yield muster
