"""Asking a web application without a socket, as somebody."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import structlog
from fastapi import FastAPI

from services.chassis.mongo import Mongo
from services.chassis.organisation.events import PEOPLE, UNITS
from services.chassis.web.session import SESSION_COOKIE
from services.contracts.organisation import Role, UnitKind

HOST = "http://muster.test"


def plain_log() -> None:
    """Only what is wrong, without the values of variables, which take structlog many seconds to draw."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        )


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    """The application, started; stopped after the body."""
    plain_log()
    async with app.router.lifespan_context(app):
        yield app


def client(app: FastAPI, person_id: str | None = None) -> httpx.AsyncClient:
    """A client of a running application; signed in when a person is named. Close it, or use it with `async with`."""
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST)
    if person_id is not None:
        site = app.state.site
        asking.cookies.set(SESSION_COOKIE, site.signer.session(person_id, site.clock()))
    return asking


async def put_unit(
    mongo: Mongo,
    org_path: tuple[str, ...],
    name: str,
    kind: UnitKind = UnitKind.BRANCH,
    *,
    time_zone: str = "Asia/Shanghai",
) -> str:
    """The unit at the end of the path is in the directory; its id."""
    unit_id = org_path[-1]
    document = {
        "kind": kind.value,
        "name": name,
        "parent_id": org_path[-2] if len(org_path) > 1 else None,
        "org_path": list(org_path),
        "time_zone": time_zone,
        "period_start_day": 1,
        "closed": False,
        "sequence": 1,
    }
    await mongo.collection(UNITS).replace_one({"_id": unit_id}, document, upsert=True)
    return unit_id


async def put_person(mongo: Mongo, person_id: str, name: str, org_path: tuple[str, ...], *roles: Role) -> str:
    """The person is in the directory and holds the roles at the unit at the end of the path; their id."""
    document = {
        "name": name,
        "unit_id": org_path[-1],
        "org_path": list(org_path),
        "grants": [
            {"role": role.value, "unit_id": org_path[-1], "org_path": list(org_path)} for role in roles
        ],
        "sequence": 1,
    }
    await mongo.collection(PEOPLE).replace_one({"_id": person_id}, document, upsert=True)
    return person_id


def session_cookie(app: FastAPI, person_id: str, now: datetime) -> str:
    """The cookie of somebody who signed in at this moment."""
    token: str = app.state.site.signer.session(person_id, now)
    return token
