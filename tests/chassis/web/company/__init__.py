"""A small service for the tests of the web part: it has something of everything a capability writes."""

from pathlib import Path

from fastapi import FastAPI, Request

from services.chassis.clock import Clock, utc_now
from services.chassis.mongo import Mongo
from services.chassis.testing.web import put_person, put_unit
from services.chassis.web.app import INDEXES, create_app
from services.chassis.web.settings import WebSettings
from services.chassis.web.sign_in import sign_in_router
from services.contracts.organisation import Role, UnitKind
from tests.chassis.web.company import commands, routes

EMAILS = {"mei@example.com": "p-agent"}


async def find_person(request: Request, subject: str, email: str) -> str | None:
    return EMAILS.get(email)


async def open_company(mongo: Mongo) -> None:
    """A company with two branches and somebody in each role."""
    await mongo.prepare({**INDEXES, **commands.INDEXES})
    await put_unit(mongo, ("co",), "恒信地产", UnitKind.COMPANY)
    await put_unit(mongo, ("co", "b1"), "朝阳一部")
    await put_unit(mongo, ("co", "b2"), "海淀二部")
    await put_person(mongo, "p-agent", "陈美玲", ("co", "b1"), Role.AGENT)
    await put_person(mongo, "p-agent-2", "欧阳静怡", ("co", "b1"), Role.AGENT)
    await put_person(mongo, "p-other", "赵磊", ("co", "b2"), Role.AGENT)
    await put_person(mongo, "p-trainer", "林志远", ("co", "b1"), Role.TRAINER)
    await put_person(mongo, "p-supervisor", "Zhou Min", ("co", "b1"), Role.SUPERVISOR)
    await put_person(mongo, "p-head", "沈岚", ("co",), Role.HEAD_OFFICE)


def company(
    mongodb_uri: str,
    database_name: str,
    *,
    settings: WebSettings | None = None,
    clock: Clock = utc_now,
    server_selection_seconds: float = 5.0,
) -> FastAPI:
    """The sample's application."""

    async def prepare(mongo: Mongo) -> None:
        if server_selection_seconds >= 5:
            await open_company(mongo)

    return create_app(
        "clients",
        connect=lambda: Mongo.connect(
            mongodb_uri, database_name, server_selection_seconds=server_selection_seconds
        ),
        folder=Path(__file__).parent,
        api=[routes.api],
        pages=[routes.pages],
        site_wide=[sign_in_router(find_person)],
        settings=settings if settings is not None else WebSettings(),
        clock=clock,
        prepare=prepare,
    )
