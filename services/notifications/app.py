"""The composition root: what notifications is made of."""

from services.chassis.mongo import Indexes
from services.chassis.organisation import directory
from services.chassis.schedule import items
from services.notifications.leaderboards import closing, ladders, store

INDEXES: Indexes = {
    **directory.INDEXES,
    **items.INDEXES,
    **store.INDEXES,
    **closing.INDEXES,
    **ladders.INDEXES,
    "outbox": [],
    "timeline": [],
}
