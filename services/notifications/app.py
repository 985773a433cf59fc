"""The composition root: the only place that names the concrete parts of notifications."""

from pathlib import Path

from fastapi import FastAPI

from services.chassis.mongo import Indexes, Mongo
from services.chassis.organisation.events import HANDLERS as ORGANISATION
from services.chassis.organisation.paths import follow_moves
from services.chassis.processes.definition import CHASSIS_INDEXES, Runtime, ServiceDefinition, merged
from services.chassis.schedule.items import DueHandlers
from services.chassis.streams.subscription import Batch, Subscription
from services.chassis.web import app as web
from services.chassis.web.settings import WebSettings
from services.contracts.training import MeetingCancelled, MeetingHeld, MeetingPlanned
from services.notifications.boards import api as boards_api
from services.notifications.boards import commands as boards_commands
from services.notifications.boards import pages as boards_pages
from services.notifications.boards import screens
from services.notifications.boards import store as boards_store
from services.notifications.inbox import api as inbox_api
from services.notifications.inbox import pages as inbox_pages
from services.notifications.inbox import store as inbox_store
from services.notifications.inbox import stream as inbox_stream
from services.notifications.leaderboards import api as leaderboards_api
from services.notifications.leaderboards import closing, ladders, model, store
from services.notifications.leaderboards import commands as leaderboards_commands
from services.notifications.leaderboards import pages as leaderboards_pages
from services.notifications.reminders import commands as reminders
from services.notifications.reminders.model import REMINDED_EVENTS

NAME = "notifications"
OWN = (
    web.INDEXES,
    store.INDEXES,
    store.Generation().indexes,
    closing.INDEXES,
    ladders.INDEXES,
    boards_store.INDEXES,
    inbox_store.INDEXES,
    reminders.INDEXES,
)
INDEXES: Indexes = merged([*CHASSIS_INDEXES, *OWN])
MOVES = follow_moves(boards_store.BOARDS)
"""Where documents that live stand in the tree: they go along when their unit moves."""


def subscription(_: Runtime | None = None) -> Subscription:
    """What notifications reads. The directory comes first: who is meant is looked up in it."""
    return Subscription(
        NAME,
        tables=[
            ORGANISATION,
            MOVES.handlers,
            inbox_stream.HANDLERS,
            {
                MeetingPlanned: reminders.meeting_planned,
                MeetingCancelled: reminders.meeting_cancelled,
                MeetingHeld: reminders.meeting_held,
            },
        ],
        batches=[
            Batch(model.EVENTS, leaderboards_commands.count),
            Batch(boards_commands.NEWS_EVENTS, boards_commands.tell_news),
            Batch(REMINDED_EVENTS, reminders.tasks_changed),
            *inbox_stream.BATCHES,
        ],
    )


def due_handlers(_: Runtime | None = None) -> DueHandlers:
    """Who does what is due."""
    return {
        **MOVES.due_handlers,
        leaderboards_commands.PLACE: leaderboards_commands.place_due,
        closing.CLOSE: closing.close_due,
        ladders.LADDER: ladders.build_due,
        boards_commands.FRESHNESS: boards_commands.check_freshness,
        reminders.FOLLOW_UP_DUE: reminders.remind_of_follow_ups,
        reminders.SHOWING_SOON: reminders.remind_of_showings,
        reminders.MEETING_SOON: reminders.remind_of_meetings,
    }


def build_api(runtime: Runtime, settings: WebSettings | None = None) -> FastAPI:
    """The pages and the JSON interface."""

    async def prepare(mongo: Mongo) -> None:
        await runtime.prepare(mongo)

    return web.create_app(
        NAME,
        connect=runtime.connect,
        folder=Path(__file__).parent,
        api=[leaderboards_api.router, inbox_api.router, boards_api.router],
        pages=[leaderboards_pages.router, inbox_pages.router, boards_pages.router, screens.router],
        settings=settings,
        clock=runtime.clock,
        prepare=prepare,
    )


DEFINITION = ServiceDefinition(
    NAME, indexes=OWN, build_api=build_api, subscription=subscription, due_handlers=due_handlers
)
