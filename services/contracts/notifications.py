"""What notifications publishes: boards and closed periods."""

from services.contracts.event import Aggregate, Event
from services.contracts.organisation import OrgPath

BOARD = Aggregate("notifications", "board")


class BoardStale(Event, aggregate=BOARD):
    """A TV has shown nothing fresh for longer than its limit."""

    board_id: str
    unit_id: str
    org_path: OrgPath
    slot: str


EVENTS: tuple[type[Event], ...] = (BoardStale,)
