"""The demo company: loaded by the first start into an empty company, and by `make demo` into a running one."""

import sys
import time
from collections.abc import Mapping
from enum import Enum

from deploy.local.failure import Failure
from deploy.local.home import PROJECT, Home
from deploy.local.processes import LOOK_EVERY, Process, Program
from services.chassis.mongo import Document, MongoClient

DATABASE_PREFIX = "muster_"
"""What the names of the services' databases begin with, unless MUSTER_DATABASE_PREFIX says otherwise."""


class Company(Enum):
    """What the database holds."""

    EMPTY = "empty"
    HALF_LOADED = "half loaded"
    PRESENT = "present"


def exists() -> bool:
    """Whether there is a demo company to load."""
    return (PROJECT / "deploy" / "demo" / "__main__.py").exists()


def company(mongodb_uri: str, database_prefix: str) -> Company:
    """What the databases at this address hold, whose names begin with the prefix."""
    client: MongoClient[Document] = MongoClient(mongodb_uri, serverSelectionTimeoutMS=5000)
    try:
        if client[f"{database_prefix}local"]["demo"].find_one({"state": "loading"}) is not None:
            return Company.HALF_LOADED
        # whatever is saved leaves an entry in the timeline
        anything = client[f"{database_prefix}recruiting"]["timeline"].find_one({}, {"_id": 1})
        return Company.EMPTY if anything is None else Company.PRESENT
    finally:
        client.close()


def load(home: Home, size: str, environment: Mapping[str, str]) -> None:
    """Loads the company and returns when it is there; it shows its own progress. Raises Failure."""
    database = environment["MONGODB_URI"], environment.get("MUSTER_DATABASE_PREFIX", DATABASE_PREFIX)
    remember(*database, size, "loading")
    command = (sys.executable, "-m", "deploy.demo", size)
    process = Process(Program("demo", command, environment, on_terminal=True), home)
    try:
        while process.exit_code() is None:
            time.sleep(LOOK_EVERY)
    finally:
        process.end()
    if process.exit_code() != 0:
        raise Failure("The demo company could not be loaded; the reason stands above.")
    remember(*database, size, "loaded")


def remember(mongodb_uri: str, database_prefix: str, size: str, state: str) -> None:
    """Notes in the database how far loading this size got."""
    client: MongoClient[Document] = MongoClient(mongodb_uri, serverSelectionTimeoutMS=5000)
    try:
        client[f"{database_prefix}local"]["demo"].update_one(
            {"_id": size}, {"$set": {"state": state}}, upsert=True
        )
    finally:
        client.close()
