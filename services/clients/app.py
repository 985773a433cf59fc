"""Where clients is put together: the only place that names its concrete parts."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from fastapi import FastAPI

from services.chassis import organisation, personal_data
from services.chassis.mongo import Indexes, Mongo
from services.chassis.organisation.paths import follow_moves
from services.chassis.personal_data import PersonalDataSettings
from services.chassis.personal_data.blind_index import BlindIndex
from services.chassis.personal_data.master_key import MasterKey
from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.schedule.items import DueHandlers
from services.chassis.streams.subscription import Subscription
from services.chassis.web.app import INDEXES as WEB_INDEXES
from services.chassis.web.app import create_app
from services.clients import navigation
from services.clients.cadence import api as cadence_api
from services.clients.cadence import pages as cadence_pages
from services.clients.cadence import store as cadence_store
from services.clients.deals import api as deals_api
from services.clients.deals import form_pages as deals_form_pages
from services.clients.deals import pages as deals_pages
from services.clients.deals import store as deals_store
from services.clients.deals import stream as deals_stream
from services.clients.files import api as files_api
from services.clients.files import (
    audit,
    erasure_pages,
    export_pages,
    family_api,
    family_pages,
    list_api,
    list_pages,
    merge_api,
    merge_pages,
    merge_store,
)
from services.clients.files import pages as files_pages
from services.clients.files import store as files_store
from services.clients.files.people import Birthday
from services.clients.files.personal import PersonalData, birthdays_by_token
from services.clients.follow_ups import api as follow_ups_api
from services.clients.follow_ups import complaints_api, complaints_pages, overdue, sweeps
from services.clients.follow_ups import pages as follow_ups_pages
from services.clients.follow_ups import store as follow_ups_store
from services.clients.follow_ups import stream as follow_ups_stream
from services.clients.grading import api as grading_api
from services.clients.grading import pages as grading_pages
from services.clients.grading import stream as grading_stream
from services.clients.imports import api as imports_api
from services.clients.imports import pages as imports_pages
from services.clients.imports import store as imports_store
from services.clients.imports import working as imports_working
from services.clients.listings import api as listings_api
from services.clients.listings import commands as listings_commands
from services.clients.listings import pages as listings_pages
from services.clients.listings import store as listings_store
from services.clients.listings import stream as listings_stream
from services.clients.matching import api as matching_api
from services.clients.matching import pages as matching_pages
from services.clients.matching import store as matching_store
from services.clients.matching import stream as matching_stream
from services.clients.matching import telling
from services.clients.needs import api as needs_api
from services.clients.needs import pages as needs_pages
from services.clients.needs import store as needs_store
from services.clients.needs import stream as needs_stream
from services.clients.ownership import api as ownership_api
from services.clients.ownership import handover, handover_pages, handover_store, release
from services.clients.ownership import pages as ownership_pages
from services.clients.ownership import store as ownership_store
from services.clients.ownership import stream as ownership_stream
from services.clients.referrals import api as referrals_api
from services.clients.referrals import pages as referrals_pages
from services.clients.referrals import store as referrals_store
from services.clients.referrals import stream as referrals_stream
from services.clients.showings import api as showings_api
from services.clients.showings import pages as showings_pages
from services.clients.showings import store as showings_store
from services.clients.today import api as today_api
from services.clients.today import figures, report_api, report_pages
from services.clients.today import pages as today_pages
from services.clients.updates import api as updates_api
from services.clients.updates import pages as updates_pages
from services.clients.updates import store as updates_store

INDEXES: Sequence[Indexes] = (
    WEB_INDEXES,
    personal_data.INDEXES,
    cadence_store.INDEXES,
    figures.INDEXES,
    files_store.INDEXES,
    merge_store.INDEXES,
    follow_ups_store.INDEXES,
    showings_store.INDEXES,
    listings_store.INDEXES,
    needs_store.INDEXES,
    matching_store.INDEXES,
    deals_store.INDEXES,
    imports_store.INDEXES,
    updates_store.INDEXES,
    ownership_store.INDEXES,
    handover_store.INDEXES,
    referrals_store.INDEXES,
)

MOVES = follow_moves(
    files_store.CLIENTS.collection,
    follow_ups_store.FOLLOW_UPS.collection,
    showings_store.SHOWINGS.collection,
    listings_store.LISTINGS.collection,
    deals_store.DEALS.collection,
    referrals_store.NODES,
)
"""Where documents that live stand in the tree: they go along when their unit moves."""


def build_api(runtime: Runtime) -> FastAPI:
    """The web application."""
    key = PersonalDataSettings().key()

    async def prepare(mongo: Mongo) -> None:
        await runtime.prepare(mongo)
        app.state.personal_data = PersonalData.of(mongo, key)

    app = create_app(
        "clients",
        connect=runtime.connect,
        folder=Path(__file__).parent,
        api=[
            files_api.router,
            list_api.router,
            export_pages.api,
            audit.api,
            erasure_pages.api,
            family_api.router,
            merge_api.router,
            grading_api.router,
            follow_ups_api.router,
            complaints_api.router,
            showings_api.router,
            listings_api.router,
            needs_api.router,
            matching_api.router,
            cadence_api.router,
            today_api.router,
            report_api.router,
            deals_api.router,
            imports_api.router,
            updates_api.router,
            ownership_api.router,
            referrals_api.router,
        ],
        pages=[
            today_pages.router,
            cadence_pages.router,
            report_pages.router,
            list_pages.router,
            export_pages.router,
            files_pages.router,
            family_pages.router,
            merge_pages.router,
            audit.router,
            erasure_pages.router,
            grading_pages.router,
            follow_ups_pages.router,
            complaints_pages.router,
            showings_pages.router,
            listings_pages.router,
            needs_pages.router,
            matching_pages.router,
            deals_form_pages.router,
            deals_pages.router,
            imports_pages.router,
            updates_pages.router,
            ownership_pages.router,
            handover_pages.router,
            referrals_pages.router,
        ],
        sections=navigation.SECTIONS,
        uploads={**imports_api.UPLOADS, **imports_pages.UPLOADS},
        clock=runtime.clock,
        prepare=prepare,
    )
    return app


def subscription(_runtime: Runtime | None = None) -> Subscription:
    """What clients reads. A grade that a showing gives is there before its follow-ups are planned."""
    return Subscription(
        "clients",
        tables=(
            organisation.HANDLERS,
            MOVES.handlers,
            ownership_stream.HANDLERS,
            referrals_stream.HANDLERS,
            deals_stream.HANDLERS,
            listings_stream.HANDLERS,
            needs_stream.HANDLERS,
            matching_stream.HANDLERS,
        ),
        batches=(
            *ownership_stream.BATCHES,
            *grading_stream.BATCHES,
            *follow_ups_stream.BATCHES,
            *figures.BATCHES,
        ),
    )


def due_handlers(_runtime: Runtime | None = None, key: MasterKey | None = None) -> DueHandlers:
    """What clients does when its moment has come; `key` is that of the environment unless another is given."""

    @cache
    def birthdays() -> Mapping[str, Birthday]:
        return birthdays_by_token(BlindIndex(key or PersonalDataSettings().key(), "clients"))

    return {
        **MOVES.due_handlers,
        **overdue.HANDLERS,
        **sweeps.handlers(birthdays),
        **release.HANDLERS,
        **handover.HANDLERS,
        **listings_commands.DUE,
        **telling.HANDLERS,
        **imports_working.handlers(lambda: key or PersonalDataSettings().key()),
    }


DEFINITION = ServiceDefinition(
    name="clients",
    indexes=INDEXES,
    build_api=build_api,
    subscription=subscription,
    due_handlers=due_handlers,
)
