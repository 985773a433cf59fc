"""Every event that Muster publishes, by its CloudEvents type."""

from services.contracts import clients, notifications, recruiting, training
from services.contracts.event import Event

EVENTS: tuple[type[Event], ...] = (
    *recruiting.EVENTS,
    *training.EVENTS,
    *clients.EVENTS,
    *notifications.EVENTS,
)

BY_TYPE: dict[str, type[Event]] = {event.event_type(): event for event in EVENTS}
