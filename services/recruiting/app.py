"""The recruiting service, put together: the only place here that names concrete parts."""

from pathlib import Path

from fastapi import FastAPI, Request

from services.chassis import organisation, personal_data
from services.chassis.mongo import Mongo
from services.chassis.organisation.paths import follow_moves
from services.chassis.personal_data import PersonalDataSettings, Vault
from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.streams.subscription import Subscription
from services.chassis.web.app import INDEXES as WEB_INDEXES
from services.chassis.web.app import create_app
from services.chassis.web.sign_in import sign_in_router
from services.chassis.web.site import site_of
from services.recruiting.candidates import api as candidates_api
from services.recruiting.candidates import pages as candidates_pages
from services.recruiting.candidates import store as candidates_store
from services.recruiting.candidates.personal import CandidateFiles
from services.recruiting.hiring import api as hiring_api
from services.recruiting.hiring import pages as hiring_pages
from services.recruiting.leaving import api as leaving_api
from services.recruiting.leaving import pages as leaving_pages
from services.recruiting.organisation import api as organisation_api
from services.recruiting.organisation import pages as organisation_pages
from services.recruiting.organisation import store as organisation_store
from services.recruiting.people import api as people_api
from services.recruiting.people import store as people_store
from services.recruiting.people.sign_in import EmailIndex

MOVES = follow_moves(people_store.PEOPLE.collection, candidates_store.CANDIDATES.collection)
"""Where documents that live stand in the tree: they go along when their unit moves."""


def build_api(runtime: Runtime) -> FastAPI:
    """The web application."""
    key = PersonalDataSettings().key()
    emails = EmailIndex(key)

    async def find_person(request: Request, _subject: str, email: str) -> str | None:
        return await emails.person_id(site_of(request).mongo, email) if email else None

    async def prepare(mongo: Mongo) -> None:
        await runtime.prepare(mongo)
        app.state.candidate_files = CandidateFiles(Vault(mongo, key), key, mongo.database)
        app.state.email_index = emails

    app = create_app(
        "recruiting",
        connect=runtime.connect,
        folder=Path(__file__).parent,
        api=[
            organisation_api.router,
            people_api.router,
            leaving_api.router,
            candidates_api.router,
            hiring_api.router,
        ],
        pages=[organisation_pages.router, leaving_pages.router, candidates_pages.router, hiring_pages.router],
        site_wide=[sign_in_router(find_person)],
        clock=runtime.clock,
        prepare=prepare,
    )
    return app


def subscription(_runtime: Runtime) -> Subscription:
    """Its own events: the directory that access is decided by, and the paths below a moved unit."""
    return Subscription("recruiting", tables=(organisation.HANDLERS, MOVES.handlers))


DEFINITION = ServiceDefinition(
    name="recruiting",
    indexes=(
        WEB_INDEXES,
        personal_data.INDEXES,
        organisation_store.INDEXES,
        people_store.INDEXES,
        candidates_store.INDEXES,
    ),
    build_api=build_api,
    subscription=subscription,
    due_handlers=lambda _: MOVES.due_handlers,
)
