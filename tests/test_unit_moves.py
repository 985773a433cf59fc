"""No collection is forgotten when a unit moves: what carries an org path lives, or says why it keeps the old one."""

from collections.abc import Iterable

import pytest

from services.chassis.mongo import Indexes
from services.chassis.organisation.paths import Moves
from services.clients import app as clients
from services.notifications import app as notifications
from services.recruiting import app as recruiting
from services.training import app as training

KEEPS_ITS_PATH = {
    "recruiting": {
        "org_units",  # moved by the command itself
    },
    "training": {
        "highlights",  # what happened, and where
    },
    "clients": {
        "handovers",  # what was done, and where
        "time_spent",
    },
    "notifications": {
        "leaderboard_standings_1",  # made of the ledger, which is a record of where points were earned
        "leaderboard_closed_standings",
        "board_news",
    },
}


def with_paths(indexes: Iterable[Indexes]) -> set[str]:
    """The collections that are looked up by org path."""
    return {
        collection
        for each in indexes
        for collection, models in each.items()
        for model in models
        if "org_path" in model.document["key"]
    }


@pytest.mark.parametrize(
    ("service", "indexes", "moves"),
    [
        ("recruiting", recruiting.DEFINITION.indexes, recruiting.MOVES),
        ("training", training.DEFINITION.indexes, training.MOVES),
        ("clients", clients.DEFINITION.indexes, clients.MOVES),
        ("notifications", notifications.DEFINITION.indexes, notifications.MOVES),
    ],
)
def test_what_is_found_by_its_unit_goes_along_with_it(
    service: str, indexes: Iterable[Indexes], moves: Moves
) -> None:
    names = {name.split(":")[0] for name in with_paths(indexes)}
    assert names - set(moves.collections) - {"people", "units"} == KEEPS_ITS_PATH[service]
