"""The training service, put together: the only place here that names concrete parts."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.chassis import organisation
from services.chassis.mongo import Indexes
from services.chassis.organisation.paths import follow_moves
from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.streams.subscription import Subscription
from services.chassis.web.app import INDEXES as WEB_INDEXES
from services.chassis.web.app import create_app
from services.training.attendance import api as attendance_api
from services.training.attendance import store as attendance_store
from services.training.drafting import store as drafting_store
from services.training.drafting import stream as drafting_stream
from services.training.meetings import api as meetings_api
from services.training.meetings import director_pages, planner_pages
from services.training.meetings import pages as meetings_pages
from services.training.meetings import store as meetings_store
from services.training.series import api as series_api
from services.training.series import pages as series_pages
from services.training.series import store as series_store

INDEXES: Sequence[Indexes] = (
    WEB_INDEXES,
    series_store.INDEXES,
    meetings_store.INDEXES,
    drafting_store.INDEXES,
    attendance_store.INDEXES,
)

MOVES = follow_moves(
    series_store.SERIES.collection, meetings_store.MEETINGS.collection, drafting_store.OVERDUE
)
"""Where documents that live stand in the tree: they go along when their unit moves."""


def build_api(runtime: Runtime) -> FastAPI:
    """The web application."""
    return create_app(
        "training",
        connect=runtime.connect,
        folder=Path(__file__).parent,
        api=[series_api.router, meetings_api.router, attendance_api.router],
        pages=[series_pages.router, planner_pages.router, director_pages.router, meetings_pages.router],
        clock=runtime.clock,
        prepare=runtime.prepare,
    )


def subscription(_runtime: Runtime) -> Subscription:
    """The directory that access is decided by, and what the draft is made of."""
    return Subscription(
        "training", tables=[organisation.HANDLERS, MOVES.handlers], batches=drafting_stream.BATCHES
    )


DEFINITION = ServiceDefinition(
    name="training",
    indexes=INDEXES,
    build_api=build_api,
    subscription=subscription,
    due_handlers=lambda _: MOVES.due_handlers,
)
