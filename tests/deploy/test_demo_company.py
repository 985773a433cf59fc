"""When the demo company is loaded by itself."""

from pathlib import Path

import pytest

from deploy.local import demo
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.stack import running_environment
from services.chassis.mongo import Document, MongoClient


@pytest.fixture
def prefix(database_name: str) -> str:
    return f"{database_name}_"


def test_a_database_without_history_is_an_empty_company(mongodb_uri: str, prefix: str) -> None:
    assert demo.company(mongodb_uri, prefix) is demo.Company.EMPTY


def test_whatever_was_saved_once_keeps_the_demo_away(mongodb_uri: str, prefix: str) -> None:
    client: MongoClient[Document] = MongoClient(mongodb_uri)
    client[f"{prefix}recruiting"]["timeline"].insert_one({"_id": "first"})
    client.close()
    assert demo.company(mongodb_uri, prefix) is demo.Company.PRESENT


def test_a_company_that_was_loaded_in_part_is_told_from_a_whole_one(mongodb_uri: str, prefix: str) -> None:
    demo.remember(mongodb_uri, prefix, "small", "loading")
    assert demo.company(mongodb_uri, prefix) is demo.Company.HALF_LOADED
    demo.remember(mongodb_uri, prefix, "small", "loaded")
    assert demo.company(mongodb_uri, prefix) is not demo.Company.HALF_LOADED


def test_loading_into_a_muster_that_does_not_run_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="make run"):
        running_environment(Home(tmp_path))
