"""The directory: each service's own copy of units and people, fed by recruiting's events."""

from services.chassis.organisation.directory import INDEXES, Directory
from services.chassis.organisation.events import HANDLERS

__all__ = ["HANDLERS", "INDEXES", "Directory"]
